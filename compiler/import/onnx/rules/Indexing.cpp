#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Common.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;
using graph::ScatterKind;

static LogicalResult importGather(Node &n) {
  Value x = n.operand(0), indices = n.operand(1);
  int64_t axis = n.axis("axis", 0, x);
  return n.failed() ? failure() : n.result(n.gather(x, indices, axis));
}

static LogicalResult importGatherElements(Node &n) {
  Value x = n.operand(0), indices = n.operand(1);
  int64_t axis = n.axis("axis", 0, x);
  return n.result(n.make<graph::GatherElementsOp>({x, indices},
                                                  {n.b.attr("axis", axis)}));
}

static LogicalResult importGatherNd(Node &n) {
  Value x = n.operand(0), indices = n.operand(1);
  return n.result(n.gatherNd(x, indices, n.i("batch_dims", 0)));
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
  return n.result(n.make<graph::ScatterElementsOp>(
      {x, indices, updates}, {n.b.attr("axis", axis), kind}));
}

static LogicalResult importScatterNd(Node &n) {
  Value x = n.operand(0), indices = n.operand(1), updates = n.operand(2);
  return n.result(
      n.make<graph::ScatterNdOp>({x, indices, updates}, {scatterKind(n)}));
}

//===-- One-hot -------------------------------------------------------------===//

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

//===-- Order ---------------------------------------------------------------===//

static LogicalResult topK(Node &n, Value x, Value k, int64_t axis, bool largest) {
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

//===-- Of unknown length ---------------------------------------------------===//

static LogicalResult importNonZero(Node &n) {
  return n.result(n.make<graph::NonZeroOp>({n.operand(0)}));
}

static LogicalResult importCompress(Node &n) {
  Value x = n.operand(0), condition = n.operand(1);
  bool flat = !n.hasAttr("axis");
  int64_t axis = flat ? 0 : n.axis("axis", 0, x);
  if (n.failed() || !n.checkRank(condition, 1, 1))
    return failure();
  Value indices =
      n.squeeze(n.make<graph::NonZeroOp>({condition}), {0});
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
