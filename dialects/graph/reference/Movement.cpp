//===- Movement.cpp - Constants, shapes and data movement -----------------===//
#include "dialects/graph/reference/Evaluation.h"

using namespace mlir;

namespace nacre::graph::reference {

//===-- Constants and shapes ------------------------------------------------//

LogicalResult run(ConstantOp op, Evaluation &e) {
  // A splat takes no room in the module, but does here.
  auto type = cast<RankedTensorType>(op.getType());
  if (!type.getElementType().isIntOrFloat() &&
      !isa<StringType>(type.getElementType()))
    return e.fail("its elements are not at hand");
  if (!e.fits(type.getElementType(), type.getShape()))
    return failure();
  Tensor tensor = Tensor::fromAttr(op.getValue());
  return tensor ? e.give(std::move(tensor))
                : e.fail("its elements are not at hand");
}

LogicalResult run(ShapeOp op, Evaluation &e) {
  return e.give(Tensor::vector(op.getContext(), e.in[0].dims()));
}

/// start, start + delta, ... before `limit`.
template <typename T>
static LogicalResult range(Evaluation &e, double count) {
  T start = get<T>(e.in[0], 0), delta = get<T>(e.in[2], 0);
  // The limit on bytes refuses what does not fit.
  Tensor output = e.make({static_cast<int64_t>(std::min(count, 0x1p62))});
  if (!output)
    return failure();
  for (int64_t i = 0; i < output.size(); ++i) {
    T value = plus(start, times(static_cast<T>(i), delta));
    if constexpr (std::is_same_v<T, double>)
      output.setReal(i, value);
    else
      output.setInteger(i, value);
  }
  return e.give(std::move(output));
}

LogicalResult run(RangeOp op, Evaluation &e) {
  for (const Tensor &operand : e.in)
    if (operand.size() != 1)
      return e.fail("an operand is not a scalar");
  if (isa<FloatType>(e.in[0].elementType())) {
    double delta = e.in[2].real(0);
    if (delta == 0 || delta != delta)
      return e.fail("delta is 0 or NaN");
    double count = std::ceil((e.in[1].real(0) - e.in[0].real(0)) / delta);
    return range<double>(e, count > 0 ? count : 0);
  }
  int64_t delta = e.in[2].integer(0);
  if (delta == 0)
    return e.fail("delta is 0");
  llvm::APInt start(72, e.in[0].integer(0), true);
  llvm::APInt limit(72, e.in[1].integer(0), true), step(72, delta, true);
  llvm::APInt count = llvm::APIntOps::RoundingSDiv(limit - start, step,
                                                   llvm::APInt::Rounding::UP);
  return range<int64_t>(e, count.isNegative() ? 0 : count.roundToDouble());
}

//===-- Reshapes ------------------------------------------------------------//

LogicalResult run(ReshapeOp op, Evaluation &e) {
  const Tensor &input = e.in[0];
  Dims dims = integers(e.in[1]);
  int64_t rest = -1, known = 1;
  for (auto [k, dim] : llvm::enumerate(dims)) {
    if (dim == 0 && !op.getAllowZero()) {
      if (static_cast<int64_t>(k) >= input.rank())
        return e.fail("shape " + text(dims) + " copies dim " + llvm::Twine(k) +
                      " of " + text(input.dims()));
      dim = input.dim(k);
    }
    if (dim < -1 || (dim == -1 && rest >= 0))
      return e.fail("shape " + text(dims) + " is not one");
    if (dim == -1)
      rest = k;
    else if (llvm::MulOverflow(known, dim, known))
      return e.fail("shape " + text(dims) + " overflows");
  }
  if (rest >= 0)
    dims[rest] = known ? input.size() / known : 0;
  std::optional<int64_t> count = countElements(dims);
  if (!count || *count != input.size())
    return e.fail("dims " + text(input.dims()) + " do not reshape to " +
                  text(dims));
  return e.give(input.reshaped(dims));
}

LogicalResult run(CollapseOp op, Evaluation &e) {
  llvm::ArrayRef<int64_t> starts = op.getStarts(), dims = e.in[0].dims();
  Dims result;
  for (size_t k = 0; k < starts.size(); ++k) {
    int64_t end = k + 1 < starts.size() ? starts[k + 1] : dims.size();
    result.push_back(product(dims.slice(starts[k], end - starts[k])));
  }
  return e.give(e.in[0].reshaped(result));
}

LogicalResult run(SqueezeOp op, Evaluation &e) {
  Dims result;
  for (auto [k, dim] : llvm::enumerate(e.in[0].dims())) {
    if (!llvm::is_contained(op.getAxes(), static_cast<int64_t>(k)))
      result.push_back(dim);
    else if (dim != 1)
      return e.fail("dim " + llvm::Twine(k) + " is " + llvm::Twine(dim) +
                    ", not 1");
  }
  return e.give(e.in[0].reshaped(result));
}

LogicalResult run(UnsqueezeOp op, Evaluation &e) {
  Dims result;
  auto next = e.in[0].dims().begin();
  int64_t rank = e.in[0].rank() + op.getAxes().size();
  for (int64_t k = 0; k < rank; ++k)
    result.push_back(llvm::is_contained(op.getAxes(), k) ? 1 : *next++);
  return e.give(e.in[0].reshaped(result));
}

LogicalResult run(BitcastOp op, Evaluation &e) {
  if (Tensor::bytesOf(op.getTo()) != e.in[0].elementBytes())
    return e.fail("widths differ");
  return e.give(e.in[0].bitcast(op.getTo()));
}

//===-- Copies by strides ---------------------------------------------------//

/// The elements of `input` that `base` and `strides` reach, as dims `dims`.
static LogicalResult copyStrided(Evaluation &e, const Tensor &input,
                                 llvm::ArrayRef<int64_t> dims,
                                 llvm::ArrayRef<int64_t> strides,
                                 int64_t base) {
  Tensor output = e.make(dims);
  if (!output)
    return failure();
  unsigned bytes = input.elementBytes();
  char *to = output.rawMutable();
  walk(dims, strides, base, [&](int64_t position, int64_t offset) {
    copyElement(to + position * bytes, input.raw() + offset * bytes, bytes);
  });
  return e.give(std::move(output));
}

LogicalResult run(BroadcastOp op, Evaluation &e) {
  std::optional<Dims> dims = broadcastDims(e.in[0].dims(), integers(e.in[1]));
  if (!dims)
    return e.fail("dims " + text(e.in[0].dims()) + " do not broadcast to " +
                  text(integers(e.in[1])));
  return copyStrided(e, e.in[0], *dims, broadcastStrides(e.in[0].dims(), *dims),
                     0);
}

LogicalResult run(TransposeOp op, Evaluation &e) {
  Dims own = stridesOf(e.in[0].dims()), dims, strides;
  for (int64_t axis : op.getPerm()) {
    dims.push_back(e.in[0].dim(axis));
    strides.push_back(own[axis]);
  }
  return copyStrided(e, e.in[0], dims, strides, 0);
}

/// First element and number of elements of a numpy slice.
static std::pair<int64_t, int64_t> sliceBounds(int64_t start, int64_t end,
                                               int64_t step, int64_t dim) {
  // Only what is negative counts from the end; adding cannot overflow then.
  start = start < 0 ? start + dim : start;
  end = end < 0 ? end + dim : end;
  int64_t low = step > 0 ? 0 : -1, high = step > 0 ? dim : dim - 1;
  start = std::clamp(start, low, std::max(low, high));
  end = std::clamp(end, low, std::max(low, high));
  int64_t span = step > 0 ? end - start : start - end;
  uint64_t stride = step > 0 ? uint64_t(step) : uint64_t(0) - uint64_t(step);
  if (span <= 0)
    return {0, 0};
  return {start, static_cast<int64_t>((uint64_t(span) - 1) / stride) + 1};
}

LogicalResult run(SliceOp op, Evaluation &e) {
  const Tensor &input = e.in[0];
  Dims dims(input.dims()), strides = stridesOf(input.dims());
  int64_t base = 0;
  if (e.in[1].size() != static_cast<int64_t>(op.getAxes().size()) ||
      e.in[2].size() != e.in[1].size())
    return e.fail("bounds and axes differ in number");
  for (auto [k, axis] : llvm::enumerate(op.getAxes())) {
    int64_t step = op.getSteps()[k];
    if (step == 0)
      return e.fail("a step is 0");
    auto [start, count] = sliceBounds(e.in[1].integer(k), e.in[2].integer(k),
                                      step, input.dim(axis));
    base += start * strides[axis];
    // A stride that is never taken may be too large to multiply.
    strides[axis] = count > 1 ? strides[axis] * step : 0;
    dims[axis] = count;
  }
  return copyStrided(e, input, dims, strides, base);
}

//===-- Other copies --------------------------------------------------------//

LogicalResult run(ConcatOp op, Evaluation &e) {
  int64_t axis = op.getAxis();
  Dims dims(e.in[0].dims());
  dims[axis] = 0;
  for (const Tensor &part : e.in) {
    for (int64_t k = 0; k < part.rank(); ++k)
      if (k != axis && part.dim(k) != dims[k])
        return e.fail("inputs of dims " + text(e.in[0].dims()) + " and " +
                      text(part.dims()));
    dims[axis] += part.dim(axis);
  }
  Tensor output = e.make(dims);
  if (!output)
    return failure();
  unsigned bytes = output.elementBytes();
  AxisView view(dims, axis);
  int64_t before = 0;
  char *to = output.rawMutable();
  for (const Tensor &part : e.in) {
    int64_t run = part.dim(axis) * view.inner * bytes;
    for (int64_t i = 0; i < view.outer; ++i)
      std::memcpy(to + i * view.size * view.inner * bytes + before,
                  part.raw() + i * run, run);
    before += run;
  }
  return e.give(std::move(output));
}

/// For each dim, which index of the input each output index reads; -1 for none.
using IndexMaps = llvm::SmallVector<std::vector<int64_t>>;

static LogicalResult copyMapped(Evaluation &e, const Tensor &input,
                                const IndexMaps &maps, const char *fill) {
  Dims dims;
  for (const auto &map : maps)
    dims.push_back(map.size());
  Tensor output = e.make(dims);
  if (!output)
    return failure();
  Dims strides = stridesOf(input.dims()), own = stridesOf(dims);
  unsigned bytes = input.elementBytes();
  char *to = output.rawMutable();
  for (int64_t position = 0; position < output.size(); ++position) {
    int64_t offset = 0;
    bool inside = true;
    for (size_t k = 0; k < dims.size(); ++k) {
      int64_t from = maps[k][position / own[k] % dims[k]];
      inside &= from >= 0;
      offset += from * strides[k];
    }
    copyElement(to + position * bytes,
                inside ? input.raw() + offset * bytes : fill, bytes);
  }
  return e.give(std::move(output));
}

/// The input index that index `i` of a padded dim reads, -1 for none.
static int64_t padSource(int64_t i, int64_t size, PadMode mode) {
  if (i >= 0 && i < size)
    return i;
  switch (mode) {
  case PadMode::constant:
    return -1;
  case PadMode::edge:
    return i < 0 ? 0 : size - 1;
  case PadMode::wrap:
    return (i % size + size) % size;
  case PadMode::reflect: {
    if (size == 1)
      return 0;
    int64_t period = 2 * (size - 1);
    int64_t phase = (i % period + period) % period;
    return phase < size ? phase : period - phase;
  }
  }
  llvm_unreachable("all modes are listed");
}

LogicalResult run(PadOp op, Evaluation &e) {
  const Tensor &input = e.in[0];
  int64_t rank = input.rank();
  if (e.in[1].size() != 2 * rank)
    return e.fail("pads are not two per dim");
  Dims pads = integers(e.in[1]), dims;
  for (int64_t k = 0; k < rank; ++k) {
    int64_t dim;
    if (llvm::AddOverflow(input.dim(k), pads[k], dim) ||
        llvm::AddOverflow(dim, pads[rank + k], dim))
      return e.fail("pads " + text(pads) + " overflow");
    dims.push_back(dim);
  }
  if (!e.fits(input.elementType(), dims))
    return failure();
  // A negative pad removes elements before the mode looks at what is left.
  IndexMaps maps(rank);
  for (int64_t k = 0; k < rank; ++k) {
    int64_t first = std::max<int64_t>(-pads[k], 0);
    int64_t size = input.dim(k) - first - std::max<int64_t>(-pads[rank + k], 0);
    if (size <= 0 && dims[k] > 0 && op.getMode() != PadMode::constant)
      return e.fail("dim " + llvm::Twine(k) + " has no element to repeat");
    for (int64_t i = 0; i < dims[k]; ++i) {
      int64_t from =
          padSource(i - std::max<int64_t>(pads[k], 0), size, op.getMode());
      maps[k].push_back(from < 0 ? -1 : from + first);
    }
  }
  return copyMapped(e, input, maps, e.in[2].raw());
}

LogicalResult run(TileOp op, Evaluation &e) {
  const Tensor &input = e.in[0];
  Dims repeats = integers(e.in[1]), dims(input.dims());
  if (static_cast<int64_t>(repeats.size()) != input.rank())
    return e.fail("repeats are not one per dim");
  for (auto [dim, count] : llvm::zip_equal(dims, repeats))
    if (count < 0 || llvm::MulOverflow(dim, count, dim))
      return e.fail("repeats " + text(repeats) + " do not fit");
  if (!e.fits(input.elementType(), dims))
    return failure();
  IndexMaps maps(input.rank());
  for (int64_t k = 0; k < input.rank(); ++k)
    for (int64_t i = 0; i < dims[k]; ++i)
      maps[k].push_back(i % input.dim(k));
  return copyMapped(e, input, maps, nullptr);
}

} // namespace nacre::graph::reference
