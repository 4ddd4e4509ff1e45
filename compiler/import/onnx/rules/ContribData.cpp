// What moves, counts and hashes data in com.microsoft.
#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Contrib.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;
using graph::ReduceKind;

static LogicalResult importSampleOp(Node &n) { return n.result(n.operand(0)); }

static LogicalResult importExpandDims(Node &n) {
  Value x = n.operand(0);
  std::optional<double> axis = n.constantNumber(1);
  if (n.failed() || !axis)
    return n.failed() ? failure() : LogicalResult(n.error() << "has no axis");
  return n.result(n.unsqueeze(x, {n.normalize(int64_t(*axis), n.rank(x) + 1)}));
}

static LogicalResult importRange(Node &n) {
  Value start = n.operand(0), limit = n.operand(1), delta = n.optional(2);
  if (!n.checkSameType({start, limit, delta}) || n.failed())
    return failure();
  delta = delta ? n.toScalar(delta) : n.scalarLike(start, 1);
  return n.result(
      n.make<graph::RangeOp>({n.toScalar(start), n.toScalar(limit), delta}));
}

/// Values in the order of their first occurrence, and how many of each there
/// are.
static LogicalResult importUnique(Node &n) {
  Value x = n.operand(0);
  if (!n.checkRank(x, 1, 1))
    return failure();
  Node::Values found = n.makeAll<graph::UniqueOp>({n.unsqueeze(x, {1})},
                                                  {n.b.flag("sorted", false)});
  if (n.failed())
    return failure();
  return n.results(
      {n.gather(x, found[0], 0), found[1], countRows(n, found[0], found[1])});
}

/// Windows of `size` at each `step` of an axis, as a new last dim.
static LogicalResult importUnfoldTensor(Node &n) {
  Value x = n.operand(0);
  int64_t axis = n.axis("dim", -1, x), size = n.i("size"),
          step = n.i("step", 1);
  if (n.failed())
    return failure();
  int64_t length = n.dim(x, axis);
  if (size < 1 || step < 1 || (!ShapedType::isDynamic(length) && size > length))
    return n.error() << "has windows of " << size << " at each " << step
                     << " for a dim of " << length;
  Value count = n.div(n.sub(n.toScalar(n.dimOf(x, axis)), double(size - step)),
                      double(step));
  Value at = n.add(n.unsqueeze(n.mul(n.iota(count), double(step)), {1}),
                   n.iota(n.i64(size)));
  Value y = n.gather(x, at, axis);
  Node::Ints perm = llvm::to_vector(llvm::seq<int64_t>(0, n.rank(x) + 1));
  std::rotate(perm.begin() + axis + 1, perm.begin() + axis + 2, perm.end());
  return n.result(n.transpose(y, perm));
}

//===-- Distances
//-----------------------------------------------------------===//

/// |a - b|^2 as |a|^2 + |b|^2 - 2 a b: one product.
static LogicalResult importCDist(Node &n) {
  Value a = n.operand(0), c = n.operand(1);
  bool root = n.choice("metric", "sqeuclidean", {"sqeuclidean", "euclidean"});
  if (!n.checkFloat(a) || !n.checkRank(a, 2, 2) || !n.checkRank(c, 2, 2) ||
      !n.checkSameType({a, c}))
    return failure();
  auto squares = [&](Value x) {
    return n.reduce(ReduceKind::sum, n.mul(x, x), {1}, false);
  };
  Value product = n.matmul(a, n.transpose(c, {1, 0}));
  Value sum = n.add(n.unsqueeze(squares(a), {1}), squares(c));
  Value distance = n.max(n.sub(sum, n.mul(product, 2)), 0.0);
  return n.result(root ? n.sqrt(distance) : distance);
}

/// Gauss-Jordan elimination of batches of matrices; in each step the row of the
/// greatest element is taken to the diagonal.
static Value inverted(Node &n, Value x, int64_t size) {
  Value column = n.iota(n.i64(size));
  Value unit = n.cast(
      n.compare(Predicate::eq, n.unsqueeze(column, {1}), column), n.element(x));
  int64_t rank = n.rank(x), row = rank - 2;
  Value rows = n.concat({x, n.broadcast(unit, n.shapeOf(x))}, rank - 1);
  Value index = n.unsqueeze(column, {1});
  for (int64_t k = 0; k < size && !n.failed(); ++k) {
    Value below = n.slice(n.slice(rows, rank - 1, k, k + 1), row, k, size);
    Value best = n.make<graph::ArgReduceOp>(
        {n.make<graph::AbsOp>({below})},
        {n.b.attr("axis", row), n.b.flag("largest", true),
         n.b.flag("select_last", false), n.b.flag("keep_dims", true)});
    best = n.add(best, double(k)); // [..., 1, 1]
    Value isBest = n.compare(Predicate::eq, index, best);
    Value zero = n.scalarLike(x, 0);
    Value pivot =
        n.reduce(ReduceKind::sum, n.select(isBest, rows, zero), {row}, true);
    // The two rows change places.
    Value old = n.slice(rows, row, k, k + 1);
    Value isK = n.compare(Predicate::eq, index, double(k));
    rows = n.select(isK, pivot, n.select(isBest, old, rows));
    Value norm = n.div(pivot, n.slice(pivot, rank - 1, k, k + 1));
    Value factor = n.slice(rows, rank - 1, k, k + 1);
    rows = n.select(isK, norm, n.sub(rows, n.mul(factor, norm)));
  }
  return n.slice(rows, rank - 1, size, 2 * size);
}

