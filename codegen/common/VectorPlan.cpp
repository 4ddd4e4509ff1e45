#include "codegen/common/VectorPlan.h"

using namespace mlir;

namespace nacre::codegen {

namespace {

struct Planner {
  VectorPlan plan;
  VectorMiss miss = VectorMiss::None;
  kernel::TargetAttr target;
  kernel::ScheduleAttr schedule;

  LogicalResult fail(VectorMiss reason) {
    if (miss == VectorMiss::None)
      miss = reason;
    return failure();
  }

  /// Adds producers that are computed inside the loops.
  void absorb() {
    SmallVector<int64_t> identity;
    for (unsigned i = 0; i < plan.root.getNumLoops(); ++i)
      identity.push_back(i);
    plan.origins[plan.root] = identity;
    plan.group.insert(plan.root);
    for (size_t i = 0; i < plan.group.size(); ++i) {
      auto reader = cast<linalg::GenericOp>(plan.group[i]);
      for (OpOperand &operand : reader->getOpOperands())
        tryAbsorb(reader, operand);
    }
  }

  void tryAbsorb(linalg::GenericOp reader, OpOperand &operand) {
    auto producer = operand.get().getDefiningOp<linalg::GenericOp>();
    if (!producer || producer->getBlock() != plan.root->getBlock() ||
        producer.getNumDpsInits() != 1 || plan.group.contains(producer) ||
        !llvm::all_of(producer->getUsers(), [&](Operation *user) {
          return plan.group.contains(user);
        }))
      return;
    AffineMap write = producer.getIndexingMapsArray().back();
    AffineMap read = reader.getMatchingIndexingMap(&operand);
    if (!write.isProjectedPermutation())
      return;
    SmallVector<int64_t> origin(producer.getNumLoops(), -1);
    for (auto [from, to] :
         llvm::zip_equal(read.getResults(), write.getResults()))
      if (auto dim = dyn_cast<AffineDimExpr>(from))
        origin[cast<AffineDimExpr>(to).getPosition()] =
            plan.origins[reader][dim.getPosition()];
    bool once = true;
    for (unsigned loop = 0; loop < plan.root.getNumLoops(); ++loop)
      once &= llvm::is_contained(origin, int64_t(loop));
    bool reduces = producer.getNumReductionLoops() != 0;
    bool insideReduction =
        reader.getNumReductionLoops() != 0 && !reader.isDpsInit(&operand);
    if (reduces ? !once || insideReduction : !once && !isCheap(producer))
      return;
    if (reduces && plan.root.getNumReductionLoops() != 0)
      return;
    plan.origins[producer] = origin;
    plan.group.insert(producer);
  }

  LogicalResult checkBodies() {
    for (Operation *op : plan.group)
      for (Operation &part : *cast<linalg::GenericOp>(op).getBody())
        if (!hasVectorForm(&part) || part.getNumRegions() != 0)
          return fail(VectorMiss::Body);
    return success();
  }

  /// Whether subscripts let the steps of `lane` (a loop of `op`) be lanes.
  bool isContiguous(linalg::GenericOp op, unsigned lane) {
    for (OpOperand &operand : op->getOpOperands()) {
      AffineMap map = op.getMatchingIndexingMap(&operand);
      for (auto [i, expr] : llvm::enumerate(map.getResults())) {
        std::optional<int64_t> stride = strideOf(expr, lane);
        if (!stride)
          return false;
        bool last = i + 1 == map.getNumResults();
        bool written = op.isDpsInit(&operand);
        if (*stride != 0 &&
            (!last || *stride < 0 || *stride > (written ? 1 : 4)))
          return false;
      }
    }
    return true;
  }

  /// The loop of `op` that follows `lane` of the root; -1 if none does.
  int64_t laneOf(linalg::GenericOp op, unsigned lane) {
    auto found = llvm::find(plan.origins[op], int64_t(lane));
    return found == plan.origins[op].end() ? -1
                                           : found - plan.origins[op].begin();
  }

