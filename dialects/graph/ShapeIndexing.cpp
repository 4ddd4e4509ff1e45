//===- ShapeIndexing.cpp - Shape rules of slices, gathers, scatters -------===//
#include "dialects/graph/Infer.h"

using namespace mlir;
using namespace nacre::graph;
using namespace nacre::graph::detail;

//===-- Slice, pad, tile, bitcast -----------------------------------------===//

namespace {
/// One axis of a slice: bounds as numpy clamps them, and their distance.
class SliceAxis {
public:
  SliceAxis(ShapeContext &context, Expr dim, int64_t step)
      : context(context), dim(dim),
        step(std::clamp(step, -kEndOfAnyDim, kEndOfAnyDim)),
        first(context.constant(step > 0 ? 0 : -1)),
        last(step > 0 ? dim : context.sub(dim, context.constant(1))) {}

  Expr clamp(Expr bound) {
    if (std::optional<int64_t> value = constantOf(bound)) {
      // Bounds so far out mean "all", whatever the dim is. This also keeps the
      // arithmetic below in 64 bits.
      int64_t limit = constantOf(dim).value_or(kEndOfAnyDim);
      if (*value >= limit)
        return last;
      if (*value < -limit || (!constantOf(dim) && *value == -limit))
        return first;
    }
    bound = bounded(bound);
    Expr isNegative = context.less(bound, context.constant(0));
    Expr wrapped = context.add(bound, context.mul(dim, isNegative));
    return context.min(context.max(wrapped, first), last);
  }

  Expr count(Expr start, Expr end) {
    Expr span = step > 0 ? context.sub(end, start) : context.sub(start, end);
    return context.max(context.ceilDiv(span, std::abs(step)),
                       context.constant(0));
  }

private:
  /// Data may be as far out as 64 bits go, which the sums and products below
  /// would leave.
  Expr bounded(Expr bound) {
    bool isData = false;
    context.walkSymbols(bound, [&](const Symbol &symbol) {
      isData |= symbol.kind == Symbol::Element;
    });
    if (!isData)
      return bound;
    bound = context.symbol(
        {Symbol::Min, {}, 0, {bound, context.constant(kEndOfAnyDim)}});
    return context.symbol(
        {Symbol::Max, {}, 0, {bound, context.constant(-kEndOfAnyDim)}});
  }

  static constexpr int64_t kEndOfAnyDim = std::numeric_limits<int32_t>::max();

  ShapeContext &context;
  Expr dim;
  int64_t step;
  Expr first, last; // what bounds are clamped to
};
} // namespace

LogicalResult SliceOp::inferShapes(ShapeContext &context, Results &results) {
  ValueShape shape{elementType(getInput()), Dims(context.dims(getInput())), {}};
  // E1
  if (failed(checkAxes(*this, getAxes(), shape.dims.size())))
    return failure();
  // E3
  Elements starts = readShape(*this, context, getStarts(), "starts");
  Elements ends =
      starts ? readShape(*this, context, getEnds(), "ends") : Elements();
  if (!ends)
    return failure();
  size_t count = getAxes().size();
  if (starts->size() != count || ends->size() != count ||
      getSteps().size() != count)
    return emitOpError("has ")
           << starts->size() << " starts, " << ends->size() << " ends, "
           << count << " axes and " << getSteps().size()
           << " steps; expected the same number of each";

  SmallVector<Expr> firsts(shape.dims.size(), context.constant(0));
  SmallVector<int64_t> steps(shape.dims.size(), 1);
  for (auto [axis, step, start, end] :
       llvm::zip(getAxes(), getSteps(), *starts, *ends)) {
    // E2
    if (step == 0)
      return emitOpError("step of axis ")
             << axis << " is 0; expected a step that moves";
    SliceAxis rule(context, shape.dims[axis], step);
    firsts[axis] = rule.clamp(start);
    steps[axis] = step;
    shape.dims[axis] = rule.count(firsts[axis], rule.clamp(end));
  }
  if (auto data = readData(context, getInput()))
    shape.elements = makeElements(shape.dims, [&](ArrayRef<int64_t> position) {
      SmallVector<int64_t> source;
      for (auto [index, first, step] : llvm::zip(position, firsts, steps)) {
        std::optional<int64_t> from = constantOf(first);
        if (!from)
          return Expr();
        source.push_back(*from + index * step);
      }
      return data->at(source);
    });
  results.push_back(std::move(shape));
  return success();
}

