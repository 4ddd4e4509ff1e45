// Pools: padded by what changes nothing, then reduced over the window.

#include "passes/linalg/Combine.h"
#include "passes/linalg/Window.h"

#include "dialects/graph/Scalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::lower;

namespace {
/// What `pool` and `pool_indices` have in common.
struct Pool {
  Lowering &lowering;
  Location loc;
  Tensor input;
  SmallVector<Expr> dims, sizes;
  Window window;
  bool ceilMode;

  template <typename OpT>
  Pool(Lowering &lowering, OpT op)
      : lowering(lowering), loc(op.getLoc()),
        input(lowering.get(op.getInput())), dims(lowering.dims(op.getOutput())),
        sizes(llvm::map_to_vector(
            op.getWindow(),
            [&](int64_t size) { return lowering.constant(size); })),
        window(lowering, sizes, op.getStrides(), op.getDilations(),
               op.getPads()),
        ceilMode(op.getCeilMode()) {}

  unsigned spatialRank() const { return sizes.size(); }
  Tensor reduce(graph::ReduceKind kind, bool isUnsigned, Type accumulator);
  Value count(graph::Scalar s, bool withPadding);
  bool isCountConstant(bool withPadding);
};
} // namespace

Tensor Pool::reduce(graph::ReduceKind kind, bool isUnsigned, Type accumulator) {
  Type element = input.elementType();
  ArrayRef<Expr> outDims = ArrayRef(dims).drop_front(2);
  Tensor padded = window.padInput(
      loc, input, identityOf(kind, element, isUnsigned), outDims, ceilMode);
  SmallVector<AffineExpr> read = lowering.loops(0, 2);
  window.read(2, dims.size(), read, nullptr);
  SmallVector<Expr> windowLoops = window.loops();
  unsigned numLoops = dims.size() + windowLoops.size();
  MLIRContext *context = lowering.b.getContext();
  // The window itself is an operand of no values: it gives loops their bounds.
  SmallVector<Tensor> inputs{padded};
  SmallVector<AffineMap> maps{AffineMap::get(numLoops, 0, read, context)};
  if (!windowLoops.empty()) {
    inputs.push_back(lowering.empty(loc, windowLoops, element));
    maps.push_back(AffineMap::get(
        numLoops, 0, lowering.loops(dims.size(), windowLoops.size()), context));
  }
  maps.push_back(
      AffineMap::get(numLoops, 0, lowering.loops(0, dims.size()), context));
  Tensor init =
      lowering.fill(loc, dims, identityOf(kind, accumulator, isUnsigned));
  return lowering
      .generic(
          loc, inputs, init, maps, dims.size(),
          [&](OpBuilder &nested, ValueRange args) -> SmallVector<Value> {
            Value value = graph::Scalar(nested, loc)
                              .cast(args.front(), element, accumulator);
            return {combine(nested, loc, kind, isUnsigned, args.back(), value)};
          })
      .front();
}

/// Whether every window counts all of its elements.
bool Pool::isCountConstant(bool withPadding) {
  graph::ShapeContext &shapes = lowering.shapes;
  unsigned rank = spatialRank();
  for (unsigned d = 0; d < rank; ++d) {
    int64_t before = window.pads[d], after = window.pads[rank + d];
    if (!withPadding && (before != 0 || after != 0))
      return false;
    Expr reach =
        shapes.add(shapes.mul(shapes.sub(dims[2 + d], shapes.constant(1)),
                              shapes.constant(window.strides[d])),
                   window.extent(d));
    Expr space = shapes.add(input.dims[2 + d], shapes.constant(before + after));
    if (!shapes.isNonNegative(shapes.sub(space, reach)))
      return false;
  }
  return true;
}

