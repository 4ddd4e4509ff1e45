//===- Resize.cpp - Resampling --------------------------------------------===//
//
// Resampling is separable: per dim, each output coordinate reads a few input
// indices with weights. Where `scales` is just the ratio of the sizes, rounded
// to f32, coordinates are computed from the sizes, so that what should be an
// integer is one; else in f32 from the factor, as other runtimes do.
//
//===----------------------------------------------------------------------===//
#include "dialects/graph/reference/Evaluation.h"

#include <cmath>

using namespace mlir;

namespace nacre::graph::reference {

namespace {

/// What one output coordinate reads.
struct Taps {
  /// Nothing: the element is the extrapolation value.
  bool isOutside = false;
  int64_t first = 0;
  llvm::SmallVector<double, 4> weights;
};

/// One dim of a resize.
struct Axis {
  int64_t in, out;
  float scale, roiStart, roiEnd;

  bool isRatio() const {
    return scale == static_cast<float>(out) / static_cast<float>(in);
  }
  /// The input coordinate of output coordinate `x`, in arithmetic of type `R`.
  template <typename R>
  R source(R x, ResizeCoord coord) const;
  double source(int64_t x, ResizeCoord coord) const {
    return isRatio() ? source<double>(x, coord) : source<float>(x, coord);
  }
  bool isIdentity(ResizeCoord coord) const {
    return in == out && scale == 1 &&
           (coord != ResizeCoord::tf_crop_and_resize ||
            (roiStart == 0 && roiEnd == 1));
  }
};

} // namespace

template <typename R>
R Axis::source(R x, ResizeCoord coord) const {
  const R size = in, width = isRatio() ? R(out) : R(scale) * size;
  const R half = R(0.5);
  // `a / scale`, without the rounding of a ratio.
  auto unscale = [&](R a) { return isRatio() ? a * size / width : a / scale; };
  switch (coord) {
  case ResizeCoord::half_pixel:
    return unscale(x + half) - half;
  case ResizeCoord::half_pixel_symmetric:
    return size / 2 * (1 - R(out) / width) + unscale(x + half) - half;
  case ResizeCoord::pytorch_half_pixel:
    return width == 1 ? -half : unscale(x + half) - half;
  case ResizeCoord::align_corners:
    return width == 1 ? R(0) : x * (size - 1) / (width - 1);
  case ResizeCoord::asymmetric:
    return unscale(x);
  case ResizeCoord::tf_half_pixel_for_nn:
    return unscale(x + half);
  case ResizeCoord::tf_crop_and_resize: {
    R span = R(roiEnd) - R(roiStart);
    R along = width == 1 ? span * (size - 1) / 2
                         : x * span * (size - 1) / (width - 1);
    return R(roiStart) * (size - 1) + along;
  }
  }
  llvm_unreachable("all coordinate modes are listed");
}

//===-- Weights -------------------------------------------------------------//

static double round(double x, ResizeNearest nearest) {
  switch (nearest) {
  case ResizeNearest::round_prefer_floor:
    return std::ceil(x - 0.5);
  case ResizeNearest::round_prefer_ceil:
    return std::floor(x + 0.5);
  case ResizeNearest::floor:
    return std::floor(x);
  case ResizeNearest::ceil:
    return std::ceil(x);
  }
  llvm_unreachable("all roundings are listed");
}

static double linearWeight(double distance) {
  return std::max(1 - std::fabs(distance), 0.0);
}

/// Keys' cubic convolution kernel.
static double cubicWeight(double distance, double a) {
  double x = std::fabs(distance);
  if (x <= 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

static void normalize(llvm::SmallVectorImpl<double> &weights) {
  double sum = 0;
  for (double weight : weights)
    sum += weight;
  for (double &weight : weights)
    weight = sum == 0 ? weight : weight / sum;
}

static Taps tapsAt(double x, const Axis &axis, ResizeOp op) {
  Taps taps;
  taps.isOutside = op.getCoord() == ResizeCoord::tf_crop_and_resize &&
                   (x < 0 || x > axis.in - 1);
  // What lies far outside reads the edge; a coordinate may be anything.
  x = std::clamp(x == x ? x : 0.0, -2.0 * axis.in - 8, 3.0 * axis.in + 8);
  if (op.getMode() == ResizeMode::nearest) {
    taps.first = static_cast<int64_t>(round(x, op.getNearest()));
    taps.weights = {1};
    return taps;
  }
  bool isLinear = op.getMode() == ResizeMode::linear;
  // A kernel widened by the factor of a reduction covers what it skips.
  double scale = op.getAntialias() ? std::min(double(axis.scale), 1.0) : 1;
  auto reach = static_cast<int64_t>(std::floor(-(isLinear ? 1 : 2) / scale));
  double base = std::floor(x);
  taps.first = static_cast<int64_t>(base) + reach + 1;
  for (int64_t i = reach + 1; i <= -reach; ++i) {
    double distance = (i - (x - base)) * scale;
    taps.weights.push_back(
        isLinear ? linearWeight(distance)
                 : cubicWeight(distance, op.getCubicA().convertToDouble()));
  }
  if (op.getExcludeOutside())
    for (auto [k, weight] : llvm::enumerate(taps.weights)) {
      int64_t index = taps.first + static_cast<int64_t>(k);
      weight = index < 0 || index >= axis.in ? 0 : weight;
    }
  if (op.getExcludeOutside() || op.getAntialias())
    normalize(taps.weights);
  return taps;
}

//===-- Application ---------------------------------------------------------//

/// Resamples dim `k` of `values`, whose dims are `dims` before and after.
static std::vector<double> resample(const std::vector<double> &values,
                                    Dims &dims, int64_t k, const Axis &axis,
                                    ResizeOp op) {
  AxisView view(dims, k);
  dims[k] = axis.out;
  std::vector<double> results(product(dims));
  double outside = op.getExtrapolation().convertToDouble();
  for (int64_t x = 0; x < axis.out; ++x) {
    Taps taps = tapsAt(axis.source(x, op.getCoord()), axis, op);
    for (int64_t o = 0; o < view.outer; ++o)
      for (int64_t i = 0; i < view.inner; ++i) {
        double sum = 0;
        for (auto [t, weight] : llvm::enumerate(taps.weights)) {
          int64_t index = std::clamp<int64_t>(
              taps.first + static_cast<int64_t>(t), 0, axis.in - 1);
          sum += weight * values[(o * view.size + index) * view.inner + i];
        }
        results[(o * axis.out + x) * view.inner + i] =
            taps.isOutside ? outside : sum;
      }
  }
  return results;
}

/// Rounds to the element type; integers saturate.
static void storeSamples(Tensor &output, const std::vector<double> &values) {
  Type type = output.elementType();
  if (isa<FloatType>(type))
    return store(output, llvm::ArrayRef<double>(values));
  auto low = static_cast<double>(lowestOf<int64_t>(type));
  auto high =
      isUnsignedElement(type)
          ? static_cast<double>(static_cast<uint64_t>(highestOf<int64_t>(type)))
          : static_cast<double>(highestOf<int64_t>(type));
  for (auto [i, value] : llvm::enumerate(values))
    output.setReal(i, std::clamp(std::nearbyint(value), low, high));
}

static LogicalResult runNearest(ResizeOp op, Evaluation &e,
                                llvm::ArrayRef<Axis> axes, Tensor output) {
  const Tensor &input = e.in[0];
  Dims strides = stridesOf(input.dims()), own = stridesOf(output.dims());
  std::vector<std::vector<Taps>> taps(axes.size());
  for (auto [k, axis] : llvm::enumerate(axes))
    for (int64_t x = 0; x < axis.out; ++x)
      taps[k].push_back(axis.isIdentity(op.getCoord())
                            ? Taps{false, x, {1}}
                            : tapsAt(axis.source(x, op.getCoord()), axis, op));
  for (int64_t i = 0; i < output.size(); ++i) {
    int64_t offset = 0;
    bool isOutside = false;
    for (auto [k, axis] : llvm::enumerate(axes)) {
      const Taps &tap = taps[k][i / own[k] % axis.out];
      isOutside |= tap.isOutside;
      offset += std::clamp<int64_t>(tap.first, 0, axis.in - 1) * strides[k];
    }
    if (isOutside)
      output.setReal(i, op.getExtrapolation().convertToDouble());
    else
      output.setBits(i, input.bits(offset));
  }
  return e.give(std::move(output));
}

LogicalResult run(ResizeOp op, Evaluation &e) {
  const Tensor &input = e.in[0];
  int64_t rank = input.rank();
  bool crops = op.getCoord() == ResizeCoord::tf_crop_and_resize;
  if (e.in[1].size() != rank || e.in[2].size() != rank ||
      (crops && e.in[3].size() != 2 * rank))
    return e.fail("sizes, scales or roi are not of the length of the rank");
  Tensor output = e.make(integers(e.in[1]));
  if (!output)
    return failure();
  llvm::SmallVector<Axis> axes;
  for (int64_t k = 0; k < rank; ++k) {
    auto scale = static_cast<float>(e.in[2].real(k));
    if (!(scale > 0))
      return e.fail("scale " + llvm::Twine(k) + " is not positive");
    axes.push_back({input.dim(k), output.dim(k), scale,
                    crops ? static_cast<float>(e.in[3].real(k)) : 0,
                    crops ? static_cast<float>(e.in[3].real(rank + k)) : 1});
  }
  if (output.size() == 0)
    return e.give(std::move(output));
  if (input.size() == 0)
    return e.fail("there is no element to sample");
  if (op.getMode() == ResizeMode::nearest)
    return runNearest(op, e, axes, std::move(output));
  double taps = 4;
  for (const Axis &axis : axes)
    taps = std::max(taps, op.getAntialias() ? 4.0 / axis.scale : 4.0);
  if (!e.isFeasible({taps, double(std::max(input.size(), output.size()))}))
    return failure();
  std::vector<double> values = load<double>(input);
  Dims dims(input.dims());
  for (int64_t k = 0; k < rank; ++k) {
    if (axes[k].isIdentity(op.getCoord()))
      continue;
    // What lies between input and output may be larger than both.
    Dims next = dims;
    next[k] = axes[k].out;
    if (!e.fits(input.elementType(), next))
      return failure();
    values = resample(values, dims, k, axes[k], op);
  }
  storeSamples(output, values);
  return e.give(std::move(output));
}

} // namespace nacre::graph::reference
