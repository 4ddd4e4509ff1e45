//===- Window.cpp - Pooling -----------------------------------------------===//
#include "dialects/graph/reference/Evaluation.h"

using namespace mlir;

namespace nacre::graph::reference {

namespace {
/// The windows of a pool along one spatial dim.
struct PoolDim {
  int64_t in, window, stride, dilation, before, after, out;

  int64_t at(int64_t x, int64_t w) const {
    return x * stride + w * dilation - before;
  }
  bool isInside(int64_t at) const { return at >= 0 && at < in; }
  /// Inside the input or the padding that was asked for.
  bool isPadded(int64_t at) const { return at < in + after; }
};
using PoolDims = llvm::SmallVector<PoolDim, 3>;
} // namespace

template <typename OpT>
static LogicalResult poolDims(OpT op, Evaluation &e, PoolDims &dims) {
  llvm::ArrayRef<int64_t> in = e.in[0].dims().drop_front(2);
  size_t rank = in.size();
  for (size_t k = 0; k < rank; ++k) {
    PoolDim dim{in[k],
                op.getWindow()[k],
                op.getStrides()[k],
                op.getDilations()[k],
                op.getPads()[k],
                op.getPads()[rank + k],
                0};
    int64_t room =
        dim.in + dim.before + dim.after - ((dim.window - 1) * dim.dilation + 1);
    // Rounded up, the last window may hang over by less than a stride.
    room += op.getCeilMode() ? dim.stride - 1 : 0;
    if (room < 0)
      return e.fail("the window is larger than the padded input");
    dim.out = room / dim.stride + 1;
    // A window that would start behind the input is dropped.
    if (op.getCeilMode() && (dim.out - 1) * dim.stride >= dim.in + dim.before)
      --dim.out;
    dims.push_back(dim);
  }
  return success();
}

static Dims resultDims(const Tensor &input, const PoolDims &dims) {
  Dims result = {input.dim(0), input.dim(1)};
  for (const PoolDim &dim : dims)
    result.push_back(dim.out);
  return result;
}

static bool isFeasible(Evaluation &e, const Tensor &output,
                       const PoolDims &dims) {
  double window = 1;
  for (const PoolDim &dim : dims)
    window *= static_cast<double>(dim.window);
  return e.isFeasible({static_cast<double>(output.size()), window});
}

/// Calls `visit(offset into the plane, or -1 in the padding)` for every window
/// element of output element `x` that lies inside the padded input.
template <typename Visit>
static void forEachInWindow(const PoolDims &dims, int64_t x, Visit visit) {
  Dims at(dims.size());
  for (int64_t k = int64_t(dims.size()) - 1; k >= 0; --k) {
    at[k] = x % dims[k].out;
    x /= dims[k].out;
  }
  int64_t window = 1;
  for (const PoolDim &dim : dims)
    window *= dim.window;
  for (int64_t w = 0; w < window; ++w) {
    int64_t rest = w, offset = 0, scale = 1;
    bool inside = true, padded = true;
    for (int64_t k = int64_t(dims.size()) - 1; k >= 0; --k) {
      const PoolDim &dim = dims[k];
      int64_t position = dim.at(at[k], rest % dim.window);
      rest /= dim.window;
      inside &= dim.isInside(position);
      padded &= dim.isPadded(position);
      offset += position * scale;
      scale *= dim.in;
    }
    if (padded)
      visit(inside ? offset : -1);
  }
}

template <typename T>
static T poolWindow(PoolKind kind, const PoolDims &dims, int64_t x,
                    const T *plane, Type type) {
  bool isUnsigned = isUnsignedElement(type);
  T sum = kind == PoolKind::max ? lowestOf<T>(type) : T(0);
  int64_t elements = 0, positions = 0;
  forEachInWindow(dims, x, [&](int64_t offset) {
    ++positions;
    if (offset < 0)
      return;
    ++elements;
    T value = plane[offset];
    if (kind != PoolKind::max)
      sum = plus(sum, value);
    else if (!isNaN(sum) && !less(value, sum, isUnsigned))
      sum = value;
  });
  int64_t count = kind == PoolKind::avg               ? elements
                  : kind == PoolKind::avg_include_pad ? positions
                                                      : 1;
  return count ? sum / static_cast<T>(count) : sum;
}

template <typename T>
static LogicalResult pool(PoolOp op, Evaluation &e) {
  const Tensor &input = e.in[0];
  PoolDims dims;
  if (failed(poolDims(op, e, dims)))
    return failure();
  Tensor output = e.make(resultDims(input, dims));
  if (!output || !isFeasible(e, output, dims))
    return failure();
  std::vector<T> values = load<T>(input);
  int64_t plane = product(input.dims().drop_front(2));
  int64_t width = product(output.dims().drop_front(2));
  std::vector<T> results(output.size());
  for (int64_t i = 0; i < output.size(); ++i)
    results[i] =
        poolWindow(op.getKind(), dims, i % width,
                   values.data() + i / width * plane, input.elementType());
  store(output, llvm::ArrayRef<T>(results));
  return e.give(std::move(output));
}

LogicalResult run(PoolOp op, Evaluation &e) {
  return isa<FloatType>(e.in[0].elementType()) ? pool<double>(op, e)
                                               : pool<int64_t>(op, e);
}

/// A row-major offset in a plane as a column-major one.
static int64_t columnMajor(const PoolDims &dims, int64_t offset) {
  int64_t result = 0;
  for (int64_t k = int64_t(dims.size()) - 1; k >= 0; --k) {
    result = result * dims[k].in + offset % dims[k].in;
    offset /= dims[k].in;
  }
  return result;
}

template <typename T>
static LogicalResult poolIndices(PoolIndicesOp op, Evaluation &e) {
  const Tensor &input = e.in[0];
  PoolDims dims;
  if (failed(poolDims(op, e, dims)))
    return failure();
  Tensor output = e.make(resultDims(input, dims));
  if (!output || !isFeasible(e, output, dims))
    return failure();
  std::vector<T> values = load<T>(input);
  bool isUnsigned = isUnsignedElement(input.elementType());
  int64_t plane = product(input.dims().drop_front(2));
  int64_t width = product(output.dims().drop_front(2));
  for (int64_t i = 0; i < output.size(); ++i) {
    const T *from = values.data() + i / width * plane;
    int64_t best = -1;
    forEachInWindow(dims, i % width, [&](int64_t offset) {
      if (offset < 0 || (best >= 0 && isNaN(from[best])))
        return;
      if (best < 0 || isNaN(from[offset]) ||
          less(from[best], from[offset], isUnsigned))
        best = offset;
    });
    if (best < 0)
      continue;
    int64_t place = op.getColumnMajor() ? columnMajor(dims, best) : best;
    output.setInteger(i, i / width * plane + place);
  }
  return e.give(std::move(output));
}

LogicalResult run(PoolIndicesOp op, Evaluation &e) {
  return isa<FloatType>(e.in[0].elementType()) ? poolIndices<double>(op, e)
                                               : poolIndices<int64_t>(op, e);
}

} // namespace nacre::graph::reference
