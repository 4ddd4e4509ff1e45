// Padding. Zeros and other constants around a tensor are tensor.pad, which
// tiling knows; everything else computes where each element comes from.

#include "passes/linalg/Lowering.h"

#include "dialects/graph/Scalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::lower;

/// The source of position `i` (counted from the first element of the input), by
/// `mode`; in range for every `i` unless the input is empty.
static Value sourceIndex(graph::Scalar s, graph::PadMode mode, Value i,
                         Value size) {
  Type index = i.getType();
  Value zero = s.integer(index, 0), one = s.integer(index, 1);
  Value last = s.make<arith::SubIOp>(size, one);
  auto clamp = [&](Value v) -> Value {
    v = s.make<arith::MinSIOp>(v, last);
    return s.make<arith::MaxSIOp>(v, zero);
  };
  auto modulo = [&](Value v, Value by) -> Value {
    by = s.make<arith::MaxSIOp>(by, one);
    Value rest = s.make<arith::RemSIOp>(v, by);
    Value isNegative = s.cmp(arith::CmpIPredicate::slt, rest, zero);
    return s.select(isNegative, s.make<arith::AddIOp>(rest, by), rest);
  };
  switch (mode) {
  case graph::PadMode::constant:
  case graph::PadMode::edge:
    return clamp(i);
  case graph::PadMode::wrap:
    return modulo(i, size);
  case graph::PadMode::reflect: {
    // Forth and back again, without the ends twice: a period of 2 * last.
    Value period = s.make<arith::AddIOp>(last, last);
    Value at = modulo(i, period);
    Value back = s.make<arith::SubIOp>(period, at);
    return clamp(
        s.select(s.cmp(arith::CmpIPredicate::sgt, at, last), back, at));
  }
  }
  llvm_unreachable("all modes are listed"); // a closed enum
}

namespace {
/// What is left of one dim after negative pads, and where it is seen.
struct Kept {
  Expr first; ///< of the input's elements
  Expr size;
  Expr before; ///< elements of the result in front of it
};
} // namespace

/// A negative pad removes elements before the mode looks at what is left.
static Kept keptOf(graph::ShapeContext &shapes, Expr dim, Expr low, Expr high) {
  Expr zero = shapes.constant(0);
  Expr first = shapes.max(shapes.sub(zero, low), zero);
  Expr removed = shapes.max(shapes.sub(zero, high), zero);
  return {first, shapes.sub(shapes.sub(dim, first), removed),
          shapes.max(low, zero)};
}

/// Computes for each element of the result where it comes from.
static Tensor padByElement(Lowering &lowering, graph::PadOp op, Tensor input,
                           ArrayRef<Expr> dims, ArrayRef<Expr> low,
                           ArrayRef<Expr> high) {
  Location loc = op.getLoc();
  bool isConstant = op.getMode() == graph::PadMode::constant;
  Tensor value = lowering.get(op.getValue());
  SmallVector<Kept> kept;
  Expr zero = lowering.constant(0), one = lowering.constant(1);
  for (int64_t d = 0; d < input.rank(); ++d) {
    kept.push_back(keptOf(lowering.shapes, input.dims[d], low[d], high[d]));
    Expr isEmpty = lowering.shapes.select(dims[d], zero, one, zero);
    if (!isConstant)
      lowering.requirePositive(loc,
                               lowering.shapes.max(kept.back().size, isEmpty),
                               "cannot extend an empty tensor");
  }
  AffineMap scalarMap = AffineMap::get(dims.size(), 0, op.getContext());
  auto read = [&](OpBuilder &nested, ArrayRef<Value> position) -> Value {
    return tensor::ExtractOp::create(nested, loc, input.value, position);
  };
  return lowering.map(
      loc, dims, input.elementType(), {value}, {scalarMap},
      [&](OpBuilder &nested, ValueRange args) -> Value {
        graph::Scalar s(nested, loc);
        SmallVector<Value> position;
        Value isInside = s.integer(nested.getI1Type(), 1);
        for (int64_t d = 0; d < input.rank(); ++d) {
          Value size = lowering.index(kept[d].size);
          Value i = s.make<arith::SubIOp>(s.make<linalg::IndexOp>(d),
                                          lowering.index(kept[d].before));
          position.push_back(
              s.make<arith::AddIOp>(sourceIndex(s, op.getMode(), i, size),
                                    lowering.index(kept[d].first)));
          // One unsigned comparison covers both ends.
          isInside = s.make<arith::AndIOp>(
              isInside, s.cmp(arith::CmpIPredicate::ult, i, size));
        }
        if (!isConstant)
          return read(nested, position);
        // A branch, since an empty input has no element to read.
        return scf::IfOp::create(
                   nested, loc, isInside,
                   [&](OpBuilder &then, Location) {
                     scf::YieldOp::create(then, loc, read(then, position));
                   },
                   [&](OpBuilder &otherwise, Location) {
                     scf::YieldOp::create(otherwise, loc, args.front());
                   })
            .getResult(0);
      });
}

static FailureOr<Tensor> lowerPad(Lowering &lowering, graph::PadOp op) {
  FailureOr<SmallVector<Expr>> pads = lowering.elements(op, op.getPads());
  if (failed(pads))
    return failure();
  Tensor input = lowering.get(op.getInput());
  size_t rank = input.rank();
  ArrayRef<Expr> low = ArrayRef(*pads).take_front(rank);
  ArrayRef<Expr> high = ArrayRef(*pads).drop_front(rank);
  SmallVector<Expr> dims = llvm::to_vector(lowering.dims(op.getOutput()));
  if (dims == input.dims && llvm::all_of(low, [](Expr pad) {
        return graph::ShapeContext::asConstant(pad) == 0;
      }))
    return input;
  for (Expr dim : dims)
    lowering.requireAtMost(op.getLoc(), lowering.constant(0), dim,
                           "padding removes more than there is");
  bool grows = llvm::all_of(
      *pads, [&](Expr pad) { return lowering.shapes.isNonNegative(pad); });
  TypedAttr value = splatOf(lowering.get(op.getValue()).value);
  if (op.getMode() == graph::PadMode::constant && grows && value)
    return lowering.padBy(op.getLoc(), input, low, high, value);
  return padByElement(lowering, op, input, dims, low, high);
}

void lower::addPadRules(Table &table) { table.add(&lowerPad); }
