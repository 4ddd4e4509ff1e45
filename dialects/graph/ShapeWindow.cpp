//===- ShapeWindow.cpp - Shape rules of contractions and windows ----------===//
#include "dialects/graph/Infer.h"

using namespace mlir;
using namespace nacre::graph;
using namespace nacre::graph::detail;

//===-- Contractions ------------------------------------------------------===//

/// Floats of one type, or two kinds of bytes, which give i32. Null if neither.
static Type contractedType(Type lhs, Type rhs) {
  if (isByte(lhs) && isByte(rhs))
    return IntegerType::get(lhs.getContext(), 32);
  return lhs == rhs && isFloat(lhs) ? lhs : Type();
}

static Type matmulType(Type lhs, Type rhs) {
  if (Type type = contractedType(lhs, rhs))
    return type;
  bool wraps =
      lhs == rhs && isInteger(lhs) && lhs.getIntOrFloatBitWidth() >= 32;
  return wraps ? lhs : Type();
}

LogicalResult MatmulOp::inferShapes(ShapeContext &context, Results &results) {
  // E1
  ArrayRef<Expr> lhs = context.dims(getLhs()), rhs = context.dims(getRhs());
  if (lhs.size() < 2 || rhs.size() < 2)
    return emitOpError("operands have ranks ")
           << lhs.size() << " and " << rhs.size() << "; expected 2 or more";
  // E2
  Expr rows = lhs[lhs.size() - 2], columns = rhs.back();
  if (!context.unify(lhs.back(), rhs[rhs.size() - 2]))
    return emitOpError("lhs of shape ")
           << toString(lhs) << " has " << *constantOf(lhs.back())
           << " columns and rhs of shape " << toString(rhs) << " has "
           << *constantOf(rhs[rhs.size() - 2]) << " rows; expected the same";
  // E4
  Type type = matmulType(elementType(getLhs()), elementType(getRhs()));
  if (!type)
    return emitOpError("element types ")
           << elementType(getLhs()) << " and " << elementType(getRhs())
           << " do not fit; expected the same float or integer of 32 or 64 "
              "bits, or 8-bit integers";
  // E3
  ArrayRef<Expr> batch[] = {lhs.drop_back(2), rhs.drop_back(2)};
  Dims dims;
  size_t rank = std::max(batch[0].size(), batch[1].size());
  for (size_t i = 0; i < rank; ++i) {
    Expr dim = context.constant(1);
    for (ArrayRef<Expr> side : batch)
      if (i + side.size() >= rank && dim)
        dim = context.broadcast(dim, side[i + side.size() - rank]);
    if (!dim)
      return emitOpError("batch dims ")
             << toString(batch[0]) << " and " << toString(batch[1])
             << " do not broadcast";
    dims.push_back(dim);
  }
  dims.append({rows, columns});
  results.push_back({type, dims, {}});
  return success();
}

//===-- Windows -----------------------------------------------------------===//

namespace {
/// The attributes that convolutions and pools share.
struct Window {
  ArrayRef<int64_t> strides, dilations, pads;

  Expr padBefore(ShapeContext &context, size_t i) const {
    return context.constant(pads[i]);
  }
  Expr padAfter(ShapeContext &context, size_t i) const {
    return context.constant(pads[strides.size() + i]);
  }
  /// How many elements a dilated window spans.
  Expr extent(ShapeContext &context, size_t i, Expr size) const {
    Expr one = context.constant(1);
    return context.add(
        context.mul(context.sub(size, one), context.constant(dilations[i])),
        one);
  }
  /// How far a window can move over the padded input.
  Expr travel(ShapeContext &context, size_t i, Expr in, Expr size) const {
    Expr padded = context.add(context.add(in, padBefore(context, i)),
                              padAfter(context, i));
    return context.sub(padded, extent(context, i, size));
  }
};
} // namespace

/// Whether strides, dilations and pads have one entry (pads: two) per dim.
static LogicalResult checkLengths(Operation *op, const Window &window,
                                  size_t spatial) {
  if (window.strides.size() == spatial && window.dilations.size() == spatial &&
      window.pads.size() == 2 * spatial)
    return success();
  return op->emitOpError("has ")
         << window.strides.size() << " strides, " << window.dilations.size()
         << " dilations and " << window.pads.size() << " pads; expected "
         << spatial << ", " << spatial << " and " << 2 * spatial;
}

static LogicalResult checkPositive(Operation *op, StringRef name,
                                   ArrayRef<int64_t> values) {
  for (int64_t value : values)
    if (value < 1)
      return op->emitOpError("a ")
             << name << " is " << value << "; expected 1 or more";
  return success();
}

static LogicalResult checkTravel(Operation *op, size_t i, Expr travel) {
  if (constantOf(travel).value_or(0) >= 0)
    return success();
  return op->emitOpError("the window of spatial dim ")
         << i << " is " << -*constantOf(travel)
         << " larger than the padded input";
}

