//===- Reduce.cpp - Reductions, softmax, running values -------------------===//
#include "dialects/graph/reference/Evaluation.h"

#include <cmath>

using namespace mlir;

namespace nacre::graph::reference {

//===-- Reduce --------------------------------------------------------------//

template <typename T>
static T neutral(ReduceKind kind, Type type) {
  switch (kind) {
  case ReduceKind::sum:
  case ReduceKind::any:
    return 0;
  case ReduceKind::prod:
  case ReduceKind::all:
    return 1;
  case ReduceKind::max:
    return lowestOf<T>(type);
  case ReduceKind::min:
    return highestOf<T>(type);
  }
  llvm_unreachable("all kinds are listed");
}

template <typename T>
static T combine(ReduceKind kind, T sum, T value, bool isUnsigned) {
  switch (kind) {
  case ReduceKind::sum:
    return plus(sum, value);
  case ReduceKind::prod:
    return times(sum, value);
  case ReduceKind::max:
    return isNaN(sum) || less(value, sum, isUnsigned) ? sum : value;
  case ReduceKind::min:
    return isNaN(sum) || less(sum, value, isUnsigned) ? sum : value;
  case ReduceKind::any:
    return sum != 0 || value != 0;
  case ReduceKind::all:
    return sum != 0 && value != 0;
  }
  llvm_unreachable("all kinds are listed");
}

template <typename T>
static LogicalResult reduce(ReduceOp op, Evaluation &e) {
  const Tensor &input = e.in[0];
  Dims kept, dims, strides(input.rank(), 0);
  for (auto [k, dim] : llvm::enumerate(input.dims())) {
    bool goes = llvm::is_contained(op.getAxes(), static_cast<int64_t>(k));
    kept.push_back(goes ? 1 : dim);
    if (!goes || op.getKeepDims())
      dims.push_back(kept.back());
  }
  Tensor output = e.make(dims);
  if (!output)
    return failure();
  strides = broadcastStrides(kept, input.dims());
  Type type = input.elementType();
  bool isUnsigned = isUnsignedElement(type);
  std::vector<T> sums(output.size(), neutral<T>(op.getKind(), type));
  walk(input.dims(), strides, 0, [&](int64_t position, int64_t to) {
    sums[to] =
        combine(op.getKind(), sums[to], get<T>(input, position), isUnsigned);
  });
  store(output, llvm::ArrayRef<T>(sums));
  return e.give(std::move(output));
}

LogicalResult run(ReduceOp op, Evaluation &e) {
  return isa<FloatType>(e.in[0].elementType()) ? reduce<double>(op, e)
                                               : reduce<int64_t>(op, e);
}

//===-- Index of the extremum -----------------------------------------------//

/// The index of the best of `size` values `stride` apart.
template <typename T>
static int64_t bestOf(ArgReduceOp op, const T *values, int64_t size,
                      int64_t stride, bool isUnsigned) {
  int64_t best = 0;
  for (int64_t i = 1; i < size; ++i) {
    T value = values[i * stride], champion = values[best * stride];
    if (isNaN(champion))
      break;
    bool better = op.getLargest() ? less(champion, value, isUnsigned)
                                  : less(value, champion, isUnsigned);
    bool ties = value == champion && op.getSelectLast();
    if (isNaN(value) || better || ties)
      best = i;
  }
  return best;
}

template <typename T>
static LogicalResult argReduce(ArgReduceOp op, Evaluation &e) {
  const Tensor &input = e.in[0];
  AxisView view(input.dims(), op.getAxis());
  if (view.size == 0)
    return e.fail("no element to choose from");
  Dims dims(input.dims());
  dims[op.getAxis()] = 1;
  if (!op.getKeepDims())
    dims.erase(dims.begin() + op.getAxis());
  Tensor output = e.make(dims);
  if (!output)
    return failure();
  std::vector<T> values = load<T>(input);
  bool isUnsigned = isUnsignedElement(input.elementType());
  for (int64_t o = 0; o < view.outer; ++o)
    for (int64_t i = 0; i < view.inner; ++i)
      output.setInteger(o * view.inner + i,
                        bestOf(op,
                               values.data() + o * view.size * view.inner + i,
                               view.size, view.inner, isUnsigned));
  return e.give(std::move(output));
}

LogicalResult run(ArgReduceOp op, Evaluation &e) {
  return isa<FloatType>(e.in[0].elementType()) ? argReduce<double>(op, e)
                                               : argReduce<int64_t>(op, e);
}

//===-- Softmax -------------------------------------------------------------//

/// One slice, in place.
static void softmaxSlice(double *values, int64_t size, int64_t stride,
                         bool log) {
  double top = -std::numeric_limits<double>::infinity(), sum = 0;
  for (int64_t i = 0; i < size; ++i)
    top = combine(ReduceKind::max, top, values[i * stride], false);
  for (int64_t i = 0; i < size; ++i)
    sum += std::exp(values[i * stride] - top);
  for (int64_t i = 0; i < size; ++i) {
    double &value = values[i * stride];
    value = log ? value - top - std::log(sum) : std::exp(value - top) / sum;
  }
}

LogicalResult run(SoftmaxOp op, Evaluation &e) {
  const Tensor &input = e.in[0];
  Tensor output = e.make(input.dims());
  if (!output)
    return failure();
  AxisView view(input.dims(), op.getAxis());
  std::vector<double> values = load<double>(input);
  for (int64_t o = 0; o < view.outer; ++o)
    for (int64_t i = 0; i < view.inner; ++i)
      softmaxSlice(values.data() + o * view.size * view.inner + i, view.size,
                   view.inner, op.getLog());
  store(output, llvm::ArrayRef<double>(values));
  return e.give(std::move(output));
}

//===-- Running values ------------------------------------------------------//

template <typename T>
static LogicalResult scan(ScanOp op, Evaluation &e) {
  const Tensor &input = e.in[0];
  Tensor output = e.make(input.dims());
  if (!output)
    return failure();
  AxisView view(input.dims(), op.getAxis());
  std::vector<T> values = load<T>(input);
  bool sums = op.getKind() == ScanKind::sum;
  for (int64_t o = 0; o < view.outer; ++o)
    for (int64_t i = 0; i < view.inner; ++i) {
      T running = sums ? 0 : 1;
      for (int64_t j = 0; j < view.size; ++j) {
        int64_t along = op.getReverse() ? view.size - 1 - j : j;
        T &value = values[(o * view.size + along) * view.inner + i];
        T next = sums ? plus(running, value) : times(running, value);
        value = op.getExclusive() ? running : next;
        running = next;
      }
    }
  store(output, llvm::ArrayRef<T>(values));
  return e.give(std::move(output));
}

LogicalResult run(ScanOp op, Evaluation &e) {
  return isa<FloatType>(e.in[0].elementType()) ? scan<double>(op, e)
                                               : scan<int64_t>(op, e);
}

} // namespace nacre::graph::reference
