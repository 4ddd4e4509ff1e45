// Windows and Fourier transforms. A transform is a product with a matrix of
// cosines and sines, which is a constant where the length is.
#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/Types.h"
#include "compiler/import/onnx/rules/Common.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;

static constexpr double kPi = 3.14159265358979323846;

//===-- Windows
//-------------------------------------------------------------===//

/// a0 - a1 cos(2 pi i / n) + a2 cos(4 pi i / n)
template <const double (&coefficients)[3]>
static LogicalResult importWindow(Node &n) {
  Value size = n.toScalar(n.operand(0));
  bool periodic = n.flag("periodic", true);
  Type type = n.typeAttr("output_datatype", Float), f64 = n.b.getF64Type();
  if (n.failed())
    return failure();
  size = n.cast(size, n.b.getI64Type());
  Value length = n.cast(periodic ? size : n.sub(size, 1), f64);
  Value turn = n.div(n.mul(n.cast(n.iota(size), f64), 2 * kPi), length);
  auto term = [&](double factor, double times) {
    return n.mul(n.make<graph::CosOp>({n.mul(turn, times)}), factor);
  };
  Value window = n.sub(coefficients[0], term(coefficients[1], 1));
  if (coefficients[2] != 0)
    window = n.add(window, term(coefficients[2], 2));
  return n.result(n.cast(window, type));
}

static constexpr double kHann[3] = {0.5, 0.5, 0};
static constexpr double kHamming[3] = {25.0 / 46, 21.0 / 46, 0};
static constexpr double kBlackman[3] = {0.42, 0.5, 0.08};

//===-- Fourier transforms
//--------------------------------------------------===//

namespace {
struct Matrices {
  Value cos, sin; ///< [from, to]
};
} // namespace

/// cos and sin of 2 pi i k / length for i of `from` and k of `to`. The product
/// is taken modulo the length first, which keeps the angle exact.
static Matrices rotations(Node &n, Value from, Value to, Value length,
                          Type type) {
  Type f64 = n.b.getF64Type();
  Value product =
      n.mul(n.unsqueeze(n.iota(from), {1}), n.unsqueeze(n.iota(to), {0}));
  Value part =
      n.make<graph::ModOp>({product, length}, {n.b.flag("fmod", false)});
  Value angle = n.div(n.mul(n.cast(part, f64), 2 * kPi), n.cast(length, f64));
  return {n.cast(n.make<graph::CosOp>({angle}), type),
          n.cast(n.make<graph::SinOp>({angle}), type)};
}

/// `x` cut or filled with zeros to `length` along `axis`.
static Value fit(Node &n, Value x, int64_t axis, Value length) {
  if (!x || n.failed())
    return {};
  std::optional<Node::Ints> known = n.known(length);
  if (known && known->front() == n.dim(x, axis))
    return x;
  Value size = n.unsqueeze(length, {0});
  Node::Values pads(2 * n.rank(x), n.i64s({0}));
  pads[n.rank(x) + axis] = n.max(n.sub(size, n.dimOf(x, axis)), 0.0);
  Value filled = n.pad(x, n.concat(pads, 0), n.scalarLike(x, 0));
  return n.slice(filled, n.i64s({0}), size, {axis}, {1});
}

/// A transform over the last dim of a real and an imaginary part (null: 0).
static std::pair<Value, Value> transform(Node &n, Value re, Value im,
                                         const Matrices &by, bool inverse) {
  Value reCos = n.matmul(re, by.cos), reSin = n.matmul(re, by.sin);
  // e^(-i a) forward, e^(i a) back.
  if (!im)
    return {reCos, inverse ? reSin : n.neg(reSin)};
  Value imCos = n.matmul(im, by.cos), imSin = n.matmul(im, by.sin);
  if (inverse)
    return {n.sub(reCos, imSin), n.add(imCos, reSin)};
  return {n.add(reCos, imSin), n.sub(imCos, reSin)};
}

/// The real signal of a half spectrum: all but the first and (for an even
/// length) the last bin stand for two.
static Value realInverse(Node &n, Value re, Value im, const Matrices &by,
                         Value bins, Value length, Type type) {
  Value k = n.iota(bins);
  Value mirrored = n.sub(length, k);
  Value single = n.make<graph::OrOp>({n.compare(Predicate::eq, k, 0.0),
                                      n.compare(Predicate::eq, k, mirrored)});
  Value weight = n.select(single, n.scalar(type, 1), n.scalar(type, 2));
  re = n.mul(re, weight);
  Value sum = n.matmul(re, by.cos);
  return im ? n.sub(sum, n.matmul(n.mul(im, weight), by.sin)) : sum;
}

/// DFT along `axis` of [..., 1 or 2].
static Value dft(Node &n, Value x, int64_t axis, Value length, bool inverse,
                 bool onesided) {
  if (!x || n.failed())
    return {};
  Type type = computeType(n, x), original = n.element(x);
  int64_t last = n.rank(x) - 1;
  bool complex = n.dim(x, last) == 2;
  if (n.dim(x, last) != 1 && !complex) {
    n.error() << "has an input of type " << x.getType()
              << ", expected a last dim of 1 or 2";
    return {};
  }
  Value half = n.add(n.div(length, 2), 1);
  Value from = inverse && onesided ? half : length;
  Value to = !inverse && onesided ? half : length;
  x = fit(n, n.cast(x, type), axis, from);
  // The axis goes to the end.
  Value re = n.squeeze(n.slice(x, last, 0, 1), {last}), im;
  if (complex)
    im = n.squeeze(n.slice(x, last, 1, 2), {last});
  re = n.swap(re, axis, last - 1);
  im = im ? n.swap(im, axis, last - 1) : im;
  Matrices by = rotations(n, from, to, length, type);
  Node::Values parts;
  if (inverse && onesided) {
    parts = {realInverse(n, re, im, by, from, length, type)};
  } else {
    auto [real, imaginary] = transform(n, re, im, by, inverse);
    parts = {real, imaginary};
  }
  for (Value &part : parts) {
    if (inverse)
      part = n.div(part, n.cast(length, type));
    part = n.unsqueeze(n.swap(part, axis, last - 1), {last});
  }
  return n.cast(n.concat(parts, last), original);
}

