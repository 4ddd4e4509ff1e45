//===- ShapeMovement.cpp - Shape rules of constants and data movement -----===//
#include "dialects/graph/Infer.h"

using namespace mlir;
using namespace nacre::graph;
using namespace nacre::graph::detail;

//===-- Shapes and counts -------------------------------------------------===//

LogicalResult ShapeOp::inferShapes(ShapeContext &context, Results &results) {
  ArrayRef<Expr> dims = context.dims(getInput());
  results.push_back({IntegerType::get(getContext(), 64),
                     {context.constant(dims.size())},
                     Dims(dims)});
  return success();
}

/// The value of a scalar constant of floats.
static std::optional<APFloat> floatConstant(Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  if (!constant || constant.getValue().getNumElements() != 1)
    return std::nullopt;
  auto elements = constant.getValue().tryGetValues<APFloat>();
  if (!elements)
    return std::nullopt;
  return *elements->begin();
}

/// ceil((limit - start) / delta), the difference in the type of the operands,
/// the rest in double as ONNX Runtime has it; nothing if that is not a size.
static std::optional<int64_t> countFloats(APFloat start, APFloat limit,
                                          APFloat delta) {
  limit.subtract(start, APFloat::rmNearestTiesToEven);
  bool lost;
  for (APFloat *value : {&limit, &delta})
    value->convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lost);
  double count = std::ceil(limit.convertToDouble() / delta.convertToDouble());
  if (!(count < 0x1p62)) // NaN too
    return std::nullopt;
  return count <= 0 ? 0 : static_cast<int64_t>(count);
}

/// The number of elements of a range of integers; null if not known.
static Expr countIntegers(ShapeContext &context, Expr start, Expr limit,
                          Expr delta) {
  int64_t step = constantOf(delta).value_or(0);
  if (step == 0 || step == std::numeric_limits<int64_t>::min())
    return {};
  Expr span = step > 0 ? context.sub(limit, start) : context.sub(start, limit);
  return context.max(context.ceilDiv(span, std::abs(step)),
                     context.constant(0));
}

LogicalResult RangeOp::inferShapes(ShapeContext &context, Results &results) {
  // E1
  Type type = elementType(getStart());
  for (Value operand : getOperands())
    if (elementType(operand) != type || !context.dims(operand).empty() ||
        !isNumber(type))
      return emitOpError("operands have types ")
             << getOperandTypes() << "; expected scalars of one number type";
  // E2
  std::optional<APFloat> delta = floatConstant(getDelta());
  if ((delta && delta->isZero()) ||
      context.constantElements(getDelta()) == SmallVector<int64_t>{0})
    return emitOpError("delta is 0; expected a step that moves");

  Expr count;
  Elements elements;
  if (isInteger(type)) {
    Expr start = context.elements(getStart())->front();
    Expr step = context.elements(getDelta())->front();
    count = countIntegers(context, start, context.elements(getLimit())->front(),
                          step);
    if (count)
      elements = makeElements({count}, [&](ArrayRef<int64_t> position) {
        return context.add(start,
                           context.mul(step, context.constant(position[0])));
      });
  } else {
    std::optional<APFloat> start = floatConstant(getStart());
    std::optional<APFloat> limit = floatConstant(getLimit());
    if (start && limit && delta)
      if (auto size = countFloats(*start, *limit, *delta))
        count = context.constant(*size);
  }
  if (!count)
    count = context.symbol(
        {Symbol::ResultDim, getOperation()->getResult(0), 0, {}});
  results.push_back({type, {count}, elements});
  return success();
}

LogicalResult RandomOp::inferShapes(ShapeContext &context, Results &results) {
  // E1
  Elements dims = readShape(*this, context, getShape(), "shape");
  if (!dims)
    return failure();
  // E2
  if (!isFloat(getDtype()))
    return emitOpError("dtype is ")
           << getDtype() << "; expected f16, bf16, f32 or f64";
  results.push_back({getDtype(), *dims, {}});
  return success();
}

//===-- Reshapes ----------------------------------------------------------===//

namespace {
/// The dims that a reshape gives. Sizes that only a run can tell may be 0
/// (copy) or -1 (what is left), so they become choices.
class ReshapeDims {
public:
  ReshapeDims(ShapeContext &context, ArrayRef<Expr> input, ArrayRef<Expr> sizes,
              bool allowZero)
      : context(context), input(input), sizes(sizes), allowZero(allowZero) {}

