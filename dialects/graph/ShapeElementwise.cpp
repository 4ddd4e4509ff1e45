//===- ShapeElementwise.cpp - The shape rule of all elementwise ops -------===//
//
// Elementwise ops differ in the element types they take, which is a small rule
// for each, and in what they do to shape data (ShapeData.cpp).
//
//===----------------------------------------------------------------------===//
#include "dialects/graph/Infer.h"
#include "dialects/graph/ShapeData.h"

using namespace mlir;
using namespace nacre::graph;
using namespace nacre::graph::detail;

namespace {
/// The element type of a result from those of operands; null if they do not
/// fit.
struct TypeRule {
  StringLiteral expected;
  Type (*result)(Operation *op, ArrayRef<Type> types);
};
} // namespace

static LogicalResult inferElementwise(Operation *op, const TypeRule &rule,
                                      ShapeContext &context, Results &results) {
  // E2
  SmallVector<Type> types = llvm::map_to_vector(
      op->getOperands(), [](Value operand) { return elementType(operand); });
  ValueShape shape;
  shape.elementType = rule.result(op, types);
  if (!shape.elementType) {
    InFlightDiagnostic diagnostic = op->emitOpError("element types are ");
    llvm::interleaveComma(types, diagnostic);
    return diagnostic << "; expected " << rule.expected;
  }
  // E1
  size_t rank = 0;
  for (Value operand : op->getOperands())
    rank = std::max(rank, context.dims(operand).size());
  shape.dims.assign(rank, context.constant(1));
  for (Value operand : op->getOperands()) {
    ArrayRef<Expr> dims = context.dims(operand);
    for (auto [i, dim] : llvm::enumerate(dims)) {
      Expr &both = shape.dims[rank - dims.size() + i];
      Expr wider = context.broadcast(both, dim);
      if (!wider)
        return op->emitOpError("operand of shape ")
               << toString(dims) << " does not broadcast to "
               << toString(shape.dims);
      both = wider;
    }
  }
  shape.elements = elementwiseElements(op, context, shape);
  results.push_back(std::move(shape));
  return success();
}

static bool areAll(ArrayRef<Type> types, bool (*fits)(Type)) {
  return llvm::all_of(types, fits) && llvm::all_equal(types);
}

static const TypeRule kFloats{"f16, bf16, f32 or f64, the same for all",
                              [](Operation *, ArrayRef<Type> t) {
                                return areAll(t, isFloat) ? t[0] : Type();
                              }};
static const TypeRule kNumbers{"a float or an integer, the same for all",
                               [](Operation *, ArrayRef<Type> t) {
                                 return areAll(t, isNumber) ? t[0] : Type();
                               }};
static const TypeRule kIntegers{"an integer, the same for all",
                                [](Operation *, ArrayRef<Type> t) {
                                  return areAll(t, isInteger) ? t[0] : Type();
                                }};
static const TypeRule kBools{"i1", [](Operation *, ArrayRef<Type> t) {
                               return areAll(t, isBool) ? t[0] : Type();
                             }};
static const TypeRule kFloatTest{
    "f16, bf16, f32, f64 or a smaller float",
    [](Operation *op, ArrayRef<Type> t) -> Type {
      return isa<FloatType>(t[0]) ? IntegerType::get(op->getContext(), 1)
                                  : Type();
    }};
static const TypeRule kPower{"numbers", [](Operation *, ArrayRef<Type> t) {
                               return isNumber(t[0]) && isNumber(t[1]) ? t[0]
                                                                       : Type();
                             }};
static const TypeRule kComparison{
    "the same for both", [](Operation *op, ArrayRef<Type> t) -> Type {
      return t[0] == t[1] ? IntegerType::get(op->getContext(), 1) : Type();
    }};
static const TypeRule kChoice{
    "i1 and twice the same", [](Operation *, ArrayRef<Type> t) {
      return isBool(t[0]) && t[1] == t[2] ? t[1] : Type();
    }};
static const TypeRule kCast{
    "a number or i1, also for `to`", [](Operation *op, ArrayRef<Type> t) {
      Type to = cast<CastOp>(op).getTo();
      return t[0].isIntOrFloat() && to.isIntOrFloat() ? to : Type();
    }};

