// Data movement: elements change places, not values.

#include "passes/linalg/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::lower;

static FailureOr<Tensor> lowerTranspose(Lowering &lowering,
                                        graph::TransposeOp op) {
  Tensor input = lowering.get(op.getInput());
  // Dims of 1 may go anywhere: if the others keep their order, nothing moves.
  SmallVector<int64_t> longDims;
  for (int64_t from : op.getPerm())
    if (graph::ShapeContext::asConstant(input.dims[from]) != 1)
      longDims.push_back(from);
  if (llvm::is_sorted(longDims))
    return lowering.reshape(op.getLoc(), input,
                            llvm::to_vector(lowering.dims(op.getOutput())));
  return lowering.transpose(op.getLoc(), input, op.getPerm());
}

static FailureOr<Tensor> lowerBroadcast(Lowering &lowering,
                                        graph::BroadcastOp op) {
  Location loc = op.getLoc();
  FailureOr<SmallVector<Expr>> sizes = lowering.elements(op, op.getShape());
  if (failed(sizes))
    return failure();
  SmallVector<Expr> dims = llvm::to_vector(lowering.dims(op.getOutput()));
  // A size is 1 or what the result has; the input is checked where it is read.
  graph::ShapeContext &shapes = lowering.shapes;
  size_t offset = dims.size() - sizes->size();
  for (auto [i, size] : llvm::enumerate(*sizes))
    lowering.requireEqual(
        loc, shapes.select(size, shapes.constant(1), dims[offset + i], size),
        dims[offset + i], "dims do not broadcast");
  Tensor input = lowering.get(op.getInput());
  if (shapes.product(input.dims) == shapes.product(dims) &&
      llvm::all_of(llvm::zip(llvm::reverse(input.dims), llvm::reverse(dims)),
                   [](auto pair) {
                     auto [from, to] = pair;
                     return from == to;
                   }))
    return lowering.reshape(loc, input, dims);
  return lowering.materializeBroadcast(loc, input, dims);
}

/// Tensors that one kernel joins.
static constexpr size_t kMaxConcat = 64;

static FailureOr<Tensor> lowerConcat(Lowering &lowering, graph::ConcatOp op) {
  SmallVector<Tensor> inputs;
  int64_t axis = op.getAxis();
  for (Value input : op.getInputs()) {
    Tensor tensor = lowering.get(input);
    if (graph::ShapeContext::asConstant(tensor.dims[axis]) != 0)
      inputs.push_back(tensor);
  }
  if (inputs.empty())
    return lowering.get(op.getInputs().front());
  // Joined in batches: the time to compile one kernel grows faster than the
  // number of tensors that it reads.
  graph::ShapeContext &shapes = lowering.shapes;
  while (inputs.size() > kMaxConcat) {
    SmallVector<Tensor> joined;
    for (size_t i = 0; i < inputs.size(); i += kMaxConcat) {
      auto batch = ArrayRef<Tensor>(inputs).slice(i).take_front(kMaxConcat);
      SmallVector<Expr> dims = llvm::to_vector(batch.front().dims);
      for (const Tensor &tensor : batch.drop_front())
        dims[axis] = shapes.add(dims[axis], tensor.dims[axis]);
      joined.push_back(batch.size() == 1
                           ? batch.front()
                           : lowering.concat(op.getLoc(), batch, axis, dims));
    }
    inputs = std::move(joined);
  }
  return lowering.concat(op.getLoc(), inputs, axis,
                         llvm::to_vector(lowering.dims(op.getOutput())));
}

/// The first element that a slice takes, where only its bounds are given.
static Expr firstOfSlice(graph::ShapeContext &shapes, Expr start, Expr dim,
                         int64_t step) {
  Expr zero = shapes.constant(0);
  Expr isNegative = shapes.less(start, zero);
  start = shapes.add(start, shapes.mul(isNegative, dim));
  Expr last = step > 0 ? dim : shapes.sub(dim, shapes.constant(1));
  return shapes.max(shapes.min(start, last), zero);
}

