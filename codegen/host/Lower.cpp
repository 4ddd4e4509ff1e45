#include "codegen/host/Lower.h"

#include "codegen/host/HostTable.h"
#include "codegen/host/Signature.h"
#include "dialects/program/Program.h"

#include "nacre/abi.h"
#include "nacre/runtime.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cstddef>

using namespace mlir;
using namespace nacre;
using namespace nacre::codegen;
using namespace nacre::program;

/// As program-place: more than any machine has.
static constexpr int64_t kMaxBytes = int64_t(1) << 48;

std::string nacre::codegen::entrySymbol(StringRef name) {
  return ("nacre_entry_" + name).str();
}

namespace {

/// Lowers the program ops and reshapes of one entry whose control flow is
/// already `cf`.
class EntryLowering {
public:
  EntryLowering(func::FuncOp entry, LLVM::LLVMFuncOp function,
                const LLVMTypeConverter &types, ModuleOp module,
                const llvm::StringMap<int64_t> &kernels)
      : function(function), b(function, types, module), kernels(kernels) {
    function.getBody().takeBody(entry.getBody());
  }

  LogicalResult run();

private:
  void lowerSignature();
  void lower(ArenaOp op);
  void lower(SliceOp op);
  void lower(WeightsOp op);
  void lower(AllocOp op);
  void lower(FreeOp op);
  void lower(OutputOp op);
  void lower(WaitOp op);
  void lower(CopyOp op);
  void lower(UploadOp op) {
    move(offsetof(nacre_host, upload), op, op.getBuffer());
  }
  void lower(DownloadOp op) {
    move(offsetof(nacre_host, download), op, op.getBuffer());
  }
  void move(size_t function, Operation *op, Value buffer);
  void lower(CheckOp op);
  void lower(func::ReturnOp op);
  void lower(memref::ExpandShapeOp op);
  void lower(memref::CollapseShapeOp op);
  LogicalResult lower(LaunchOp op);
  LogicalResult lower(HostOp op);
  FailureOr<SmallVector<int64_t>> formOf(HostOp op);
  void finish(Operation *op, Value result) {
    op->getResult(0).replaceAllUsesWith(result);
    op->erase();
  }
  void requireMemory(Value pointer) {
    Value null = LLVM::ZeroOp::create(b, function.getLoc(), b.pointerType());
    Value isThere = LLVM::ICmpOp::create(
        b, function.getLoc(), LLVM::ICmpPredicate::ne, pointer, null);
    b.require(isThere, NACRE_OUT_OF_MEMORY);
  }

  LLVM::LLVMFuncOp function;
  EntryBuilder b;
  const llvm::StringMap<int64_t> &kernels;
};

} // namespace

/// (memref, ...) -> (host, context, inputs, dims), which makes the buffers.
void EntryLowering::lowerSignature() {
  Block &front = function.getBody().front();
  SmallVector<Value> buffers(front.getArguments());
  Type pointer = b.pointerType();
  unsigned numBuffers = buffers.size();
  front.addArguments({pointer, pointer, pointer, pointer},
                     SmallVector<Location>(4, function.getLoc()));
  Value inputs = front.getArgument(numBuffers + 2);
  Value dims = front.getArgument(numBuffers + 3);
  b.setInsertionPointToStart(&front);
  for (auto [i, buffer] : llvm::enumerate(buffers)) {
    auto type = cast<MemRefType>(buffer.getType());
    Value data = b.load(inputs, pointer, i);
    SmallVector<Value> sizes;
    Value shape;
    for (auto [k, dim] : llvm::enumerate(type.getShape())) {
      if (ShapedType::isDynamic(dim) && !shape)
        shape = b.load(dims, pointer, i);
      sizes.push_back(ShapedType::isDynamic(dim)
                          ? b.load(shape, b.getI64Type(), k)
                          : b.integer(dim));
    }
    buffer.replaceAllUsesWith(b.makeBuffer(type, data, sizes));
  }
  front.eraseArguments(0, numBuffers);
}

void EntryLowering::lower(ArenaOp op) {
  Value bytes = b.toWord(op.getBytes());
  Value data = b.call(offsetof(nacre_host, arena), b.pointerType(), {bytes});
  requireMemory(data);
  finish(op, b.makeBuffer(cast<MemRefType>(op.getType()), data, {bytes}));
}

