// Ops that sample images at computed places. All read the image through
// `gather_nd`, one gather per neighbour of the place.
#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Common.h"
#include "compiler/import/onnx/rules/Sample.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;
using graph::ReduceKind;
using Values = Node::Values;

//===-- GridSample
//----------------------------------------------------------===//

/// The weights of 4 neighbours at distances 1 + t, t, 1 - t, 2 - t.
static Values cubicWeights(Node &n, Value t) {
  constexpr double a = -0.75;
  auto far = [&](Value d) { // ((a d - 5 a) d + 8 a) d - 4 a
    Value v = n.sub(n.mul(d, a), 5 * a);
    v = n.add(n.mul(v, d), 8 * a);
    return n.sub(n.mul(v, d), 4 * a);
  };
  auto near = [&](Value d) { // ((a + 2) d - (a + 3)) d d + 1
    Value v = n.sub(n.mul(d, a + 2), a + 3);
    return n.add(n.mul(n.mul(v, d), d), 1);
  };
  return {far(n.add(t, 1)), near(t), near(n.sub(1, t)), far(n.sub(2, t))};
}

/// -1 and 1 are the centres of the outermost elements, or their outer edges.
static Value denormalize(Node &n, Value at, Value size, bool align) {
  if (align)
    return n.mul(n.mul(n.add(at, 1), 0.5), n.sub(size, 1));
  return n.mul(n.sub(n.mul(n.add(at, 1), size), 1), 0.5);
}

static SmallVector<Tap> tapsOf(Node &n, Value at, Value size, bool align,
                               unsigned mode, Outside outside) {
  Type type = n.element(at);
  Value real = n.cast(size, type);
  Value low = n.scalar(type, align ? 0 : -0.5);
  Value high = n.sub(real, align ? 1 : 0.5);
  if (mode == 1)
    at = n.make<graph::RoundOp>({at});
  Value beyond = n.make<graph::OrOp>(
      {n.compare(Predicate::lt, at, low), n.compare(Predicate::gt, at, high)});
  if (outside == Outside::Border)
    at = n.select(beyond, n.min(n.max(at, 0.0), n.sub(real, 1)), at);
  if (outside == Outside::Reflect)
    at = n.select(beyond, reflect(n, at, low, high), at);
  auto tap = [&](Value place, Value weight) {
    return tapAt(n, place, weight, size, low, high, outside);
  };
  // Nearest has been rounded; what reflection left between is cut off.
  if (mode == 1)
    return {tap(n.cast(n.cast(at, n.b.getI64Type()), type), n.scalar(type, 1))};
  Value floor = n.make<graph::FloorOp>({at}), t = n.sub(at, floor);
  if (mode == 0)
    return {tap(floor, n.sub(1, t)), tap(n.add(floor, 1), t)};
  SmallVector<Tap> taps;
  for (auto [k, weight] : llvm::enumerate(cubicWeights(n, t)))
    taps.push_back(tap(n.add(floor, double(k) - 1), weight));
  return taps;
}

static LogicalResult importGridSample(Node &n) {
  Value x = n.operand(0), grid = n.operand(1);
  bool align = n.flag("align_corners", false);
  unsigned mode =
      n.opset() < 20
          ? n.choice("mode", "bilinear", {"bilinear", "nearest", "bicubic"})
          : n.choice("mode", "linear", {"linear", "nearest", "cubic"});
  auto outside = Outside(
      n.choice("padding_mode", "zeros", {"zeros", "border", "reflection"}));
  if (!n.checkRank(x, 3) || !n.checkFloat(grid) ||
      !n.checkRank(grid, n.rank(x), n.rank(x)))
    return failure();
  int64_t dims = n.rank(x) - 2, last = n.rank(grid) - 1;
  Type type = n.isFloat(x) ? computeType(n, x) : n.b.getF64Type();
  SmallVector<SmallVector<Tap>> taps;
  for (int64_t k = 0; k < dims; ++k) {
    // The grid names the last dim first.
    Value at = n.squeeze(n.slice(grid, last, dims - 1 - k, dims - k), {last});
    Value size = n.toScalar(n.dimOf(x, k + 2));
    at = denormalize(n, n.cast(at, type), n.cast(size, type), align);
    taps.push_back(tapsOf(n, at, size, align, mode, outside));
  }
  Value y = channelsFirst(n, sample(n, channelsLast(n, x), taps));
  return n.result(n.cast(y, n.element(x)));
}

