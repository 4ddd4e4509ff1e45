// Philox 4x32-10 per element, as dialects/graph/reference/Philox.h defines it.

#include "passes/linalg/Lowering.h"

#include "dialects/graph/Scalar.h"
#include "dialects/graph/reference/Philox.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::lower;

/// High and low word of a product of 32-bit words.
static std::pair<Value, Value> multiply(graph::Scalar s, uint32_t factor,
                                        Value word) {
  Type i32 = s.builder.getI32Type(), i64 = s.builder.getI64Type();
  Value wide = s.make<arith::ExtUIOp>(i64, word);
  Value product = s.make<arith::MulIOp>(wide, s.bits(64, factor));
  Value high = s.make<arith::ShRUIOp>(product, s.bits(64, 32));
  return {s.make<arith::TruncIOp>(i32, high),
          s.make<arith::TruncIOp>(i32, product)};
}

/// The first two words for counter `i`.
static std::pair<Value, Value> philox(graph::Scalar s, Value i, uint64_t seed) {
  using namespace graph::reference;
  Type i32 = s.builder.getI32Type();
  Value high = s.make<arith::ShRUIOp>(i, s.bits(64, 32));
  Value zero = s.bits(32, 0);
  Value counter[4] = {s.make<arith::TruncIOp>(i32, i),
                      s.make<arith::TruncIOp>(i32, high), zero, zero};
  uint32_t key[2] = {uint32_t(seed), uint32_t(seed >> 32)};
  for (int round = 0; round < 10; ++round) {
    auto [aHigh, aLow] = multiply(s, kPhiloxMultiplier0, counter[0]);
    auto [bHigh, bLow] = multiply(s, kPhiloxMultiplier1, counter[2]);
    auto mix = [&](Value word, Value other, uint32_t part) -> Value {
      Value mixed = s.make<arith::XOrIOp>(word, other);
      return s.make<arith::XOrIOp>(mixed, s.bits(32, part));
    };
    Value first = mix(bHigh, counter[1], key[0]);
    Value third = mix(aHigh, counter[3], key[1]);
    counter[0] = first;
    counter[1] = bLow;
    counter[2] = third;
    counter[3] = aLow;
    key[0] += kPhiloxWeyl0;
    key[1] += kPhiloxWeyl1;
  }
  return {counter[0], counter[1]};
}

static Value sample(graph::Scalar s, graph::RandomOp op, Value i, Type type) {
  auto [w0, w1] = philox(s, i, op.getSeed());
  double a = op.getA().convertToDouble(), b = op.getB().convertToDouble();
  auto fraction = [&](Value word) -> Value {
    return s.make<arith::UIToFPOp>(type,
                                   s.make<arith::ShRUIOp>(word, s.bits(32, 8)));
  };
  auto times = [&](Value value, double factor) -> Value {
    return s.make<arith::MulFOp>(value, s.real(type, factor));
  };
  auto plus = [&](Value value, double term) -> Value {
    return s.make<arith::AddFOp>(value, s.real(type, term));
  };
  if (op.getKind() == graph::RandomKind::uniform)
    return plus(times(times(fraction(w0), 0x1p-24), b - a), a);
  Value u = times(plus(fraction(w0), 1), 0x1p-24);
  Value v = times(fraction(w1), 0x1p-24);
  Value log = s.make<math::LogOp>(u);
  Value radius = s.make<math::SqrtOp>(times(log, -2));
  Value angle = s.make<math::CosOp>(times(v, 6.283185307179586));
  return plus(times(s.make<arith::MulFOp>(radius, angle), b), a);
}

static FailureOr<Tensor> lowerRandom(Lowering &lowering, graph::RandomOp op) {
  Location loc = op.getLoc();
  SmallVector<Expr> dims = llvm::to_vector(lowering.dims(op.getOutput()));
  for (Expr dim : dims)
    lowering.requireAtMost(loc, lowering.constant(0), dim,
                           "a size is less than 0");
  Type element = Lowering::elementTypeOf(op.getOutput());
  Type wide = element.isF64() ? element : lowering.b.getF32Type();
  return lowering.map(
      loc, dims, element, {}, {}, [&](OpBuilder &nested, ValueRange) -> Value {
        graph::Scalar s(nested, loc);
        Value linear = s.integer(nested.getIndexType(), 0);
        for (auto [d, dim] : llvm::enumerate(dims)) {
          linear = s.make<arith::MulIOp>(linear, lowering.index(dim));
          linear = s.make<arith::AddIOp>(linear, s.make<linalg::IndexOp>(d));
        }
        Value i = s.make<arith::IndexCastOp>(nested.getI64Type(), linear);
        return s.toFloat(sample(s, op, i, wide), element);
      });
}

void lower::addRandomRules(Table &table) { table.add(&lowerRandom); }