  bool isLane(unsigned lane) {
    return llvm::all_of(plan.group, [&](Operation *op) {
      auto member = cast<linalg::GenericOp>(op);
      int64_t own = laneOf(member, lane);
      return own < 0 || isContiguous(member, own);
    });
  }

  LogicalResult chooseLane() {
    AffineMap write = plan.root.getIndexingMapsArray().back();
    if (write.getNumResults() > 0) {
      unsigned last = write.getNumResults() - 1;
      if (!isa<AffineDimExpr>(write.getResult(last)))
        return fail(VectorMiss::Rank);
      plan.laneLoop = write.getDimPosition(last);
      // One lane is no vector; then a reduction may have more.
      bool single = plan.root.getStaticLoopRanges()[plan.laneLoop] == 1 &&
                    plan.root.getNumReductionLoops() != 0;
      if (!single && isLane(plan.laneLoop))
        return success();
    }
    linalg::GenericOp sum = theSum();
    if (!sum)
      return chooseTransposed();
    auto sumIterators = sum.getIteratorTypesArray();
    dropInputsOf(sum);
    for (unsigned loop = sumIterators.size(); loop-- > 0;) {
      if (!linalg::isReductionIterator(sumIterators[loop]) ||
          !(sum == plan.root ? isLane(loop) : isContiguous(sum, loop)))
        continue;
      plan.laneLoop = loop;
      plan.sum = sum;
      return combinerOf(sum) ? success() : fail(VectorMiss::Combiner);
    }
    return fail(VectorMiss::Stride);
  }

  /// The one op of the group that reduces, if there is one.
  linalg::GenericOp theSum() {
    linalg::GenericOp sum;
    for (Operation *op : plan.group)
      if (auto member = cast<linalg::GenericOp>(op);
          member.getNumReductionLoops() != 0) {
        if (sum)
          return {};
        sum = member;
      }
    return sum;
  }

  /// What is summed is read from memory: its producers are groups of their own.
  void dropInputsOf(linalg::GenericOp sum) {
    if (sum == plan.root)
      return;
    for (OpOperand *input : sum.getDpsInputOperands())
      if (Operation *producer = input->get().getDefiningOp();
          producer && plan.group.contains(producer)) {
        for (Value operand : producer->getOperands())
          if (Operation *deeper = operand.getDefiningOp())
            plan.group.remove(deeper);
        plan.group.remove(producer);
      }
  }

  /// The loop along which every input goes through memory that does not go
  /// along the lane loop: `lanes` of its vectors can be turned.
  LogicalResult chooseTransposed() {
    linalg::GenericOp root = plan.root;
    plan.group.clear();
    plan.group.insert(root);
    for (OpOperand &operand : root->getOpOperands()) {
      AffineMap map = root.getMatchingIndexingMap(&operand);
      if (!map.isProjectedPermutation())
        return fail(VectorMiss::Stride);
      if (!map.isFunctionOfDim(plan.laneLoop))
        continue;
      int64_t last = map.getDimPosition(map.getNumResults() - 1);
      if (last == plan.laneLoop)
        continue;
      if (root.isDpsInit(&operand) ||
          (plan.transposedLoop >= 0 && plan.transposedLoop != last))
        return fail(VectorMiss::Stride);
      plan.transposedLoop = last;
    }
    return plan.transposedLoop >= 0 ? success() : fail(VectorMiss::Stride);
  }

  int64_t registers() const {
    return target ? target.fact("vector_registers", 16) : 16;
  }

  int64_t laneSteps() {
    linalg::GenericOp op = plan.acrossLanes() ? plan.sum : plan.root;
    return op.getStaticLoopRanges()[plan.laneLoop];
  }

