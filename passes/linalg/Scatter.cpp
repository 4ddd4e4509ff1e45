// Writing by computed indices: a copy of the input, then the updates one after
// the other, as equal indices meet in row-major order.

#include "passes/linalg/Combine.h"
#include "passes/linalg/Indexing.h"
#include "passes/linalg/Nest.h"

#include "dialects/graph/Scalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::lower;

/// What becomes of an element that meets an update.
static Value meet(OpBuilder &b, Location loc, graph::ScatterKind kind,
                  bool isUnsigned, Value element, Value update) {
  // Bools are added by `or`.
  if (kind == graph::ScatterKind::add && element.getType().isInteger(1))
    kind = graph::ScatterKind::max;
  switch (kind) {
  case graph::ScatterKind::set:
    return update;
  case graph::ScatterKind::add:
    return combine(b, loc, graph::ReduceKind::sum, isUnsigned, element, update);
  case graph::ScatterKind::mul:
    return combine(b, loc, graph::ReduceKind::prod, isUnsigned, element,
                   update);
  case graph::ScatterKind::max:
    return combine(b, loc, graph::ReduceKind::max, isUnsigned, element, update);
  case graph::ScatterKind::min:
    return combine(b, loc, graph::ReduceKind::min, isUnsigned, element, update);
  }
  llvm_unreachable("all kinds are listed"); // a closed enum
}

namespace {
struct Scatter {
  Lowering &lowering;
  Location loc;
  Tensor input, updates;
  graph::ScatterKind kind;
  bool isUnsigned;

  /// `positionOf` says where the update at the loops' indices goes.
  Tensor emit(llvm::function_ref<SmallVector<Value>(OpBuilder &, ValueRange)>
                  positionOf);
};
} // namespace

Tensor
Scatter::emit(llvm::function_ref<SmallVector<Value>(OpBuilder &, ValueRange)>
                  positionOf) {
  SmallVector<Value> sizes = nestSizes(lowering, updates.dims);
  SmallVector<Value> dynamic = lowering.dynamicSizes(input.dims);
  auto update = [&](OpBuilder &body, ValueRange at,
                    ValueRange carried) -> SmallVector<Value> {
    graph::Scalar s(body, loc);
    SmallVector<Value> position = positionOf(body, at);
    Value value = s.make<tensor::ExtractOp>(updates.value, at);
    Value element = s.make<tensor::ExtractOp>(carried[0], position);
    value = meet(body, loc, kind, isUnsigned, element, value);
    return {s.make<tensor::InsertOp>(value, carried[0], position)};
  };
  return lowering
      .group(loc, {input.dims}, {input.elementType()},
             [&](OpBuilder &nested) -> SmallVector<Value> {
               Value out = tensor::EmptyOp::create(
                   nested, loc, input.value.getType(), dynamic);
               out = linalg::CopyOp::create(nested, loc, input.value, out)
                         .getResult(0);
               return emitNest(nested, loc, sizes, out, update);
             })
      .front();
}

template <typename OpT>
static Scatter scatterOf(Lowering &lowering, OpT op) {
  return {lowering,
          op.getLoc(),
          lowering.get(op.getInput()),
          lowering.get(op.getUpdates()),
          op.getKind(),
          getElementTypeOrSelf(op.getInput()).isUnsignedInteger()};
}

static FailureOr<Tensor> lowerScatterElements(Lowering &lowering,
                                              graph::ScatterElementsOp op) {
  Scatter scatter = scatterOf(lowering, op);
  Location loc = op.getLoc();
  Tensor indices = lowering.get(op.getIndices());
  ArrayRef<Expr> inputDims = scatter.input.dims;
  int64_t axis = op.getAxis();
  for (int64_t d = 0; d < indices.rank(); ++d) {
    lowering.requireEqual(loc, indices.dims[d], scatter.updates.dims[d],
                          "shapes of indices and updates differ");
    if (d != axis)
      lowering.requireAtMost(loc, indices.dims[d], inputDims[d],
                             "indices reach beyond the tensor");
  }
  requireIndexable(lowering, loc, inputDims[axis], indices.dims);
  Value size = lowering.index(inputDims[axis]);
  return scatter.emit([&](OpBuilder &body, ValueRange at) {
    SmallVector<Value> position(at);
    Value raw = tensor::ExtractOp::create(body, loc, indices.value, at);
    position[axis] = safeIndex(body, loc, raw, size, kIndexText);
    return position;
  });
}

/// output[indices[i..., :]..., s...] meets updates[i..., s...]
static FailureOr<Tensor> lowerScatterNd(Lowering &lowering,
                                        graph::ScatterNdOp op) {
  Scatter scatter = scatterOf(lowering, op);
  Location loc = op.getLoc();
  Tensor indices = lowering.get(op.getIndices());
  ArrayRef<Expr> inputDims = scatter.input.dims;
  int64_t outer = indices.rank() - 1;
  int64_t tuple = *graph::ShapeContext::asConstant(indices.dims.back());
  SmallVector<Value> sizes;
  for (int64_t k = 0; k < tuple; ++k) {
    requireIndexable(lowering, loc, inputDims[k], scatter.updates.dims);
    sizes.push_back(lowering.index(inputDims[k]));
  }
  for (int64_t d = 0; d < scatter.updates.rank(); ++d)
    lowering.requireEqual(loc, scatter.updates.dims[d],
                          d < outer ? indices.dims[d]
                                    : inputDims[tuple + d - outer],
                          "updates do not fit indices and tensor");
  return scatter.emit([&](OpBuilder &body, ValueRange at) {
    graph::Scalar s(body, loc);
    SmallVector<Value> read(at.take_front(outer)), position;
    read.push_back({});
    for (int64_t k = 0; k < tuple; ++k) {
      read.back() = s.integer(body.getIndexType(), k);
      Value raw = s.make<tensor::ExtractOp>(indices.value, read);
      position.push_back(safeIndex(body, loc, raw, sizes[k], kIndexText));
    }
    llvm::append_range(position, at.drop_front(outer));
    return position;
  });
}

void lower::addScatterRules(Table &table) {
  table.add(&lowerScatterElements);
  table.add(&lowerScatterNd);
}