void EntryLowering::lower(SliceOp op) {
  auto type = cast<MemRefType>(op.getType());
  Value data = b.byteOffset(b.dataOf(op.getBase()), b.toWord(op.getOffset()));
  finish(op, b.makeBuffer(type, data, b.sizesOf(type, op.getDims())));
}

void EntryLowering::lower(WeightsOp op) {
  auto type = cast<MemRefType>(op.getType());
  Value data = b.byteOffset(b.weights(), b.integer(op.getOffset()));
  finish(op, b.makeBuffer(type, data, b.sizesOf(type, {})));
}

void EntryLowering::lower(AllocOp op) {
  auto type = cast<MemRefType>(op.getType());
  Location loc = op.getLoc();
  SmallVector<Value> sizes = b.sizesOf(type, op.getDims());
  Value bytes = b.integer(elementBytes(type.getElementType()));
  Value fits;
  auto require = [&](Value holds) {
    fits = fits ? LLVM::AndOp::create(b, loc, fits, holds).getResult() : holds;
  };
  Type flag = b.getI1Type();
  Type pair =
      LLVM::LLVMStructType::getLiteral(b.getContext(), {b.getI64Type(), flag});
  for (Value size : sizes) {
    Value product = LLVM::UMulWithOverflowOp::create(b, loc, pair, bytes, size);
    bytes = LLVM::ExtractValueOp::create(b, loc, product, 0);
    Value overflows = LLVM::ExtractValueOp::create(b, loc, product, 1);
    Value yes = LLVM::ConstantOp::create(b, loc, flag, 1);
    require(LLVM::XOrOp::create(b, loc, overflows, yes));
  }
  require(LLVM::ICmpOp::create(b, loc, LLVM::ICmpPredicate::ule, bytes,
                               b.integer(kMaxBytes)));
  if (!type.hasStaticShape())
    b.requireOrFail(fits, loc,
                    "the size of an intermediate tensor is negative or larger "
                    "than 2^48 bytes");
  Value data = b.call(offsetof(nacre_host, alloc), b.pointerType(), {bytes});
  requireMemory(data);
  finish(op, b.makeBuffer(type, data, sizes));
}

void EntryLowering::lower(FreeOp op) {
  b.call(offsetof(nacre_host, free), Type(), {b.dataOf(op.getBuffer())});
  op.erase();
}

void EntryLowering::lower(OutputOp op) {
  auto type = cast<MemRefType>(op.getType());
  SmallVector<Value> sizes = b.sizesOf(type, op.getDims());
  // Dims, then the word that receives the pointer.
  Value room = b.words(type.getRank() + 1);
  for (auto [i, size] : llvm::enumerate(sizes))
    b.store(size, room, i);
  Value result = b.byteOffset(room, b.integer(8 * type.getRank()));
  auto number = [&](int64_t value) -> Value {
    return LLVM::ConstantOp::create(b, op.getLoc(), b.getI32Type(), value);
  };
  b.callChecked(offsetof(nacre_host, output),
                {number(op.getIndex()), number(type.getRank()), room, result});
  finish(op, b.makeBuffer(type, b.load(result, b.pointerType()), sizes));
}

void EntryLowering::lower(WaitOp op) {
  b.callChecked(offsetof(nacre_host, wait), {});
  op.erase();
}

/// The number of the device that has memory of its own: the module's target is
/// the first one of the descriptor. A runtime that has such a device has the
/// functions that move data, too.
static Value remoteDevice(EntryBuilder &b, Location loc) {
  return LLVM::ConstantOp::create(b, loc, b.getI32Type(), 0);
}

void EntryLowering::move(size_t function, Operation *op, Value buffer) {
  b.callChecked(function, {remoteDevice(b, op->getLoc()), b.dataOf(buffer),
                           b.bytesOf(buffer)});
  op->erase();
}

void EntryLowering::lower(CopyOp op) {
  if (op.getRemote()) {
    b.callChecked(offsetof(nacre_host, copy_on),
                  {remoteDevice(b, op.getLoc()), b.dataOf(op.getTo()),
                   b.dataOf(op.getFrom()), b.bytesOf(op.getFrom())});
    op.erase();
    return;
  }
  b.callChecked(
      offsetof(nacre_host, copy),
      {b.dataOf(op.getTo()), b.dataOf(op.getFrom()), b.bytesOf(op.getFrom())});
  op.erase();
}

void EntryLowering::lower(CheckOp op) {
  b.requireOrFail(op.getCondition(), op.getLoc(), op.getText());
  op.erase();
}

