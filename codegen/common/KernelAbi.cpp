#include "codegen/common/KernelFunction.h"
#include "codegen/common/Passes.h"
#include "codegen/common/ScratchEntry.h"

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"

namespace nacre::codegen {
#define GEN_PASS_DEF_CODEGENKERNELABIPASS
#include "codegen/common/Passes.h.inc"
} // namespace nacre::codegen

using namespace mlir;
using nacre::codegen::KernelFunction;

/// The buffer of type `type` at `pointer`, dense and row-major.
static Value makeBuffer(OpBuilder &b, Location loc,
                        const LLVMTypeConverter &converter, MemRefType type,
                        Value pointer, function_ref<Value(unsigned)> sizeOf) {
  Type descriptorType = converter.convertType(type);
  auto descriptor = MemRefDescriptor::poison(b, loc, descriptorType);
  descriptor.setAllocatedPtr(b, loc, pointer);
  descriptor.setAlignedPtr(b, loc, pointer);
  descriptor.setConstantOffset(b, loc, 0);
  Value stride =
      LLVM::ConstantOp::create(b, loc, b.getI64Type(), b.getI64IntegerAttr(1));
  for (int64_t d = type.getRank() - 1; d >= 0; --d) {
    Value size =
        type.isDynamicDim(d)
            ? sizeOf(d)
            : LLVM::ConstantOp::create(b, loc, b.getI64Type(),
                                       b.getI64IntegerAttr(type.getDimSize(d)))
                  .getResult();
    descriptor.setSize(b, loc, d, size);
    descriptor.setStride(b, loc, d, stride);
    if (d > 0)
      stride = LLVM::MulOp::create(b, loc, size, stride);
  }
  Value result = descriptor;
  return UnrealizedConversionCastOp::create(b, loc, type, result).getResult(0);
}

