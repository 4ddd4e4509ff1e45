#include "codegen/common/ExpandAddresses.h"
#include "codegen/common/Passes.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/IndexToLLVM/IndexToLLVM.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/AttrTypeSubElements.h"

namespace nacre::codegen {
#define GEN_PASS_DEF_CODEGENTOLLVMPASS
#include "codegen/common/Passes.h.inc"
} // namespace nacre::codegen

using namespace mlir;

/// The integer type of the same bits for f16 or a vector of it, null for
/// others.
static Type bitsOf(Type type) {
  Type element = getElementTypeOrSelf(type);
  if (!element.isF16())
    return {};
  Type bits = IntegerType::get(type.getContext(), 16);
  auto vector = dyn_cast<VectorType>(type);
  return vector ? Type(vector.clone(bits)) : bits;
}

/// Makes an access move the bits of f16. Where a processor lacks that type, or
/// a masked access of it, LLVM would carry elements as f32 and round them back
/// through a function of libgcc.
static void accessBits(Operation *op) {
  if (!isa<LLVM::LoadOp, LLVM::StoreOp, LLVM::MaskedLoadOp, LLVM::MaskedStoreOp,
           LLVM::masked_gather, LLVM::masked_scatter>(op))
    return;
  OpBuilder b(op);
  for (OpOperand &operand : op->getOpOperands())
    if (Type bits = bitsOf(operand.get().getType()))
      operand.set(
          LLVM::BitcastOp::create(b, op->getLoc(), bits, operand.get()));
  b.setInsertionPointAfter(op);
  for (Value result : op->getResults())
    if (Type bits = bitsOf(result.getType())) {
      Type type = result.getType();
      result.setType(bits);
      auto value = LLVM::BitcastOp::create(b, op->getLoc(), type, result);
      result.replaceAllUsesExcept(value, value);
    }
}

/// Carries bf16 as its bits. All arithmetic of it is done in f32 by now; what
/// is left moves values, and LLVM would move them as f32 where a processor
/// lacks the type, and round them back through a function of libgcc.
static void carryBits(Operation *module) {
  AttrTypeReplacer replacer;
  Type bits = IntegerType::get(module->getContext(), 16);
  replacer.addReplacement([=](BFloat16Type) { return bits; });
  replacer.addReplacement([=](FloatAttr value) -> std::optional<Attribute> {
    if (!value.getType().isBF16())
      return std::nullopt;
    return IntegerAttr::get(bits, value.getValue().bitcastToAPInt());
  });
  replacer.addReplacement(
      [=](DenseElementsAttr value) -> std::optional<Attribute> {
        if (!value.getElementType().isBF16())
          return std::nullopt;
        return value.bitcast(bits);
      });
  replacer.recursivelyReplaceElementsIn(module, /*replaceAttrs=*/true,
                                        /*replaceLocs=*/false,
                                        /*replaceTypes=*/true);
}

/// Lets a greatest or least number be either zero: nobody defines which of two
/// zeros that is, and without an instruction of its own for it, their order
/// costs as much as all the rest.
static void forgetSignsOfZeros(Operation *op) {
  if (!isa<arith::MaximumFOp, arith::MinimumFOp>(op))
    return;
  auto math = cast<arith::ArithFastMathInterface>(op);
  op->setAttr(math.getFastMathAttrName(),
              arith::FastMathFlagsAttr::get(
                  op->getContext(), math.getFastMathFlagsAttr().getValue() |
                                        arith::FastMathFlags::nsz));
}

namespace {
struct ToLLVM final : nacre::codegen::impl::CodegenToLLVMPassBase<ToLLVM> {
  void runOnOperation() override {
    getOperation().walk(forgetSignsOfZeros);
    if (failed(nacre::codegen::expandAddresses(getOperation())) ||
        failed(lowerControlFlow()) || failed(convert()))
      return signalPassFailure();
    getOperation().walk(accessBits);
    carryBits(getOperation());
  }

private:
  LogicalResult lowerControlFlow() {
    RewritePatternSet patterns(&getContext());
    populateSCFToControlFlowConversionPatterns(patterns);
    ConversionTarget target(getContext());
    target.addIllegalDialect<scf::SCFDialect>();
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    return applyPartialConversion(getOperation(), target, std::move(patterns));
  }

  LogicalResult convert() {
    LowerToLLVMOptions options(&getContext());
    options.overrideIndexBitwidth(64);
    LLVMTypeConverter converter(&getContext(), options);
    RewritePatternSet patterns(&getContext());
    arith::populateArithToLLVMConversionPatterns(converter, patterns);
    populateMathToLLVMConversionPatterns(converter, patterns);
    populateVectorToLLVMConversionPatterns(converter, patterns,
                                           /*reassociateFPReductions=*/false,
                                           /*force32BitVectorIndices=*/true);
    populateFinalizeMemRefToLLVMConversionPatterns(converter, patterns);
    cf::populateControlFlowToLLVMConversionPatterns(converter, patterns);
    populateFuncToLLVMConversionPatterns(converter, patterns);
    index::populateIndexToLLVMConversionPatterns(converter, patterns);
    ub::populateUBToLLVMConversionPatterns(converter, patterns);
    LLVMConversionTarget target(getContext());
    if (failed(applyPartialConversion(getOperation(), target,
                                      std::move(patterns))))
      return failure();
    SmallVector<UnrealizedConversionCastOp> casts, left;
    getOperation().walk(
        [&](UnrealizedConversionCastOp cast) { casts.push_back(cast); });
    reconcileUnrealizedCasts(casts, &left);
    for (UnrealizedConversionCastOp cast : left)
      return cast.emitError("has no form in the llvm dialect: ") << cast;
    return success();
  }
};
} // namespace