LogicalResult PadOp::inferShapes(ShapeContext &context, Results &results) {
  // E1
  Elements pads = readShape(*this, context, getPads(), "pads");
  if (!pads)
    return failure();
  ValueShape shape{elementType(getInput()), Dims(context.dims(getInput())), {}};
  size_t rank = shape.dims.size();
  if (pads->size() != 2 * rank)
    return emitOpError("pads has ") << pads->size() << " elements; expected "
                                    << 2 * rank << ", two per dim";
  // E2
  if (elementType(getValue()) != shape.elementType)
    return emitOpError("value has element type ")
           << elementType(getValue()) << "; expected that of input, "
           << shape.elementType;
  for (auto [i, dim] : llvm::enumerate(shape.dims)) {
    // E3
    dim = context.add(dim, context.add((*pads)[i], (*pads)[rank + i]));
    if (constantOf(dim).value_or(0) < 0)
      return emitOpError("dim ")
             << i << " would be " << *constantOf(dim)
             << "; expected pads that remove no more than there is";
  }
  results.push_back(std::move(shape));
  return success();
}

LogicalResult TileOp::inferShapes(ShapeContext &context, Results &results) {
  // E1
  Elements repeats = readShape(*this, context, getRepeats(), "repeats");
  if (!repeats)
    return failure();
  ArrayRef<Expr> dims = context.dims(getInput());
  if (repeats->size() != dims.size())
    return emitOpError("repeats has ")
           << repeats->size() << " elements; expected " << dims.size()
           << ", one per dim";
  ValueShape shape{elementType(getInput()), {}, {}};
  for (auto [dim, repeat] : llvm::zip(dims, *repeats)) {
    // E2
    if (constantOf(repeat).value_or(0) < 0)
      return emitOpError("a repeat is ")
             << *constantOf(repeat) << "; expected 0 or more";
    shape.dims.push_back(context.mul(dim, repeat));
  }
  if (auto data = readData(context, getInput()))
    shape.elements = makeElements(shape.dims, [&](ArrayRef<int64_t> position) {
      SmallVector<int64_t> source(position);
      for (auto [index, size] : llvm::zip(source, data->sizes))
        index %= size;
      return data->at(source);
    });
  results.push_back(std::move(shape));
  return success();
}

LogicalResult BitcastOp::inferShapes(ShapeContext &context, Results &results) {
  // E1
  Type from = elementType(getInput()), to = getTo();
  if (!from.isIntOrFloat() || !to.isIntOrFloat() ||
      from.getIntOrFloatBitWidth() != to.getIntOrFloatBitWidth())
    return emitOpError("input of ")
           << from << " cannot be read as " << to << "; expected equal widths";
  results.push_back({to, Dims(context.dims(getInput())), {}});
  return success();
}

//===-- Gathers -----------------------------------------------------------===//

/// Elements picked by constant indices; others are not known.
static Elements gatherElements(ShapeContext &context, ArrayRef<Expr> dims,
                               Value input, Value indices, int64_t axis) {
  std::optional<Data> from = readData(context, input);
  std::optional<Data> by = from ? readData(context, indices) : std::nullopt;
  if (!by)
    return std::nullopt;
  size_t indexRank = by->sizes.size();
  return makeElements(dims, [&](ArrayRef<int64_t> position) {
    int64_t size = from->sizes[axis];
    std::optional<int64_t> index =
        constantOf(by->at(position.slice(axis, indexRank)));
    if (!index || *index < -size || *index >= size)
      return Expr();
    SmallVector<int64_t> source(position.take_front(axis));
    source.push_back(*index < 0 ? *index + size : *index);
    llvm::append_range(source, position.drop_front(axis + indexRank));
    return from->at(source);
  });
}

LogicalResult GatherOp::inferShapes(ShapeContext &context, Results &results) {
  // E1
  ArrayRef<Expr> dims = context.dims(getInput());
  if (failed(checkAxis(*this, getAxis(), dims.size())))
    return failure();
  int64_t axis = getAxis();
  ValueShape shape{elementType(getInput()), Dims(dims.take_front(axis)), {}};
  llvm::append_range(shape.dims, context.dims(getIndices()));
  llvm::append_range(shape.dims, dims.drop_front(axis + 1));
  shape.elements =
      gatherElements(context, shape.dims, getInput(), getIndices(), axis);
  results.push_back(std::move(shape));
  return success();
}

