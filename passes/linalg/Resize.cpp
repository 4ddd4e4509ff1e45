// Resampling, one dim after the other, as dialects/graph/reference/Resize.cpp
// defines it: coordinates in f64 from the sizes where `scales` is their ratio,
// else in f32 from the factor.

#include "passes/linalg/Lowering.h"

#include "dialects/graph/Scalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::lower;
using Coord = graph::ResizeCoord;
using Nearest = graph::ResizeNearest;

namespace {
class Resize {
public:
  Resize(Lowering &lowering, graph::ResizeOp op);
  Tensor lower();

private:
  std::optional<int64_t> repetition(int64_t k);
  bool isIdentity(int64_t k);
  Value isSame(graph::Scalar s, int64_t k);
  Tensor repeat();
  Tensor nearest();
  Tensor resample(Tensor input, int64_t k);
  Tensor store(Tensor samples);

  // Scalar code for output coordinates of dim `k`, in a body.
  Value sizeAs(graph::Scalar s, Expr size, Type type);
  Value listElement(graph::Scalar s, Value list, int64_t i);
  Value source(graph::Scalar s, int64_t k, Type type, bool isRatio);
  Value coordinate(graph::Scalar s, int64_t k);
  Value clampIndex(graph::Scalar s, Value index, int64_t k);
  Value isOutside(graph::Scalar s, Value x, int64_t k);
  Value weight(graph::Scalar s, Value distance);
  Value interpolate(graph::Scalar s, Tensor input, int64_t k, Value x);

  Lowering &lowering;
  graph::ResizeOp op;
  Location loc;
  Tensor input;
  SmallVector<Expr> dims;
  /// Constant factors, if they are.
  SmallVector<std::optional<float>> scales;
  bool isNearest, crops;
  Type wide;
};
} // namespace

/// The elements of a constant list of f32, or as many unknowns.
static SmallVector<std::optional<float>> readConstants(Value list,
                                                       size_t count) {
  SmallVector<std::optional<float>> result(count);
  auto constant = list.getDefiningOp<graph::ConstantOp>();
  if (!constant)
    return result;
  if (auto values = constant.getValue().tryGetValues<APFloat>())
    for (auto [slot, value] : llvm::zip(result, *values))
      slot = value.convertToFloat();
  return result;
}

Resize::Resize(Lowering &lowering, graph::ResizeOp op)
    : lowering(lowering), op(op), loc(op.getLoc()),
      input(lowering.get(op.getInput())), dims(lowering.dims(op.getOutput())),
      scales(readConstants(op.getScales(), dims.size())),
      isNearest(op.getMode() == graph::ResizeMode::nearest),
      crops(op.getCoord() == Coord::tf_crop_and_resize),
      wide(input.elementType().isF64() ? input.elementType()
                                       : lowering.b.getF32Type()) {}

/// The whole number of times that each element of dim `k` is repeated.
std::optional<int64_t> Resize::repetition(int64_t k) {
  if (isIdentity(k))
    return 1;
  if (!isNearest || !scales[k] || *scales[k] != std::floor(*scales[k]) ||
      *scales[k] < 1 || *scales[k] > 1024)
    return std::nullopt;
  auto times = static_cast<int64_t>(*scales[k]);
  if (lowering.shapes.mul(input.dims[k], lowering.constant(times)) != dims[k])
    return std::nullopt;
  // Element q is read by q * times + r. With half pixels the coordinate is less
  // than 1/2 away from q.
  bool rounds = op.getNearest() == Nearest::round_prefer_floor ||
                op.getNearest() == Nearest::round_prefer_ceil;
  bool floors = op.getNearest() == Nearest::floor;
  switch (op.getCoord()) {
  case Coord::half_pixel:
  case Coord::half_pixel_symmetric:
    return rounds ? std::optional(times) : std::nullopt;
  case Coord::asymmetric:
  case Coord::tf_half_pixel_for_nn:
    return floors ? std::optional(times) : std::nullopt;
  default:
    return std::nullopt;
  }
}

bool Resize::isIdentity(int64_t k) {
  return !crops && input.dims[k] == dims[k] && scales[k] == 1.0f;
}

