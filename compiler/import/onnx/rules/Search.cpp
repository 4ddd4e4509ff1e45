// Outputs whose length only the data tell, beyond NonZero.
#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Common.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;

Value nacre::onnx::countRows(Node &n, Value first, Value inverse) {
  Value zeros = n.broadcast(n.i64(0), n.shapeOf(first));
  Value ones = n.broadcast(n.i64(1), n.shapeOf(inverse));
  return n.make<graph::ScatterElementsOp>(
      {zeros, inverse, ones},
      {n.b.attr("axis", int64_t(0)),
       n.b.attr("kind", graph::ScatterKindAttr::get(n.b.getContext(),
                                                    graph::ScatterKind::add))});
}

static LogicalResult importUnique(Node &n) {
  Value x = n.operand(0);
  bool isFlat = !n.hasAttr("axis");
  int64_t axis = isFlat ? 0 : n.axis("axis", 0, x);
  bool sorted = n.flag("sorted", true);
  if (n.failed())
    return failure();
  if (isFlat)
    x = n.rank(x) == 0 ? n.unsqueeze(x, {0}) : n.collapse(x, {0});
  Node::Ints perm{axis};
  for (int64_t k = 0; k < n.rank(x); ++k)
    if (k != axis)
      perm.push_back(k);
  Value rows = n.flatten(n.transpose(x, perm), 1);
  Node::Values found =
      n.makeAll<graph::UniqueOp>({rows}, {n.b.flag("sorted", sorted)});
  if (n.failed())
    return failure();
  return n.results({n.gather(x, found[0], axis), found[0], found[1],
                    countRows(n, found[0], found[1])});
}

static LogicalResult importNonMaxSuppression(Node &n) {
  Value boxes = n.operand(0), scores = n.operand(1);
  Value most = n.optional(2), iou = n.optional(3), least = n.optional(4);
  bool centered = n.flag("center_point_box", false);
  Type f32 = n.b.getF32Type();
  Value chosen = n.make<graph::NonMaxSuppressionOp>(
      {boxes, scores, most ? n.toScalar(most) : n.i64(0),
       iou ? n.toScalar(iou) : n.scalar(f32, 0),
       least ? n.toScalar(least) : n.scalar(f32, -INFINITY)},
      {n.b.flag("centered", centered)});
  // Boxes chosen come first in each row; the others are -1.
  Value found =
      n.make<graph::NonZeroOp>({n.compare(Predicate::ge, chosen, 0.0)});
  Value places = n.transpose(found, {1, 0});
  Value numbers = n.unsqueeze(n.gatherNd(chosen, places, 0), {1});
  return n.result(n.concat({n.slice(places, 1, 0, 2), numbers}, 1));
}

void nacre::onnx::addSearchRules(RuleTable &table) {
  table.add("NonMaxSuppression", 10, importNonMaxSuppression);
  table.add("Unique", 11, importUnique);
}