  /// E2, E3
  LogicalResult compute(ReshapeOp op, Dims &dims);

private:
  bool mayBeMinusOne(Expr size) const {
    return !constantOf(size) && !context.isNonNegative(size);
  }
  /// Whether `size` is 0 only where a dim is: of empty tensors the shape is
  /// taken to be the one that the model computed.
  bool isDim(Expr size) const {
    llvm::DenseMap<Expr, Expr> atLeastOne;
    size.walk([&](Expr part) {
      const Symbol *symbol = context.asSymbol(part);
      if (symbol &&
          (symbol->kind == Symbol::ArgDim || symbol->kind == Symbol::ResultDim))
        atLeastOne[part] = part + 1;
    });
    return context.isNonNegative(
        context.sub(size.replace(atLeastOne), context.constant(1)));
  }
  /// The dim for a size that is not -1.
  Expr resolve(unsigned i) {
    Expr size = sizes[i];
    if (allowZero || i >= input.size() || isDim(size))
      return size;
    return context.select(size, context.constant(0), input[i], size);
  }
  /// What the other dims leave for dim `i`.
  Expr remainder(unsigned i, ArrayRef<Expr> others) {
    Dims rest(others);
    rest.erase(rest.begin() + i);
    return context.floorDiv(context.product(input), context.product(rest));
  }

  ShapeContext &context;
  ArrayRef<Expr> input, sizes;
  bool allowZero;
};
} // namespace

LogicalResult ReshapeDims::compute(ReshapeOp op, Dims &dims) {
  std::optional<unsigned> rest;
  for (auto [i, size] : llvm::enumerate(sizes)) {
    int64_t value = constantOf(size).value_or(0);
    // E2
    if (value < -1 || (value == -1 && rest))
      return op.emitOpError("size ")
             << i << " is " << value
             << "; expected 0 or more, or -1 for one size";
    // E3
    if (value == 0 && constantOf(size) && !allowZero && i >= input.size())
      return op.emitOpError("size ") << i << " is 0 and copies a dim, but the "
                                     << "input has rank " << input.size();
    if (value == -1)
      rest = i;
    dims.push_back(value == -1 ? context.constant(1) : resolve(i));
  }
  Dims resolved = dims;
  if (rest) {
    dims[*rest] = remainder(*rest, resolved);
  } else {
    for (auto [i, size] : llvm::enumerate(sizes))
      if (mayBeMinusOne(size))
        dims[i] = context.select(size, context.constant(-1),
                                 remainder(i, resolved), dims[i]);
  }
  // E3
  std::optional<int64_t> count = constantOf(context.product(input));
  std::optional<int64_t> newCount = constantOf(context.product(dims));
  bool leavesNothing = rest && !dims[*rest];
  if (leavesNothing || (count && newCount && *count != *newCount))
    return op.emitOpError("input of shape ")
           << toString(input) << " cannot become " << toString(sizes)
           << "; expected the same number of elements";
  return success();
}

LogicalResult ReshapeOp::inferShapes(ShapeContext &context, Results &results) {
  // E1
  Elements sizes = readShape(*this, context, getShape(), "shape");
  if (!sizes)
    return failure();
  ValueShape shape{elementType(getInput()), {}, {}};
  ReshapeDims rule(context, context.dims(getInput()), *sizes, getAllowZero());
  if (failed(rule.compute(*this, shape.dims)))
    return failure();
  shape.elements = context.elements(getInput());
  results.push_back(std::move(shape));
  return success();
}

LogicalResult CollapseOp::inferShapes(ShapeContext &context, Results &results) {
  // E1
  ArrayRef<Expr> dims = context.dims(getInput());
  ArrayRef<int64_t> starts = getStarts();
  int64_t rank = dims.size();
  bool ascends =
      std::adjacent_find(starts.begin(), starts.end(),
                         std::greater_equal<int64_t>()) == starts.end();
  if (rank == 0 ? !starts.empty()
                : starts.empty() || starts.front() != 0 || !ascends ||
                      starts.back() >= rank)
    return emitOpError("starts are [")
           << starts << "] for rank " << rank
           << "; expected an ascending list from 0, below the rank";
  ValueShape shape{elementType(getInput()), {}, context.elements(getInput())};
  for (size_t k = 0; k < starts.size(); ++k) {
    int64_t end = k + 1 < starts.size() ? starts[k + 1] : rank;
    shape.dims.push_back(
        context.product(dims.slice(starts[k], end - starts[k])));
  }
  results.push_back(std::move(shape));
  return success();
}

LogicalResult SqueezeOp::inferShapes(ShapeContext &context, Results &results) {
  // E1
  ArrayRef<Expr> dims = context.dims(getInput());
  if (failed(checkAxes(*this, getAxes(), dims.size())))
    return failure();
  ValueShape shape{elementType(getInput()), {}, context.elements(getInput())};
  for (auto [i, dim] : llvm::enumerate(dims)) {
    if (!llvm::is_contained(getAxes(), int64_t(i))) {
      shape.dims.push_back(dim);
      continue;
    }
    // E2
    std::optional<int64_t> size = constantOf(dim);
    if (size && *size != 1)
      return emitOpError("dim ") << i << " is " << *size << "; expected 1";
  }
  results.push_back(std::move(shape));
  return success();
}

