#include "dialects/program/Program.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace nacre::program;

#include "dialects/program/ProgramDialect.cpp.inc"

void ProgramDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/program/ProgramOps.cpp.inc"
      >();
}

uint64_t nacre::program::elementBytes(Type element) {
  if (auto complex = dyn_cast<ComplexType>(element))
    return 2 * elementBytes(complex.getElementType());
  if (isa<IndexType>(element))
    return sizeof(int64_t);
  return llvm::PowerOf2Ceil(
      llvm::divideCeil(element.getIntOrFloatBitWidth(), 8));
}

bool nacre::program::isDense(MemRefType type) {
  if (type.getLayout().isIdentity())
    return true;
  SmallVector<int64_t> strides;
  int64_t offset;
  if (failed(type.getStridesAndOffset(strides, offset)))
    return false;
  // What is left of a dynamic dim has a stride that cannot be proven.
  int64_t expected = 1;
  for (auto [dim, stride] :
       llvm::reverse(llvm::zip(type.getShape(), strides))) {
    if (dim == 1)
      continue;
    if (expected == ShapedType::kDynamic || stride != expected)
      return false;
    expected = ShapedType::isDynamic(dim) ? dim : expected * dim;
  }
  return true;
}
