#include "codegen/common/KernelFunction.h"
#include "codegen/common/Passes.h"

#include "llvm/ADT/StringExtras.h"

namespace nacre::codegen {
#define GEN_PASS_DEF_CODEGENLOWERCHECKSPASS
#include "codegen/common/Passes.h.inc"
} // namespace nacre::codegen

using namespace mlir;
using namespace nacre;
using nacre::codegen::KernelFunction;

/// The names in `loc`: what the importer called the nodes it stems from.
static void collectNames(Location loc, SmallVectorImpl<StringRef> &names) {
  if (auto name = dyn_cast<NameLoc>(loc)) {
    if (!llvm::is_contained(names, name.getName().strref()))
      names.push_back(name.getName());
  } else if (auto fused = dyn_cast<FusedLoc>(loc)) {
    for (Location part : fused.getLocations())
      collectNames(part, names);
  } else if (auto call = dyn_cast<CallSiteLoc>(loc)) {
    collectNames(call.getCallee(), names);
    collectNames(call.getCaller(), names);
  }
}

namespace {
struct LowerChecks final
    : nacre::codegen::impl::CodegenLowerChecksPassBase<LowerChecks> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    SmallVector<kernel::CheckOp> checks;
    func.walk([&](kernel::CheckOp check) { checks.push_back(check); });
    if (checks.empty())
      return;
    OpBuilder b = OpBuilder::atBlockBegin(&func.front());
    Location loc = func.getLoc();
    Value status =
        memref::AllocaOp::create(b, loc, MemRefType::get({}, b.getI32Type()));
    Value zero = arith::ConstantIntOp::create(b, loc, 0, 32);
    memref::StoreOp::create(b, loc, zero, status);
    SmallVector<Attribute> rows;
    for (kernel::CheckOp check : checks)
      note(check, status, number(check, rows));
    auto ret = cast<func::ReturnOp>(func.front().getTerminator());
    b.setInsertionPoint(ret);
    Value code = memref::LoadOp::create(b, loc, status);
    ret.setOperand(0, code);
    func->setAttr(KernelFunction::kChecks, b.getArrayAttr(rows));
  }

private:
  int64_t number(kernel::CheckOp check, SmallVectorImpl<Attribute> &rows) {
    SmallVector<StringRef> names;
    collectNames(check.getLoc(), names);
    Builder b(&getContext());
    Attribute row =
        b.getStrArrayAttr({llvm::join(names, ", "), check.getText()});
    auto found = llvm::find(rows, row);
    int64_t position = found - rows.begin();
    if (found == rows.end())
      rows.push_back(row);
    return position + 1;
  }

  /// status = condition or status != 0 ? status : number
  void note(kernel::CheckOp check, Value status, int64_t number) {
    OpBuilder b(check);
    Location loc = check.getLoc();
    Value old = memref::LoadOp::create(b, loc, status);
    Value zero = arith::ConstantIntOp::create(b, loc, 0, 32);
    Value code = arith::ConstantIntOp::create(b, loc, number, 32);
    Value noted =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, old, zero);
    Value keep = arith::OrIOp::create(b, loc, check.getCondition(), noted);
    Value next = arith::SelectOp::create(b, loc, keep, old, code);
    memref::StoreOp::create(b, loc, next, status);
    check.erase();
  }
};
} // namespace