  LogicalResult chooseLanes() {
    int64_t bits = target ? target.fact("vector_bits", 128) : 128;
    unsigned widest = 8;
    for (Operation *op : plan.group)
      for (Operation &part : *cast<linalg::GenericOp>(op).getBody())
        for (Value value : part.getOperands()) {
          Type type = value.getType();
          widest = std::max(
              widest, type.isIntOrFloat() ? type.getIntOrFloatBitWidth() : 32u);
        }
    plan.lanes = std::max<int64_t>(bits / widest, 2);
    // A shorter loop gets a shorter vector rather than a mask.
    int64_t size = laneSteps();
    if (size > 1 && !ShapedType::isDynamic(size) && plan.transposedLoop < 0)
      plan.lanes = std::min(plan.lanes, int64_t(llvm::PowerOf2Ceil(size)));
    return success();
  }

  /// Whether each element of some input is used by several steps of `loop`.
  bool hasReuse(unsigned loop) {
    for (Operation *op : plan.group) {
      auto member = cast<linalg::GenericOp>(op);
      int64_t own = laneOf(member, loop);
      if (member.getNumReductionLoops() == 0 || own < 0)
        continue;
      for (OpOperand *input : member.getDpsInputOperands())
        if (!member.getMatchingIndexingMap(input).isFunctionOfDim(own))
          return true;
    }
    return false;
  }

  /// Whether vectors that some sum reads are the same for all steps of `loop`.
  bool reusesVectors(unsigned loop) {
    for (Operation *op : plan.group) {
      auto member = cast<linalg::GenericOp>(op);
      int64_t own = laneOf(member, loop), lane = laneOf(member, plan.laneLoop);
      if (member.getNumReductionLoops() == 0 || own < 0 || lane < 0)
        continue;
      for (OpOperand *input : member.getDpsInputOperands()) {
        AffineMap map = member.getMatchingIndexingMap(input);
        if (map.isFunctionOfDim(lane) && !map.isFunctionOfDim(own))
          return true;
      }
    }
    return false;
  }

  /// Tiles a loop along which vectors change and broadcast values do not, if
  /// there is one: two or three blocks of channels share what is broadcast. The
  /// vectors per row.
  int64_t tileBlocks() {
    for (unsigned loop : plan.order) {
      int64_t size = plan.root.getStaticLoopRanges()[loop];
      if (loop == plan.laneLoop || ShapedType::isDynamic(size) ||
          !hasReuse(loop) || reusesVectors(loop))
        continue;
      for (int64_t blocks : {2, 3})
        if (size > 0 && size % blocks == 0)
          return plan.tile[loop] = blocks;
    }
    return 1;
  }

  bool reduces() {
    return llvm::any_of(plan.group, [](Operation *op) {
      return cast<linalg::GenericOp>(op).getNumReductionLoops() != 0;
    });
  }

  /// Steps of a tile along `loop`: about `best`, without a small rest.
  int64_t fit(unsigned loop, int64_t best) {
    int64_t size = plan.root.getStaticLoopRanges()[loop];
    if (ShapedType::isDynamic(size) || size <= 0)
      return best;
    if (size <= best)
      return size;
    for (int64_t tile = best; tile * 4 >= best * 3; --tile)
      if (size % tile == 0)
        return tile;
    // Equal tiles but for the last.
    return llvm::divideCeil(size, llvm::divideCeil(size, best));
  }

  void chooseTile() {
    unsigned numLoops = plan.root.getNumLoops();
    plan.tile.assign(numLoops, 1);
    auto iterators = plan.root.getIteratorTypesArray();
    for (unsigned i = 0; i < numLoops; ++i)
      if (linalg::isParallelIterator(iterators[i]))
        plan.order.push_back(i);
    if (schedule && schedule.getTile().size() == numLoops &&
        plan.transposedLoop < 0) {
      for (unsigned i = 0; i < numLoops; ++i)
        plan.tile[i] = std::max<int64_t>(schedule.getTile()[i], 1);
      if (plan.acrossLanes())
        return;
      int64_t &vectors = plan.tile[plan.laneLoop];
      vectors = std::max<int64_t>(vectors / plan.lanes, 1);
      return;
    }
    if (plan.transposedLoop >= 0)
      plan.tile[plan.transposedLoop] = plan.lanes;
    else
      plan.acrossLanes() ? tileAcrossLanes() : tileAlongLanes();
  }

