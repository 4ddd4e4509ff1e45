// Views: the same elements in the same order under other dims.

#include "passes/linalg/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::lower;

namespace {
/// Neighbouring dims on both sides with the same number of elements.
struct DimGroup {
  SmallVector<int64_t, 2> from, to;
};
} // namespace

/// Splits both lists of dims into the shortest runs of equal products; where
/// that is not known the rest is one run.
static SmallVector<DimGroup> matchGroups(graph::ShapeContext &shapes,
                                         ArrayRef<Expr> from,
                                         ArrayRef<Expr> to) {
  SmallVector<DimGroup> groups;
  int64_t i = 0, k = 0;
  int64_t n = from.size(), m = to.size();
  auto take = [&](DimGroup &group, int64_t a, int64_t b) {
    while (a--)
      group.from.push_back(i++);
    while (b--)
      group.to.push_back(k++);
  };
  auto matches = [&](int64_t a, int64_t b) {
    return shapes.product(from.slice(i, a)) == shapes.product(to.slice(k, b));
  };
  while (i < n && k < m) {
    int64_t foundA = n - i, foundB = m - k;
    for (int64_t total = 2; total < foundA + foundB; ++total)
      for (int64_t a = std::max<int64_t>(1, total - (m - k));
           a < total && a <= n - i; ++a)
        if (foundA + foundB > total && matches(a, total - a)) {
          foundA = a;
          foundB = total - a;
        }
    take(groups.emplace_back(), foundA, foundB);
  }
  if (i < n || k < m)
    take(groups.back(), n - i, m - k);
  return groups;
}

static int64_t staticProduct(ArrayRef<Expr> dims, ArrayRef<int64_t> which) {
  int64_t product = 1;
  for (int64_t i : which) {
    auto size = graph::ShapeContext::asConstant(dims[i]);
    if (!size)
      return ShapedType::kDynamic;
    product *= *size;
  }
  return product;
}

static ElementsAttr reshapeAttr(ElementsAttr value, RankedTensorType type) {
  if (auto dense = dyn_cast<DenseElementsAttr>(value))
    return dense.isSplat() ? dense.resizeSplat(type) : dense.reshape(type);
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
    return DenseResourceElementsAttr::get(type, resource.getRawHandle());
  return nullptr;
}

Value Lowering::constantTensor(Location loc, ElementsAttr value) {
  return arith::ConstantOp::create(b, loc, cast<TypedAttr>(value));
}

Tensor Lowering::reshape(Location loc, Tensor tensor, ArrayRef<Expr> dims) {
  if (ArrayRef<Expr>(tensor.dims) == dims)
    return tensor;
  for (auto it = viewed.find(tensor.value); it != viewed.end();
       it = viewed.find(it->second.value))
    if (ArrayRef<Expr>(it->second.dims) == dims)
      return it->second;

  RankedTensorType resultType = type(dims, tensor.elementType());
  ElementsAttr constant;
  if (resultType.hasStaticShape() &&
      matchPattern(tensor.value, m_Constant(&constant)) &&
      constant.getNumElements() == resultType.getNumElements())
    if (ElementsAttr moved = reshapeAttr(constant, resultType))
      return {constantTensor(loc, moved), llvm::to_vector(dims)};

  // Products of 0 say nothing about which dims belong together.
  auto isZero = [](Expr dim) {
    return graph::ShapeContext::asConstant(dim) == 0;
  };
  if (llvm::any_of(dims, isZero) || llvm::any_of(tensor.dims, isZero))
    return empty(loc, dims, tensor.elementType());

  SmallVector<DimGroup> groups;
  if (tensor.rank() && !dims.empty())
    groups = matchGroups(shapes, tensor.dims, dims);
  SmallVector<ReassociationIndices> collapse, expand;
  SmallVector<int64_t> middle;
  for (const DimGroup &group : groups) {
    collapse.emplace_back(group.from.begin(), group.from.end());
    expand.emplace_back(group.to.begin(), group.to.end());
    middle.push_back(staticProduct(dims, group.to));
  }
  Value value = tensor.value;
  if (dims.empty()) // the one element of dims that are all 1
    value = castTo(loc, value,
                   RankedTensorType::get(SmallVector<int64_t>(tensor.rank(), 1),
                                         tensor.elementType()));
  if (static_cast<int64_t>(groups.size()) < tensor.rank())
    value = tensor::CollapseShapeOp::create(b, loc, value, collapse);
  // An expansion wants a static dim exactly where all of its parts are static.
  value =
      castTo(loc, value, RankedTensorType::get(middle, tensor.elementType()));
  if (tensor.rank() == 0) {
    auto ones = RankedTensorType::get(SmallVector<int64_t>(dims.size(), 1),
                                      tensor.elementType());
    value = tensor::ExpandShapeOp::create(b, loc, ones, value,
                                          ArrayRef<ReassociationIndices>());
    value = castTo(loc, value, resultType);
  } else if (groups.size() < dims.size()) {
    value = tensor::ExpandShapeOp::create(b, loc, resultType, value, expand,
                                          fold(dims));
  }
  Tensor result{value, llvm::to_vector(dims)};
  viewed[value] = tensor;
  return result;
}

Tensor Lowering::dropDims(Location loc, Tensor tensor,
                          llvm::function_ref<bool(int64_t)> drop) {
  SmallVector<Expr> kept;
  for (auto [i, dim] : llvm::enumerate(tensor.dims))
    if (!drop(i))
      kept.push_back(dim);
  return reshape(loc, tensor, kept);
}

//===-- Rules
//--------------------------------------------------------------===//

/// Ops whose result is the input under the dims that shape inference says.
template <typename OpT>
static FailureOr<Tensor> lowerView(Lowering &lowering, OpT op) {
  Location loc = op.getLoc();
  Tensor input = lowering.get(op.getInput());
  ArrayRef<Expr> dims = lowering.dims(op.getOutput());
  lowering.requireEqual(loc, lowering.shapes.product(input.dims),
                        lowering.shapes.product(dims),
                        "cannot reshape to another number of elements");
  return lowering.reshape(loc, input, llvm::to_vector(dims));
}

static FailureOr<Tensor> lowerSqueeze(Lowering &lowering, graph::SqueezeOp op) {
  Tensor input = lowering.get(op.getInput());
  for (int64_t axis : op.getAxes())
    lowering.requireEqual(op.getLoc(), input.dims[axis], lowering.constant(1),
                          "cannot squeeze a dim that is not 1");
  return lowerView(lowering, op);
}

void lower::addViewRules(Table &table) {
  table.add(&lowerView<graph::ReshapeOp>);
  table.add(&lowerView<graph::CollapseOp>);
  table.add(&lowerView<graph::UnsqueezeOp>);
  table.add(&lowerSqueeze);
}
