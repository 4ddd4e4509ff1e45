//===- Indexing.cpp - Gather, scatter, non-zero, top-k --------------------===//
#include "dialects/graph/reference/Evaluation.h"

using namespace mlir;

namespace nacre::graph::reference {

/// Makes a negative index count from the end; false if it is out of range.
static bool resolve(int64_t &index, int64_t dim) {
  if (index < 0)
    index += dim;
  return index >= 0 && index < dim;
}

static LogicalResult failIndex(Evaluation &e, int64_t index, int64_t dim) {
  return e.fail("index " + llvm::Twine(index) +
                " is out of range for a dim of " + llvm::Twine(dim));
}

//===-- Gather --------------------------------------------------------------//

LogicalResult run(GatherOp op, Evaluation &e) {
  const Tensor &input = e.in[0], &indices = e.in[1];
  AxisView view(input.dims(), op.getAxis());
  Dims dims(input.dims().take_front(op.getAxis()));
  dims.append(indices.dims().begin(), indices.dims().end());
  llvm::ArrayRef<int64_t> after = input.dims().drop_front(op.getAxis() + 1);
  dims.append(after.begin(), after.end());
  Tensor output = e.make(dims);
  if (!output)
    return failure();
  int64_t run = view.inner * input.elementBytes();
  char *to = output.rawMutable();
  for (int64_t i = 0; i < view.outer; ++i)
    for (int64_t j = 0; j < indices.size(); ++j, to += run) {
      int64_t index = indices.integer(j);
      if (!resolve(index, view.size))
        return failIndex(e, indices.integer(j), view.size);
      std::memcpy(to, input.raw() + (i * view.size + index) * run, run);
    }
  return e.give(std::move(output));
}

/// Calls `visit(position, offset)` with the number of each element of `indices`
/// and the element of a tensor of `dims` that it names along `axis`.
template <typename Visit>
static LogicalResult forEachElement(Evaluation &e, const Tensor &indices,
                                    llvm::ArrayRef<int64_t> dims, int64_t axis,
                                    Visit visit) {
  for (int64_t k = 0; k < indices.rank(); ++k)
    if (k != axis && indices.dim(k) > dims[k])
      return e.fail("indices of dims " + text(indices.dims()) +
                    " exceed the input's, " + text(dims));
  Dims strides = stridesOf(dims);
  int64_t along = strides[axis], bad = -1;
  strides[axis] = 0;
  walk(indices.dims(), strides, 0, [&](int64_t position, int64_t offset) {
    int64_t index = indices.integer(position);
    if (resolve(index, dims[axis]))
      visit(position, offset + index * along);
    else if (bad < 0)
      bad = position;
  });
  return bad < 0 ? success() : failIndex(e, indices.integer(bad), dims[axis]);
}

LogicalResult run(GatherElementsOp op, Evaluation &e) {
  const Tensor &input = e.in[0];
  Tensor output = e.make(e.in[1].dims());
  if (!output)
    return failure();
  unsigned bytes = input.elementBytes();
  char *to = output.rawMutable();
  if (failed(forEachElement(e, e.in[1], input.dims(), op.getAxis(),
                            [&](int64_t position, int64_t offset) {
                              copyElement(to + position * bytes,
                                          input.raw() + offset * bytes, bytes);
                            })))
    return failure();
  return e.give(std::move(output));
}

/// Offset of the slice that the index tuple at `tuple` names in dims `dims`.
static LogicalResult tupleOffset(Evaluation &e, const Tensor &indices,
                                 int64_t tuple, int64_t length,
                                 llvm::ArrayRef<int64_t> dims,
                                 llvm::ArrayRef<int64_t> strides,
                                 int64_t &offset) {
  offset = 0;
  for (int64_t k = 0; k < length; ++k) {
    int64_t index = indices.integer(tuple * length + k);
    if (!resolve(index, dims[k]))
      return failIndex(e, indices.integer(tuple * length + k), dims[k]);
    offset += index * strides[k];
  }
  return success();
}

LogicalResult run(GatherNdOp op, Evaluation &e) {
  const Tensor &input = e.in[0], &indices = e.in[1];
  int64_t batch = op.getBatchDims();
  int64_t length = indices.dims().back();
  llvm::ArrayRef<int64_t> inner = input.dims().drop_front(batch);
  if (length > static_cast<int64_t>(inner.size()))
    return e.fail("index tuples are longer than the rank");
  if (input.dims().take_front(batch) != indices.dims().take_front(batch))
    return e.fail("batch dims differ: " + text(input.dims()) + " and " +
                  text(indices.dims()));
  Dims dims(indices.dims().drop_back());
  dims.append(inner.begin() + length, inner.end());
  Tensor output = e.make(dims);
  if (!output)
    return failure();
  Dims strides = stridesOf(inner);
  int64_t slice = product(inner.drop_front(length)) * input.elementBytes();
  int64_t batches = product(input.dims().take_front(batch));
  int64_t tuples = product(indices.dims().drop_front(batch).drop_back());
  int64_t batchBytes = product(inner) * input.elementBytes();
  char *to = output.rawMutable();
  for (int64_t b = 0; b < batches; ++b)
    for (int64_t t = 0; t < tuples; ++t, to += slice) {
      int64_t offset;
      if (failed(tupleOffset(e, indices, b * tuples + t, length, inner, strides,
                             offset)))
        return failure();
      std::memcpy(to,
                  input.raw() + b * batchBytes + offset * input.elementBytes(),
                  slice);
    }
  return e.give(std::move(output));
}

//===-- Scatter -------------------------------------------------------------//

template <typename T>
static T combine(ScatterKind kind, T old, T update, bool isUnsigned) {
  switch (kind) {
  case ScatterKind::set:
    return update;
  case ScatterKind::add:
    return plus(old, update);
  case ScatterKind::mul:
    return times(old, update);
  case ScatterKind::max:
    return isNaN(old) || less(update, old, isUnsigned) ? old : update;
  case ScatterKind::min:
    return isNaN(old) || less(old, update, isUnsigned) ? old : update;
  }
  llvm_unreachable("all kinds are listed");
}

static void scatterElement(Tensor &output, int64_t offset,
                           const Tensor &updates, int64_t position,
                           ScatterKind kind) {
  Type type = output.elementType();
  if (kind == ScatterKind::set)
    output.setBits(offset, updates.bits(position));
  else if (isa<FloatType>(type))
    output.setReal(offset, combine(kind, output.real(offset),
                                   updates.real(position), false));
  else if (type.isInteger(1))
    // In bool, adding and taking the greater are `or`, the others `and`.
    output.setBits(offset, kind == ScatterKind::add || kind == ScatterKind::max
                               ? output.bits(offset) | updates.bits(position)
                               : output.bits(offset) & updates.bits(position));
  else
    output.setInteger(offset, combine(kind, output.integer(offset),
                                      updates.integer(position),
                                      isUnsignedElement(type)));
}

/// A copy of the input to write to.
static Tensor copyInput(Evaluation &e) {
  Tensor output = e.make(e.in[0].dims());
  if (output)
    std::memcpy(output.rawMutable(), e.in[0].raw(), output.bytes());
  return output;
}

LogicalResult run(ScatterElementsOp op, Evaluation &e) {
  if (e.in[1].dims() != e.in[2].dims())
    return e.fail("updates of dims " + text(e.in[2].dims()) +
                  " for indices of dims " + text(e.in[1].dims()));
  Tensor output = copyInput(e);
  if (!output || failed(forEachElement(e, e.in[1], output.dims(), op.getAxis(),
                                       [&](int64_t position, int64_t offset) {
                                         scatterElement(output, offset, e.in[2],
                                                        position, op.getKind());
                                       })))
    return failure();
  return e.give(std::move(output));
}

LogicalResult run(ScatterNdOp op, Evaluation &e) {
  const Tensor &indices = e.in[1];
  int64_t length = indices.dims().back();
  llvm::ArrayRef<int64_t> dims = e.in[0].dims();
  if (length > static_cast<int64_t>(dims.size()))
    return e.fail("index tuples are longer than the rank");
  Dims expected(indices.dims().drop_back());
  expected.append(dims.begin() + length, dims.end());
  if (e.in[2].dims() != llvm::ArrayRef<int64_t>(expected))
    return e.fail("updates have the dims " + text(e.in[2].dims()) +
                  ", expected " + text(expected));
  Tensor output = copyInput(e);
  if (!output)
    return failure();
  Dims strides = stridesOf(dims);
  int64_t slice = product(dims.drop_front(length));
  int64_t tuples = product(indices.dims().drop_back());
  for (int64_t t = 0; t < tuples; ++t) {
    int64_t offset;
    if (failed(tupleOffset(e, indices, t, length, dims, strides, offset)))
      return failure();
    for (int64_t i = 0; i < slice; ++i)
      scatterElement(output, offset + i, e.in[2], t * slice + i, op.getKind());
  }
  return e.give(std::move(output));
}

//===-- Non-zero, top-k -----------------------------------------------------//

LogicalResult run(NonZeroOp op, Evaluation &e) {
  const Tensor &input = e.in[0];
  bool isFloat = isa<FloatType>(input.elementType());
  auto isZero = [&](int64_t i) {
    return isFloat ? input.real(i) == 0 : input.bits(i) == 0;
  };
  std::vector<int64_t> found;
  for (int64_t i = 0; i < input.size(); ++i)
    if (!isZero(i))
      found.push_back(i);
  // A scalar counts as one dim of 1.
  Dims dims(input.dims());
  if (dims.empty())
    dims.push_back(1);
  int64_t count = found.size(), rank = dims.size();
  Tensor output = e.make({rank, count});
  if (!output)
    return failure();
  Dims strides = stridesOf(dims);
  for (int64_t j = 0; j < count; ++j)
    for (int64_t k = 0; k < rank; ++k)
      output.setInteger(k * count + j, found[j] / strides[k] % dims[k]);
  return e.give(std::move(output));
}

/// Sorts `order`, the positions along one slice, best first; NaN counts as
/// greatest, of equal elements the lower index comes first.
template <typename T>
static void sortSlice(std::vector<int64_t> &order, const std::vector<T> &values,
                      int64_t base, int64_t stride, bool largest,
                      bool isUnsigned) {
  auto lessThan = [&](T a, T b) {
    if (isNaN(a) || isNaN(b))
      return !isNaN(a) && isNaN(b);
    return less(a, b, isUnsigned);
  };
  std::sort(order.begin(), order.end(), [&](int64_t i, int64_t j) {
    T a = values[base + i * stride], b = values[base + j * stride];
    if (lessThan(a, b) || lessThan(b, a))
      return largest == lessThan(b, a);
    return i < j;
  });
}

template <typename T>
static LogicalResult topK(TopKOp op, Evaluation &e) {
  const Tensor &input = e.in[0];
  int64_t axis = op.getAxis(), k = e.in[1].integer(0);
  AxisView view(input.dims(), axis);
  if (k < 0 || k > view.size)
    return e.fail("k is " + llvm::Twine(k) + " for a dim of " +
                  llvm::Twine(view.size));
  Dims dims(input.dims());
  dims[axis] = k;
  Tensor best = e.make(dims), places = e.make(dims, 1);
  if (!best || !places)
    return failure();
  std::vector<T> values = load<T>(input);
  bool isUnsigned = isUnsignedElement(input.elementType());
  std::vector<int64_t> order(view.size);
  for (int64_t o = 0; o < view.outer; ++o)
    for (int64_t i = 0; i < view.inner; ++i) {
      int64_t base = o * view.size * view.inner + i;
      std::iota(order.begin(), order.end(), 0);
      sortSlice(order, values, base, view.inner, op.getLargest(), isUnsigned);
      for (int64_t j = 0; j < k; ++j) {
        int64_t to = (o * k + j) * view.inner + i;
        best.setBits(to, input.bits(base + order[j] * view.inner));
        places.setInteger(to, order[j]);
      }
    }
  if (failed(e.give(std::move(best))))
    return failure();
  return e.give(std::move(places));
}

LogicalResult run(TopKOp op, Evaluation &e) {
  return isa<FloatType>(e.in[0].elementType()) ? topK<double>(op, e)
                                               : topK<int64_t>(op, e);
}

} // namespace nacre::graph::reference