/// What a quantized element is stored as.
static bool isStorage(Type type) {
  return isInteger(type)
             ? type.getIntOrFloatBitWidth() <= 16
             : isa<FloatType>(type) && type.getIntOrFloatBitWidth() <= 8;
}
static const TypeRule kQuantize{
    "floats, and integers of at most 16 or floats of at most 8 bits as zero "
    "point",
    [](Operation *, ArrayRef<Type> t) {
      return isFloat(t[0]) && isFloat(t[1]) && isStorage(t[2]) ? t[2] : Type();
    }};
static const TypeRule kDequantize{
    "a quantized type, a float and again the first",
    [](Operation *, ArrayRef<Type> t) {
      bool isQuantized = isStorage(t[0]) || t[0].isSignlessInteger(32);
      return isQuantized && isFloat(t[1]) && t[2] == t[0] ? t[1] : Type();
    }};

#define NACRE_SHAPE(Op, Rule)                                                  \
  LogicalResult Op::inferShapes(ShapeContext &context, Results &results) {     \
    return inferElementwise(*this, Rule, context, results);                    \
  }

NACRE_SHAPE(AbsOp, kNumbers)
NACRE_SHAPE(NegOp, kNumbers)
NACRE_SHAPE(SignOp, kNumbers)
NACRE_SHAPE(ReluOp, kNumbers)
NACRE_SHAPE(AddOp, kNumbers)
NACRE_SHAPE(SubOp, kNumbers)
NACRE_SHAPE(MulOp, kNumbers)
NACRE_SHAPE(DivOp, kNumbers)
NACRE_SHAPE(MaxOp, kNumbers)
NACRE_SHAPE(MinOp, kNumbers)
NACRE_SHAPE(ModOp, kNumbers)

NACRE_SHAPE(CeilOp, kFloats)
NACRE_SHAPE(FloorOp, kFloats)
NACRE_SHAPE(RoundOp, kFloats)
NACRE_SHAPE(SqrtOp, kFloats)
NACRE_SHAPE(RsqrtOp, kFloats)
NACRE_SHAPE(ReciprocalOp, kFloats)
NACRE_SHAPE(ExpOp, kFloats)
NACRE_SHAPE(LogOp, kFloats)
NACRE_SHAPE(ErfOp, kFloats)
NACRE_SHAPE(SinOp, kFloats)
NACRE_SHAPE(CosOp, kFloats)
NACRE_SHAPE(TanOp, kFloats)
NACRE_SHAPE(AsinOp, kFloats)
NACRE_SHAPE(AcosOp, kFloats)
NACRE_SHAPE(AtanOp, kFloats)
NACRE_SHAPE(SinhOp, kFloats)
NACRE_SHAPE(CoshOp, kFloats)
NACRE_SHAPE(TanhOp, kFloats)
NACRE_SHAPE(AsinhOp, kFloats)
NACRE_SHAPE(AcoshOp, kFloats)
NACRE_SHAPE(AtanhOp, kFloats)
NACRE_SHAPE(SigmoidOp, kFloats)

NACRE_SHAPE(NotOp, kBools)
NACRE_SHAPE(AndOp, kBools)
NACRE_SHAPE(OrOp, kBools)
NACRE_SHAPE(XorOp, kBools)

NACRE_SHAPE(BitNotOp, kIntegers)
NACRE_SHAPE(BitAndOp, kIntegers)
NACRE_SHAPE(BitOrOp, kIntegers)
NACRE_SHAPE(BitXorOp, kIntegers)
NACRE_SHAPE(ShiftLeftOp, kIntegers)
NACRE_SHAPE(ShiftRightOp, kIntegers)

NACRE_SHAPE(IsNanOp, kFloatTest)
NACRE_SHAPE(IsInfOp, kFloatTest)
NACRE_SHAPE(CastOp, kCast)
NACRE_SHAPE(PowOp, kPower)
NACRE_SHAPE(CompareOp, kComparison)
NACRE_SHAPE(SelectOp, kChoice)
NACRE_SHAPE(QuantizeOp, kQuantize)
NACRE_SHAPE(DequantizeOp, kDequantize)

#undef NACRE_SHAPE
