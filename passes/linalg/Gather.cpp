// Reading by computed indices. An index is checked, then made safe, then used.

#include "passes/linalg/Indexing.h"

#include "dialects/graph/Scalar.h"
#include "dialects/kernel/Kernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::lower;

Value lower::safeIndex(OpBuilder &nested, Location loc, Value raw, Value size,
                       StringRef text) {
  graph::Scalar s(nested, loc);
  Type index = nested.getIndexType();
  if (raw.getType() != index)
    raw = s.make<arith::IndexCastOp>(index, raw);
  Value zero = s.integer(index, 0), one = s.integer(index, 1);
  Value isNegative = s.cmp(arith::CmpIPredicate::slt, raw, zero);
  Value at = s.select(isNegative, s.make<arith::AddIOp>(raw, size), raw);
  Value isInside = s.cmp(arith::CmpIPredicate::ult, at, size);
  kernel::CheckOp::create(nested, loc, isInside, text);
  at = s.make<arith::MinSIOp>(at, s.make<arith::SubIOp>(size, one));
  return s.make<arith::MaxSIOp>(at, zero);
}

void lower::requireIndexable(Lowering &lowering, Location loc, Expr size,
                             ArrayRef<Expr> readers) {
  // Where nothing is read, an empty dim is fine.
  graph::ShapeContext &shapes = lowering.shapes;
  Expr count = shapes.product(readers);
  if (shapes.isNonNegative(shapes.sub(size, shapes.constant(1))) ||
      graph::ShapeContext::asConstant(count) == 0)
    return;
  Expr needed = shapes.select(count, shapes.constant(0), shapes.constant(0),
                              shapes.constant(1));
  lowering.requireAtMost(loc, needed, size, kIndexText);
}

/// A constant index takes a slice: no kernel checks it.
static std::optional<int64_t> constantIndex(Lowering &lowering,
                                            graph::GatherOp op) {
  auto elements = lowering.shapes.constantElements(op.getIndices());
  if (elements && elements->size() == 1)
    return elements->front();
  return std::nullopt;
}