static LogicalResult importInverse(Node &n) {
  Value x = n.operand(0);
  if (!n.checkFloat(x) || !n.checkRank(x, 2))
    return failure();
  int64_t size = n.dim(x, n.rank(x) - 1);
  constexpr int64_t most = 64; // steps are written out
  if (ShapedType::isDynamic(size) || size != n.dim(x, n.rank(x) - 2) ||
      size > most)
    return n.error() << "has matrices of type " << x.getType()
                     << ", expected squares of a known size up to " << most;
  Value y = inverted(n, n.cast(x, computeType(n, x)), size);
  return n.result(n.cast(y, n.element(x)));
}

//===-- MurmurHash3
//---------------------------------------------------------===//

namespace {

/// The state of one MurmurHash3_x86_32, on ui32 tensors.
struct Murmur {
  Node &n;
  Value hash;

  Value rotated(Value x, int bits) {
    Value left = n.make<graph::ShiftLeftOp>({x, n.scalarLike(x, double(bits))});
    Value right =
        n.make<graph::ShiftRightOp>({x, n.scalarLike(x, double(32 - bits))});
    return n.make<graph::BitOrOp>({left, right});
  }
  void mixShifted(int bits) {
    Value shifted =
        n.make<graph::ShiftRightOp>({hash, n.scalarLike(hash, double(bits))});
    hash = n.make<graph::BitXorOp>({hash, shifted});
  }
  void block(Value word) {
    word = n.mul(word, double(0xcc9e2d51));
    word = n.mul(rotated(word, 15), double(0x1b873593));
    hash = rotated(n.make<graph::BitXorOp>({hash, word}), 13);
    hash = n.add(n.mul(hash, 5), double(0xe6546b64));
  }
  void finish(int64_t length) {
    hash = n.make<graph::BitXorOp>({hash, n.scalarLike(hash, double(length))});
    mixShifted(16);
    hash = n.mul(hash, double(0x85ebca6b));
    mixShifted(13);
    hash = n.mul(hash, double(0xc2b2ae35));
    mixShifted(16);
  }
};

} // namespace

static LogicalResult importMurmurHash3(Node &n) {
  Value x = n.operand(0);
  bool positive = n.flag("positive", true);
  int64_t seed = n.i("seed", 0);
  if (n.failed())
    return failure();
  unsigned width = n.element(x).getIntOrFloatBitWidth();
  if (width != 32 && width != 64)
    return n.error() << "has an input of type " << x.getType()
                     << ", expected elements of 32 or 64 bits";
  Type word = n.b.getIntegerType(32, false);
  Type bits = n.b.getIntegerType(width, false);
  auto bitcast = [&](Value value, Type to) {
    return n.element(value) == to
               ? value
               : n.make<graph::BitcastOp>({value},
                                          {n.b.attr("to", TypeAttr::get(to))});
  };
  Value raw = bitcast(x, bits);
  Murmur murmur{
      n, n.broadcast(n.scalar(word, double(uint32_t(seed))), n.shapeOf(x))};
  murmur.block(n.cast(raw, word));
  if (width == 64)
    murmur.block(n.cast(
        n.make<graph::ShiftRightOp>({raw, n.scalarLike(raw, 32)}), word));
  murmur.finish(width / 8);
  return n.result(positive ? murmur.hash
                           : bitcast(murmur.hash, n.b.getI32Type()));
}

//===-- NGramRepeatBlock
//----------------------------------------------------===//

/// The score of a token that would end a run of `size` tokens which was there
/// before is lost.
static LogicalResult importNGramRepeatBlock(Node &n) {
  Value ids = n.operand(0), scores = n.operand(1);
  int64_t size = n.i("ngram_size");
  if (!n.checkRank(ids, 2, 2) || !n.checkRank(scores, 2, 2))
    return failure();
  constexpr int64_t most = 64; // tokens of a run are compared one by one
  if (size < 1 || size > most)
    return n.error() << "has ngram_size " << size << ", expected 1 to " << most;
  Value length = n.dimOf(ids, 1);
  Value starts = n.max(n.sub(length, double(size - 1)), 0.0);
  auto shifted = [&](int64_t by) {
    Value from = n.i64s({by});
    return n.slice(ids, from, n.add(starts, double(by)), {1}, {1});
  };
  Value same;
  for (int64_t k = 0; k + 1 < size; ++k) {
    Value now = n.slice(ids, n.i64s({k + 1 - size}),
                        n.i64s({k + 2 - size == 0 ? INT64_MAX : k + 2 - size}),
                        {1}, {1});
    Value match = n.compare(Predicate::eq, shifted(k), now);
    same = same ? n.make<graph::AndOp>({same, match}) : match;
  }
  Value last = n.cast(shifted(size - 1), n.b.getI64Type());
  Value lost = n.scalarLike(scores, -kInfinity);
  Value kept = n.scalarLike(scores, kInfinity);
  Value update =
      same ? n.select(same, lost, kept) : n.broadcast(lost, n.shapeOf(last));
  return n.result(n.make<graph::ScatterElementsOp>(
      {scores, last, update},
      {n.b.attr("axis", int64_t(1)),
       n.b.attr("kind", graph::ScatterKindAttr::get(
                            n.b.getContext(), graph::ScatterKind::min))}));
}

