// Convolution whose window elements move by offsets, and pooling over regions
// whose windows differ in size.
#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Common.h"
#include "compiler/import/onnx/rules/Sample.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;
using graph::ReduceKind;
using Values = Node::Values;

//===-- DeformConv
//----------------------------------------------------------===//

namespace {
struct Deform {
  Node &n;
  Value x, weight, offset;
  Node::Ints size, strides, dilations, pads;
  int64_t groups = 1, offsetGroups = 1;
  Type type = {}; // to compute in

  int64_t dims() const { return size.size(); }
  int64_t count() const { // elements of the window
    int64_t product = 1;
    for (int64_t s : size)
      product *= s;
    return product;
  }
  bool read();
  bool check();
  Value shape(ArrayRef<Value> parts) { return n.concat(parts, 0); }
  /// [N * offset groups, ...] and what follows.
  Value batch() { return n.mul(n.dimOf(x, 0), double(offsetGroups)); }
  Value places() { return n.dimsOf(offset, 2, 2 + dims()); }
  SmallVector<SmallVector<Tap>> taps();
  Value columns(Value mask);
  Value apply(Value columns);
};
} // namespace

/// One value per spatial dim (or two: pads).
static Node::Ints spatial(Node &n, StringRef name, size_t count,
                          int64_t otherwise, int64_t least) {
  Node::Ints values = n.ints(name, Node::Ints(count, otherwise));
  if (!n.failed() &&
      (values.size() != count || llvm::any_of(values, [&](int64_t value) {
         return value < least || value > INT32_MAX;
       })))
    n.error() << "has attribute '" << name << "' of " << values.size()
              << " values, expected " << count << " of at least " << least;
  return values;
}

bool Deform::read() {
  if (!n.checkRank(x, 3) || !n.checkRank(weight, n.rank(x), n.rank(x)) ||
      !n.checkRank(offset, n.rank(x), n.rank(x)))
    return false;
  ArrayRef<int64_t> window = n.type(weight).getShape().drop_front(2);
  size = n.ints("kernel_shape", Node::Ints(window));
  strides = spatial(n, "strides", window.size(), 1, 1);
  dilations = spatial(n, "dilations", window.size(), 1, 1);
  pads = spatial(n, "pads", 2 * window.size(), 0, 0);
  groups = n.i("group", 1);
  offsetGroups = n.i("offset_group", 1);
  type = computeType(n, x);
  return !n.failed() && check();
}

bool Deform::check() {
  ArrayRef<int64_t> weights = n.type(weight).getShape();
  if (ShapedType::isDynamicShape(weights)) {
    n.error() << "has weights of type " << weight.getType()
              << ", expected known dims";
    return false;
  }
  if (size != Node::Ints(weights.drop_front(2))) {
    n.error() << "has a kernel_shape that differs from the weights "
              << weight.getType();
    return false;
  }
  int64_t channels = n.dim(x, 1), wanted = weights[1] * groups;
  bool groupsFit = groups >= 1 && offsetGroups >= 1 && weights[0] % groups == 0;
  if (!groupsFit || wanted % offsetGroups != 0 ||
      (!ShapedType::isDynamic(channels) && channels != wanted)) {
    n.error() << "has " << channels << " channels, weights " << weight.getType()
              << ", " << groups << " groups and " << offsetGroups
              << " offset groups, which do not fit";
    return false;
  }
  int64_t given = n.dim(offset, 1), needed = offsetGroups * count() * dims();
  if (!ShapedType::isDynamic(given) && given != needed) {
    n.error() << "has offsets of " << given << " channels, expected " << needed;
    return false;
  }
  for (int64_t k = 0; k < dims(); ++k) {
    int64_t in = n.dim(x, k + 2), out = n.dim(offset, k + 2);
    int64_t room =
        in + pads[k] + pads[dims() + k] - ((size[k] - 1) * dilations[k] + 1);
    if (!ShapedType::isDynamic(in) && !ShapedType::isDynamic(out) &&
        (room < 0 || room / strides[k] + 1 != out)) {
      n.error() << "has offsets for " << out << " places along dim " << k + 2
                << ", where the window has "
                << (room < 0 ? 0 : room / strides[k] + 1);
      return false;
    }
  }
  return true;
}

