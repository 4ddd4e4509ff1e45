#include "passes/program/Passes.h"

#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Bufferization/Transforms/Bufferize.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

namespace nacre::program {
#define GEN_PASS_DEF_PROGRAMBUFFERIZEPASS
#include "passes/program/Passes.h.inc"
} // namespace nacre::program

using namespace mlir;
using namespace mlir::bufferization;
using namespace nacre;
using namespace nacre::program;

/// `buffer`, or a dense copy of it: kernels take pointers to dense tensors.
static FailureOr<Value> makeDense(RewriterBase &rewriter, Location loc,
                                  Value buffer, bool copy,
                                  const BufferizationOptions &options) {
  auto type = dyn_cast<MemRefType>(buffer.getType());
  if (!type)
    return failure();
  if (isDense(type))
    return buffer;
  auto dense = MemRefType::get(type.getShape(), type.getElementType());
  SmallVector<Value> dims;
  for (int64_t i = 0; i < type.getRank(); ++i)
    if (type.isDynamicDim(i))
      dims.push_back(memref::DimOp::create(rewriter, loc, buffer, i));
  FailureOr<Value> result = options.createAlloc(rewriter, loc, dense, dims);
  if (succeeded(result) && copy &&
      failed(options.createMemCpy(rewriter, loc, buffer, *result)))
    return failure();
  return result;
}

namespace {

struct CallModel
    : DstBufferizableOpInterfaceExternalModel<CallModel, kernel::CallOp> {
  // A kernel overwrites its outputs: their old contents need no copy.
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand,
                              const AnalysisState &) const {
    return !cast<kernel::CallOp>(op).isDpsInit(&operand);
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto call = cast<kernel::CallOp>(op);
    Location loc = op->getLoc();
    SmallVector<Value> inputs, outs, results;
    for (Value input : call.getInputs()) {
      FailureOr<Value> buffer = getBuffer(rewriter, input, options, state);
      if (succeeded(buffer))
        buffer = makeDense(rewriter, loc, *buffer, /*copy=*/true, options);
      if (failed(buffer))
        return failure();
      inputs.push_back(*buffer);
    }
    for (Value out : call.getOuts()) {
      FailureOr<Value> buffer = getBuffer(rewriter, out, options, state);
      if (failed(buffer))
        return failure();
      FailureOr<Value> dense =
          makeDense(rewriter, loc, *buffer, /*copy=*/false, options);
      if (failed(dense))
        return failure();
      results.push_back(*buffer);
      outs.push_back(*dense);
    }
    kernel::CallOp::create(rewriter, loc, TypeRange(), call.getCalleeAttr(),
                           inputs, outs, call.getDims());
    for (auto [result, out] : llvm::zip(results, outs))
      if (result != out &&
          failed(options.createMemCpy(rewriter, loc, out, result)))
        return failure();
    replaceOpWithBufferizedValues(rewriter, op, results);
    return success();
  }
};

/// Host functions read dense buffers and make new ones, which they keep.
struct HostModel
    : BufferizableOpInterface::ExternalModel<HostModel, program::HostOp> {
  bool bufferizesToMemoryRead(Operation *, OpOperand &,
                              const AnalysisState &) const {
    return true;
  }
  bool bufferizesToMemoryWrite(Operation *, OpOperand &,
                               const AnalysisState &) const {
    return false;
  }
  AliasingValueList getAliasingValues(Operation *, OpOperand &,
                                      const AnalysisState &) const {
    return {};
  }
  // A result may be a part of a sequence.
  bool isWritable(Operation *, Value, const AnalysisState &) const {
    return false;
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto host = cast<program::HostOp>(op);
    SmallVector<Value> inputs;
    for (Value input : host.getInputs()) {
      FailureOr<Value> buffer = getBuffer(rewriter, input, options, state);
      if (succeeded(buffer))
        buffer = makeDense(rewriter, op->getLoc(), *buffer, /*copy=*/true,
                           options);
      if (failed(buffer))
        return failure();
      inputs.push_back(*buffer);
    }
    SmallVector<Type> types;
    for (Type type : host.getResultTypes())
      types.push_back(
          getMemRefTypeWithStaticIdentityLayout(cast<TensorType>(type)));
    auto call = program::HostOp::create(
        rewriter, op->getLoc(), types, host.getFunctionAttr(),
        host.getIntegersAttr(), host.getTypesAttr(), inputs);
    replaceOpWithBufferizedValues(rewriter, op, call.getResults());
    return success();
  }
};

/// Upstream's answer to "who frees this buffer" is a flag per buffer that
/// control flow carries. Entries without such buffers do not need it.
static bool carriesBuffers(func::FuncOp entry) {
  auto isBuffer = [](Type type) { return isa<BaseMemRefType>(type); };
  WalkResult result = entry.walk([&](RegionBranchOpInterface op) {
    bool carries = llvm::any_of(op->getResultTypes(), isBuffer);
    for (Region &region : op->getRegions())
      for (Block &block : region)
        carries |= llvm::any_of(block.getArgumentTypes(), isBuffer);
    return carries ? WalkResult::interrupt() : WalkResult::advance();
  });
  return result.wasInterrupted();
}