//===-- AffineGrid
//----------------------------------------------------------===//

static LogicalResult importAffineGrid(Node &n) {
  Value theta = n.operand(0), size = n.operand(1);
  bool align = n.flag("align_corners", false);
  if (!n.checkRank(theta, 3, 3) || !n.checkRank(size, 1, 1))
    return failure();
  int64_t dims = n.dim(size, 0) - 2;
  if (dims != 2 && dims != 3)
    return n.error() << "has a size of " << n.dim(size, 0)
                     << " dims, expected 4 or 5";
  Type type = computeType(n, theta);
  Value space = n.slice(size, 0, 2, 2 + dims);
  Values columns;
  for (int64_t k = dims - 1; k >= 0; --k) {
    Value length = n.toScalar(n.slice(space, 0, k, k + 1));
    Value index = n.cast(n.iota(length), type), real = n.cast(length, type);
    Value at =
        align ? n.sub(n.div(n.mul(index, 2), n.max(n.sub(real, 1), 1.0)), 1)
              : n.sub(n.div(n.add(n.mul(index, 2), 1), real), 1);
    Value everywhere = n.broadcast(n.alongAxis(at, k, dims), space);
    columns.push_back(n.unsqueeze(n.collapse(everywhere, {0}), {1}));
  }
  columns.push_back(n.add(n.mul(columns[0], 0.0), 1));
  Value base = n.concat(columns, 1); // [places, dims + 1]
  Value moved = n.matmul(base, n.transpose(n.cast(theta, type), {0, 2, 1}));
  Value shape = n.concat({n.dimOf(theta, 0), space, n.i64s({dims})}, 0);
  return n.result(n.cast(n.reshape(moved, shape), n.element(theta)));
}

//===-- Col2Im
//--------------------------------------------------------------===//

/// Position `k` of the row-major index `flat` into `shape`, of `dims` dims.
static Value unravel(Node &n, Value flat, Value shape, int64_t k,
                     int64_t dims) {
  Value behind = n.i64(1);
  for (int64_t d = k + 1; d < dims; ++d)
    behind = n.mul(behind, n.toScalar(n.slice(shape, 0, d, d + 1)));
  return n.make<graph::ModOp>(
      {n.div(flat, behind), n.toScalar(n.slice(shape, 0, k, k + 1))},
      {n.b.flag("fmod", false)});
}