LogicalResult UnsqueezeOp::inferShapes(ShapeContext &context,
                                       Results &results) {
  // E1
  ArrayRef<Expr> dims = context.dims(getInput());
  int64_t rank = dims.size() + getAxes().size();
  if (failed(checkAxes(*this, getAxes(), rank)))
    return failure();
  ValueShape shape{elementType(getInput()), {}, context.elements(getInput())};
  for (int64_t i = 0; i < rank; ++i) {
    if (llvm::is_contained(getAxes(), i)) {
      shape.dims.push_back(context.constant(1));
      continue;
    }
    shape.dims.push_back(dims.front());
    dims = dims.drop_front();
  }
  results.push_back(std::move(shape));
  return success();
}

//===-- Broadcasts, transposes, joins -------------------------------------===//

/// `dims` with ones before, up to `rank`.
static Dims alignRank(ShapeContext &context, ArrayRef<Expr> dims, size_t rank) {
  Dims aligned(rank - dims.size(), context.constant(1));
  llvm::append_range(aligned, dims);
  return aligned;
}

LogicalResult BroadcastOp::inferShapes(ShapeContext &context,
                                       Results &results) {
  // E1
  Elements sizes = readShape(*this, context, getShape(), "shape");
  if (!sizes)
    return failure();
  ArrayRef<Expr> dims = context.dims(getInput());
  size_t rank = std::max(dims.size(), sizes->size());
  ValueShape shape{elementType(getInput()), {}, {}};
  for (auto [from, to] : llvm::zip(alignRank(context, dims, rank),
                                   alignRank(context, *sizes, rank))) {
    // E2
    Expr dim = context.broadcast(from, to);
    if (!dim)
      return emitOpError("input of shape ")
             << toString(dims) << " does not broadcast to " << toString(*sizes);
    shape.dims.push_back(dim);
  }
  if (auto data = readData(context, getInput()))
    shape.elements = makeElements(shape.dims, [&](ArrayRef<int64_t> position) {
      SmallVector<int64_t> source(position.take_back(data->sizes.size()));
      for (auto [index, size] : llvm::zip(source, data->sizes))
        index = size == 1 ? 0 : index;
      return data->at(source);
    });
  results.push_back(std::move(shape));
  return success();
}

LogicalResult TransposeOp::inferShapes(ShapeContext &context,
                                       Results &results) {
  // E1
  ArrayRef<Expr> dims = context.dims(getInput());
  ArrayRef<int64_t> perm = getPerm();
  SmallVector<int64_t> sorted(perm);
  llvm::sort(sorted);
  if (!llvm::equal(sorted, llvm::seq<int64_t>(0, dims.size())))
    return emitOpError("perm is [")
           << perm << "]; expected a permutation of [0, " << dims.size() << ")";
  ValueShape shape{elementType(getInput()), {}, {}};
  for (int64_t from : perm)
    shape.dims.push_back(dims[from]);
  if (auto data = readData(context, getInput()))
    shape.elements = makeElements(shape.dims, [&](ArrayRef<int64_t> position) {
      SmallVector<int64_t> source(perm.size());
      for (auto [index, from] : llvm::zip(position, perm))
        source[from] = index;
      return data->at(source);
    });
  results.push_back(std::move(shape));
  return success();
}

/// The elements of tensors joined along `axis`.
static Elements joinElements(ShapeContext &context, ArrayRef<Expr> dims,
                             ValueRange inputs, int64_t axis) {
  SmallVector<Data> parts;
  for (Value input : inputs) {
    std::optional<Data> data = readData(context, input);
    if (!data)
      return std::nullopt;
    parts.push_back(std::move(*data));
  }
  return makeElements(dims, [&](ArrayRef<int64_t> position) {
    SmallVector<int64_t> source(position);
    for (const Data &part : parts) {
      if (source[axis] < part.sizes[axis])
        return part.at(source);
      source[axis] -= part.sizes[axis];
    }
    return Expr();
  });
}

LogicalResult ConcatOp::inferShapes(ShapeContext &context, Results &results) {
  // E3
  if (getInputs().empty())
    return emitOpError("has no input; expected one or more");
  // E1
  Value first = getInputs().front();
  ValueShape shape{elementType(first), Dims(context.dims(first)), {}};
  int64_t axis = getAxis();
  if (failed(checkAxis(*this, axis, shape.dims.size())))
    return failure();
  for (auto [i, input] : llvm::enumerate(getInputs().drop_front())) {
    // E2
    ArrayRef<Expr> dims = context.dims(input);
    bool fits = dims.size() == shape.dims.size() &&
                elementType(input) == shape.elementType;
    for (size_t k = 0; fits && k < dims.size(); ++k) {
      Expr &dim = shape.dims[k];
      Expr both = int64_t(k) == axis ? context.add(dim, dims[k])
                                     : context.unify(dim, dims[k]);
      fits = both || int64_t(k) == axis;
      dim = fits ? both : dim;
    }
    if (!fits)
      return emitOpError("input ")
             << i + 1 << " has type " << input.getType() << "; expected "
             << first.getType() << " but for dim " << axis;
  }
  shape.elements = joinElements(context, shape.dims, getInputs(), axis);
  results.push_back(std::move(shape));
  return success();
}
