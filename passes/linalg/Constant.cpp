// Tensors from nothing: constants, shapes, ranges.

#include "passes/linalg/Lowering.h"

#include "dialects/graph/Scalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::lower;

/// The same bytes without a sign; blobs are not touched.
static ElementsAttr signless(ElementsAttr value) {
  auto type = cast<RankedTensorType>(value.getShapedType());
  Type element = graph::signlessElementType(type.getElementType());
  if (element == type.getElementType())
    return value;
  if (auto dense = dyn_cast<DenseElementsAttr>(value))
    return dense.bitcast(element);
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
    return DenseResourceElementsAttr::get(type.clone(element),
                                          resource.getRawHandle());
  return nullptr;
}

static FailureOr<Tensor> lowerConstant(Lowering &lowering,
                                       graph::ConstantOp op) {
  if (auto strings = dyn_cast<DenseStringElementsAttr>(op.getValue()))
    return Tensor{lowerStrings(lowering, op.getLoc(), strings),
                  llvm::to_vector(lowering.dims(op.getOutput()))};
  ElementsAttr value = signless(op.getValue());
  if (!value)
    return unsupported(op, "the constant is neither dense nor a resource");
  return Tensor{lowering.constantTensor(op.getLoc(), value),
                llvm::to_vector(lowering.dims(op.getOutput()))};
}

static FailureOr<Tensor> lowerShape(Lowering &lowering, graph::ShapeOp op) {
  SmallVector<Value> sizes;
  Type i64 = lowering.b.getI64Type();
  for (Expr dim : llvm::to_vector(lowering.dims(op.getInput())))
    sizes.push_back(lowering.scalar(op.getLoc(), dim, i64));
  SmallVector<Expr> dims = llvm::to_vector(lowering.dims(op.getOutput()));
  Value value = tensor::FromElementsOp::create(lowering.b, op.getLoc(),
                                               lowering.type(dims, i64), sizes);
  return Tensor{value, dims};
}

/// ceil((limit - start) / delta) or 0, on the host. The difference is taken in
/// the type of the operands, the rest in double, as ONNX Runtime has it.
static Value countFloats(Lowering &lowering, graph::Scalar s, Value start,
                         Value limit, Value delta) {
  Type f64 = lowering.b.getF64Type();
  Value distance = s.toFloat(
      s.make<arith::SubFOp>(s.widen(limit), s.widen(start)), start.getType());
  Value quotient =
      s.make<arith::DivFOp>(s.toFloat(distance, f64), s.toFloat(delta, f64));
  Value count = s.make<math::CeilOp>(quotient);
  // Also ends infinities and NaN (a delta of 0) before the conversion.
  Value isFine = s.cmp(arith::CmpFPredicate::OLE, count,
                       s.real(f64, double(int64_t(1) << 40)));
  lowering.check(s.loc, isFine,
                 "range of a delta of 0 or of too many elements");
  Value zero = s.real(f64, 0);
  Value isSome = s.cmp(arith::CmpFPredicate::OGT, count, zero);
  count = s.select(s.make<arith::AndIOp>(isSome, isFine), count, zero);
  return s.make<arith::FPToSIOp>(lowering.b.getI64Type(), count);
}

static Value countIntegers(Lowering &lowering, graph::Scalar s, Value start,
                           Value limit, Value delta) {
  Type i64 = lowering.b.getI64Type();
  auto widen = [&](Value value) -> Value {
    return value.getType() == i64 ? value : s.make<arith::ExtSIOp>(i64, value);
  };
  Value zero = s.integer(i64, 0), one = s.integer(i64, 1);
  Value distance = s.make<arith::SubIOp>(widen(limit), widen(start));
  Value step = widen(delta);
  lowering.check(s.loc, s.cmp(arith::CmpIPredicate::ne, step, zero),
                 "range of a delta of 0");
  // Both are turned so that the step is positive: no quotient traps then.
  Value isDown = s.cmp(arith::CmpIPredicate::slt, step, zero);
  auto turned = [&](Value value) {
    return s.select(isDown, s.make<arith::SubIOp>(zero, value), value);
  };
  distance = s.make<arith::MaxSIOp>(turned(distance), zero);
  step = s.make<arith::MaxSIOp>(turned(step), one);
  return s.make<arith::CeilDivSIOp>(distance, step);
}

/// The number of elements where only a run can tell it.
static Value countRange(Lowering &lowering, graph::RangeOp op) {
  graph::Scalar s(lowering.b, op.getLoc());
  auto read = [&](Value operand) -> Value {
    return s.make<tensor::ExtractOp>(lowering.get(operand).value, ValueRange());
  };
  Value start = read(op.getStart()), limit = read(op.getLimit());
  Value delta = read(op.getDelta());
  Value count = isa<FloatType>(start.getType())
                    ? countFloats(lowering, s, start, limit, delta)
                    : countIntegers(lowering, s, start, limit, delta);
  return s.make<arith::IndexCastOp>(lowering.b.getIndexType(), count);
}

static FailureOr<Tensor> lowerRange(Lowering &lowering, graph::RangeOp op) {
  Location loc = op.getLoc();
  SmallVector<Expr> dims = llvm::to_vector(lowering.dims(op.getOutput()));
  Type element = Lowering::elementTypeOf(op.getOutput());
  bool isFloat = isa<FloatType>(element);
  const graph::Symbol *symbol = lowering.shapes.asSymbol(dims[0]);
  if (symbol && symbol->value == op.getOutput())
    lowering.define(dims[0], countRange(lowering, op));
  Tensor start = lowering.get(op.getStart()),
         delta = lowering.get(op.getDelta());
  AffineMap scalarMap = AffineMap::get(1, 0, op.getContext());
  return lowering.map(
      loc, dims, element, {start, delta}, {scalarMap, scalarMap},
      [&](OpBuilder &nested, ValueRange args) -> Value {
        graph::Scalar s(nested, loc);
        Value i = s.make<linalg::IndexOp>(0);
        Type i64 = nested.getI64Type();
        Value position = s.make<arith::IndexCastOp>(i64, i);
        position = s.cast(position, i64, element);
        if (!isFloat)
          return s.make<arith::AddIOp>(
              args[0], s.make<arith::MulIOp>(position, args[1]));
        // In f32 at least: the steps of a short float would add up.
        Value a = s.widen(args[0]), d = s.widen(args[1]);
        Value step = s.make<arith::MulFOp>(s.toFloat(position, a.getType()), d);
        return s.toFloat(s.make<arith::AddFOp>(a, step), element);
      });
}

void lower::addConstantRules(Table &table) {
  table.add(&lowerConstant);
  table.add(&lowerShape);
  table.add(&lowerRange);
}