/// Adds each column's elements where they came from. Elements of the padding go
/// to one place more behind the image.
static LogicalResult importCol2Im(Node &n) {
  Value x = n.operand(0), image = n.operand(1), block = n.operand(2);
  if (!n.checkRank(x, 3, 3) || !n.checkRank(image, 1, 1))
    return failure();
  int64_t dims = n.dim(image, 0);
  if (ShapedType::isDynamic(dims) || dims > kMaxRank || dims != n.dim(block, 0))
    return n.error()
           << "has an image shape and a block shape of different ranks";
  Node::Ints strides = n.ints("strides", Node::Ints(dims, 1));
  Node::Ints dilations = n.ints("dilations", Node::Ints(dims, 1));
  Node::Ints pads = n.ints("pads", Node::Ints(2 * dims, 0));
  if (int64_t(strides.size()) != dims || int64_t(dilations.size()) != dims ||
      int64_t(pads.size()) != 2 * dims)
    return n.error()
           << "has strides, dilations or pads that do not fit an image of "
           << dims << " dims";
  Value ones = n.i64s(Node::Ints(dims, 1));
  Value reach = n.add(n.mul(n.sub(block, ones), n.i64s(dilations)), ones);
  Value padding = n.add(n.i64s(ArrayRef(pads).take_front(dims)),
                        n.i64s(ArrayRef(pads).drop_front(dims)));
  Value blocks =
      n.add(n.div(n.sub(n.add(image, padding), reach), n.i64s(strides)), ones);
  Value inBlock = n.reduce(ReduceKind::prod, block, {0}, false);
  Value inImage = n.reduce(ReduceKind::prod, image, {0}, false);
  Value element = n.unsqueeze(n.iota(inBlock), {1});
  Value column = n.unsqueeze(n.iota(n.toScalar(n.dimOf(x, 2))), {0});
  Value place = n.i64(0), inside;
  for (int64_t k = 0; k < dims; ++k) {
    Value size = n.toScalar(n.slice(image, 0, k, k + 1));
    Value from = n.mul(unravel(n, column, blocks, k, dims), double(strides[k]));
    Value offset =
        n.mul(unravel(n, element, block, k, dims), double(dilations[k]));
    Value at = n.sub(n.add(from, offset), double(pads[k]));
    Value fits = n.make<graph::AndOp>({n.compare(Predicate::ge, at, 0.0),
                                       n.compare(Predicate::lt, at, size)});
    inside = inside ? n.make<graph::AndOp>({inside, fits}) : fits;
    place = n.add(n.mul(place, size), at);
  }
  Value index = n.collapse(n.select(inside, place, inImage), {0});
  // [N * C, elements of the image and one more]
  Value planes = n.div(n.dimsOf(x, 0, 2),
                       n.concat({n.i64s({1}), n.unsqueeze(inBlock, {0})}, 0));
  Value count = n.reduce(ReduceKind::prod, planes, {0}, true);
  Value length = n.mul(n.dimOf(x, 2), inBlock);
  Value updates = n.reshape(x, n.concat({count, length}, 0));
  Value zeros =
      n.broadcast(n.scalarLike(x, 0),
                  n.concat({count, n.unsqueeze(n.add(inImage, 1), {0})}, 0));
  Value indices = n.broadcast(n.unsqueeze(index, {0}), n.shapeOf(updates));
  Value sums = n.make<graph::ScatterElementsOp>(
      {zeros, indices, updates},
      {n.b.attr("axis", int64_t(1)),
       n.b.attr("kind", graph::ScatterKindAttr::get(n.b.getContext(),
                                                    graph::ScatterKind::add))});
  Value cut = n.slice(sums, n.i64s({0}), n.unsqueeze(inImage, {0}), {1}, {1});
  return n.result(n.reshape(cut, n.concat({planes, image}, 0)));
}

//===-- Regions and offsets
//-------------------------------------------------===//

/// The two neighbours of `at` as RoiAlign sees them: clamped at 0 and at the
/// end, nothing more than one element outside.
static SmallVector<Tap> roiTaps(Node &n, Value at, Value size) {
  Type type = n.element(at), i64 = n.b.getI64Type();
  Value real = n.cast(size, type), last = n.sub(real, 1);
  Value far = n.make<graph::OrOp>(
      {n.compare(Predicate::lt, at, -1.0), n.compare(Predicate::gt, at, real)});
  Value place = n.min(n.max(at, 0.0), last);
  Value low = n.make<graph::FloorOp>({place}), t = n.sub(place, low);
  Value high = n.min(n.add(low, 1), last), zero = n.scalarLike(at, 0);
  return {{n.cast(low, i64), n.select(far, zero, n.sub(1, t))},
          {n.cast(high, i64), n.select(far, zero, t)}};
}

namespace {
/// RoiAlign of regions [count, 4] of as many images. The samples of an element
/// of the output are a grid of `samples[0]` rows and `samples[1]` columns.
struct RoiAlign {
  Node &n;
  Type type; // to compute in
  int64_t sizes[2];
  double scale;
  bool max, half;

  /// Edge `column` of the regions, as [count, 1].
  Value edge(Value rois, int64_t column) {
    Value value = n.cast(n.slice(rois, 1, column, column + 1), type);
    value = n.mul(value, scale);
    return half ? n.sub(value, 0.5) : value;
  }
  /// Height (k = 0) or width.
  Value extent(Value rois, int64_t k) {
    Value size = n.sub(edge(rois, 3 - k), edge(rois, 1 - k));
    return half ? size : n.max(size, 1.0);
  }
  Value align(Value images, Value rois, ArrayRef<Value> samples);
  /// As many samples as an element of the output has rows or columns of the
  /// image, which each region tells for itself: one after the other.
  Value alignEach(Value x, Value rois, Value batch);
};
} // namespace