/// How many elements of the window at hand count, at least 1: per dim those r
/// with begin <= x * stride + r * dilation < end.
Value Pool::count(graph::Scalar s, bool withPadding) {
  Type index = s.builder.getIndexType();
  unsigned rank = spatialRank();
  Value product = s.integer(index, 1), zero = s.integer(index, 0);
  for (unsigned d = 0; d < rank; ++d) {
    int64_t before = window.pads[d];
    Value dilation = s.integer(index, window.dilations[d]);
    Value size = s.integer(index, *graph::ShapeContext::asConstant(sizes[d]));
    Value begin = s.integer(index, withPadding ? 0 : before);
    Expr last = lowering.shapes.add(
        input.dims[2 + d],
        lowering.constant(before + (withPadding ? window.pads[rank + d] : 0)));
    Value end = lowering.index(last);
    Value at = s.make<arith::MulIOp>(s.make<linalg::IndexOp>(2 + d),
                                     s.integer(index, window.strides[d]));
    auto stepsTo = [&](Value border) -> Value {
      Value distance = s.make<arith::SubIOp>(border, at);
      Value steps = s.make<arith::CeilDivSIOp>(distance, dilation);
      steps = s.make<arith::MaxSIOp>(steps, zero);
      return s.make<arith::MinSIOp>(steps, size);
    };
    Value inside = s.make<arith::SubIOp>(stepsTo(end), stepsTo(begin));
    product = s.make<arith::MulIOp>(product, inside);
  }
  return s.make<arith::MaxSIOp>(product, s.integer(index, 1));
}

static FailureOr<Tensor> lowerPool(Lowering &lowering, graph::PoolOp op) {
  using Kind = graph::PoolKind;
  Pool pool(lowering, op);
  Location loc = op.getLoc();
  Type element = pool.input.elementType();
  bool isUnsigned = getElementTypeOrSelf(op.getInput()).isUnsignedInteger();
  if (op.getKind() == Kind::max)
    return pool.reduce(graph::ReduceKind::max, isUnsigned, element);

  Type wide = accumulatorType(element);
  Tensor sum = pool.reduce(graph::ReduceKind::sum, isUnsigned, wide);
  if (op.getKind() == Kind::sum)
    return lowering.convertElements(loc, sum, wide, element);

  bool withPadding = op.getKind() == Kind::avg_include_pad;
  bool isConstant = pool.isCountConstant(withPadding);
  double all = 1;
  for (int64_t size : op.getWindow())
    all *= double(size);
  return lowering.map(
      loc, pool.dims, element, sum, lowering.identity(pool.dims.size()),
      [&](OpBuilder &nested, ValueRange args) -> Value {
        graph::Scalar s(nested, loc);
        Type i64 = nested.getI64Type();
        Value count;
        if (isConstant) {
          count = s.real(wide, all);
        } else {
          Value elements = pool.count(s, withPadding);
          count = s.cast(s.make<arith::IndexCastOp>(i64, elements), i64, wide);
        }
        Value mean = s.make<arith::DivFOp>(args.front(), count);
        return s.cast(mean, wide, element);
      });
}

//===-- Where the greatest elements are
//--------------------------------------===//

namespace {
/// Visits the window of one output element; builds loops inside a body.
struct IndexSearch {
  Pool &pool;
  bool isUnsigned, columnMajor;
  /// Where the output element stands in the spatial dims.
  SmallVector<Value> outIndex;
  /// Loops over window dim `d` and the rest; `best` is (found, value, index).
  SmallVector<Value> search(OpBuilder &nested, unsigned d,
                            SmallVector<Value> position, Value isInside,
                            ValueRange best);
  SmallVector<Value> compare(OpBuilder &nested, ArrayRef<Value> position,
                             Value isInside, ValueRange best);
};
} // namespace