/// Whether dim `k` stays as it is, where only the run knows; else null.
Value Resize::isSame(graph::Scalar s, int64_t k) {
  auto in = graph::ShapeContext::asConstant(input.dims[k]);
  auto out = graph::ShapeContext::asConstant(dims[k]);
  if (crops || (in && out && in != out) || (scales[k] && *scales[k] != 1))
    return {};
  Value one = s.real(s.builder.getF32Type(), 1);
  Value scale = scales[k] ? one : listElement(s, op.getScales(), k);
  return s.make<arith::AndIOp>(s.cmp(arith::CmpFPredicate::OEQ, scale, one),
                               s.cmp(arith::CmpIPredicate::eq,
                                     lowering.index(input.dims[k]),
                                     lowering.index(dims[k])));
}

//===-- Scalar code
//----------------------------------------------------------===//

Value Resize::sizeAs(graph::Scalar s, Expr size, Type type) {
  if (auto value = graph::ShapeContext::asConstant(size))
    return s.real(type, double(*value));
  Type i64 = s.builder.getI64Type();
  Value integer = s.make<arith::IndexCastOp>(i64, lowering.index(size));
  return s.make<arith::SIToFPOp>(type, integer);
}

Value Resize::listElement(graph::Scalar s, Value list, int64_t i) {
  Value at = s.integer(s.builder.getIndexType(), i);
  return s.make<tensor::ExtractOp>(lowering.get(list).value, ValueRange(at));
}

/// The input coordinate of the output coordinate at hand, computed in `type`.
Value Resize::source(graph::Scalar s, int64_t k, Type type, bool isRatio) {
  auto real = [&](double value) { return s.real(type, value); };
  auto add = [&](Value a, Value b) -> Value {
    return s.make<arith::AddFOp>(a, b);
  };
  auto sub = [&](Value a, Value b) -> Value {
    return s.make<arith::SubFOp>(a, b);
  };
  auto mul = [&](Value a, Value b) -> Value {
    return s.make<arith::MulFOp>(a, b);
  };
  auto div = [&](Value a, Value b) -> Value {
    return s.make<arith::DivFOp>(a, b);
  };
  Type i64 = s.builder.getI64Type();
  Value x = s.make<arith::SIToFPOp>(
      type, s.make<arith::IndexCastOp>(i64, s.make<linalg::IndexOp>(k)));
  Value size = sizeAs(s, input.dims[k], type), out = sizeAs(s, dims[k], type);
  Value scale = scales[k] ? s.real(s.builder.getF32Type(), *scales[k])
                          : listElement(s, op.getScales(), k);
  scale = s.toFloat(scale, type);
  Value width = isRatio ? out : mul(scale, size);
  auto unscale = [&](Value a) {
    return isRatio ? div(mul(a, size), width) : div(a, scale);
  };
  Value half = real(0.5), one = real(1);
  Value isPoint = s.cmp(arith::CmpFPredicate::OEQ, width, one);
  switch (op.getCoord()) {
  case Coord::half_pixel:
    return sub(unscale(add(x, half)), half);
  case Coord::half_pixel_symmetric: {
    Value shift = mul(div(size, real(2)), sub(one, div(out, width)));
    return sub(add(shift, unscale(add(x, half))), half);
  }
  case Coord::pytorch_half_pixel:
    return s.select(isPoint, real(-0.5), sub(unscale(add(x, half)), half));
  case Coord::align_corners:
    return s.select(isPoint, real(0),
                    div(mul(x, sub(size, one)), sub(width, one)));
  case Coord::asymmetric:
    return unscale(x);
  case Coord::tf_half_pixel_for_nn:
    return unscale(add(x, half));
  case Coord::tf_crop_and_resize: {
    int64_t rank = dims.size();
    Value start = s.toFloat(listElement(s, op.getRoi(), k), type);
    Value end = s.toFloat(listElement(s, op.getRoi(), rank + k), type);
    Value last = sub(size, one), span = sub(end, start);
    Value along = s.select(isPoint, div(mul(span, last), real(2)),
                           div(mul(mul(x, span), last), sub(width, one)));
    return add(mul(start, last), along);
  }
  }
  llvm_unreachable("all coordinate modes are listed"); // a closed enum
}