namespace {
struct KernelAbi final
    : nacre::codegen::impl::CodegenKernelAbiPassBase<KernelAbi> {
  void runOnOperation() override {
    for (func::FuncOp func : nacre::codegen::kernelsOf(getOperation())) {
      std::string name = func.getSymName().str();
      func.setSymName(name + ".body");
      makeEntry(func, name);
      nacre::codegen::makeScratchEntry(func);
      makeBody(func);
    }
  }

private:
  /// `@name(args, begin, end, scratch)`: unpacks the words and calls the body.
  void makeEntry(func::FuncOp body, StringRef name) {
    KernelFunction kernel(body);
    OpBuilder b(body);
    Location loc = body.getLoc();
    Type pointer = LLVM::LLVMPointerType::get(&getContext());
    Type i64 = b.getI64Type(), i32 = b.getI32Type();
    auto entry = LLVM::LLVMFuncOp::create(
        b, loc, name,
        LLVM::LLVMFunctionType::get(i32, {pointer, i64, i64, pointer}));
    Block *block = entry.addEntryBlock(b);
    b.setInsertionPointToStart(block);
    SmallVector<Value> operands;
    unsigned numWords = kernel.numBuffers() + kernel.numDims();
    SmallVector<Type> types;
    for (unsigned i = 0; i < numWords; ++i) {
      Type type = i < kernel.numBuffers() ? pointer : i64;
      operands.push_back(nacre::codegen::loadArgumentWord(
          b, loc, block->getArgument(0), i, type));
    }
    llvm::append_range(operands, block->getArguments().drop_front());
    if (!body->hasAttr(KernelFunction::kSinglePoint)) {
      Value code =
          func::CallOp::create(b, loc, body.getSymName(), i32, operands)
              .getResult(0);
      LLVM::ReturnOp::create(b, loc, code);
      return;
    }
    // All the work belongs to point 0.
    Block *work = entry.addBlock(), *skip = entry.addBlock();
    Value zero = LLVM::ConstantOp::create(b, loc, i64, b.getI64IntegerAttr(0));
    Value first = LLVM::ICmpOp::create(b, loc, LLVM::ICmpPredicate::sle,
                                       block->getArgument(1), zero);
    LLVM::CondBrOp::create(b, loc, first, work, skip);
    b.setInsertionPointToStart(work);
    Value code = func::CallOp::create(b, loc, body.getSymName(), i32, operands)
                     .getResult(0);
    LLVM::ReturnOp::create(b, loc, code);
    b.setInsertionPointToStart(skip);
    Value ok = LLVM::ConstantOp::create(b, loc, i32, b.getI32IntegerAttr(0));
    LLVM::ReturnOp::create(b, loc, ok);
  }

  /// Pointers and integers come in; buffers are made of them.
  void makeBody(func::FuncOp func) {
    KernelFunction kernel(func);
    unsigned numBuffers = kernel.numBuffers();
    SmallVector<SmallVector<unsigned>> sizes = dimArguments(func);
    LowerToLLVMOptions options(&getContext());
    options.overrideIndexBitwidth(64);
    LLVMTypeConverter converter(&getContext(), options);
    Type pointer = LLVM::LLVMPointerType::get(&getContext());
    Block &block = func.front();
    OpBuilder b = OpBuilder::atBlockBegin(&block);
    Location loc = func.getLoc();
    SmallVector<Type> oldTypes(block.getArgumentTypes());
    for (auto [i, argument] : llvm::enumerate(block.getArguments()))
      argument.setType(isa<MemRefType>(oldTypes[i]) ? pointer
                                                    : Type(b.getI64Type()));
    // Sizes first: the buffers made afterwards use them as they come in.
    for (unsigned i = block.getNumArguments(); i-- > 0;) {
      SmallVector<OpOperand *> uses;
      for (OpOperand &use : block.getArgument(i).getUses())
        uses.push_back(&use);
      if (uses.empty())
        continue;
      replace(b, loc, converter, block, i, oldTypes[i], numBuffers, sizes,
              uses);
    }
    func.setFunctionType(b.getFunctionType(
        block.getArgumentTypes(), func.getFunctionType().getResults()));
    setAttributes(func, numBuffers);
  }

  void replace(OpBuilder &b, Location loc, const LLVMTypeConverter &converter,
               Block &block, unsigned i, Type oldType, unsigned numBuffers,
               ArrayRef<SmallVector<unsigned>> sizes,
               ArrayRef<OpOperand *> uses) {
    Value argument = block.getArgument(i), value;
    if (auto type = dyn_cast<MemRefType>(oldType)) {
      value = makeBuffer(
          b, loc, converter, type, argument, [&](unsigned d) -> Value {
            // The size of scratch is never asked for.
            if (i >= numBuffers)
              return LLVM::ConstantOp::create(b, loc, b.getI64Type(),
                                              b.getI64IntegerAttr(0));
            return block.getArgument(sizes[i][d]);
          });
    } else {
      value = arith::IndexCastOp::create(b, loc, oldType, argument);
    }
    for (OpOperand *use : uses)
      use->set(value);
  }

  /// For each buffer and dim the number of the argument that is its size.
  SmallVector<SmallVector<unsigned>> dimArguments(func::FuncOp func) {
    KernelFunction kernel(func);
    SmallVector<SmallVector<unsigned>> all;
    for (unsigned i = 0; i < kernel.numBuffers(); ++i) {
      auto type = cast<MemRefType>(kernel.buffer(i).getType());
      SmallVector<unsigned> dims(type.getRank());
      for (int64_t d = 0; d < type.getRank(); ++d)
        if (type.isDynamicDim(d))
          dims[d] = cast<BlockArgument>(kernel.bufferDim(i, d)).getArgNumber();
      all.push_back(dims);
    }
    return all;
  }

  void setAttributes(func::FuncOp func, unsigned numBuffers) {
    Builder b(&getContext());
    for (unsigned i = 0; i < numBuffers; ++i)
      func.setArgAttr(i, LLVM::LLVMDialect::getNoAliasAttrName(),
                      b.getUnitAttr());
    unsigned scratch = func.getNumArguments() - 1;
    func.setArgAttr(scratch, LLVM::LLVMDialect::getNoAliasAttrName(),
                    b.getUnitAttr());
    func.setArgAttr(scratch, LLVM::LLVMDialect::getAlignAttrName(),
                    b.getI64IntegerAttr(64));
    func->setAttr("llvm.linkage", LLVM::LinkageAttr::get(
                                      &getContext(), LLVM::Linkage::Internal));
  }
};
} // namespace