SmallVector<Value> IndexSearch::compare(OpBuilder &nested,
                                        ArrayRef<Value> position,
                                        Value isInside, ValueRange best) {
  Location loc = pool.loc;
  Lowering &lowering = pool.lowering;
  SmallVector<Type> types(best.getTypes());
  return SmallVector<Value>(
      scf::IfOp::create(
          nested, loc, isInside,
          [&](OpBuilder &then, Location) {
            graph::Scalar s(then, loc);
            Value element =
                s.make<tensor::ExtractOp>(pool.input.value, position);
            Value isBetter = isBefore(then, loc, /*largest=*/true, isUnsigned,
                                      element, best[1]);
            Value isFirst =
                s.make<arith::XOrIOp>(best[0], s.integer(then.getI1Type(), 1));
            isBetter = s.make<arith::OrIOp>(isBetter, isFirst);
            // Row-major over all dims; the spatial ones may be turned round.
            SmallVector<unsigned> order{0, 1};
            for (unsigned d = 0; d < pool.spatialRank(); ++d)
              order.push_back(columnMajor ? pool.spatialRank() + 1 - d : 2 + d);
            Value linear = s.integer(then.getIndexType(), 0);
            for (unsigned d : order) {
              Value size = lowering.index(pool.input.dims[d]);
              linear = s.make<arith::MulIOp>(linear, size);
              linear = s.make<arith::AddIOp>(linear, position[d]);
            }
            Value index = s.make<arith::IndexCastOp>(then.getI64Type(), linear);
            scf::YieldOp::create(
                then, loc,
                ValueRange{s.integer(then.getI1Type(), 1),
                           s.select(isBetter, element, best[1]),
                           s.select(isBetter, index, best[2])});
          },
          [&](OpBuilder &otherwise, Location) {
            scf::YieldOp::create(otherwise, loc, best);
          })
          .getResults());
}

SmallVector<Value> IndexSearch::search(OpBuilder &nested, unsigned d,
                                       SmallVector<Value> position,
                                       Value isInside, ValueRange best) {
  if (d == pool.spatialRank())
    return compare(nested, position, isInside, best);
  Location loc = pool.loc;
  graph::Scalar s(nested, loc);
  Type indexType = nested.getIndexType();
  auto integer = [&](int64_t value) { return s.integer(indexType, value); };
  const Window &window = pool.window;
  Value start = s.make<arith::MulIOp>(outIndex[d], integer(window.strides[d]));
  start = s.make<arith::SubIOp>(start, integer(window.pads[d]));
  Value size = integer(*graph::ShapeContext::asConstant(pool.sizes[d]));
  auto loop = scf::ForOp::create(
      nested, loc, integer(0), size, integer(1), best,
      [&](OpBuilder &body, Location, Value r, ValueRange carried) {
        graph::Scalar inner(body, loc);
        Value at = inner.make<arith::MulIOp>(
            r, inner.integer(indexType, window.dilations[d]));
        at = inner.make<arith::AddIOp>(start, at);
        Value fits = inner.cmp(arith::CmpIPredicate::ult, at,
                               pool.lowering.index(pool.input.dims[2 + d]));
        SmallVector<Value> next = position;
        next.push_back(at);
        Value both = inner.make<arith::AndIOp>(isInside, fits);
        scf::YieldOp::create(body, loc,
                             search(body, d + 1, next, both, carried));
      });
  return SmallVector<Value>(loop.getResults());
}

static FailureOr<Tensor> lowerPoolIndices(Lowering &lowering,
                                          graph::PoolIndicesOp op) {
  Pool pool(lowering, op);
  Type element = pool.input.elementType();
  bool isUnsigned = getElementTypeOrSelf(op.getInput()).isUnsignedInteger();
  IndexSearch search{pool, isUnsigned, op.getColumnMajor(), {}};
  return lowering.map(
      op.getLoc(), pool.dims, lowering.b.getI64Type(), {}, {},
      [&](OpBuilder &nested, ValueRange) -> Value {
        graph::Scalar s(nested, op.getLoc());
        SmallVector<Value> position{s.make<linalg::IndexOp>(0),
                                    s.make<linalg::IndexOp>(1)};
        for (unsigned d = 0; d < pool.spatialRank(); ++d)
          search.outIndex.push_back(s.make<linalg::IndexOp>(2 + d));
        Value yes = s.integer(nested.getI1Type(), 1);
        Value no = s.integer(nested.getI1Type(), 0);
        SmallVector<Value> none{no, s.zero(element),
                                s.integer(nested.getI64Type(), 0)};
        return search.search(nested, 0, position, yes, none).back();
      });
}

void lower::addPoolRules(Table &table) {
  table.add(&lowerPool);
  table.add(&lowerPoolIndices);
}