  /// Sums along the lanes: rows and columns of a product share loads.
  void tileAcrossLanes() {
    SmallVector<unsigned> shared;
    for (unsigned loop : plan.order)
      if (hasReuse(loop) && plan.root.getStaticLoopRanges()[loop] != 1)
        shared.push_back(loop);
    int64_t each = registers() >= 32 ? 4 : 2;
    if (shared.size() >= 2) {
      for (unsigned loop : ArrayRef<unsigned>(shared).take_back(2))
        plan.tile[loop] = fit(loop, each);
      return;
    }
    if (shared.size() == 1)
      plan.tile[shared[0]] = fit(shared[0], each);
    plan.sumVectors = shared.empty() ? 4 : 2;
  }

  void tileAlongLanes() {
    int64_t size = plan.root.getStaticLoopRanges()[plan.laneLoop];
    int64_t fill = ShapedType::isDynamic(size)
                       ? 8
                       : std::max<int64_t>(size / plan.lanes, 1);
    int64_t &vectors = plan.tile[plan.laneLoop];
    vectors = std::min<int64_t>(2, fill);
    if (!reduces())
      return;
    // 24 of 32 registers hold sums: the rest holds what is being added.
    int64_t budget = registers() >= 32 ? 16 : 12;
    int64_t perRow = vectors == 1 ? tileBlocks() : vectors;
    int64_t best = std::max<int64_t>(budget / perRow, 1);
    if (registers() >= 32 && perRow == 1)
      best = 14;
    // Rows that reuse the vectors loaded for the first; they go innermost, so
    // that what they share stays in the cache.
    for (unsigned i = plan.order.size(); i-- > 0 && best > 1;) {
      unsigned loop = plan.order[i];
      if (loop == plan.laneLoop || !reusesVectors(loop) ||
          plan.root.getStaticLoopRanges()[loop] == 1)
        continue;
      plan.tile[loop] = fit(loop, best);
      best /= plan.tile[loop];
      plan.order.erase(plan.order.begin() + i);
      plan.order.push_back(loop);
    }
    bool rows = llvm::any_of(plan.order, [&](unsigned loop) {
      return loop != plan.laneLoop && plan.tile[loop] > 1;
    });
    if (!rows)
      vectors = std::min<int64_t>(8, fill);
    // Lanes outermost of the tiled loops: their panel is read for all rows.
    if (rows) {
      llvm::erase(plan.order, plan.laneLoop);
      plan.order.insert(plan.order.end() - 1, plan.laneLoop);
    }
  }
};

} // namespace

FailureOr<VectorPlan> planVectors(linalg::GenericOp root,
                                  kernel::TargetAttr target,
                                  kernel::ScheduleAttr schedule,
                                  VectorMiss &miss) {
  Planner planner;
  planner.plan.root = root;
  planner.target = target;
  planner.schedule = schedule;
  miss = VectorMiss::None;
  auto run = [&]() -> LogicalResult {
    if (root.getNumLoops() == 0 || !root.hasPureTensorSemantics())
      return planner.fail(VectorMiss::Scalar);
    for (AffineMap map : root.getIndexingMapsArray())
      if (map.getNumSymbols() != 0)
        return planner.fail(VectorMiss::Rank);
    planner.absorb();
    if (failed(planner.checkBodies()) || failed(planner.chooseLane()) ||
        failed(planner.chooseLanes()))
      return failure();
    if (planner.laneSteps() == 1)
      return planner.fail(VectorMiss::Scalar);
    planner.chooseTile();
    return success();
  };
  LogicalResult planned = run();
  miss = planner.miss;
  if (failed(planned))
    return failure();
  return planner.plan;
}

} // namespace nacre::codegen
