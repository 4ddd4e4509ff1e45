// What only a run can tell about sizes, checked by the host.

#include "passes/linalg/Lowering.h"

#include "dialects/program/Program.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::lower;

void Lowering::check(Location loc, Value condition, StringRef text) {
  program::CheckOp::create(b, loc, condition, b.getStringAttr(text));
}

void Lowering::requireEqual(Location loc, Expr a, Expr b, StringRef text) {
  if (a == b || graph::ShapeContext::asConstant(shapes.sub(a, b)) == 0)
    return;
  for (ScopeState &scope : scopes)
    if (scope.equal.contains({a, b}))
      return;
  scopes.back().equal.insert({a, b});
  check(loc,
        arith::CmpIOp::create(this->b, loc, arith::CmpIPredicate::eq, index(a),
                              index(b)),
        text);
}

void Lowering::requireAtMost(Location loc, Expr a, Expr b, StringRef text) {
  if (a == b || shapes.isNonNegative(shapes.sub(b, a)))
    return;
  for (ScopeState &scope : scopes)
    if (scope.atMost.contains({a, b}))
      return;
  scopes.back().atMost.insert({a, b});
  check(loc,
        arith::CmpIOp::create(this->b, loc, arith::CmpIPredicate::sle, index(a),
                              index(b)),
        text);
}