void EntryLowering::lower(func::ReturnOp op) {
  Value zero = LLVM::ConstantOp::create(b, op.getLoc(), b.getI32Type(), 0);
  LLVM::ReturnOp::create(b, op.getLoc(), zero);
  op.erase();
}

/// Whether a dense buffer of this type may be described by a pointer to its
/// first element.
static bool isAtPointer(MemRefType type) {
  SmallVector<int64_t> strides;
  int64_t offset;
  return isDense(type) &&
         succeeded(type.getStridesAndOffset(strides, offset)) &&
         (offset == 0 || ShapedType::isDynamic(offset));
}

/// Upstream's lowering takes one dynamic dim per group; a dense buffer needs no
/// thought.
void EntryLowering::lower(memref::ExpandShapeOp op) {
  MemRefType type = op.getResultType();
  if (!isDense(op.getSrcType()) || !isAtPointer(type))
    return;
  finish(op, b.makeBuffer(type, b.dataOf(op.getSrc()),
                          b.sizesOf(type, op.getOutputShape())));
}

void EntryLowering::lower(memref::CollapseShapeOp op) {
  MemRefType type = op.getResultType();
  if (!isDense(op.getSrcType()) || !isAtPointer(type))
    return;
  SmallVector<Value> sizes, source = b.shapeOf(op.getSrc());
  for (const ReassociationIndices &group : op.getReassociationIndices()) {
    Value size = b.integer(1);
    for (int64_t dim : group)
      size = LLVM::MulOp::create(b, op.getLoc(), size, source[dim]);
    sizes.push_back(size);
  }
  finish(op, b.makeBuffer(type, b.dataOf(op.getSrc()), sizes));
}

LogicalResult EntryLowering::lower(LaunchOp op) {
  auto kernel = kernels.find(op.getKernel());
  if (kernel == kernels.end())
    return op.emitOpError("kernel ") << op.getKernelAttr() << " has no code";
  Value room = b.words(op.getInputs().size() + op.getOuts().size() +
                       op.getScalars().size());
  int64_t word = 0;
  for (Value buffer : llvm::concat<Value>(op.getInputs(), op.getOuts()))
    b.store(b.dataOf(buffer), room, word++);
  for (Value scalar : op.getScalars())
    b.store(b.toWord(scalar), room, word++);
  Value index =
      LLVM::ConstantOp::create(b, op.getLoc(), b.getI32Type(), kernel->second);
  b.callChecked(offsetof(nacre_host, launch),
                {index, room, b.toWord(op.getGrid())});
  op.erase();
  return success();
}

/// What nacre_host.call wants to know about the operands.
FailureOr<SmallVector<int64_t>> EntryLowering::formOf(HostOp op) {
  SmallVector<int64_t> form{int64_t(op.getInputs().size()),
                            int64_t(op.getOutputs().size()),
                            int64_t(op.getIntegers().size())};
  SmallVector<Value> values(op.getInputs());
  llvm::append_range(values, op.getOutputs());
  for (auto [value, element] :
       llvm::zip(values, op.getTypes().getAsValueRange<TypeAttr>())) {
    std::optional<uint32_t> dtype = dtypeOf(element);
    if (!dtype)
      return op.emitOpError("has a value of element type ")
             << element << ", which the runtime does not know";
    form.push_back(*dtype);
    form.push_back(cast<MemRefType>(value.getType()).getRank());
  }
  llvm::append_range(form, op.getIntegers());
  return form;
}

LogicalResult EntryLowering::lower(HostOp op) {
  FailureOr<SmallVector<int64_t>> form = formOf(op);
  if (failed(form))
    return failure();
  int64_t numWords = 0;
  for (Value value : llvm::concat<Value>(SmallVector<Value>(op.getInputs()),
                                         SmallVector<Value>(op.getOutputs())))
    numWords += 1 + cast<MemRefType>(value.getType()).getRank();
  b.requireFunction(offsetof(nacre_host, call), NACRE_INCOMPATIBLE);
  Value room = b.words(numWords);
  int64_t word = 0;
  for (Value input : op.getInputs()) {
    b.store(b.dataOf(input), room, word++);
    for (Value size : b.shapeOf(input))
      b.store(size, room, word++);
  }
  int64_t firstOutput = word;
  for (Value output : op.getOutputs()) {
    b.store(b.integer(0), room, word++);
    for (int64_t dim : cast<MemRefType>(output.getType()).getShape())
      b.store(b.integer(ShapedType::isDynamic(dim) ? -1 : dim), room, word++);
  }
  b.callChecked(offsetof(nacre_host, call),
                {b.nodeText(op.getLoc()), b.string(op.getFunction()),
                 b.table(*form), room});
  word = firstOutput;
  for (Value output : op.getOutputs()) {
    auto type = cast<MemRefType>(output.getType());
    Value data = b.load(room, b.pointerType(), word++);
    SmallVector<Value> sizes;
    for (int64_t dim : type.getShape()) {
      sizes.push_back(ShapedType::isDynamic(dim)
                          ? b.load(room, b.getI64Type(), word)
                          : b.integer(dim));
      ++word;
    }
    output.replaceAllUsesWith(b.makeBuffer(type, data, sizes));
  }
  op.erase();
  return success();
}

