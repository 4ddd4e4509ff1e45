// Reductions and softmax.

#include "passes/linalg/Combine.h"
#include "passes/linalg/Lowering.h"

#include "dialects/graph/Scalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::lower;

//===-- Combining two elements (Combine.h)
//---------------------------------===//

Type lower::accumulatorType(Type elementType) {
  auto type = dyn_cast<FloatType>(elementType);
  return type && type.getWidth() < 32 ? Float32Type::get(type.getContext())
                                      : elementType;
}

TypedAttr lower::identityOf(graph::ReduceKind kind, Type type,
                            bool isUnsigned) {
  using Kind = graph::ReduceKind;
  if (auto floatType = dyn_cast<FloatType>(type)) {
    const llvm::fltSemantics &semantics = floatType.getFloatSemantics();
    switch (kind) {
    case Kind::prod:
      return FloatAttr::get(floatType, 1.0);
    case Kind::max:
    case Kind::min:
      return FloatAttr::get(floatType,
                            APFloat::getInf(semantics, kind == Kind::max));
    default:
      return FloatAttr::get(floatType, 0.0);
    }
  }
  unsigned width = type.getIntOrFloatBitWidth();
  isUnsigned |= width == 1;
  switch (kind) {
  case Kind::prod:
  case Kind::all:
    return IntegerAttr::get(type, APInt(width, 1));
  case Kind::max:
    return IntegerAttr::get(type, isUnsigned ? APInt::getMinValue(width)
                                             : APInt::getSignedMinValue(width));
  case Kind::min:
    return IntegerAttr::get(type, isUnsigned ? APInt::getMaxValue(width)
                                             : APInt::getSignedMaxValue(width));
  default:
    return IntegerAttr::get(type, APInt(width, 0));
  }
}

Value lower::combine(OpBuilder &b, Location loc, graph::ReduceKind kind,
                     bool isUnsigned, Value lhs, Value rhs) {
  using Kind = graph::ReduceKind;
  bool isFloat = isa<FloatType>(lhs.getType());
  isUnsigned |= lhs.getType().isInteger(1);
  switch (kind) {
  case Kind::sum:
    if (isFloat)
      return arith::AddFOp::create(b, loc, lhs, rhs);
    return arith::AddIOp::create(b, loc, lhs, rhs);
  case Kind::prod:
    if (isFloat)
      return arith::MulFOp::create(b, loc, lhs, rhs);
    return arith::MulIOp::create(b, loc, lhs, rhs);
  case Kind::max:
    if (isFloat)
      return arith::MaximumFOp::create(b, loc, lhs, rhs);
    return isUnsigned ? arith::MaxUIOp::create(b, loc, lhs, rhs).getResult()
                      : arith::MaxSIOp::create(b, loc, lhs, rhs).getResult();
  case Kind::min:
    if (isFloat)
      return arith::MinimumFOp::create(b, loc, lhs, rhs);
    return isUnsigned ? arith::MinUIOp::create(b, loc, lhs, rhs).getResult()
                      : arith::MinSIOp::create(b, loc, lhs, rhs).getResult();
  case Kind::any:
    return arith::OrIOp::create(b, loc, lhs, rhs);
  case Kind::all:
    return arith::AndIOp::create(b, loc, lhs, rhs);
  }
  llvm_unreachable("all kinds are listed"); // a closed enum
}

//===-- Reductions
//---------------------------------------------------------===//

/// Combines along the dims at which `isReduced` is set, which leave the result.
/// `element` makes what is combined from an element of the input and those of
/// `rows`, tensors with the dims of the result.
static Tensor reduceAlong(Lowering &lowering, Location loc,
                          graph::ReduceKind kind, bool isUnsigned,
                          Type accumulator, Tensor input,
                          ArrayRef<bool> isReduced, ArrayRef<Tensor> rows,
                          MapBody element) {
  // Loops: what stays, then what is reduced, each in the order of dims.
  SmallVector<Expr> kept;
  SmallVector<AffineExpr> read(input.rank());
  unsigned parallel = llvm::count(isReduced, false);
  unsigned nextKept = 0, nextReduced = parallel;
  for (int64_t d = 0; d < input.rank(); ++d) {
    read[d] =
        lowering.b.getAffineDimExpr(isReduced[d] ? nextReduced++ : nextKept++);
    if (!isReduced[d])
      kept.push_back(input.dims[d]);
  }
  MLIRContext *context = lowering.b.getContext();
  AffineMap write =
      AffineMap::get(input.rank(), 0, lowering.loops(0, parallel), context);
  SmallVector<AffineMap> maps{AffineMap::get(input.rank(), 0, read, context)};
  SmallVector<Tensor> inputs{input};
  for (const Tensor &row : rows) {
    inputs.push_back(row);
    maps.push_back(write);
  }
  maps.push_back(write);
  Tensor init =
      lowering.fill(loc, kept, identityOf(kind, accumulator, isUnsigned));
  return lowering
      .generic(
          loc, inputs, init, maps, parallel,
          [&](OpBuilder &nested, ValueRange args) -> SmallVector<Value> {
            Value value = element(nested, args.drop_back());
            return {combine(nested, loc, kind, isUnsigned, args.back(), value)};
          })
      .front();
}