/// Static buffers of the entry's own block will lie in the arena: they have no
/// owner, and a free needs no look at them.
static void dropArenaFrees(func::FuncOp entry) {
  entry.walk([&](DeallocOp dealloc) {
    SmallVector<Value> buffers, conditions;
    for (auto [buffer, condition] :
         llvm::zip(dealloc.getMemrefs(), dealloc.getConditions())) {
      auto alloc = buffer.getDefiningOp<memref::AllocOp>();
      if (alloc && alloc->getBlock() == &entry.front() &&
          alloc.getType().hasStaticShape())
        continue;
      buffers.push_back(buffer);
      conditions.push_back(condition);
    }
    dealloc.getMemrefsMutable().assign(buffers);
    dealloc.getConditionsMutable().assign(conditions);
  });
}

struct Bufferize final
    : nacre::program::impl::ProgramBufferizePassBase<Bufferize> {
  void getDependentDialects(DialectRegistry &registry) const override {
    ProgramBufferizePassBase::getDependentDialects(registry);
    registerBufferization(registry);
  }

  void runOnOperation() override {
    bool needsFrees = false;
    for (auto source :
         llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>())) {
      FailureOr<func::FuncOp> result = bufferize(source);
      if (failed(result) || failed(cleanUp(*result)))
        return signalPassFailure();
      func::FuncOp entry = *result;
      if (carriesBuffers(entry)) {
        needsFrees = true;
        SymbolTableCollection symbols;
        if (failed(deallocateBuffersOwnershipBased(entry, {}, symbols)) ||
            failed(simplifyFrees(entry)))
          return signalPassFailure();
        dropArenaFrees(entry);
      }
    }
    if (needsFrees && failed(lowerFrees()))
      return signalPassFailure();
  }

private:
  static LogicalResult runOneShot(func::FuncOp entry) {
    OneShotBufferizationOptions options;
    options.allowReturnAllocsFromLoops = true;
    options.unknownTypeConverterFn = [](TensorType type, Attribute space,
                                        const BufferizationOptions &) {
      return getMemRefTypeWithStaticIdentityLayout(type, space);
    };
    BufferizationState state;
    return runOneShotBufferize(entry, options, state);
  }

  // First so that a kernel writes straight into the slice or loop state that
  // its result is for; where that cannot be, as it was. Returns the new entry.
  static FailureOr<func::FuncOp> bufferize(func::FuncOp entry) {
    func::FuncOp original = entry.clone();
    {
      ScopedDiagnosticHandler silent(entry.getContext(),
                                     [](Diagnostic &) { return success(); });
      IRRewriter rewriter(entry.getContext());
      if (succeeded(eliminateEmptyTensors(rewriter, entry)) &&
          succeeded(runOneShot(entry))) {
        original.erase();
        return entry;
      }
    }
    entry->getBlock()->getOperations().insert(entry->getIterator(), original);
    entry.erase();
    if (failed(runOneShot(original)))
      return failure();
    return original;
  }

  // A loop that updates a buffer in place stops carrying it here.
  LogicalResult cleanUp(func::FuncOp entry) {
    OpPassManager pm(func::FuncOp::getOperationName());
    pm.addPass(memref::createResolveShapedTypeResultDimsPass());
    pm.addPass(createCanonicalizerPass());
    pm.addPass(createCSEPass());
    return runPipeline(pm, entry);
  }

  LogicalResult simplifyFrees(func::FuncOp entry) {
    OpPassManager pm(func::FuncOp::getOperationName());
    pm.addPass(createCanonicalizerPass());
    pm.addPass(createBufferDeallocationSimplificationPass());
    return runPipeline(pm, entry);
  }

  // A free that has to compare pointers at run time is a call of a helper; it
  // is inlined, as an entry has the runtime's table and a helper has not.
  LogicalResult lowerFrees() {
    OpPassManager pm(ModuleOp::getOperationName());
    pm.addPass(createLowerDeallocationsPass());
    pm.addPass(createInlinerPass({}, [](OpPassManager &) {}));
    if (failed(runPipeline(pm, getOperation())))
      return failure();
    for (auto entry : getOperation().getOps<func::FuncOp>())
      if (failed(cleanUp(entry)))
        return failure();
    return success();
  }
};

} // namespace

void nacre::program::registerBufferization(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, kernel::KernelDialect *) {
    RegisteredOperationName call = *RegisteredOperationName::lookup(
        kernel::CallOp::getOperationName(), context);
    if (!call.hasInterface<BufferizableOpInterface>())
      kernel::CallOp::attachInterface<CallModel>(*context);
  });
  registry.addExtension(+[](MLIRContext *context, ProgramDialect *) {
    RegisteredOperationName host = *RegisteredOperationName::lookup(
        program::HostOp::getOperationName(), context);
    if (!host.hasInterface<BufferizableOpInterface>())
      program::HostOp::attachInterface<HostModel>(*context);
  });
}