/// E1, E2 and E5 of `conv` and `conv_transpose`.
static LogicalResult checkConv(Operation *op, const Window &window,
                               ArrayRef<Expr> input, ArrayRef<Expr> weight) {
  // E1
  if (input.size() < 3 || weight.size() != input.size())
    return op->emitOpError("input and weight have ranks ")
           << input.size() << " and " << weight.size()
           << "; expected the same, 3 or more";
  // E2
  if (failed(checkLengths(op, window, input.size() - 2)))
    return failure();
  // E5
  if (failed(checkPositive(op, "stride", window.strides)) ||
      failed(checkPositive(op, "dilation", window.dilations)))
    return failure();
  return success();
}

/// E3 of both: `channels` of the input are `expected`, and `split` (channels of
/// the weight's dim 0) go evenly into groups.
static LogicalResult checkChannels(Operation *op, ShapeContext &context,
                                   int64_t groups, Expr channels, Expr expected,
                                   Expr split) {
  // E3
  if (groups < 1)
    return op->emitOpError("has ") << groups << " groups; expected 1 or more";
  if (!context.unify(channels, expected))
    return op->emitOpError("input has ")
           << *constantOf(channels) << " channels; expected "
           << *constantOf(expected) << " from the weight and " << groups
           << " groups";
  if (constantOf(split).value_or(0) % groups != 0)
    return op->emitOpError("weight has ")
           << *constantOf(split) << " channels; expected a multiple of "
           << groups << " groups";
  return success();
}

LogicalResult ConvOp::inferShapes(ShapeContext &context, Results &results) {
  // E1, E2, E5
  ArrayRef<Expr> input = context.dims(getInput());
  ArrayRef<Expr> weight = context.dims(getWeight());
  Window window{getStrides(), getDilations(), getPads()};
  if (failed(checkConv(*this, window, input, weight)))
    return failure();
  // E3
  Expr channels = context.mul(weight[1], context.constant(getGroups()));
  if (failed(checkChannels(*this, context, getGroups(), input[1], channels,
                           weight[0])))
    return failure();
  // E4
  Type type = contractedType(elementType(getInput()), elementType(getWeight()));
  if (!type)
    return emitOpError("element types ")
           << elementType(getInput()) << " and " << elementType(getWeight())
           << " do not fit; expected the same float, or 8-bit integers";
  Dims dims{input[0], weight[0]};
  for (size_t i = 0; i + 2 < input.size(); ++i) {
    // E6
    Expr travel = window.travel(context, i, input[i + 2], weight[i + 2]);
    if (failed(checkTravel(*this, i, travel)))
      return failure();
    Expr steps = context.floorDiv(travel, context.constant(window.strides[i]));
    dims.push_back(context.add(steps, context.constant(1)));
  }
  results.push_back({type, dims, {}});
  return success();
}

LogicalResult ConvTransposeOp::inferShapes(ShapeContext &context,
                                           Results &results) {
  // E1, E2, E5
  ArrayRef<Expr> input = context.dims(getInput());
  ArrayRef<Expr> weight = context.dims(getWeight());
  Window window{getStrides(), getDilations(), getPads()};
  if (failed(checkConv(*this, window, input, weight)))
    return failure();
  // E2
  size_t spatial = input.size() - 2;
  if (getOutputPadding().size() != spatial)
    return emitOpError("has ") << getOutputPadding().size()
                               << " output paddings; expected " << spatial;
  // E3
  if (failed(checkChannels(*this, context, getGroups(), input[1], weight[0],
                           weight[0])))
    return failure();
  // E4
  Type type = elementType(getInput());
  if (type != elementType(getWeight()) || !isFloat(type))
    return emitOpError("element types ")
           << type << " and " << elementType(getWeight())
           << " do not fit; expected the same float";
  Dims dims{input[0], context.mul(weight[1], context.constant(getGroups()))};
  for (size_t i = 0; i < spatial; ++i) {
    // E6
    Expr moved = context.mul(context.sub(input[i + 2], context.constant(1)),
                             context.constant(window.strides[i]));
    Expr full = context.add(
        context.add(moved, window.extent(context, i, weight[i + 2])),
        context.constant(getOutputPadding()[i]));
    Expr dim = context.sub(context.sub(full, window.padBefore(context, i)),
                           window.padAfter(context, i));
    if (constantOf(dim).value_or(0) < 0)
      return emitOpError("spatial dim ")
             << i << " would be " << *constantOf(dim)
             << "; expected pads that remove no more than there is";
    dims.push_back(dim);
  }
  results.push_back({type, dims, {}});
  return success();
}

//===-- Pools -------------------------------------------------------------===//