/// The two neighbours along each dim of each place: [batch, window, places...].
SmallVector<SmallVector<Tap>> Deform::taps() {
  Value split =
      n.reshape(n.cast(offset, type),
                shape({batch(), n.i64s({count(), dims()}), places()}));
  int64_t rank = dims() + 2, behind = count();
  SmallVector<SmallVector<Tap>> result;
  for (int64_t k = 0; k < dims(); ++k) {
    Value moved = n.squeeze(n.slice(split, 2, k, k + 1), {2});
    behind /= size[k];
    SmallVector<double> inWindow;
    for (int64_t e = 0; e < count(); ++e)
      inWindow.push_back(double(e / behind % size[k] * dilations[k]));
    Value start = n.cast(n.iota(n.toScalar(n.dimOf(offset, k + 2))), type);
    start = n.sub(n.mul(start, double(strides[k])), double(pads[k]));
    Value at = n.add(n.alongAxis(n.numbers(type, inWindow), 1, rank),
                     n.alongAxis(start, k + 2, rank));
    at = n.add(at, moved);
    Value floor = n.make<graph::FloorOp>({at}), t = n.sub(at, floor);
    Value length = n.toScalar(n.dimOf(x, k + 2));
    auto tap = [&](Value place, Value weight) {
      return tapAt(n, place, weight, length, {}, {}, Outside::Zeros);
    };
    result.push_back({tap(floor, n.sub(1, t)), tap(n.add(floor, 1), t)});
  }
  return result;
}

/// What the window sees: [N, groups, channels of a group * window, places].
Value Deform::columns(Value mask) {
  int64_t channels = n.dim(weight, 1) * groups;
  int64_t part = channels / offsetGroups;
  Value images = n.reshape(
      x, shape({batch(), n.i64s({part}), n.dimsOf(x, 2, 2 + dims())}));
  Value found = sample(n, channelsLast(n, images), taps());
  if (mask) {
    Value weights = n.reshape(n.cast(mask, type),
                              shape({batch(), n.i64s({count()}), places()}));
    found = n.mul(found, n.unsqueeze(weights, {dims() + 2}));
  }
  Value total = n.reduce(ReduceKind::prod, places(), {0}, true);
  Value flat = n.reshape(
      found, shape({batch(), n.i64s({count()}), total, n.i64s({part})}));
  return n.reshape(
      n.transpose(flat, {0, 3, 1, 2}),
      shape({n.dimOf(x, 0), n.i64s({groups, channels / groups * count()}),
             total}));
}

Value Deform::apply(Value columns) {
  int64_t outputs = n.dim(weight, 0);
  Value rows = n.reshape(
      n.cast(weight, type),
      n.i64s({1, groups, outputs / groups, n.dim(weight, 1) * count()}));
  return n.reshape(n.matmul(rows, columns),
                   shape({n.dimOf(x, 0), n.i64s({outputs}), places()}));
}

static LogicalResult importDeformConv(Node &n) {
  Deform deform{n, n.operand(0), n.operand(1), n.operand(2), {}, {}, {}, {}};
  Value bias = n.optional(3), mask = n.optional(4);
  if (n.failed() || !deform.read())
    return failure();
  Value y = deform.apply(deform.columns(mask));
  return n.result(addChannels(n, n.cast(y, n.element(deform.x)), bias));
}

//===-- MaxRoiPool
//----------------------------------------------------------===//

/// The nearest whole number, halves away from 0.
static Value nearest(Node &n, Value x) {
  Value size = n.make<graph::FloorOp>({n.add(n.make<graph::AbsOp>({x}), 0.5)});
  return n.mul(n.make<graph::SignOp>({x}), size);
}

