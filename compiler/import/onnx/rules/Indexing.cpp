#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Common.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;
using graph::ScatterKind;

/// Reports an index that is known now and outside a dim that is known now; what
/// is not known is checked by the run.
static bool checkIndex(Node &n, int64_t index, int64_t dim) {
  if (n.failed() || ShapedType::isDynamic(dim) ||
      (index >= -dim && index < dim))
    return !n.failed();
  n.error() << "has index " << index << " for a dim of " << dim;
  return false;
}

static bool checkIndices(Node &n, Value indices, int64_t dim) {
  for (int64_t index : n.known(indices).value_or(Node::Ints()))
    if (!checkIndex(n, index, dim))
      return false;
  return !n.failed();
}

/// Tuples of indices into the dims of `x` from `first` on.
static bool checkTuples(Node &n, Value indices, Value x, int64_t first) {
  std::optional<Node::Ints> known = n.known(indices);
  if (n.failed() || !known || !n.checkRank(indices, 1))
    return !n.failed();
  int64_t length = n.dim(indices, n.rank(indices) - 1);
  for (auto [at, index] : llvm::enumerate(*known))
    if (!checkIndex(n, index, n.dim(x, first + int64_t(at) % length)))
      return false;
  return true;
}

static LogicalResult importGather(Node &n) {
  Value x = n.operand(0), indices = n.operand(1);
  int64_t axis = n.axis("axis", 0, x);
  checkIndices(n, indices, n.dim(x, axis));
  return n.failed() ? failure() : n.result(n.gather(x, indices, axis));
}

static LogicalResult importGatherElements(Node &n) {
  Value x = n.operand(0), indices = n.operand(1);
  int64_t axis = n.axis("axis", 0, x);
  checkIndices(n, indices, n.dim(x, axis));
  return n.result(
      n.make<graph::GatherElementsOp>({x, indices}, {n.b.attr("axis", axis)}));
}

static LogicalResult importGatherNd(Node &n) {
  Value x = n.operand(0), indices = n.operand(1);
  int64_t batch = n.i("batch_dims", 0);
  checkTuples(n, indices, x, batch);
  return n.result(n.gatherNd(x, indices, batch));
}

static NamedAttribute scatterKind(Node &n) {
  static constexpr ScatterKind kinds[] = {ScatterKind::set, ScatterKind::add,
                                          ScatterKind::mul, ScatterKind::max,
                                          ScatterKind::min};
  unsigned kind =
      n.choice("reduction", "none", {"none", "add", "mul", "max", "min"});
  return n.b.attr("kind",
                  graph::ScatterKindAttr::get(n.b.getContext(), kinds[kind]));
}

static LogicalResult importScatterElements(Node &n) {
  Value x = n.operand(0), indices = n.operand(1), updates = n.operand(2);
  int64_t axis = n.axis("axis", 0, x);
  NamedAttribute kind = scatterKind(n);
  checkIndices(n, indices, n.dim(x, axis));
  return n.result(n.make<graph::ScatterElementsOp>(
      {x, indices, updates}, {n.b.attr("axis", axis), kind}));
}

static LogicalResult importScatterNd(Node &n) {
  Value x = n.operand(0), indices = n.operand(1), updates = n.operand(2);
  checkTuples(n, indices, x, 0);
  return n.result(
      n.make<graph::ScatterNdOp>({x, indices, updates}, {scatterKind(n)}));
}

//===-- One-hot
//-------------------------------------------------------------===//

Value nacre::onnx::oneHot(Node &n, Value indices, Value depth, int64_t axis) {
  Type i64 = n.b.getI64Type();
  Value limit = n.toScalar(n.cast(depth, i64));
  Value index = n.unsqueeze(n.cast(indices, i64), {axis});
  Value wrapped = n.select(n.compare(Predicate::lt, index, 0.0),
                           n.add(index, limit), index);
  Value position = n.alongAxis(n.iota(limit), axis, n.rank(index));
  return n.compare(Predicate::eq, position, wrapped);
}

static LogicalResult importOneHot(Node &n) {
  Value indices = n.operand(0), depth = n.operand(1), values = n.operand(2);
  int64_t axis = n.normalize(n.i("axis", -1), n.rank(indices) + 1);
  if (n.failed())
    return failure();
  if (auto known = n.knownNumbers(depth);
      known && known->size() == 1 && known->front() < 0)
    return n.error() << "has depth " << known->front()
                     << ", expected at least 0";
  Value on = n.toScalar(n.slice(values, 0, 1, 2));
  Value off = n.toScalar(n.slice(values, 0, 0, 1));
  return n.result(n.select(oneHot(n, indices, depth, axis), on, off));
}

//===-- Order
//---------------------------------------------------------------===//

static LogicalResult topK(Node &n, Value x, Value k, int64_t axis,
                          bool largest) {
  return n.results(n.makeAll<graph::TopKOp>(
      {x, n.toScalar(k)},
      {n.b.attr("axis", axis), n.b.flag("largest", largest)}));
}

static LogicalResult importTopK(Node &n) {
  Value x = n.operand(0), k = n.operand(1);
  int64_t axis = n.axis("axis", -1, x);
  bool largest = n.flag("largest", true);
  n.ignore({"sorted"});
  return n.failed() ? failure() : topK(n, x, k, axis, largest);
}

static LogicalResult importOldTopK(Node &n) {
  Value x = n.operand(0);
  int64_t axis = n.axis("axis", -1, x), k = n.i("k");
  return n.failed() ? failure() : topK(n, x, n.i64(k), axis, true);
}

//===-- Of unknown length
//---------------------------------------------------===//

static LogicalResult importNonZero(Node &n) {
  return n.result(n.make<graph::NonZeroOp>({n.operand(0)}));
}

static LogicalResult importCompress(Node &n) {
  Value x = n.operand(0), condition = n.operand(1);
  bool flat = !n.hasAttr("axis");
  int64_t axis = flat ? 0 : n.axis("axis", 0, x);
  if (n.failed() || !n.checkRank(condition, 1, 1))
    return failure();
  Value indices = n.squeeze(n.make<graph::NonZeroOp>({condition}), {0});
  return n.result(n.gather(flat ? n.collapse(x, {0}) : x, indices, axis));
}

void nacre::onnx::addIndexingRules(RuleTable &table) {
  table.add("Compress", 9, importCompress);
  table.add("Gather", 1, importGather);
  table.add("GatherElements", 11, importGatherElements);
  table.add("GatherND", 11, importGatherNd);
  table.add("NonZero", 9, importNonZero);
  table.add("OneHot", 9, importOneHot);
  table.add("Scatter", 9, importScatterElements);
  table.add("ScatterElements", 11, importScatterElements);
  table.add("ScatterND", 11, importScatterNd);
  table.add("TopK", 1, importOldTopK);
  table.add("TopK", 10, importTopK);
}