/// The number of windows along spatial dim `i`, `size` elements wide. With
/// `ceilMode` the last window may hang over, but is dropped if it starts in the
/// padding after. Where no other can start there, the number is
/// min(ceil(travel / stride) + 1, ceil((in + before) / stride)), and both round
/// the same way, so the less of the numerators decides.
static Expr countWindows(ShapeContext &context, const Window &window, size_t i,
                         Expr in, int64_t size, bool ceilMode) {
  int64_t stride = window.strides[i];
  Expr one = context.constant(1);
  Expr travel = window.travel(context, i, in, context.constant(size));
  if (!ceilMode)
    return context.add(context.floorDiv(travel, context.constant(stride)), one);
  Expr inside = context.add(in, window.padBefore(context, i));
  auto extent = constantOf(window.extent(context, i, context.constant(size)));
  if (extent && window.pads[window.strides.size() + i] > *extent) {
    Expr steps = context.ceilDiv(travel, stride);
    Expr start = context.mul(steps, context.constant(stride));
    Expr isInside = context.less(start, inside);
    return context.add(steps, isInside);
  }
  Expr reach = context.add(travel, context.constant(stride));
  return context.ceilDiv(context.min(reach, inside), stride);
}

/// E1 to E5 of `pool` and `pool_indices`; gives the dims.
template <typename OpT>
static LogicalResult inferPool(OpT op, ShapeContext &context, bool needsFloat,
                               Dims &dims) {
  // E1
  ArrayRef<Expr> input = context.dims(op.getInput());
  if (input.size() < 3)
    return op.emitOpError("input has rank ")
           << input.size() << "; expected 3 or more";
  // E2
  size_t spatial = input.size() - 2;
  Window window{op.getStrides(), op.getDilations(), op.getPads()};
  if (op.getWindow().size() != spatial)
    return op.emitOpError("has a window of rank ")
           << op.getWindow().size() << "; expected " << spatial;
  if (failed(checkLengths(op, window, spatial)))
    return failure();
  // E3
  Type type = elementType(op.getInput());
  if (needsFloat ? !isFloat(type) : !isNumber(type))
    return op.emitOpError("input has element type ")
           << type << "; expected "
           << (needsFloat ? "a float for a mean" : "a number");
  // E4
  if (failed(checkPositive(op, "stride", window.strides)) ||
      failed(checkPositive(op, "dilation", window.dilations)) ||
      failed(checkPositive(op, "window", op.getWindow())))
    return failure();
  dims.append({input[0], input[1]});
  for (size_t i = 0; i < spatial; ++i) {
    // E5
    Expr travel = window.travel(context, i, input[i + 2],
                                context.constant(op.getWindow()[i]));
    int64_t overhang = op.getCeilMode() ? window.strides[i] - 1 : 0;
    if (failed(checkTravel(op, i,
                           context.add(travel, context.constant(overhang)))))
      return failure();
    dims.push_back(countWindows(context, window, i, input[i + 2],
                                op.getWindow()[i], op.getCeilMode()));
  }
  return success();
}

LogicalResult PoolOp::inferShapes(ShapeContext &context, Results &results) {
  // E1, E2, E3, E4, E5
  Dims dims;
  bool isMean =
      getKind() == PoolKind::avg || getKind() == PoolKind::avg_include_pad;
  if (failed(inferPool(*this, context, isMean, dims)))
    return failure();
  results.push_back({elementType(getInput()), dims, {}});
  return success();
}

LogicalResult PoolIndicesOp::inferShapes(ShapeContext &context,
                                         Results &results) {
  // E1, E2, E3, E4, E5
  Dims dims;
  if (failed(inferPool(*this, context, /*needsFloat=*/false, dims)))
    return failure();
  results.push_back({IntegerType::get(getContext(), 64), dims, {}});
  return success();
}

LogicalResult ResizeOp::inferShapes(ShapeContext &context, Results &results) {
  // E1
  Elements sizes = readShape(*this, context, getSizes(), "sizes");
  if (!sizes)
    return failure();
  int64_t rank = context.dims(getInput()).size();
  auto length = [&](Value list) {
    ArrayRef<Expr> dims = context.dims(list);
    return dims.size() == 1 ? constantOf(dims[0]).value_or(-1) : -1;
  };
  bool readsRoi = getCoord() == ResizeCoord::tf_crop_and_resize;
  bool roiFits =
      length(getRoi()) == 2 * rank || (length(getRoi()) == 0 && !readsRoi);
  if (int64_t(sizes->size()) != rank || length(getScales()) != rank || !roiFits)
    return emitOpError("sizes, scales and roi have types ")
           << getSizes().getType() << ", " << getScales().getType() << " and "
           << getRoi().getType() << "; expected " << rank << ", " << rank
           << " and " << 2 * rank << " elements";
  // E2
  Type type = elementType(getInput());
  if (getMode() != ResizeMode::nearest && !isFloat(type) && !isByte(type))
    return emitOpError("input has element type ")
           << type << "; expected a float or 8-bit integer for "
           << stringifyResizeMode(getMode());
  results.push_back({type, *sizes, {}});
  return success();
}
