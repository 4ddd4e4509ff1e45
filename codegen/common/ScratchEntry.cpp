#include "codegen/common/ScratchEntry.h"

#include "codegen/common/KernelFunction.h"

using namespace mlir;
using namespace nacre::codegen;

Value nacre::codegen::loadArgumentWord(OpBuilder &b, Location loc, Value args,
                                       unsigned i, Type type) {
  Value word = LLVM::GEPOp::create(b, loc, args.getType(), b.getI64Type(), args,
                                   ArrayRef<LLVM::GEPArg>{int32_t(i)});
  return LLVM::LoadOp::create(b, loc, type, word);
}

void nacre::codegen::makeScratchEntry(func::FuncOp func) {
  auto name = func->getAttrOfType<StringAttr>(KernelFunction::kOpenScratch);
  if (!name)
    return;
  KernelFunction kernel(func);
  auto ofSizes =
      func->getParentOfType<ModuleOp>().lookupSymbol<func::FuncOp>(name);
  std::string inner = (name.getValue() + ".body").str();
  ofSizes.setSymName(inner);
  OpBuilder b(func);
  Location loc = func.getLoc();
  Type pointer = LLVM::LLVMPointerType::get(func.getContext());
  auto entry = LLVM::LLVMFuncOp::create(
      b, loc, name.getValue(),
      LLVM::LLVMFunctionType::get(b.getI64Type(), {pointer}));
  Block *block = entry.addEntryBlock(b);
  b.setInsertionPointToStart(block);
  SmallVector<Value> sizes;
  for (unsigned i = 0; i < kernel.numDims(); ++i)
    sizes.push_back(arith::IndexCastOp::create(
        b, loc, b.getIndexType(),
        loadArgumentWord(b, loc, block->getArgument(0), kernel.numBuffers() + i,
                         b.getI64Type())));
  Value bytes =
      func::CallOp::create(b, loc, inner, b.getIndexType(), sizes).getResult(0);
  LLVM::ReturnOp::create(
      b, loc,
      arith::IndexCastOp::create(b, loc, b.getI64Type(), bytes).getResult());
}
