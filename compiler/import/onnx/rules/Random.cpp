#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/Types.h"
#include "compiler/import/onnx/rules/Common.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::RandomKind;

/// The seed of a node: the bits of the attribute, or something of its own, so
/// that two nodes do not draw the same numbers.
static int64_t seedOf(Node &n) {
  if (n.hasAttr("seed"))
    return llvm::bit_cast<int32_t>(float(n.f("seed")));
  return int64_t(llvm::xxh3_64bits(n.label()) >> 1);
}

Value nacre::onnx::randomValue(Node &n, Value shape, RandomKind kind, double a,
                               double b, Type type) {
  // Narrow types are drawn as f32.
  Type drawn = type && type.isF64() ? type : Type(n.b.getF32Type());
  Value draw = n.make<graph::RandomOp>(
      {shape},
      {n.b.attr("kind", graph::RandomKindAttr::get(n.b.getContext(), kind)),
       n.b.attr("a", n.b.getF64FloatAttr(a)),
       n.b.attr("b", n.b.getF64FloatAttr(b)), n.b.attr("seed", seedOf(n)),
       n.b.attr("dtype", TypeAttr::get(drawn))});
  return n.cast(draw, type);
}

static Value draw(Node &n, RandomKind kind, Value shape, Type type) {
  bool uniform = kind == RandomKind::uniform;
  double a = n.f(uniform ? "low" : "mean", 0);
  double b = n.f(uniform ? "high" : "scale", 1);
  return randomValue(n, shape, kind, a, b, type);
}

template <RandomKind kind>
static LogicalResult importRandom(Node &n) {
  if (!n.hasAttr("shape"))
    return n.error() << "has no attribute 'shape' (ints)";
  Value shape = n.i64s(n.ints("shape"));
  return n.result(draw(n, kind, shape, n.typeAttr("dtype", Float)));
}

template <RandomKind kind>
static LogicalResult importRandomLike(Node &n) {
  Value x = n.operand(0);
  Type type = n.hasAttr("dtype") ? n.typeAttr("dtype") : n.element(x);
  return n.result(draw(n, kind, n.shapeOf(x), type));
}

/// 1 with the probability that the input gives.
static LogicalResult importBernoulli(Node &n) {
  Value x = n.operand(0);
  Type type = n.hasAttr("dtype") ? n.typeAttr("dtype") : n.element(x);
  Type drawn = computeType(n, x);
  Value number = randomValue(n, n.shapeOf(x), RandomKind::uniform, 0, 1, drawn);
  return n.result(
      n.cast(n.compare(graph::Predicate::lt, number, n.cast(x, drawn)), type));
}

/// Draws from unnormalized log-probabilities: the greatest of them after adding
/// noise of the Gumbel distribution.
static LogicalResult importMultinomial(Node &n) {
  Value x = n.operand(0);
  int64_t samples = n.i("sample_size", 1);
  Type type = n.typeAttr("dtype", Int32);
  if (!n.checkRank(x, 2, 2))
    return failure();
  if (samples < 1)
    return n.error() << "has sample_size " << samples
                     << ", expected at least 1";
  Type f32 = n.b.getF32Type();
  Value shape = n.concat({n.dimOf(x, 0), n.i64s({samples}), n.dimOf(x, 1)}, 0);
  Value uniform = randomValue(n, shape, RandomKind::uniform, 1e-9, 1, f32);
  Value noise = n.neg(n.log(n.neg(n.log(uniform))));
  Value noisy = n.add(n.unsqueeze(n.cast(x, f32), {1}), noise);
  Value best = n.make<graph::ArgReduceOp>(
      {noisy}, {n.b.attr("axis", int64_t(2)), n.b.flag("largest", true),
                n.b.flag("select_last", false), n.b.flag("keep_dims", false)});
  return n.result(n.cast(best, type));
}

void nacre::onnx::addRandomRules(RuleTable &table) {
  table.add("Bernoulli", 15, importBernoulli);
  table.add("Multinomial", 7, importMultinomial);
  table.add("RandomNormal", 1, importRandom<RandomKind::normal>);
  table.add("RandomNormalLike", 1, importRandomLike<RandomKind::normal>);
  table.add("RandomUniform", 1, importRandom<RandomKind::uniform>);
  table.add("RandomUniformLike", 1, importRandomLike<RandomKind::uniform>);
}