static LogicalResult importDft(Node &n) {
  Value x = n.operand(0), given = n.optional(1);
  bool inverse = n.flag("inverse", false), onesided = n.flag("onesided", false);
  if (!n.checkRank(x, 2))
    return failure();
  auto along = [&](int64_t axis) -> Value {
    Value size = n.toScalar(n.dimOf(x, axis));
    Value length = given ? n.cast(n.toScalar(given), n.b.getI64Type())
                   : inverse && onesided ? n.mul(n.sub(size, 1), 2)
                                         : size;
    return dft(n, x, axis, length, inverse, onesided);
  };
  if (n.opset() < 20)
    return n.result(along(n.axis("axis", 1, x)));
  if (!n.isComputed(2)) {
    int64_t axis = n.has(2) ? int64_t(n.constantNumber(2).value_or(0)) : -2;
    return n.result(along(n.normalize(axis, n.rank(x))));
  }
  return n.result(switchAxis(n, n.operand(2), n.rank(x), n.rank(x) - 1, along));
}

static LogicalResult importStft(Node &n) {
  Value x = n.operand(0), step = n.operand(1);
  Value window = n.optional(2), given = n.optional(3);
  bool onesided = n.flag("onesided", true);
  if (!n.checkRank(x, 2, 3))
    return failure();
  Type i64 = n.b.getI64Type();
  if (n.rank(x) == 2)
    x = n.unsqueeze(x, {2});
  if (!given && !window)
    return n.error() << "has neither a window nor a frame length";
  step = n.cast(n.toScalar(step), i64);
  Value length =
      given ? n.cast(n.toScalar(given), i64) : n.toScalar(n.dimOf(window, 0));
  Value room = n.sub(n.toScalar(n.dimOf(x, 1)), length);
  Value frames = n.add(n.div(room, step), 1);
  Value at = n.add(n.unsqueeze(n.mul(n.iota(frames), step), {1}),
                   n.unsqueeze(n.iota(length), {0}));
  Value framed = n.gather(x, at, 1); // [batch, frames, length, 1 or 2]
  if (window)
    framed = n.mul(framed, n.unsqueeze(window, {1}));
  return n.result(dft(n, framed, 2, length, false, onesided));
}

//===-- Mel
//-----------------------------------------------------------------===//

/// Triangles over the bins of a spectrum, evenly spaced on the mel scale.
static LogicalResult importMelWeightMatrix(Node &n) {
  Type f64 = n.b.getF64Type(), i64 = n.b.getI64Type();
  auto number = [&](unsigned index) {
    return n.cast(n.toScalar(n.operand(index)), f64);
  };
  Value bins = n.cast(n.toScalar(n.operand(0)), i64);
  Value length = n.cast(n.toScalar(n.operand(1)), i64);
  Value rate = number(2), low = number(3), high = number(4);
  Type type = n.typeAttr("output_datatype", Float);
  constexpr double perMel = 2595, corner = 700;
  double ln10 = std::log(10.0);
  auto toMel = [&](Value hertz) {
    return n.mul(n.log(n.add(n.div(hertz, corner), 1)), perMel / ln10);
  };
  Value first = toMel(low);
  Value step = n.div(n.sub(toMel(high), first), n.cast(n.add(bins, 2), f64));
  Value mels = n.add(n.mul(n.cast(n.iota(n.add(bins, 2)), f64), step), first);
  Value hertz = n.mul(n.sub(n.exp(n.mul(mels, ln10 / perMel)), 1), corner);
  Value scaled = n.div(n.mul(hertz, n.cast(n.add(length, 1), f64)), rate);
  Value edges = n.make<graph::FloorOp>({scaled});
  auto edge = [&](double shift) {
    Value at = n.add(n.iota(bins), shift);
    return n.unsqueeze(n.gather(edges, at, 0), {0});
  };
  Value left = edge(0), centre = edge(1), right = edge(2);
  Value j = n.unsqueeze(n.cast(n.iota(n.add(n.div(length, 2), 1)), f64), {1});
  Value zero = n.scalar(f64, 0), rise = n.sub(centre, left),
        fall = n.sub(right, centre);
  auto both = [&](Value a, Value b) { return n.make<graph::AndOp>({a, b}); };
  Value rising = both(n.compare(Predicate::ge, j, left),
                      n.compare(Predicate::le, j, centre));
  Value falling = both(n.compare(Predicate::ge, j, centre),
                       n.compare(Predicate::lt, j, right));
  Value steep = n.compare(Predicate::eq, rise, 0.0);
  Value up = n.select(steep, n.cast(n.compare(Predicate::eq, j, centre), f64),
                      n.select(rising, n.div(n.sub(j, left), rise), zero));
  Value weights = n.select(falling, n.div(n.sub(right, j), fall), up);
  return n.result(n.cast(weights, type));
}

void nacre::onnx::addSignalRules(RuleTable &table) {
  table.add("BlackmanWindow", 17, importWindow<kBlackman>);
  table.add("DFT", 17, importDft);
  table.add("HammingWindow", 17, importWindow<kHamming>);
  table.add("HannWindow", 17, importWindow<kHann>);
  table.add("MelWeightMatrix", 17, importMelWeightMatrix);
  table.add("STFT", 17, importStft);
}
