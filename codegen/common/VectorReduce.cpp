#include "codegen/common/VectorBody.h"

using namespace mlir;

namespace nacre::codegen {

using Kind = Lane::Kind;

static SmallVector<unsigned> reductionLoops(linalg::GenericOp op) {
  SmallVector<unsigned> loops;
  op.getReductionDims(loops);
  return loops;
}

static bool isStaticallyOne(linalg::GenericOp op, unsigned loop) {
  return op.getStaticLoopRanges()[loop] == 1;
}

Value loopSize(OpBuilder &b, const VectorPlan &plan, linalg::GenericOp op,
               unsigned loop) {
  Location loc = op.getLoc();
  int64_t known = op.getStaticLoopRanges()[loop];
  if (!ShapedType::isDynamic(known))
    return arith::ConstantIndexOp::create(b, loc, known);
  for (OpOperand &operand : op->getOpOperands())
    for (auto [d, expr] :
         llvm::enumerate(op.getMatchingIndexingMap(&operand).getResults())) {
      if (expr != b.getAffineDimExpr(loop))
        continue;
      Value tensor = operand.get();
      while (Operation *producer = tensor.getDefiningOp()) {
        if (!plan.group.contains(producer))
          break;
        tensor = cast<linalg::GenericOp>(producer).getDpsInits()[0];
      }
      return tensor::DimOp::create(b, loc, tensor, d);
    }
  llvm_unreachable("every loop is a subscript of some operand");
}

SmallVector<Value> VectorBody::accumulate(const Blocks &members,
                                          ArrayRef<Value> sums) {
  SmallVector<Value> next;
  size_t each = sums.size() / members.size();
  for (auto [i, member] : llvm::enumerate(members)) {
    ArrayRef<Value> own = sums.slice(i * each, each);
    for (auto [value, sum] : llvm::zip_equal(evaluate(member, own), own))
      next.push_back(isa<VectorType>(sum.getType()) ? toVector(value)
                                                    : value.value);
  }
  return next;
}

SmallVector<Value> VectorBody::emitLoops(Blocks members,
                                         ArrayRef<unsigned> loops,
                                         SmallVector<Value> sums) {
  if (loops.empty())
    return accumulate(members, sums);
  linalg::GenericOp op = members.front().op;
  unsigned loop = loops.front();
  if (isStaticallyOne(op, loop)) {
    for (Member &member : members)
      member.at[loop] = {};
    return emitLoops(members, loops.drop_front(), sums);
  }
  Value zero = arith::ConstantIndexOp::create(b, loc(), 0);
  Value one = arith::ConstantIndexOp::create(b, loc(), 1);
  Value size = loopSize(b, plan, op, loop);
  auto nest = scf::ForOp::create(b, loc(), zero, size, one, sums);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(nest.getBody());
  for (Member &member : members)
    member.at[loop] = {nest.getInductionVar(), 0};
  SmallVector<Value> carried(nest.getRegionIterArgs());
  SmallVector<Value> next = emitLoops(members, loops.drop_front(), carried);
  b.setInsertionPointToEnd(nest.getBody());
  scf::YieldOp::create(b, loc(), next);
  return nest.getResults();
}

VectorBody::Member VectorBody::follow(linalg::GenericOp op,
                                      const Coordinates &at) {
  if (op == root)
    return rootAt(at);
  Operation *user = *llvm::find_if(op->getUsers(), [&](Operation *user) {
    return plan.group.contains(user);
  });
  auto reader = cast<linalg::GenericOp>(user);
  OpOperand *operand =
      llvm::find_if(reader->getOpOperands(), [&](OpOperand &use) {
        return use.get().getDefiningOp() == op;
      });
  return memberAt(op, reader.getMatchingIndexingMap(operand),
                  follow(reader, at));
}

void VectorBody::emitReduction(linalg::GenericOp op) {
  size_t saved = block;
  Blocks members;
  SmallVector<Value> start;
  size_t each = op.getNumDpsInits();
  for (block = 0; block < tile.size(); ++block) {
    Member member = follow(op, tile[block]);
    members.push_back(member);
    for (OpOperand &init : op.getDpsInitsMutable()) {
      Lane initial = load(member, init);
      start.push_back(member.lane >= 0 ? toVector(initial) : initial.value);
    }
  }
  SmallVector<Value> results = emitLoops(members, reductionLoops(op), start);
  for (size_t i = 0; i < results.size(); ++i) {
    Kind kind =
        isa<VectorType>(results[i].getType()) ? Kind::Vector : Kind::Scalar;
    sums[{op.getOperation(), i / each}].push_back({kind, results[i]});
  }
  block = saved;
}

/// The value that `kind` leaves every other value alone with.
static TypedAttr neutral(vector::CombiningKind kind, Type type, Builder &b) {
  using vector::CombiningKind;
  if (auto f = dyn_cast<FloatType>(type)) {
    const llvm::fltSemantics &semantics = f.getFloatSemantics();
    switch (kind) {
    case CombiningKind::MUL:
      return b.getFloatAttr(type, 1.0);
    case CombiningKind::MAXIMUMF:
    case CombiningKind::MAXNUMF:
      return b.getFloatAttr(type,
                            APFloat::getInf(semantics, /*Negative=*/true));
    case CombiningKind::MINIMUMF:
    case CombiningKind::MINNUMF:
      return b.getFloatAttr(type, APFloat::getInf(semantics));
    default:
      // -0.0 + x is x for every x.
      return b.getFloatAttr(type,
                            APFloat::getZero(semantics, /*Negative=*/true));
    }
  }
  unsigned bits = type.getIntOrFloatBitWidth();
  switch (kind) {
  case CombiningKind::MUL:
    return b.getIntegerAttr(type, 1);
  case CombiningKind::MAXSI:
    return b.getIntegerAttr(type, APInt::getSignedMinValue(bits));
  case CombiningKind::MINSI:
    return b.getIntegerAttr(type, APInt::getSignedMaxValue(bits));
  case CombiningKind::MINUI:
  case CombiningKind::AND:
    return b.getIntegerAttr(type, APInt::getAllOnes(bits));
  default:
    return b.getIntegerAttr(type, 0);
  }
}

/// Whole vectors first, `vectors` of them at once, then masked ones.
SmallVector<Value> VectorBody::emitLaneLoop(Blocks members, unsigned loop,
                                            SmallVector<Value> sums) {
  linalg::GenericOp op = plan.sum;
  int64_t vectors = sums.size() / members.size();
  int64_t step = plan.lanes * vectors;
  Value size = loopSize(b, plan, op, loop);
  AffineExpr n = b.getAffineSymbolExpr(0);
  Value zero = arith::ConstantIndexOp::create(b, loc(), 0);
  Value middle = getValueOrCreateConstantIndexOp(
      b, loc(),
      affine::makeComposedFoldedAffineApply(b, loc(), n.floorDiv(step) * step,
                                            {OpFoldResult(size)}));
  auto makeLoop = [&](Value from, Value to, int64_t by, int64_t count,
                      bool masked) {
    Value width = arith::ConstantIndexOp::create(b, loc(), by);
    auto nest = scf::ForOp::create(b, loc(), from, to, width, sums);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(nest.getBody());
    Blocks steps;
    SmallVector<Value> carried;
    for (size_t m = 0; m < members.size(); ++m)
      for (int64_t v = 0; v < count; ++v) {
        steps.push_back(members[m]);
        steps.back().at[loop] = {nest.getInductionVar(), v * plan.lanes};
        carried.push_back(nest.getRegionIterArg(m * vectors + v));
      }
    if (masked) {
      Value left = arith::SubIOp::create(b, loc(), to, nest.getInductionVar());
      mask =
          vector::CreateMaskOp::create(b, loc(), vectorOf(b.getI1Type()), left);
    }
    SmallVector<Value> next = accumulate(steps, carried);
    if (masked)
      for (auto [value, old] : llvm::zip_equal(next, carried))
        value = arith::SelectOp::create(b, loc(), mask, value, old);
    mask = Value();
    SmallVector<Value> yielded(nest.getRegionIterArgs());
    for (size_t m = 0; m < members.size(); ++m)
      for (int64_t v = 0; v < count; ++v)
        yielded[m * vectors + v] = next[m * count + v];
    b.setInsertionPointToEnd(nest.getBody());
    scf::YieldOp::create(b, loc(), yielded);
    sums.assign(nest.result_begin(), nest.result_end());
  };
  makeLoop(zero, middle, step, vectors, /*masked=*/false);
  makeLoop(middle, size, plan.lanes, 1, /*masked=*/true);
  return sums;
}

/// combine(a, b) as the op does it.
static Value combine(OpBuilder &b, linalg::GenericOp op, Value x, Value y) {
  Operation *combiner =
      op.getBody()->getTerminator()->getOperand(0).getDefiningOp();
  IRMapping mapping;
  mapping.map(combiner->getOperand(0), x);
  mapping.map(combiner->getOperand(1), y);
  Operation *copy = b.clone(*combiner, mapping);
  copy->getResult(0).setType(x.getType());
  return copy->getResult(0);
}

void VectorBody::emitAcrossLanes() {
  linalg::GenericOp op = plan.sum;
  vector::CombiningKind kind = *combinerOf(op);
  Type element = getElementTypeOrSelf(op.getDpsInits()[0].getType());
  int64_t vectors = plan.sumVectors;
  VectorType type = vectorOf(element);
  TypedAttr start = neutral(kind, element, b);
  Value none =
      arith::ConstantOp::create(b, loc(), DenseElementsAttr::get(type, start));
  Blocks members;
  for (const Coordinates &at : tile) {
    members.push_back(follow(op, at));
    members.back().lane = plan.laneLoop;
  }

  // Other reduction loops around the one along the lanes.
  SmallVector<unsigned> outer = reductionLoops(op);
  llvm::erase(outer, plan.laneLoop);
  SmallVector<Value> parts(tile.size() * vectors, none);
  SmallVector<scf::ForOp> nests;
  Value zero = arith::ConstantIndexOp::create(b, loc(), 0);
  Value one = arith::ConstantIndexOp::create(b, loc(), 1);
  OpBuilder::InsertPoint after = b.saveInsertionPoint();
  for (unsigned loop : outer) {
    Value size = loopSize(b, plan, op, loop);
    auto nest = scf::ForOp::create(b, loc(), zero, size, one, parts);
    if (nests.empty())
      after = OpBuilder::InsertPoint(nest->getBlock(),
                                     std::next(Block::iterator(nest)));
    nests.push_back(nest);
    b.setInsertionPointToStart(nest.getBody());
    for (Member &member : members)
      member.at[loop] = {nest.getInductionVar(), 0};
    parts.assign(nest.getRegionIterArgs().begin(),
                 nest.getRegionIterArgs().end());
  }
  parts = emitLaneLoop(members, plan.laneLoop, parts);
  for (scf::ForOp nest : llvm::reverse(nests)) {
    b.setInsertionPointToEnd(nest.getBody());
    scf::YieldOp::create(b, loc(), parts);
    parts.assign(nest.result_begin(), nest.result_end());
  }
  if (!nests.empty())
    b.restoreInsertionPoint(after);

  for (block = 0; block < tile.size(); ++block) {
    Member member = members[block];
    member.lane = -1;
    ArrayRef<Value> own =
        ArrayRef<Value>(parts).slice(block * vectors, vectors);
    Value total = own[0];
    for (Value part : own.drop_front())
      total = combine(b, op, total, part);
    Value initial = load(member, *op.getDpsInitOperand(0)).value;
    Value scalar = vector::ReductionOp::create(b, loc(), kind, total, Value(),
                                               arith::FastMathFlags::reassoc);
    sums[{op.getOperation(), block}] = {
        {Kind::Scalar, combine(b, op, initial, scalar)}};
  }
}

} // namespace nacre::codegen