LogicalResult EntryLowering::run() {
  lowerSignature();
  SmallVector<Operation *> ops;
  function.walk([&](Operation *op) {
    if (isa<func::ReturnOp, memref::ExpandShapeOp, memref::CollapseShapeOp>(
            op) ||
        isa<ProgramDialect>(op->getDialect()))
      ops.push_back(op);
  });
  for (Operation *op : ops) {
    b.at(op);
    LogicalResult result =
        TypeSwitch<Operation *, LogicalResult>(op)
            .Case<ArenaOp, SliceOp, WeightsOp, AllocOp, FreeOp, OutputOp,
                  WaitOp, CopyOp, UploadOp, DownloadOp, CheckOp, func::ReturnOp,
                  memref::ExpandShapeOp, memref::CollapseShapeOp>([&](auto op) {
              lower(op);
              return success();
            })
            .Case([&](LaunchOp op) { return lower(op); })
            .Case([&](HostOp op) { return lower(op); })
            .Default([](Operation *op) {
              return op->emitOpError("is not known to codegen/host");
            });
    if (failed(result))
      return failure();
  }
  return success();
}

//===-- the module --------------------------------------------------------===//

static LogicalResult lowerEntries(ModuleOp module,
                                  const llvm::StringMap<int64_t> &kernels) {
  MLIRContext *context = module.getContext();
  LLVMTypeConverter types(context);
  Type pointer = LLVM::LLVMPointerType::get(context);
  auto type = LLVM::LLVMFunctionType::get(IntegerType::get(context, 32),
                                          {pointer, pointer, pointer, pointer});
  for (auto entry : llvm::make_early_inc_range(module.getOps<func::FuncOp>())) {
    if (entry.isDeclaration())
      continue;
    OpBuilder builder(entry);
    auto function = LLVM::LLVMFuncOp::create(
        builder, entry.getLoc(), entrySymbol(entry.getName()), type);
    if (failed(EntryLowering(entry, function, types, module, kernels).run()))
      return failure();
    entry.erase();
  }
  return success();
}

static void addUnstructure(PassManager &pm) {
  pm.addPass(createLowerAffinePass());
  pm.addPass(createSCFToControlFlowPass());
}

static void addToLLVM(PassManager &pm) {
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  arith::ArithExpandOpsPassOptions expand;
  expand.includeBf16 = true;
  pm.addPass(arith::createArithExpandOpsPass(expand));
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createConvertMathToLibmPass());
  pm.addPass(createConvertToLLVMPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
}

OwningOpRef<ModuleOp> nacre::codegen::lowerHost(ModuleOp program,
                                                ArrayRef<StringRef> kernels,
                                                ArrayRef<ModuleOp> functions) {
  MLIRContext *context = program.getContext();
  OwningOpRef<ModuleOp> module = ModuleOp::create(program.getLoc());
  OpBuilder builder = OpBuilder::atBlockEnd(module->getBody());
  for (auto entry : program.getOps<func::FuncOp>())
    builder.clone(*entry);
  llvm::StringMap<int64_t> indices;
  for (auto [i, name] : llvm::enumerate(kernels))
    indices[name] = i;

  PassManager unstructure(context), toLLVM(context);
  unstructure.enableVerifier(false);
  toLLVM.enableVerifier(false);
  addUnstructure(unstructure);
  addToLLVM(toLLVM);
  if (failed(unstructure.run(*module)) ||
      failed(lowerEntries(*module, indices)))
    return nullptr;
  builder.setInsertionPointToEnd(module->getBody());
  for (ModuleOp source : functions)
    for (Operation &function : *source.getBody())
      builder.clone(function);
  if (failed(toLLVM.run(*module)))
    return nullptr;
  return module;
}
