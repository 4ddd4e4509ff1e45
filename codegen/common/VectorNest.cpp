#include "codegen/common/VectorBody.h"

using namespace mlir;

namespace nacre::codegen {

namespace {

/// A part of a loop that is covered by equal tiles.
struct Piece {
  Value from, to;
  int64_t step;
  /// Steps of one tile; vectors for the lane loop.
  int64_t unroll;
  bool masked = false;
  /// One tile at `from`: no loop.
  bool once = false;
  /// One element at a time.
  bool scalar = false;
};

/// The loops around tiles.
class Nest {
public:
  Nest(const VectorPlan &plan, RewriterBase &b)
      : plan(plan), root(plan.root), b(b), body(plan, b) {}

  SmallVector<Value> emit() {
    for (unsigned loop = 0; loop < root.getNumLoops(); ++loop)
      sizes.push_back(getAsOpFoldResult(loopSize(b, plan, root, loop)));
    // A fill is part of the first value of a sum; nothing has to be written.
    SmallVector<Value> inits;
    for (Value init : root.getDpsInits()) {
      auto fill = init.getDefiningOp<linalg::FillOp>();
      inits.push_back(fill ? fill.getOutputs()[0] : init);
    }
    return emitLoop(0, Coordinates(root.getNumLoops()),
                    SmallVector<int64_t>(root.getNumLoops(), 1), inits);
  }

private:
  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(b, root.getLoc(), value);
  }
  Value bound(AffineExpr expr, OpFoldResult size) {
    Location loc = root.getLoc();
    return getValueOrCreateConstantIndexOp(
        b, loc, affine::makeComposedFoldedAffineApply(b, loc, expr, {size}));
  }

  /// Less than a vector: masked, except that rows which would have to be read
  /// beyond the tensor to be transposed are done element by element.
  Piece lastLanes(Value from, Value to, bool once) {
    if (plan.transposedLoop >= 0)
      return {from, to, 1, 1, false, false, true};
    return {from, to, plan.lanes, 1, true, once};
  }

  SmallVector<Piece> pieces(unsigned loop) {
    bool lane = plan.isLane(loop);
    int64_t width = lane ? plan.lanes : 1, unroll = plan.tile[loop];
    int64_t step = width * unroll;
    SmallVector<Piece> result;
    if (std::optional<int64_t> size = getConstantIntValue(sizes[loop])) {
      int64_t middle = *size / step * step, rest = *size - middle;
      if (middle > 0)
        result.push_back({constant(0), constant(middle), step, unroll, false,
                          middle == step});
      if (int64_t whole = rest / width)
        result.push_back({constant(middle), constant(middle + whole * width),
                          whole * width, whole, false, true});
      if (rest % width)
        result.push_back(lastLanes(constant(*size - rest % width),
                                   constant(*size), /*once=*/true));
      return result;
    }
    AffineExpr n = b.getAffineSymbolExpr(0), middle = n.floorDiv(step) * step;
    Value to = bound(middle, sizes[loop]);
    result.push_back({constant(0), to, step, unroll});
    // Few rows alone wait for their sums: as many at once as are left.
    int64_t rest = lane ? 1 : llvm::bit_floor(uint64_t(unroll - 1));
    for (; unroll > 1 && rest > 0; rest /= 2) {
      int64_t part = rest * width;
      Value from = to;
      to = bound(middle + (n - middle).floorDiv(part) * part, sizes[loop]);
      result.push_back({from, to, part, rest});
    }
    if (lane) {
      Value whole = bound(n.floorDiv(width) * width, sizes[loop]);
      Value all =
          getValueOrCreateConstantIndexOp(b, root.getLoc(), sizes[loop]);
      result.push_back(lastLanes(whole, all, /*once=*/false));
    }
    return result;
  }

  SmallVector<Value> emitLoop(unsigned depth, Coordinates at,
                              SmallVector<int64_t> unrolls,
                              SmallVector<Value> results) {
    if (depth == plan.order.size())
      return emitTile(at, unrolls, results);
    unsigned loop = plan.order[depth];
    for (const Piece &piece : pieces(loop))
      results = emitPiece(piece, depth, at, unrolls, results);
    return results;
  }

  SmallVector<Value> emitPiece(const Piece &piece, unsigned depth,
                               Coordinates at, SmallVector<int64_t> unrolls,
                               SmallVector<Value> results) {
    Location loc = root.getLoc();
    unsigned loop = plan.order[depth];
    unrolls[loop] = piece.unroll;
    OpBuilder::InsertionGuard guard(b);
    scf::ForOp nest;
    at[loop] = {piece.from, 0};
    if (!piece.once) {
      nest = scf::ForOp::create(b, loc, piece.from, piece.to,
                                constant(piece.step), results);
      b.setInsertionPointToStart(nest.getBody());
      at[loop] = {nest.getInductionVar(), 0};
      results.assign(nest.getRegionIterArgs().begin(),
                     nest.getRegionIterArgs().end());
    }
    if (piece.masked) {
      Value left = arith::SubIOp::create(b, loc, piece.to, at[loop].base);
      body.mask = vector::CreateMaskOp::create(
          b, loc, VectorType::get({plan.lanes}, b.getI1Type()), left);
    }
    body.scalar |= piece.scalar;
    results = emitLoop(depth + 1, at, unrolls, results);
    if (piece.scalar)
      body.scalar = false;
    if (piece.masked)
      body.mask = Value();
    if (!nest)
      return results;
    b.setInsertionPointToEnd(nest.getBody());
    scf::YieldOp::create(b, loc, results);
    return nest.getResults();
  }

  /// All blocks of a tile: those that share a row follow each other, so that
  /// what a row broadcasts is in a register for as long as they need it.
  SmallVector<Value> emitTile(const Coordinates &at, ArrayRef<int64_t> unrolls,
                              SmallVector<Value> results) {
    SmallVector<Coordinates> blocks{at};
    SmallVector<unsigned> loops(llvm::reverse(plan.order));
    if (!plan.acrossLanes()) {
      llvm::erase(loops, plan.laneLoop);
      loops.push_back(plan.laneLoop);
    }
    for (unsigned loop : loops) {
      SmallVector<Coordinates> next;
      int64_t width = plan.isLane(loop) ? plan.lanes : 1;
      for (const Coordinates &block : blocks)
        for (int64_t i = 0; i < unrolls[loop]; ++i) {
          next.push_back(block);
          next.back()[loop].offset += i * width;
        }
      blocks = std::move(next);
    }
    body.destinations = std::move(results);
    body.emitTile(blocks);
    return body.destinations;
  }

  const VectorPlan &plan;
  linalg::GenericOp root;
  RewriterBase &b;
  VectorBody body;
  SmallVector<OpFoldResult> sizes;
};

} // namespace

void emitPlan(const VectorPlan &plan, RewriterBase &b) {
  linalg::GenericOp root = plan.root;
  b.setInsertionPoint(root);
  b.replaceOp(root, Nest(plan, b).emit());
  for (Operation *op : plan.group.getArrayRef().drop_front())
    if (op->use_empty())
      b.eraseOp(op);
}

} // namespace nacre::codegen
