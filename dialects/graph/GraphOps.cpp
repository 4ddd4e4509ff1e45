#include "dialects/graph/Graph.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace nacre::graph;

#define GET_OP_CLASSES
#include "dialects/graph/GraphOps.cpp.inc"

//===-- Constants ---------------------------------------------------------===//

void ConstantOp::build(OpBuilder &builder, OperationState &state,
                       ElementsAttr value) {
  build(builder, state, value.getShapedType(), value);
}

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValueAttr(); }

//===-- Folds of data movement --------------------------------------------===//

/// Whether two types say that a row-major reshape from one to the other changes
/// nothing: of one unknown dim the size follows from the others.
static bool isSameShape(Type from, Type to) {
  auto type = cast<RankedTensorType>(from);
  return from == to && type.getNumDynamicDims() <= 1 &&
         (type.hasStaticShape() || !llvm::is_contained(type.getShape(), 0));
}

/// reshape(x) -> x, if it changes nothing
/// reshape(reshape(x)) -> reshape(x), if no size is copied from what is between
OpFoldResult ReshapeOp::fold(FoldAdaptor adaptor) {
  if (isSameShape(getInput().getType(), getType()))
    return getInput();
  auto inner = getInput().getDefiningOp<ReshapeOp>();
  auto sizes = dyn_cast_or_null<DenseIntElementsAttr>(adaptor.getShape());
  if (!inner || !sizes)
    return {};
  bool copies = !getAllowZero() &&
                llvm::any_of(sizes.getValues<APInt>(),
                             [](const APInt &size) { return size.isZero(); });
  if (copies)
    return {};
  getInputMutable().assign(inner.getInput());
  return getResult();
}

/// squeeze(x, []) -> x
/// squeeze(unsqueeze(x, axes), axes) -> x
OpFoldResult SqueezeOp::fold(FoldAdaptor) {
  if (getAxes().empty() && getInput().getType() == getType())
    return getInput();
  auto inner = getInput().getDefiningOp<UnsqueezeOp>();
  if (inner && inner.getAxes() == getAxes() &&
      inner.getInput().getType() == getType())
    return inner.getInput();
  return {};
}

/// unsqueeze(x, []) -> x
/// unsqueeze(squeeze(x, axes), axes) -> x
OpFoldResult UnsqueezeOp::fold(FoldAdaptor) {
  if (getAxes().empty() && getInput().getType() == getType())
    return getInput();
  auto inner = getInput().getDefiningOp<SqueezeOp>();
  if (inner && inner.getAxes() == getAxes() &&
      inner.getInput().getType() == getType())
    return inner.getInput();
  return {};
}

/// transpose(x, [0, 1, ...]) -> x
/// transpose(transpose(x, p), q) -> transpose(x, p[q])
OpFoldResult TransposeOp::fold(FoldAdaptor) {
  ArrayRef<int64_t> perm = getPerm();
  if (llvm::equal(perm, llvm::seq<int64_t>(0, perm.size())) &&
      getInput().getType() == getType())
    return getInput();
  auto inner = getInput().getDefiningOp<TransposeOp>();
  if (!inner)
    return {};
  SmallVector<int64_t> composed;
  for (int64_t axis : perm)
    composed.push_back(inner.getPerm()[axis]);
  getInputMutable().assign(inner.getInput());
  setPerm(composed);
  return getResult();
}

/// concat(x) -> x
OpFoldResult ConcatOp::fold(FoldAdaptor) {
  if (getInputs().size() == 1 && getInputs().front().getType() == getType())
    return getInputs().front();
  return {};
}