//===-- CropAndResize
//-------------------------------------------------------===//

/// Where the pixels of each region lie along dim 2 + `k` of `x`: [regions,
/// count]. A single pixel lies in the middle.
static Value cropPlaces(Node &n, Value x, Value regions, Value count,
                        int64_t k) {
  Type f32 = n.b.getF32Type();
  regions = n.cast(regions, f32);
  Value from = n.slice(regions, 1, k, k + 1);
  Value to = n.slice(regions, 1, k + 2, k + 3);
  Value last = n.cast(n.sub(n.toScalar(n.dimOf(x, 2 + k)), 1), f32);
  Value steps = n.cast(n.max(n.sub(count, 1), 1.0), f32);
  Value stride = n.div(n.mul(n.sub(to, from), last), steps);
  Value many =
      n.add(n.mul(from, last), n.mul(n.cast(n.iota(count), f32), stride));
  Value middle = n.mul(n.mul(n.add(from, to), 0.5), last);
  return n.select(n.compare(Predicate::gt, count, 1.0), many, middle);
}

static LogicalResult importCropAndResize(Node &n) {
  Type i64 = n.b.getI64Type();
  Value x = n.operand(0), regions = n.operand(1), batch = n.operand(2);
  Value size = n.cast(n.operand(3), i64);
  bool nearest = n.choice("mode", "bilinear", {"bilinear", "nearest"}) == 1;
  double outside = n.f("extrapolation_value", 0);
  if (!n.checkFloat(x) || !n.checkRank(x, 4, 4) || !n.checkRank(regions, 2, 2))
    return failure();
  Value shape = n.concat({n.dimOf(regions, 0), size}, 0), inside;
  SmallVector<SmallVector<Tap>> dims;
  for (int64_t k = 0; k < 2; ++k) {
    Value count = n.toScalar(n.slice(size, 0, k, k + 1));
    Value at = cropPlaces(n, x, regions, count, k);
    at = n.broadcast(n.unsqueeze(at, {2 - k}), shape);
    Value length = n.toScalar(n.dimOf(x, 2 + k));
    Value last = n.cast(n.sub(length, 1), n.element(at));
    Value fits = n.make<graph::AndOp>({n.compare(Predicate::ge, at, 0.0),
                                       n.compare(Predicate::le, at, last)});
    inside = inside ? n.make<graph::AndOp>({inside, fits}) : fits;
    Value low = n.make<graph::FloorOp>({nearest ? n.add(at, 0.5) : at});
    Value beyond = n.sub(at, low);
    auto tap = [&](Value place, Value weight) {
      return tapAt(n, place, weight, length, {}, {}, Outside::Border);
    };
    if (nearest)
      dims.push_back({tap(low, n.broadcast(n.scalarLike(at, 1), shape))});
    else
      dims.push_back({tap(low, n.sub(1, beyond)), tap(n.add(low, 1), beyond)});
    if (n.failed())
      return failure();
  }
  Value images = channelsLast(n, n.gather(x, batch, 0));
  Value y = sample(n, images, dims);
  y = n.select(n.unsqueeze(inside, {3}), y, n.scalarLike(y, outside));
  return n.result(n.cast(channelsFirst(n, y), n.element(x)));
}

void nacre::onnx::addContribDataRules(RuleTable &table) {
  table.add(kMicrosoft, "CropAndResize", 1, importCropAndResize);
  auto add = [&](StringRef op, Rule rule) {
    table.add(kMicrosoft, op, 1, rule);
  };
  add("CDist", importCDist);
  add("ExpandDims", importExpandDims);
  add("Inverse", importInverse);
  add("MurmurHash3", importMurmurHash3);
  add("NGramRepeatBlock", importNGramRepeatBlock);
  add("Range", importRange);
  add("SampleOp", importSampleOp);
  add("UnfoldTensor", importUnfoldTensor);
  add("Unique", importUnique);
  table.alias(kMicrosoft, "GatherND", "GatherND", 12);
  table.alias(kMicrosoft, "GridSample", "GridSample", 16);
  table.alias(kMicrosoft, "LinearAttention", "LinearAttention", 27);
  table.alias(kMicrosoft, "Pad", "Pad", 13);
  table.alias(kMicrosoft, "Trilu", "Trilu", 14);
}
