#include "compiler/import/onnx/Rules.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::ResizeCoord;
using graph::ResizeMode;
using graph::ResizeNearest;

namespace {
struct Resize {
  ResizeMode mode = ResizeMode::nearest;
  ResizeCoord coord = ResizeCoord::asymmetric;
  ResizeNearest nearest = ResizeNearest::floor;
  double cubicA = -0.75, extrapolation = 0;
  bool excludeOutside = false, antialias = false;
};
} // namespace

static Value resize(Node &n, const Resize &how, Value x, Value sizes,
                    Value scales, Value roi) {
  MLIRContext *context = n.b.getContext();
  // Other integers than bytes are computed in f64 and rounded.
  Type type = n.element(x);
  bool isWhole = x && !n.isFloat(x) && type.getIntOrFloatBitWidth() != 8 &&
                 how.mode != graph::ResizeMode::nearest;
  if (isWhole)
    x = n.cast(x, n.b.getF64Type());
  Value y = n.make<graph::ResizeOp>(
      {x, sizes, scales, roi},
      {n.b.attr("mode", graph::ResizeModeAttr::get(context, how.mode)),
       n.b.attr("coord", graph::ResizeCoordAttr::get(context, how.coord)),
       n.b.attr("nearest", graph::ResizeNearestAttr::get(context, how.nearest)),
       n.b.attr("cubic_a", n.b.getF64FloatAttr(how.cubicA)),
       n.b.flag("exclude_outside", how.excludeOutside),
       n.b.flag("antialias", how.antialias),
       n.b.attr("extrapolation", n.b.getF64FloatAttr(how.extrapolation))});
  return isWhole ? n.cast(n.make<graph::RoundOp>({y}), type) : y;
}

/// The whole tensor.
static Value wholeRoi(Node &n, int64_t rank) {
  SmallVector<float> roi(2 * rank, 0);
  std::fill(roi.begin() + rank, roi.end(), 1.0f);
  return n.f32s(roi);
}

/// Dim `axis` times `scale`, rounded down. Whole factors stay integers, so that
/// the dim remains an expression over symbols.
static Value scaledDim(Node &n, Value x, int64_t axis, double scale) {
  Value dim = n.dimOf(x, axis);
  int64_t known = n.dim(x, axis);
  if (scale == 1)
    return dim;
  if (!ShapedType::isDynamic(known))
    return n.i64s({int64_t(std::floor(float(scale) * float(known)))});
  double inverse = 1 / scale;
  if (scale == std::floor(scale))
    return n.mul(dim, scale);
  if (inverse == std::floor(inverse))
    return n.div(dim, inverse);
  Value real = n.mul(n.cast(dim, n.b.getF32Type()), scale);
  return n.cast(n.make<graph::FloorOp>({real}), n.b.getI64Type());
}

/// Sizes of all dims from scales of all; `extent` is a factor of the roi or
/// null.
static Value sizesFrom(Node &n, Value x, Value scales, Value extent) {
  int64_t rank = n.rank(x);
  std::optional<SmallVector<double>> known = n.knownNumbers(scales);
  if (known && !extent) {
    if (int64_t(known->size()) != rank) {
      n.error() << "has " << known->size() << " scales for rank " << rank;
      return {};
    }
    Node::Values sizes;
    for (int64_t k = 0; k < rank; ++k) {
      if (!((*known)[k] > 0) || (*known)[k] > double(1 << 30)) {
        n.error() << "has scale " << (*known)[k] << ", expected more than 0";
        return {};
      }
      sizes.push_back(scaledDim(n, x, k, (*known)[k]));
    }
    return n.concat(sizes, 0);
  }
  Value real = n.mul(n.cast(n.shapeOf(x), n.b.getF32Type()), scales);
  if (extent)
    real = n.mul(real, extent);
  return n.cast(n.make<graph::FloorOp>({real}), n.b.getI64Type());
}

/// Values of some axes among those of all, which are given by `others`.
static Value spread(Node &n, Value some, ArrayRef<int64_t> axes,
                    ArrayRef<Value> others) {
  Node::Values all(others.begin(), others.end());
  for (auto [k, axis] : llvm::enumerate(axes))
    all[axis] = n.slice(some, 0, k, k + 1);
  return n.concat(all, 0);
}

/// One factor for all axes, so that the result fits into the sizes or covers
/// them.
static void keepRatio(Node &n, Value x, ArrayRef<int64_t> axes, bool larger,
                      Value &sizes, Value &scales) {
  Type f32 = n.b.getF32Type();
  Value dims = n.shapeOf(x), chosen = n.i64s(axes);
  Value own = n.cast(n.gather(dims, chosen, 0), f32);
  Value factors = n.div(n.cast(n.gather(sizes, chosen, 0), f32), own);
  Value factor =
      n.reduce(larger ? graph::ReduceKind::max : graph::ReduceKind::min,
               factors, {0}, true);
  Value rounded = n.make<graph::FloorOp>({n.add(n.mul(own, factor), 0.5)});
  Value whole = n.cast(rounded, n.b.getI64Type());
  Node::Values otherSizes, otherScales(n.rank(x), n.f32s({1}));
  for (int64_t k = 0; k < n.rank(x); ++k)
    otherSizes.push_back(n.dimOf(x, k));
  for (auto [k, axis] : llvm::enumerate(axes)) {
    otherSizes[axis] = n.slice(whole, 0, k, k + 1);
    otherScales[axis] = factor;
  }
  sizes = n.concat(otherSizes, 0);
  scales = n.concat(otherScales, 0);
}