Value Resize::coordinate(graph::Scalar s, int64_t k) {
  Type f32 = s.builder.getF32Type(), f64 = s.builder.getF64Type();
  auto in = graph::ShapeContext::asConstant(input.dims[k]);
  auto out = graph::ShapeContext::asConstant(dims[k]);
  if (in && out && scales[k]) {
    bool isRatio = *scales[k] == float(*out) / float(*in);
    return s.toFloat(source(s, k, isRatio ? f64 : f32, isRatio), f64);
  }
  Value ratio = s.make<arith::DivFOp>(sizeAs(s, dims[k], f32),
                                      sizeAs(s, input.dims[k], f32));
  Value scale =
      scales[k] ? s.real(f32, *scales[k]) : listElement(s, op.getScales(), k);
  Value isRatio = s.cmp(arith::CmpFPredicate::OEQ, scale, ratio);
  return s.select(isRatio, source(s, k, f64, true),
                  s.toFloat(source(s, k, f32, false), f64));
}

/// Coordinates may be anything; what lies far outside reads the edge.
static Value bounded(graph::Scalar s, Value x, Value size) {
  Type f64 = x.getType();
  auto around = [&](double factor, double border) -> Value {
    Value scaled = s.make<arith::MulFOp>(size, s.real(f64, factor));
    return s.make<arith::AddFOp>(scaled, s.real(f64, border));
  };
  Value isNumber = s.cmp(arith::CmpFPredicate::ORD, x, x);
  x = s.select(isNumber, x, s.real(f64, 0));
  x = s.make<arith::MaximumFOp>(x, around(-2, -8));
  return s.make<arith::MinimumFOp>(x, around(3, 8));
}

static Value toIndex(graph::Scalar s, Value x) {
  Value integer = s.make<arith::FPToSIOp>(s.builder.getI64Type(), x);
  return s.make<arith::IndexCastOp>(s.builder.getIndexType(), integer);
}

Value Resize::clampIndex(graph::Scalar s, Value index, int64_t k) {
  Expr last = lowering.shapes.sub(input.dims[k], lowering.constant(1));
  index = s.make<arith::MinSIOp>(index, lowering.index(last));
  return s.make<arith::MaxSIOp>(index, s.integer(index.getType(), 0));
}

Value Resize::isOutside(graph::Scalar s, Value x, int64_t k) {
  Type f64 = x.getType();
  Value last =
      s.make<arith::SubFOp>(sizeAs(s, input.dims[k], f64), s.real(f64, 1));
  return s.make<arith::OrIOp>(
      s.cmp(arith::CmpFPredicate::OLT, x, s.real(f64, 0)),
      s.cmp(arith::CmpFPredicate::OGT, x, last));
}

static Value roundTo(graph::Scalar s, Value x, Nearest nearest) {
  Value half = s.real(x.getType(), 0.5);
  switch (nearest) {
  case Nearest::round_prefer_floor:
    return s.make<math::CeilOp>(s.make<arith::SubFOp>(x, half));
  case Nearest::round_prefer_ceil:
    return s.make<math::FloorOp>(s.make<arith::AddFOp>(x, half));
  case Nearest::floor:
    return s.make<math::FloorOp>(x);
  case Nearest::ceil:
    return s.make<math::CeilOp>(x);
  }
  llvm_unreachable("all roundings are listed"); // a closed enum
}

/// How much a sample at `distance` counts.
Value Resize::weight(graph::Scalar s, Value distance) {
  Type type = distance.getType();
  auto real = [&](double value) { return s.real(type, value); };
  auto add = [&](Value a, double b) -> Value {
    return s.make<arith::AddFOp>(a, real(b));
  };
  auto mul = [&](Value a, Value b) -> Value {
    return s.make<arith::MulFOp>(a, b);
  };
  Value x = s.make<math::AbsFOp>(distance);
  if (op.getMode() == graph::ResizeMode::linear)
    return s.make<arith::MaximumFOp>(s.make<arith::SubFOp>(real(1), x),
                                     real(0));
  double a = op.getCubicA().convertToDouble();
  Value near = add(mul(mul(add(mul(x, real(a + 2)), -(a + 3)), x), x), 1);
  Value far =
      add(mul(add(mul(add(mul(x, real(a)), -5 * a), x), 8 * a), x), -4 * a);
  Value isFar = s.cmp(arith::CmpFPredicate::OLT, x, real(2));
  far = s.select(isFar, far, real(0));
  return s.select(s.cmp(arith::CmpFPredicate::OLE, x, real(1)), near, far);
}