static FailureOr<Tensor> lowerReduce(Lowering &lowering, graph::ReduceOp op) {
  Location loc = op.getLoc();
  Tensor input = lowering.get(op.getInput());
  Type element = input.elementType();
  bool isUnsigned = getElementTypeOrSelf(op.getInput()).isUnsignedInteger();
  SmallVector<Expr> dims = llvm::to_vector(lowering.dims(op.getOutput()));
  SmallVector<bool> isReduced(input.rank(), false);
  for (int64_t axis : op.getAxes())
    isReduced[axis] = true;
  // Dims of 1 need no loop.
  bool reduces = false;
  for (int64_t d = 0; d < input.rank(); ++d)
    reduces |=
        isReduced[d] && graph::ShapeContext::asConstant(input.dims[d]) != 1;
  if (!reduces)
    return lowering.reshape(loc, input, dims);

  auto kind = op.getKind();
  bool isExact =
      kind == graph::ReduceKind::max || kind == graph::ReduceKind::min;
  Type accumulator = isExact ? element : accumulatorType(element);
  Tensor result =
      reduceAlong(lowering, loc, kind, isUnsigned, accumulator, input,
                  isReduced, {}, [&](OpBuilder &nested, ValueRange args) {
                    return graph::Scalar(nested, loc)
                        .cast(args.front(), element, accumulator);
                  });
  result = lowering.convertElements(loc, result, accumulator, element);
  return lowering.reshape(loc, result, dims);
}

//===-- Softmax
//--------------------------------------------------------------===//

static FailureOr<Tensor> lowerSoftmax(Lowering &lowering, graph::SoftmaxOp op) {
  Location loc = op.getLoc();
  Tensor input = lowering.get(op.getInput());
  Type element = input.elementType(), wide = accumulatorType(element);
  int64_t axis = op.getAxis(), rank = input.rank();
  SmallVector<bool> isReduced(rank, false);
  isReduced[axis] = true;
  auto widen = [&](OpBuilder &nested, Value value) {
    return graph::Scalar(nested, loc).cast(value, element, wide);
  };
  auto shifted = [&](OpBuilder &nested, ValueRange args) -> Value {
    return arith::SubFOp::create(nested, loc, widen(nested, args[0]),
                                 widen(nested, args[1]));
  };
  auto exponential = [&](OpBuilder &nested, ValueRange args) -> Value {
    return math::ExpOp::create(nested, loc, shifted(nested, args));
  };
  // Each element beside the one value of its row.
  SmallVector<AffineExpr> outer = lowering.loops(0, rank);
  outer.erase(outer.begin() + axis);
  AffineMap row = AffineMap::get(rank, 0, outer, op.getContext());
  AffineMap all = lowering.identity(rank);

  Tensor greatest = reduceAlong(
      lowering, loc, graph::ReduceKind::max, false, element, input, isReduced,
      {}, [](OpBuilder &, ValueRange args) { return args.front(); });
  if (op.getLog()) {
    Tensor sum = reduceAlong(lowering, loc, graph::ReduceKind::sum, false, wide,
                             input, isReduced, greatest, exponential);
    return lowering.map(
        loc, input.dims, element, {input, greatest, sum}, {all, row, row},
        [&](OpBuilder &nested, ValueRange args) -> Value {
          graph::Scalar s(nested, loc);
          Value log = s.make<math::LogOp>(args[2]);
          Value result = s.make<arith::SubFOp>(shifted(nested, args), log);
          return s.cast(result, wide, element);
        });
  }
  Tensor powers = lowering.map(loc, input.dims, wide, {input, greatest},
                               {all, row}, exponential);
  Tensor sum = reduceAlong(
      lowering, loc, graph::ReduceKind::sum, false, wide, powers, isReduced, {},
      [](OpBuilder &, ValueRange args) { return args.front(); });
  return lowering.map(
      loc, input.dims, element, {powers, sum}, {all, row},
      [&](OpBuilder &nested, ValueRange args) -> Value {
        graph::Scalar s(nested, loc);
        // Between 1 / n and 1, and of the row: it leaves the loop.
        Value scale = s.make<arith::DivFOp>(s.one(wide), args[1]);
        return s.cast(s.make<arith::MulFOp>(args[0], scale), wide, element);
      });
}

void lower::addReduceRules(Table &table) {
  table.add(&lowerReduce);
  table.add(&lowerSoftmax);
}