/// Reads `input` backwards, or by any step, one element at a time.
static Tensor sliceByElement(Lowering &lowering, Location loc, Tensor input,
                             ArrayRef<Expr> dims, ArrayRef<Expr> offsets,
                             ArrayRef<int64_t> steps) {
  return lowering.map(
      loc, dims, input.elementType(), {}, {},
      [&](OpBuilder &nested, ValueRange) -> Value {
        SmallVector<Value> position;
        for (auto [i, step] : llvm::enumerate(steps)) {
          Value loop = linalg::IndexOp::create(nested, loc, i);
          Value by = arith::ConstantIndexOp::create(nested, loc, step);
          loop = arith::MulIOp::create(nested, loc, loop, by);
          position.push_back(arith::AddIOp::create(
              nested, loc, lowering.index(offsets[i]), loop));
        }
        return tensor::ExtractOp::create(nested, loc, input.value, position);
      });
}

static FailureOr<Tensor> lowerSlice(Lowering &lowering, graph::SliceOp op) {
  Location loc = op.getLoc();
  FailureOr<SmallVector<Expr>> starts = lowering.elements(op, op.getStarts());
  if (failed(starts))
    return failure();
  Tensor input = lowering.get(op.getInput());
  SmallVector<Expr> dims = llvm::to_vector(lowering.dims(op.getOutput()));
  SmallVector<Expr> offsets(dims.size(), lowering.constant(0));
  SmallVector<int64_t> steps(dims.size(), 1);
  bool isForward = true;
  for (auto [axis, start, step] :
       llvm::zip(op.getAxes(), *starts, op.getSteps())) {
    offsets[axis] =
        firstOfSlice(lowering.shapes, start, input.dims[axis], step);
    // No dim is that large, and sums with it fit.
    constexpr int64_t end = std::numeric_limits<int32_t>::max();
    steps[axis] = std::clamp<int64_t>(step, -end, end);
    isForward &= step > 0;
  }
  if (input.dims == dims && isForward)
    return input;
  if (!isForward)
    return sliceByElement(lowering, loc, input, dims, offsets, steps);
  SmallVector<OpFoldResult> strides;
  for (int64_t step : steps)
    strides.push_back(lowering.b.getIndexAttr(step));
  SmallVector<OpFoldResult> first = lowering.fold(offsets);
  SmallVector<OpFoldResult> sizes = lowering.fold(dims);
  Value slice = tensor::ExtractSliceOp::create(
      lowering.b, loc, lowering.type(dims, input.elementType()), input.value,
      first, sizes, strides);
  return Tensor{slice, dims};
}

/// A loop for each count and each dim: the input is read by a projection, and
/// the result is a view of what they make.
static FailureOr<Tensor> lowerTile(Lowering &lowering, graph::TileOp op) {
  FailureOr<SmallVector<Expr>> repeats = lowering.elements(op, op.getRepeats());
  if (failed(repeats))
    return failure();
  Tensor input = lowering.get(op.getInput());
  SmallVector<Expr> loops;
  SmallVector<unsigned> reads;
  for (auto [dim, count] : llvm::zip(input.dims, *repeats)) {
    lowering.requireAtMost(op.getLoc(), lowering.constant(0), count,
                           "a tensor is repeated less than 0 times");
    if (graph::ShapeContext::asConstant(count) != 1)
      loops.push_back(count);
    reads.push_back(loops.size());
    loops.push_back(dim);
  }
  SmallVector<Expr> dims = llvm::to_vector(lowering.dims(op.getOutput()));
  if (loops.size() == input.dims.size())
    return lowering.reshape(op.getLoc(), input, dims);
  SmallVector<AffineExpr> exprs;
  for (unsigned loop : reads)
    exprs.push_back(lowering.b.getAffineDimExpr(loop));
  Tensor tiled =
      lowering.map(op.getLoc(), loops, input.elementType(), input,
                   AffineMap::get(loops.size(), 0, exprs, op.getContext()),
                   [](OpBuilder &, ValueRange args) { return args.front(); });
  return lowering.reshape(op.getLoc(), tiled, dims);
}

static FailureOr<Tensor> lowerBitcast(Lowering &lowering, graph::BitcastOp op) {
  Tensor input = lowering.get(op.getInput());
  Type to = Lowering::elementTypeOf(op.getOutput());
  if (to == input.elementType())
    return input;
  return lowering.map(
      op.getLoc(), input.dims, to, input, lowering.identity(input.rank()),
      [&](OpBuilder &nested, ValueRange args) -> Value {
        return arith::BitcastOp::create(nested, op.getLoc(), to, args.front());
      });
}

void lower::addMovementRules(Table &table) {
  table.add(&lowerTranspose);
  table.add(&lowerBroadcast);
  table.add(&lowerConcat);
  table.add(&lowerSlice);
  table.add(&lowerTile);
  table.add(&lowerBitcast);
}