/// The weighted samples around coordinate `x` of dim `k`.
Value Resize::interpolate(graph::Scalar s, Tensor from, int64_t k, Value x) {
  Type f64 = x.getType(), index = s.builder.getIndexType();
  bool isLinear = op.getMode() == graph::ResizeMode::linear;
  Value base = s.make<math::FloorOp>(x);
  Value fraction = s.make<arith::SubFOp>(x, base);
  Value first = toIndex(s, base);
  // A kernel widened by the factor of a reduction covers what it skips.
  Value squeeze = s.real(f64, 1), begin = s.integer(index, isLinear ? 0 : -1),
        end = s.integer(index, isLinear ? 2 : 3);
  if (op.getAntialias()) {
    Value scale = scales[k] ? s.real(s.builder.getF32Type(), *scales[k])
                            : listElement(s, op.getScales(), k);
    squeeze = s.make<arith::MinimumFOp>(s.toFloat(scale, f64), squeeze);
    Value reach = s.make<math::FloorOp>(
        s.make<arith::DivFOp>(s.real(f64, isLinear ? -1 : -2), squeeze));
    Value steps = toIndex(s, reach), one = s.integer(index, 1);
    begin = s.make<arith::AddIOp>(steps, one);
    end = s.make<arith::SubIOp>(one, steps);
  }
  bool normalizes = op.getExcludeOutside() || op.getAntialias();
  SmallVector<Value> position;
  for (int64_t d = 0; d < from.rank(); ++d)
    position.push_back(s.make<linalg::IndexOp>(d));

  Value none = s.real(wide, 0);
  auto loop = scf::ForOp::create(
      s.builder, loc, begin, end, s.integer(index, 1), ValueRange{none, none},
      [&](OpBuilder &body, Location, Value i, ValueRange sums) {
        graph::Scalar t(body, loc);
        Type i64 = body.getI64Type();
        Value offset =
            t.make<arith::SIToFPOp>(f64, t.make<arith::IndexCastOp>(i64, i));
        Value distance = t.make<arith::MulFOp>(
            t.make<arith::SubFOp>(offset, fraction), squeeze);
        Value w = t.toFloat(weight(t, distance), wide);
        Value at = t.make<arith::AddIOp>(first, i);
        Value safe = clampIndex(t, at, k);
        if (op.getExcludeOutside())
          w = t.select(t.cmp(arith::CmpIPredicate::eq, at, safe), w, none);
        SmallVector<Value> read = position;
        read[k] = safe;
        Value element = t.make<tensor::ExtractOp>(from.value, read);
        Value term = t.make<arith::MulFOp>(w, element);
        scf::YieldOp::create(body, loc,
                             ValueRange{t.make<arith::AddFOp>(sums[0], term),
                                        t.make<arith::AddFOp>(sums[1], w)});
      });
  Value sum = loop.getResult(0), total = loop.getResult(1);
  if (!normalizes)
    return sum;
  Value isZero = s.cmp(arith::CmpFPredicate::OEQ, total, none);
  total = s.select(isZero, s.real(wide, 1), total);
  return s.make<arith::DivFOp>(sum, total);
}

//===-- Loops
//------------------------------------------------------------------===//

/// Whole repetitions: a loop per dim and one per repetition, then a view.
Tensor Resize::repeat() {
  SmallVector<Expr> loops;
  SmallVector<AffineExpr> read;
  for (int64_t k = 0; k < input.rank(); ++k) {
    read.push_back(lowering.b.getAffineDimExpr(loops.size()));
    loops.push_back(input.dims[k]);
    int64_t times = *repetition(k);
    if (times != 1)
      loops.push_back(lowering.constant(times));
  }
  Tensor repeated =
      lowering.map(loc, loops, input.elementType(), input,
                   AffineMap::get(loops.size(), 0, read, op.getContext()),
                   [](OpBuilder &, ValueRange args) { return args.front(); });
  return lowering.reshape(loc, repeated, dims);
}

