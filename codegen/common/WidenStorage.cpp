#include "codegen/common/KernelFunction.h"
#include "codegen/common/Passes.h"

namespace nacre::codegen {
#define GEN_PASS_DEF_CODEGENWIDENSTORAGEPASS
#include "codegen/common/Passes.h.inc"
} // namespace nacre::codegen

using namespace mlir;

static bool isNarrow(Type element) {
  return element.isIntOrFloat() && element.getIntOrFloatBitWidth() <= 8 &&
         !element.isInteger(8);
}

/// `type` with `i8` elements if it is a tensor or buffer of narrow ones.
static Type widen(Type type) {
  auto shaped = dyn_cast<ShapedType>(type);
  if (!shaped || isa<VectorType>(type) || !isNarrow(shaped.getElementType()))
    return type;
  return shaped.clone(IntegerType::get(type.getContext(), 8));
}

static Value toByte(OpBuilder &b, Value value) {
  Location loc = value.getLoc();
  Type type = value.getType(), byte = b.getI8Type();
  if (isa<FloatType>(type)) {
    unsigned bits = type.getIntOrFloatBitWidth();
    value = arith::BitcastOp::create(b, loc, b.getIntegerType(bits), value);
    if (bits == 8)
      return value;
  }
  return arith::ExtUIOp::create(b, loc, byte, value);
}

static Value fromByte(OpBuilder &b, Value value, Type type) {
  Location loc = value.getLoc();
  if (type.isInteger(1)) {
    Value zero = arith::ConstantIntOp::create(b, loc, 0, 8);
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, value, zero);
  }
  unsigned bits = type.getIntOrFloatBitWidth();
  if (bits != 8)
    value = arith::TruncIOp::create(b, loc, b.getIntegerType(bits), value);
  if (isa<FloatType>(type))
    value = arith::BitcastOp::create(b, loc, type, value);
  return value;
}

/// Lets the uses of `byte` see the element it holds.
static void replaceByNarrow(OpBuilder &b, Value byte, Type type) {
  SmallVector<OpOperand *> uses;
  for (OpOperand &use : byte.getUses())
    uses.push_back(&use);
  if (uses.empty())
    return;
  Value narrow = fromByte(b, byte, type);
  for (OpOperand *use : uses)
    use->set(narrow);
}

/// The bits of a constant's elements, as bytes.
static TypedAttr widenConstant(TypedAttr attr) {
  auto elements = dyn_cast<DenseElementsAttr>(attr);
  if (!elements || widen(attr.getType()) == attr.getType())
    return attr;
  Type byte = IntegerType::get(attr.getContext(), 8);
  if (isa<FloatType>(elements.getElementType()))
    return elements.mapValues(byte, [](const APFloat &value) {
      return value.bitcastToAPInt().zextOrTrunc(8);
    });
  return elements.mapValues(
      byte, [](const APInt &value) { return value.zextOrTrunc(8); });
}

/// Element values enter and leave tensors through the operands and results of
/// these ops, and through the bodies of structured ops.
static void convertElements(Operation *op, ArrayRef<Type> oldResultTypes) {
  OpBuilder b(op);
  bool takesElements =
      isa<tensor::InsertOp, tensor::FromElementsOp, tensor::SplatOp,
          tensor::YieldOp, linalg::YieldOp, linalg::FillOp, memref::StoreOp>(
          op);
  if (takesElements)
    for (OpOperand &operand : op->getOpOperands())
      if (isNarrow(operand.get().getType()))
        operand.set(toByte(b, operand.get()));
  if (isa<tensor::ExtractOp, memref::LoadOp>(op) &&
      isNarrow(oldResultTypes[0])) {
    Value result = op->getResult(0);
    result.setType(b.getI8Type());
    b.setInsertionPointAfter(op);
    replaceByNarrow(b, result, oldResultTypes[0]);
  }
}

static void widenBlockArguments(Operation *op) {
  bool elements = isa<linalg::LinalgOp>(op);
  for (Region &region : op->getRegions())
    for (Block &block : region)
      for (BlockArgument argument : block.getArguments()) {
        Type type = argument.getType();
        argument.setType(widen(type));
        if (!elements || !isNarrow(type))
          continue;
        OpBuilder b = OpBuilder::atBlockBegin(&block);
        argument.setType(b.getI8Type());
        replaceByNarrow(b, argument, type);
      }
}

namespace {
struct WidenStorage final
    : nacre::codegen::impl::CodegenWidenStoragePassBase<WidenStorage> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    SmallVector<Operation *> ops;
    func.walk([&](Operation *op) { ops.push_back(op); });
    for (Operation *op : ops) {
      SmallVector<Type> oldTypes(op->getResultTypes());
      for (Value result : op->getResults())
        result.setType(widen(result.getType()));
      if (auto constant = dyn_cast<arith::ConstantOp>(op))
        constant.setValueAttr(widenConstant(constant.getValue()));
      widenBlockArguments(op);
      convertElements(op, oldTypes);
    }
    func.setFunctionType(
        FunctionType::get(&getContext(), func.getBody().getArgumentTypes(),
                          func.getFunctionType().getResults()));
  }
};
} // namespace