static Resize readHow(Node &n) {
  Resize how;
  how.mode =
      ResizeMode(n.choice("mode", "nearest", {"nearest", "linear", "cubic"}));
  static constexpr ResizeCoord coords[] = {
      ResizeCoord::half_pixel,         ResizeCoord::half_pixel_symmetric,
      ResizeCoord::pytorch_half_pixel, ResizeCoord::align_corners,
      ResizeCoord::asymmetric,         ResizeCoord::tf_half_pixel_for_nn,
      ResizeCoord::tf_crop_and_resize};
  how.coord =
      coords[n.choice("coordinate_transformation_mode", "half_pixel",
                      {"half_pixel", "half_pixel_symmetric",
                       "pytorch_half_pixel", "align_corners", "asymmetric",
                       "tf_half_pixel_for_nn", "tf_crop_and_resize"})];
  static constexpr ResizeNearest nearest[] = {
      ResizeNearest::round_prefer_floor, ResizeNearest::round_prefer_ceil,
      ResizeNearest::floor, ResizeNearest::ceil};
  how.nearest = nearest[n.choice(
      "nearest_mode", "round_prefer_floor",
      {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"})];
  how.cubicA = n.f("cubic_coeff_a", -0.75);
  how.excludeOutside = n.flag("exclude_outside", false);
  how.extrapolation = n.f("extrapolation_value", 0);
  how.antialias = n.flag("antialias", false);
  return how;
}

static bool isEmpty(Node &n, Value value) {
  return value && n.rank(value) == 1 && n.dim(value, 0) == 0;
}

static LogicalResult importResize(Node &n) {
  Value x = n.operand(0), roi = n.optional(1), scales = n.optional(2),
        sizes = n.optional(3);
  Resize how = readHow(n);
  int64_t rank = n.rank(x);
  Node::Ints axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  bool someAxes = n.hasAttr("axes");
  axes = n.normalize(n.ints("axes", axes), rank);
  unsigned ratio = n.choice("keep_aspect_ratio_policy", "stretch",
                            {"stretch", "not_larger", "not_smaller"});
  if (n.failed())
    return failure();
  if (isEmpty(n, scales))
    scales = {};
  if (isEmpty(n, sizes))
    sizes = {};
  if (!scales == !sizes)
    return n.error() << "has " << (scales ? "both" : "neither")
                     << " scales and sizes, expected one of them";
  Value whole = wholeRoi(n, rank), extent;
  bool crop = how.coord == ResizeCoord::tf_crop_and_resize;
  if (!crop || !roi || isEmpty(n, roi)) {
    if (crop)
      return n.error() << "has no roi, which tf_crop_and_resize needs";
    roi = whole;
  }
  Type f32 = n.b.getF32Type(), i64 = n.b.getI64Type();
  roi = n.cast(roi, f32);
  if (someAxes) {
    Node::Values dims, ones(rank, n.f32s({1})), bounds;
    for (int64_t k = 0; k < rank; ++k)
      dims.push_back(n.dimOf(x, k));
    scales = scales ? spread(n, scales, axes, ones) : Value();
    sizes = sizes ? spread(n, n.cast(sizes, i64), axes, dims) : Value();
    if (crop) {
      int64_t count = axes.size();
      Node::Values lows(rank, n.f32s({0}));
      roi = n.concat({spread(n, n.slice(roi, 0, 0, count), axes, lows),
                      spread(n, n.slice(roi, 0, count, 2 * count), axes, ones)},
                     0);
    }
  }
  if (crop)
    extent = n.sub(n.slice(roi, 0, rank, 2 * rank), n.slice(roi, 0, 0, rank));
  if (scales) {
    scales = n.cast(scales, f32);
    sizes = sizesFrom(n, x, scales, extent);
  } else if (ratio != 0) {
    keepRatio(n, x, axes, ratio == 2, sizes, scales);
  } else {
    sizes = n.cast(sizes, i64);
    scales = n.div(n.cast(sizes, f32), n.cast(n.shapeOf(x), f32));
  }
  return n.result(resize(n, how, x, sizes, scales, roi));
}

/// Resize-10 and Upsample: coordinates are divided by the scale.
static LogicalResult resizeBy(Node &n, Value x, Value scales) {
  Resize how;
  how.mode = n.choice("mode", "nearest", {"nearest", "linear", "bilinear"})
                 ? ResizeMode::linear
                 : ResizeMode::nearest;
  if (n.failed())
    return failure();
  auto by = [&](Value factors) {
    return resize(n, how, x, sizesFrom(n, x, factors, {}), factors,
                  wholeRoi(n, n.rank(x)));
  };
  // Where it shrinks, the next sample is taken; where it grows, the one before.
  auto known = n.knownNumbers(scales);
  bool shrinks = !known || llvm::any_of(*known, [](double s) { return s < 1; });
  if (how.mode == ResizeMode::nearest && shrinks) {
    how.nearest = ResizeNearest::ceil;
    x = by(n.min(scales, 1.0));
    how.nearest = ResizeNearest::floor;
    scales = n.max(scales, 1.0);
  }
  return n.result(by(scales));
}

static LogicalResult importResize10(Node &n) {
  return resizeBy(n, n.operand(0), n.operand(1));
}

static LogicalResult importUpsample(Node &n) {
  Value x = n.operand(0);
  SmallVector<double> scales;
  if (n.opset() >= 7) {
    scales = n.floats("scales");
  } else if (n.checkRank(x, 4, 4)) {
    scales = {1, 1, n.f("height_scale"), n.f("width_scale")};
  }
  return resizeBy(n, x, n.numbers(n.b.getF32Type(), scales));
}

void nacre::onnx::addResizeRules(RuleTable &table) {
  table.add("Resize", 10, importResize10);
  table.add("Resize", 11, importResize);
  table.add("Upsample", 1, importUpsample);
  table.add("Upsample", 9, importResize10);
}