Tensor Resize::nearest() {
  Type type = input.elementType();
  return lowering.map(
      loc, dims, type, {}, {}, [&](OpBuilder &nested, ValueRange) -> Value {
        graph::Scalar s(nested, loc);
        SmallVector<Value> position;
        Value outside = s.integer(nested.getI1Type(), 0);
        for (int64_t k = 0; k < input.rank(); ++k) {
          if (isIdentity(k)) {
            position.push_back(s.make<linalg::IndexOp>(k));
            continue;
          }
          Value x = coordinate(s, k);
          if (crops)
            outside = s.make<arith::OrIOp>(outside, isOutside(s, x, k));
          x = bounded(s, x, sizeAs(s, input.dims[k], x.getType()));
          Value at = toIndex(s, roundTo(s, x, op.getNearest()));
          at = clampIndex(s, at, k);
          Value same = isSame(s, k);
          position.push_back(
              same ? s.select(same, s.make<linalg::IndexOp>(k), at) : at);
        }
        Value element = s.make<tensor::ExtractOp>(input.value, position);
        if (!crops)
          return element;
        double beyond = op.getExtrapolation().convertToDouble();
        Type original = getElementTypeOrSelf(op.getInput());
        Value constant = s.cast(s.real(nested.getF64Type(), beyond),
                                nested.getF64Type(), original);
        return s.select(outside, constant, element);
      });
}

Tensor Resize::resample(Tensor from, int64_t k) {
  SmallVector<Expr> after = from.dims;
  after[k] = dims[k];
  return lowering.map(
      loc, after, wide, {}, {}, [&](OpBuilder &nested, ValueRange) -> Value {
        graph::Scalar s(nested, loc);
        Value x = coordinate(s, k);
        Value inside = bounded(s, x, sizeAs(s, input.dims[k], x.getType()));
        Value sum = interpolate(s, from, k, inside);
        if (Value same = isSame(s, k)) {
          SmallVector<Value> position;
          for (int64_t d = 0; d < from.rank(); ++d)
            position.push_back(s.make<linalg::IndexOp>(d));
          position[k] = clampIndex(s, position[k], k);
          sum = s.select(same, s.make<tensor::ExtractOp>(from.value, position),
                         sum);
        }
        if (!crops)
          return sum;
        double beyond = op.getExtrapolation().convertToDouble();
        return s.select(isOutside(s, x, k), s.real(wide, beyond), sum);
      });
}

/// Rounds to the element type; integers saturate.
Tensor Resize::store(Tensor samples) {
  Type original = getElementTypeOrSelf(op.getOutput());
  auto integer = dyn_cast<IntegerType>(original);
  if (!integer)
    return lowering.convertElements(loc, samples, wide, original);
  bool isUnsigned = integer.isUnsigned();
  double least = isUnsigned ? 0 : -128, most = isUnsigned ? 255 : 127;
  return lowering.map(
      loc, samples.dims, graph::signlessElementType(original), samples,
      lowering.identity(samples.rank()),
      [&](OpBuilder &nested, ValueRange args) -> Value {
        graph::Scalar s(nested, loc);
        Value rounded = s.make<math::RoundEvenOp>(args.front());
        rounded = s.make<arith::MaximumFOp>(rounded, s.real(wide, least));
        rounded = s.make<arith::MinimumFOp>(rounded, s.real(wide, most));
        return s.cast(rounded, wide, original);
      });
}

Tensor Resize::lower() {
  Expr zero = lowering.constant(0), one = lowering.constant(1);
  Expr isEmpty =
      lowering.shapes.select(lowering.shapes.product(dims), zero, one, zero);
  for (auto [k, dim] : llvm::enumerate(dims)) {
    lowering.requireAtMost(loc, zero, dim, "a size is less than 0");
    lowering.requirePositive(loc, lowering.shapes.max(input.dims[k], isEmpty),
                             "an empty tensor has no element to sample");
  }
  bool repeats = true;
  for (int64_t k = 0; k < input.rank(); ++k)
    repeats &= repetition(k).has_value();
  if (repeats)
    return repeat();
  if (isNearest)
    return nearest();
  Tensor samples = lowering.convertElements(
      loc, input, getElementTypeOrSelf(op.getInput()), wide);
  for (int64_t k = 0; k < input.rank(); ++k)
    if (!isIdentity(k))
      samples = resample(samples, k);
  return store(samples);
}

static FailureOr<Tensor> lowerResize(Lowering &lowering, graph::ResizeOp op) {
  return Resize(lowering, op).lower();
}

void lower::addResizeRules(Table &table) { table.add(&lowerResize); }