/// `images` is [count, height, width, channels]; as is the result.
Value RoiAlign::align(Value images, Value rois, ArrayRef<Value> samples) {
  // [rois, height * samples, width * samples], each broadcast along the other.
  Value lengths[] = {n.mul(samples[0], double(sizes[0])),
                     n.mul(samples[1], double(sizes[1]))};
  Value shape = n.concat({n.dimOf(rois, 0), n.unsqueeze(lengths[0], {0}),
                          n.unsqueeze(lengths[1], {0})},
                         0);
  SmallVector<SmallVector<Tap>> taps;
  for (int64_t k = 0; k < 2; ++k) {
    Value number = n.add(n.cast(n.iota(lengths[k]), type), 0.5);
    Value fractions = n.div(number, n.cast(lengths[k], type));
    Value at = n.add(edge(rois, 1 - k), n.mul(extent(rois, k), fractions));
    at = n.broadcast(n.unsqueeze(at, {k == 0 ? 2 : 1}), shape);
    taps.push_back(roiTaps(n, at, n.toScalar(n.dimOf(images, k + 1))));
  }
  Value found;
  if (max)
    for (const Tap &row : taps[0])
      for (const Tap &column : taps[1]) {
        Value part = sample(n, images, {{row}, {column}});
        found = found ? n.max(found, part) : part;
      }
  else
    found = sample(n, images, taps);
  Value split = n.reshape(
      found, n.concat({n.dimOf(rois, 0), n.i64s({sizes[0]}),
                       n.unsqueeze(samples[0], {0}), n.i64s({sizes[1]}),
                       n.unsqueeze(samples[1], {0}), n.dimOf(images, 3)},
                      0));
  return max ? n.reduce(ReduceKind::max, split, {2, 4}, false)
             : n.mean(split, {2, 4}, false);
}

Value RoiAlign::alignEach(Value x, Value rois, Value batch) {
  Value counts[2];
  for (int64_t k = 0; k < 2; ++k) {
    Value rows = n.make<graph::CeilOp>(
        {n.div(n.squeeze(extent(rois, k), {1}), double(sizes[k]))});
    counts[k] = n.cast(n.max(rows, 1.0), n.b.getI64Type());
  }
  auto body = [&](Value at, ValueRange) -> FailureOr<Values> {
    Value one = n.unsqueeze(at, {0});
    Value image = n.gather(x, n.gather(batch, one, 0), 0);
    Value samples[] = {n.gather(counts[0], at, 0), n.gather(counts[1], at, 0)};
    Value y = align(image, n.gather(rois, one, 0), samples);
    if (n.failed())
      return failure();
    return Values{n.scalar(n.b.getI1Type(), 1), n.squeeze(y, {0})};
  };
  if (n.failed())
    return {};
  LoopBuilder loop{
      n, n.toScalar(n.dimOf(rois, 0)), n.scalar(n.b.getI1Type(), 1), {}, body};
  auto results = loop.build();
  return mlir::failed(results) ? Value() : results->front();
}

static LogicalResult importRoiAlign(Node &n) {
  Value x = n.operand(0), rois = n.operand(1), batch = n.operand(2);
  bool max = n.choice("mode", "avg", {"avg", "max"}) == 1;
  bool half = n.opset() >= 16 &&
              n.choice("coordinate_transformation_mode", "half_pixel",
                       {"half_pixel", "output_half_pixel"}) == 0;
  int64_t sizes[] = {n.i("output_height", 1), n.i("output_width", 1)};
  int64_t samples = n.i("sampling_ratio", 0);
  double scale = n.f("spatial_scale", 1);
  if (!n.checkRank(x, 4, 4) || !n.checkRank(rois, 2, 2))
    return failure();
  constexpr int64_t most = 1 << 14;
  for (int64_t size : sizes)
    if (size < 1 || size > most || samples > most / size || samples < 0)
      return n.error() << "has an output of " << sizes[0] << " x " << sizes[1]
                       << " with " << samples << " samples, expected at most "
                       << most << " per axis";
  RoiAlign rule{n, computeType(n, x), {sizes[0], sizes[1]}, scale, max, half};
  Value images = channelsLast(n, x);
  Value y = samples ? rule.align(n.gather(images, batch, 0), rois,
                                 {n.i64(samples), n.i64(samples)})
                    : rule.alignEach(images, rois, batch);
  return n.result(n.cast(channelsFirst(n, y), n.element(x)));
}

void nacre::onnx::addImageRules(RuleTable &table) {
  table.add("AffineGrid", 20, importAffineGrid);
  table.add("Col2Im", 18, importCol2Im);
  table.add("GridSample", 16, importGridSample);
  table.add("RoiAlign", 10, importRoiAlign);
}