/// Which of `length` elements are in each of `count` parts of the range between
/// two edges (scalars), as i1 [count, length].
static Value parts(Node &n, Value from, Value to, int64_t count, Value length) {
  Type type = n.element(from);
  Value extent = n.max(n.add(n.sub(to, from), 1), 1.0);
  Value step = n.div(extent, double(count));
  Value number = n.unsqueeze(n.cast(n.iota(n.i64(count)), type), {1});
  Value begin = n.make<graph::FloorOp>({n.mul(number, step)});
  Value end = n.make<graph::CeilOp>({n.mul(n.add(number, 1), step)});
  Value at = n.sub(n.cast(n.unsqueeze(n.iota(length), {0}), type), from);
  return n.make<graph::AndOp>(
      {n.compare(Predicate::ge, at, begin), n.compare(Predicate::lt, at, end)});
}

/// The maximum over one region: `image` is [C, H, W], `region` 4 edges.
static Value poolRegion(Node &n, Value image, Value region,
                        ArrayRef<int64_t> sizes) {
  auto edge = [&](int64_t k) {
    return n.toScalar(n.slice(region, 0, k, k + 1));
  };
  Value pooled = image, full;
  for (int64_t k = 0; k < 2; ++k) {
    Value length = n.toScalar(n.dimOf(image, k + 1));
    Value inside = parts(n, edge(1 - k), edge(3 - k), sizes[k], length);
    // [C, rows, W] -> [C, rows of the output, W], then the same along W.
    Value mask =
        k == 0 ? n.unsqueeze(inside, {0, 3}) : n.unsqueeze(inside, {0, 1});
    Value seen = n.unsqueeze(pooled, {k == 0 ? 1 : 2});
    Value none = n.scalarLike(pooled, -INFINITY);
    pooled = n.reduce(ReduceKind::max, n.select(mask, seen, none),
                      {k == 0 ? 2 : 3}, false);
    Value some = n.reduce(ReduceKind::any, inside, {1}, false);
    some = n.unsqueeze(some, {k == 0 ? 1 : 0});
    full = full ? n.make<graph::AndOp>({full, some}) : some;
  }
  return n.select(full, pooled, n.scalarLike(pooled, 0));
}

static LogicalResult importMaxRoiPool(Node &n) {
  Value x = n.operand(0), rois = n.operand(1);
  Node::Ints sizes = n.ints("pooled_shape");
  double scale = n.f("spatial_scale", 1);
  if (!n.checkRank(x, 4, 4) || !n.checkRank(rois, 2, 2))
    return failure();
  if (sizes.size() != 2 || sizes[0] < 1 || sizes[1] < 1 ||
      sizes[0] > INT16_MAX || sizes[1] > INT16_MAX)
    return n.error() << "has a pooled_shape of " << sizes.size()
                     << " values, expected 2 of at least 1";
  if (!ShapedType::isDynamic(n.dim(rois, 1)) && n.dim(rois, 1) != 5)
    return n.error() << "has regions of " << n.dim(rois, 1)
                     << " values, expected 5";
  Type type = computeType(n, x);
  Value numbers =
      n.cast(n.squeeze(n.slice(rois, 1, 0, 1), {1}), n.b.getI64Type());
  Value edges = nearest(n, n.mul(n.cast(n.slice(rois, 1, 1, 5), type), scale));
  auto body = [&](Value at, ValueRange) -> FailureOr<Values> {
    Value image = n.cast(n.gather(x, n.gather(numbers, at, 0), 0), type);
    Value pooled = poolRegion(n, image, n.gather(edges, at, 0), sizes);
    if (n.failed())
      return failure();
    return Values{n.scalar(n.b.getI1Type(), 1), n.cast(pooled, n.element(x))};
  };
  Value count = n.toScalar(n.dimOf(rois, 0));
  LoopBuilder loop{n, count, n.scalar(n.b.getI1Type(), 1), {}, body};
  FailureOr<Values> results = loop.build();
  return mlir::failed(results) ? failure() : n.results(*results);
}

void nacre::onnx::addDeformRules(RuleTable &table) {
  table.add("DeformConv", 19, importDeformConv);
  table.add("MaxRoiPool", 1, importMaxRoiPool);
}
