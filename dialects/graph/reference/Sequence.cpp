//===- Sequence.cpp - Sequences, optionals and maps -----------------------===//
#include "dialects/graph/reference/Evaluation.h"
#include "dialects/graph/reference/Host.h"

using namespace mlir;

namespace nacre::graph::reference {

using Items = llvm::SmallVector<Attribute>;

static Items itemsOf(const Tensor &container) {
  return llvm::to_vector(itemsAt(container));
}

static LogicalResult giveList(Evaluation &e, llvm::ArrayRef<Attribute> items) {
  return e.give(makeContainer(e.resultElement(), items));
}

static LogicalResult giveItem(Evaluation &e, Attribute item) {
  // What a container holds has the element type of the result.
  return e.give(fromItem(item, e.resultElement()));
}

static LogicalResult makeList(Evaluation &e) {
  Items items;
  for (const Tensor &tensor : e.in)
    items.push_back(toItem(tensor));
  return giveList(e, items);
}

/// Input 1 as a position in `[0, limit)`; nothing, after an error, if it is none.
static std::optional<int64_t> position(Evaluation &e, int64_t count,
                                       int64_t limit) {
  int64_t at = e.in[1].integer(0);
  if (at >= -count && at < limit)
    return at < 0 ? at + count : at;
  (void)e.fail("position " + llvm::Twine(at) + " is outside a sequence of " +
               llvm::Twine(count) + " tensors");
  return std::nullopt;
}

LogicalResult run(SequenceMakeOp op, Evaluation &e) { return makeList(e); }
LogicalResult run(OptionalMakeOp op, Evaluation &e) { return makeList(e); }
LogicalResult run(RetypeOp op, Evaluation &e) {
  return giveList(e, itemsOf(e.in[0]));
}

LogicalResult run(SequenceInsertOp op, Evaluation &e) {
  Items items = itemsOf(e.in[0]);
  int64_t count = items.size();
  std::optional<int64_t> at = position(e, count, count + 1);
  if (!at)
    return failure();
  items.insert(items.begin() + *at, toItem(e.in[2]));
  return giveList(e, items);
}

LogicalResult run(SequenceEraseOp op, Evaluation &e) {
  Items items = itemsOf(e.in[0]);
  std::optional<int64_t> at = position(e, items.size(), items.size());
  if (!at)
    return failure();
  items.erase(items.begin() + *at);
  return giveList(e, items);
}

LogicalResult run(SequenceAtOp op, Evaluation &e) {
  Items items = itemsOf(e.in[0]);
  std::optional<int64_t> at = position(e, items.size(), items.size());
  return at ? giveItem(e, items[*at]) : failure();
}

LogicalResult run(SequenceLengthOp op, Evaluation &e) {
  return e.give(Tensor::scalar(op.getContext(), itemsAt(e.in[0]).size()));
}

/// The rows `[from, from + size)` along `axis`.
static Tensor rows(Evaluation &e, const Tensor &input, int64_t axis,
                   int64_t from, int64_t size) {
  Dims dims(input.dims());
  dims[axis] = size;
  Tensor slice = e.make(input.elementType(), dims);
  if (!slice)
    return {};
  AxisView view(input.dims(), axis);
  int64_t row = view.inner * input.elementBytes();
  char *to = slice.rawMutable();
  for (int64_t outer = 0; outer < view.outer; ++outer)
    std::memcpy(to + outer * size * row,
                input.raw() + (outer * view.size + from) * row, size * row);
  return slice;
}

LogicalResult run(SequenceSplitOp op, Evaluation &e) {
  const Tensor &input = e.in[0];
  int64_t axis = op.getAxis(), whole = input.dim(axis), from = 0;
  Dims sizes = integers(e.in[1]);
  if (e.in[1].rank() == 0) {
    int64_t each = sizes[0];
    if (each < 1)
      return e.fail("slices have " + llvm::Twine(each) + " rows");
    sizes.clear();
    for (int64_t left = whole; left > 0; left -= each)
      sizes.push_back(std::min(each, left));
  }
  Items items;
  for (int64_t size : sizes) {
    if (size < 0 || size > whole - from || (!op.getKeepDims() && size != 1))
      return e.fail("a slice of " + llvm::Twine(size) + " rows does not fit");
    Tensor slice = rows(e, input, axis, from, size);
    if (!slice)
      return failure();
    Dims dims(slice.dims());
    if (!op.getKeepDims())
      dims.erase(dims.begin() + axis);
    items.push_back(toItem(slice.reshaped(dims)));
    from += size;
  }
  return from == whole ? giveList(e, items)
                       : e.fail("slices leave rows of the input");
}

LogicalResult run(SequenceConcatOp op, Evaluation &e) {
  llvm::SmallVector<Tensor> tensors;
  int64_t axis = op.getAxis(), total = 0;
  for (Attribute item : itemsAt(e.in[0])) {
    Tensor tensor = fromItem(item, e.resultElement());
    Dims dims(tensor.dims());
    if (op.getNewAxis())
      dims.insert(dims.begin() + std::min<int64_t>(axis, dims.size()), 1);
    tensors.push_back(tensor.reshaped(dims));
    if (axis >= int64_t(dims.size()))
      return e.fail("a tensor has too few dims");
    Dims first(tensors.front().dims());
    total += dims[axis];
    first[axis] = dims[axis] = 0;
    if (first != dims)
      return e.fail("tensors do not fit each other");
  }
  if (tensors.empty())
    return e.fail("the sequence is empty");
  Dims dims(tensors.front().dims());
  dims[axis] = total;
  Tensor joined = e.make(dims);
  if (!joined)
    return failure();
  AxisView view(dims, axis);
  int64_t row = view.inner * joined.elementBytes(), at = 0;
  char *to = joined.rawMutable();
  for (const Tensor &tensor : tensors) {
    int64_t size = tensor.dim(axis);
    for (int64_t outer = 0; outer < view.outer; ++outer)
      std::memcpy(to + (outer * total + at) * row,
                  tensor.raw() + outer * size * row, size * row);
    at += size;
  }
  return e.give(std::move(joined));
}

LogicalResult run(OptionalHasOp op, Evaluation &e) {
  Tensor flag = e.make({});
  if (flag)
    flag.setBits(0, !itemsAt(e.in[0]).empty());
  return e.give(std::move(flag));
}

LogicalResult run(OptionalGetOp op, Evaluation &e) {
  llvm::ArrayRef<Attribute> items = itemsAt(e.in[0]);
  return items.empty() ? e.fail("the optional holds nothing")
                       : giveItem(e, items.front());
}

//===-- Maps ----------------------------------------------------------------//

LogicalResult run(ZipMapOp op, Evaluation &e) {
  const Tensor &input = e.in[0], &keys = e.in[1];
  int64_t columns = input.dims().back();
  if (keys.size() != columns)
    return e.fail("there are " + llvm::Twine(keys.size()) + " keys for " +
                  llvm::Twine(columns) + " columns");
  Tensor matrix = input.reshaped({columns ? input.size() / columns
                                          : input.rank() == 2 ? input.dim(0) : 1,
                                  columns});
  auto type = cast<SequenceType>(e.resultElement());
  Items maps;
  for (int64_t i = 0; i < matrix.dim(0); ++i) {
    Tensor row = rows(e, matrix, 0, i, 1);
    if (!row)
      return failure();
    maps.push_back(ArrayAttr::get(
        type.getContext(), {toItem(keys), toItem(row.reshaped({columns}))}));
  }
  return giveList(e, maps);
}

LogicalResult run(MapVectorOp op, Evaluation &e) {
  const Tensor &wanted = e.in[1];
  Tensor out = e.make({1, wanted.size()});
  llvm::ArrayRef<Attribute> map = itemsAt(e.in[0]);
  if (!out || map.empty())
    return e.give(std::move(out));
  Tensor keys = fromItem(map[0], wanted.elementType());
  Tensor values = fromItem(map[1], e.resultElement());
  bool isText = isa<StringType>(wanted.elementType());
  (void)out.rawMutable();
  for (int64_t j = 0; j < wanted.size(); ++j)
    for (int64_t i = 0; i < keys.size(); ++i)
      if (isText ? stringAt(keys, i) == stringAt(wanted, j)
                 : keys.bits(i) == wanted.bits(j))
        out.setBits(j, values.bits(i));
  return e.give(std::move(out));
}

} // namespace nacre::graph::reference
