// Decision trees: each row walks down each tree, a fixed number of steps.

#include "passes/linalg/Indexing.h"

#include "dialects/graph/Scalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::lower;

namespace {
struct Trees {
  Location loc;
  Value input, feature, threshold, mode, yes, no, missing;
  Value width, nodes; // sizes

  Value stands(OpBuilder &b, Value value, Value node) const;
  Value step(OpBuilder &b, Value row, Value node) const;
  Value at(OpBuilder &b, Value table, Value node) const {
    return tensor::ExtractOp::create(b, loc, table, node);
  }
};
} // namespace

/// Whether `value` stands to the threshold of `node` as its mode says.
Value Trees::stands(OpBuilder &b, Value value, Value node) const {
  using P = arith::CmpFPredicate;
  constexpr P predicates[] = {P::OLE, P::OLT, P::OGE, P::OGT, P::OEQ, P::UNE};
  graph::Scalar s(b, loc);
  Value limit = at(b, threshold, node);
  // Most models use one mode throughout.
  if (auto only = dyn_cast_or_null<IntegerAttr>(splatOf(mode)))
    return s.cmp(predicates[std::clamp<int64_t>(only.getInt(), 0, 5)], value,
                 limit);
  Value which = at(b, mode, node);
  Value result = s.cmp(predicates[5], value, limit);
  for (int64_t k = 4; k >= 0; --k)
    result = s.select(
        s.cmp(arith::CmpIPredicate::eq, which, s.integer(which.getType(), k)),
        s.cmp(predicates[k], value, limit), result);
  return result;
}

Value Trees::step(OpBuilder &b, Value row, Value node) const {
  graph::Scalar s(b, loc);
  Value column = safeIndex(b, loc, at(b, feature, node), width, kIndexText);
  Value value = s.make<tensor::ExtractOp>(input, ValueRange{row, column});
  Value goes = stands(b, value, node);
  auto never = dyn_cast_or_null<IntegerAttr>(splatOf(missing));
  if (!never || !never.getValue().isZero()) {
    Value isNan = s.cmp(arith::CmpFPredicate::UNO, value, value);
    Value counts = s.make<arith::AndIOp>(isNan, at(b, missing, node));
    goes = s.make<arith::OrIOp>(goes, counts);
  }
  Value next = s.select(goes, at(b, yes, node), at(b, no, node));
  return safeIndex(b, loc, next, nodes, kIndexText);
}

static FailureOr<Tensor> lowerTreeLeaves(Lowering &lowering,
                                         graph::TreeLeavesOp op) {
  Location loc = op.getLoc();
  SmallVector<Tensor> in;
  for (Value operand : op.getOperands())
    in.push_back(lowering.get(operand));
  SmallVector<Expr> dims = llvm::to_vector(lowering.dims(op.getOutput()));
  Expr length = in[2].dims[0], width = in[0].dims[1];
  for (unsigned k = 3; k < in.size(); ++k)
    lowering.requireEqual(loc, in[k].dims[0], length,
                          "tables of trees have different lengths");
  requireIndexable(lowering, loc, length, dims);
  requireIndexable(lowering, loc, width, dims);
  Trees trees{loc,
              in[0].value,
              in[2].value,
              in[3].value,
              in[4].value,
              in[5].value,
              in[6].value,
              in[7].value,
              lowering.index(width),
              lowering.index(length)};
  Type i64 = lowering.b.getI64Type();
  AffineMap map = AffineMap::get(2, 0, lowering.loops(1, 1), op.getContext());
  auto walk = [&](OpBuilder &nested, ValueRange args) -> Value {
    graph::Scalar s(nested, loc);
    Value row = s.make<linalg::IndexOp>(0);
    Value root = safeIndex(nested, loc, args[0], trees.nodes, kIndexText);
    Value zero = s.integer(nested.getIndexType(), 0);
    Value one = s.integer(nested.getIndexType(), 1);
    Value depth = s.integer(nested.getIndexType(), op.getDepth());
    auto loop = scf::ForOp::create(
        nested, loc, zero, depth, one, root,
        [&](OpBuilder &body, Location, Value, ValueRange carried) {
          scf::YieldOp::create(body, loc, trees.step(body, row, carried[0]));
        });
    return s.make<arith::IndexCastOp>(i64, loop.getResult(0));
  };
  return lowering.map(loc, dims, i64, in[1], map, walk);
}

void lower::addTreeRules(Table &table) { table.add(&lowerTreeLeaves); }