static Tensor gatherOne(Lowering &lowering, graph::GatherOp op, Tensor input,
                        int64_t index, ArrayRef<Expr> dims) {
  Location loc = op.getLoc();
  int64_t axis = op.getAxis();
  graph::ShapeContext &shapes = lowering.shapes;
  Expr size = input.dims[axis];
  Expr at = shapes.constant(index);
  if (index < 0)
    at = shapes.add(size, at);
  lowering.requireAtMost(loc, shapes.constant(0), at, kIndexText);
  lowering.requireAtMost(loc, shapes.add(at, shapes.constant(1)), size,
                         kIndexText);
  SmallVector<Expr> sliceDims = input.dims;
  sliceDims[axis] = shapes.constant(1);
  SmallVector<OpFoldResult> offsets(input.rank(), lowering.b.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(input.rank(), lowering.b.getIndexAttr(1));
  offsets[axis] = lowering.fold(at);
  SmallVector<OpFoldResult> sizes = lowering.fold(sliceDims);
  Value slice = tensor::ExtractSliceOp::create(
      lowering.b, loc, lowering.type(sliceDims, input.elementType()),
      input.value, offsets, sizes, strides);
  return lowering.reshape(loc, {slice, sliceDims}, dims);
}

static FailureOr<Tensor> lowerGather(Lowering &lowering, graph::GatherOp op) {
  Location loc = op.getLoc();
  Tensor input = lowering.get(op.getInput());
  Tensor indices = lowering.get(op.getIndices());
  SmallVector<Expr> dims = llvm::to_vector(lowering.dims(op.getOutput()));
  if (auto index = constantIndex(lowering, op))
    return gatherOne(lowering, op, input, *index, dims);
  int64_t axis = op.getAxis(), rank = input.rank();
  int64_t taken = indices.rank(); // dims of indices stand where `axis` was
  requireIndexable(lowering, loc, input.dims[axis], dims);
  AffineMap map = AffineMap::get(dims.size(), 0, lowering.loops(axis, taken),
                                 op.getContext());
  return lowering.map(
      loc, dims, input.elementType(), indices, map,
      [&](OpBuilder &nested, ValueRange args) -> Value {
        SmallVector<Value> position;
        for (int64_t d = 0; d < rank; ++d) {
          if (d == axis) {
            position.push_back(safeIndex(nested, loc, args.front(),
                                         lowering.index(input.dims[axis]),
                                         kIndexText));
            continue;
          }
          int64_t loop = d < axis ? d : d - 1 + taken;
          position.push_back(linalg::IndexOp::create(nested, loc, loop));
        }
        return tensor::ExtractOp::create(nested, loc, input.value, position);
      });
}

static FailureOr<Tensor> lowerGatherElements(Lowering &lowering,
                                             graph::GatherElementsOp op) {
  Location loc = op.getLoc();
  Tensor input = lowering.get(op.getInput());
  Tensor indices = lowering.get(op.getIndices());
  int64_t axis = op.getAxis();
  for (int64_t d = 0; d < input.rank(); ++d)
    if (d != axis)
      lowering.requireAtMost(loc, indices.dims[d], input.dims[d],
                             "indices reach beyond the tensor");
  requireIndexable(lowering, loc, input.dims[axis], indices.dims);
  return lowering.map(
      loc, indices.dims, input.elementType(), indices,
      lowering.identity(indices.rank()),
      [&](OpBuilder &nested, ValueRange args) -> Value {
        SmallVector<Value> position;
        for (int64_t d = 0; d < input.rank(); ++d)
          position.push_back(
              d == axis
                  ? safeIndex(nested, loc, args.front(),
                              lowering.index(input.dims[axis]), kIndexText)
                  : linalg::IndexOp::create(nested, loc, d).getResult());
        return tensor::ExtractOp::create(nested, loc, input.value, position);
      });
}

/// output[b..., i..., s...] = input[b..., indices[b..., i..., :]..., s...]
static FailureOr<Tensor> lowerGatherNd(Lowering &lowering,
                                       graph::GatherNdOp op) {
  Location loc = op.getLoc();
  Tensor input = lowering.get(op.getInput());
  Tensor indices = lowering.get(op.getIndices());
  SmallVector<Expr> dims = llvm::to_vector(lowering.dims(op.getOutput()));
  int64_t batch = op.getBatchDims(), outer = indices.rank() - 1;
  int64_t tuple = *graph::ShapeContext::asConstant(indices.dims.back());
  for (int64_t d = 0; d < batch; ++d)
    lowering.requireEqual(loc, indices.dims[d], input.dims[d],
                          "batch dims differ");
  for (int64_t k = 0; k < tuple; ++k)
    requireIndexable(lowering, loc, input.dims[batch + k], dims);
  return lowering.map(
      loc, dims, input.elementType(), {}, {},
      [&](OpBuilder &nested, ValueRange) -> Value {
        graph::Scalar s(nested, loc);
        SmallVector<Value> read, position;
        for (int64_t d = 0; d < outer; ++d)
          read.push_back(s.make<linalg::IndexOp>(d));
        position.assign(read.begin(), read.begin() + batch);
        read.push_back({});
        for (int64_t k = 0; k < tuple; ++k) {
          read.back() = s.integer(nested.getIndexType(), k);
          Value raw = s.make<tensor::ExtractOp>(indices.value, read);
          position.push_back(safeIndex(nested, loc, raw,
                                       lowering.index(input.dims[batch + k]),
                                       kIndexText));
        }
        for (int64_t d = batch + tuple; d < input.rank(); ++d)
          position.push_back(
              s.make<linalg::IndexOp>(outer + d - batch - tuple));
        return s.make<tensor::ExtractOp>(input.value, position);
      });
}

void lower::addGatherRules(Table &table) {
  table.add(&lowerGather);
  table.add(&lowerGatherElements);
  table.add(&lowerGatherNd);
}