LogicalResult GatherElementsOp::inferShapes(ShapeContext &context,
                                            Results &results) {
  // E2
  ArrayRef<Expr> dims = context.dims(getInput());
  ArrayRef<Expr> indexDims = context.dims(getIndices());
  if (dims.size() != indexDims.size())
    return emitOpError("indices have rank ")
           << indexDims.size() << "; expected " << dims.size()
           << ", the rank of input";
  // E1
  if (failed(checkAxis(*this, getAxis(), dims.size())))
    return failure();
  results.push_back({elementType(getInput()), Dims(indexDims), {}});
  return success();
}

/// The static last dim of `indices`, or an error.
static FailureOr<int64_t> tupleLength(Operation *op, ArrayRef<Expr> dims) {
  std::optional<int64_t> length =
      dims.empty() ? std::nullopt : constantOf(dims.back());
  if (!length)
    return op->emitOpError("indices have shape ")
           << toString(dims) << "; expected a static last dim";
  return *length;
}

LogicalResult GatherNdOp::inferShapes(ShapeContext &context, Results &results) {
  ArrayRef<Expr> dims = context.dims(getInput());
  ArrayRef<Expr> indexDims = context.dims(getIndices());
  // E3
  FailureOr<int64_t> tuple = tupleLength(*this, indexDims);
  if (failed(tuple))
    return failure();
  // E1
  int64_t batch = getBatchDims();
  int64_t limit = std::min(dims.size(), indexDims.size());
  if (batch < 0 || batch >= limit)
    return emitOpError("batch_dims is ")
           << batch << "; expected a value in [0, " << limit << ")";
  // E2
  int64_t left = dims.size() - batch;
  if (*tuple > left)
    return emitOpError("index tuples have length ")
           << *tuple << "; expected at most " << left;
  ValueShape shape{elementType(getInput()), {}, {}};
  for (auto [a, b] : llvm::zip(dims.take_front(batch), indexDims)) {
    // E1: what is a batch dim of one side is one of the other
    Expr dim = context.unify(a, b);
    if (!dim)
      return emitOpError("batch dims are ")
             << toString(dims.take_front(batch)) << " and "
             << toString(indexDims.take_front(batch)) << "; expected the same";
    shape.dims.push_back(dim);
  }
  llvm::append_range(shape.dims, indexDims.drop_back().drop_front(batch));
  llvm::append_range(shape.dims, dims.drop_front(batch + *tuple));
  results.push_back(std::move(shape));
  return success();
}

//===-- Scatters ----------------------------------------------------------===//

static bool mayBeEqual(ShapeContext &context, ArrayRef<Expr> a,
                       ArrayRef<Expr> b) {
  return a.size() == b.size() && llvm::all_of(llvm::zip(a, b), [&](auto pair) {
           return bool(context.unify(std::get<0>(pair), std::get<1>(pair)));
         });
}

LogicalResult ScatterElementsOp::inferShapes(ShapeContext &context,
                                             Results &results) {
  // E2
  ArrayRef<Expr> dims = context.dims(getInput());
  ArrayRef<Expr> indexDims = context.dims(getIndices());
  if (indexDims.size() != dims.size() ||
      !mayBeEqual(context, indexDims, context.dims(getUpdates())) ||
      elementType(getUpdates()) != elementType(getInput()))
    return emitOpError("updates of type ")
           << getUpdates().getType() << " do not fit input of type "
           << getInput().getType() << " and indices of type "
           << getIndices().getType()
           << "; expected the element type of input and the shape of indices, "
              "all of one rank";
  // E1
  if (failed(checkAxis(*this, getAxis(), dims.size())))
    return failure();
  results.push_back({elementType(getInput()), Dims(dims), {}});
  return success();
}

LogicalResult ScatterNdOp::inferShapes(ShapeContext &context,
                                       Results &results) {
  ArrayRef<Expr> dims = context.dims(getInput());
  ArrayRef<Expr> indexDims = context.dims(getIndices());
  // E3
  FailureOr<int64_t> tuple = tupleLength(*this, indexDims);
  if (failed(tuple))
    return failure();
  // E1
  if (*tuple > int64_t(dims.size()))
    return emitOpError("index tuples have length ")
           << *tuple << "; expected at most " << dims.size();
  // E2
  Dims expected(indexDims.drop_back());
  llvm::append_range(expected, dims.drop_front(*tuple));
  if (!mayBeEqual(context, expected, context.dims(getUpdates())) ||
      elementType(getUpdates()) != elementType(getInput()))
    return emitOpError("updates have type ")
           << getUpdates().getType() << "; expected shape "
           << toString(expected) << " of " << elementType(getInput());
  results.push_back({elementType(getInput()), Dims(dims), {}});
  return success();
}
