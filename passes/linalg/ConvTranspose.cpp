// Transposed convolutions. Where windows do not overlap each output element is
// one sum over channels; else zeros are put between the elements of the input
// and an ordinary convolution by the flipped weight follows.

#include "passes/linalg/Contract.h"
#include "passes/linalg/Window.h"

#include "dialects/graph/Scalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::lower;

namespace {
struct ConvTranspose {
  Lowering &lowering;
  graph::ConvTransposeOp op;
  Location loc;
  Tensor input, weight; // [N, g?, C / g, x...], [g?, C / g, O / g, r...]
  SmallVector<Expr> inSpatial, sizes, dims;
  Expr groups, perGroupOut;
  bool isGrouped;

  ConvTranspose(Lowering &lowering, graph::ConvTransposeOp op);
  bool overlaps();
  Tensor emitWithoutOverlap();
  Tensor emitWithZeros();
  Tensor spreadInput();
  Tensor flipWeight();

private:
  SmallVector<Expr> channels(bool ofOutput) const;
};
} // namespace

ConvTranspose::ConvTranspose(Lowering &lowering, graph::ConvTransposeOp op)
    : lowering(lowering), op(op), loc(op.getLoc()),
      input(lowering.get(op.getInput())), weight(lowering.get(op.getWeight())),
      inSpatial(ArrayRef(input.dims).drop_front(2)),
      sizes(ArrayRef(weight.dims).drop_front(2)),
      dims(lowering.dims(op.getOutput())),
      groups(lowering.constant(op.getGroups())), perGroupOut(weight.dims[1]),
      isGrouped(op.getGroups() != 1) {
  lowering.requireEqual(loc, input.dims[1], weight.dims[0],
                        "channels of a convolution do not fit its weight");
}

/// `g?` and the channels of one group.
SmallVector<Expr> ConvTranspose::channels(bool ofOutput) const {
  Expr perGroup =
      ofOutput ? perGroupOut : lowering.shapes.floorDiv(input.dims[1], groups);
  if (isGrouped)
    return {groups, perGroup};
  return {perGroup};
}

/// Each output element lies in one window and none lies in no window.
bool ConvTranspose::overlaps() {
  for (auto [d, size] : llvm::enumerate(sizes))
    if (graph::ShapeContext::asConstant(size) != op.getStrides()[d] ||
        op.getDilations()[d] != 1 || op.getOutputPadding()[d] != 0)
      return true;
  return llvm::any_of(op.getPads(), [](int64_t pad) { return pad != 0; });
}

/// output[n, g?, o, (x, r)...] = sum over c of input[n, g?, c, x...] *
/// weight[g?, c, o, r...], then a view.
Tensor ConvTranspose::emitWithoutOverlap() {
  unsigned spatial = sizes.size(), g = isGrouped;
  SmallVector<Expr> loopDims{input.dims[0]};
  llvm::append_range(loopDims, channels(/*ofOutput=*/true));
  unsigned first = loopDims.size(); // of x0, r0, x1, r1, ...
  for (unsigned d = 0; d < spatial; ++d)
    loopDims.append({inSpatial[d], sizes[d]});
  SmallVector<AffineExpr> loop = lowering.loops(0, loopDims.size() + 1);
  AffineExpr c = loop.back();
  SmallVector<AffineExpr> inMap{loop[0]}, weightMap;
  if (g) {
    inMap.push_back(loop[1]);
    weightMap.push_back(loop[1]);
  }
  inMap.push_back(c);
  weightMap.append({c, loop[1 + g]});
  for (unsigned d = 0; d < spatial; ++d) {
    inMap.push_back(loop[first + 2 * d]);
    weightMap.push_back(loop[first + 2 * d + 1]);
  }
  SmallVector<Expr> inDims{input.dims[0]};
  SmallVector<Expr> weightDims = channels(/*ofOutput=*/false);
  llvm::append_range(inDims, weightDims);
  llvm::append_range(inDims, inSpatial);
  weightDims.push_back(perGroupOut);
  llvm::append_range(weightDims, sizes);
  Tensor result = Contraction(lowering, op)
                      .emit(lowering.reshape(loc, input, inDims),
                            lowering.reshape(loc, weight, weightDims), loopDims,
                            inMap, weightMap, 1);
  return lowering.reshape(loc, result, dims);
}

/// The input with `stride - 1` zeros between its elements and around it as many
/// as the flipped convolution needs (or fewer elements, where pads are large).
Tensor ConvTranspose::spreadInput() {
  graph::ShapeContext &shapes = lowering.shapes;
  unsigned spatial = sizes.size();
  SmallVector<Expr> spread{input.dims[0], input.dims[1]}, low;
  SmallVector<Expr> one(spatial, lowering.constant(1));
  for (unsigned d = 0; d < spatial; ++d) {
    Expr reach = shapes.mul(shapes.sub(sizes[d], one[d]),
                            lowering.constant(op.getDilations()[d]));
    low.push_back(shapes.sub(reach, lowering.constant(op.getPads()[d])));
    // An ordinary convolution of this makes `dims`.
    spread.push_back(shapes.add(dims[2 + d], reach));
  }
  return lowering.map(
      loc, spread, input.elementType(), {}, {},
      [&](OpBuilder &nested, ValueRange) -> Value {
        graph::Scalar s(nested, loc);
        SmallVector<Value> position{s.make<linalg::IndexOp>(0),
                                    s.make<linalg::IndexOp>(1)};
        Value isThere = s.integer(nested.getI1Type(), 1);
        for (unsigned d = 0; d < spatial; ++d) {
          Value stride = s.integer(nested.getIndexType(), op.getStrides()[d]);
          Value at = s.make<arith::SubIOp>(s.make<linalg::IndexOp>(2 + d),
                                           lowering.index(low[d]));
          Value from = s.make<arith::FloorDivSIOp>(at, stride);
          Value back = s.make<arith::MulIOp>(from, stride);
          Value hits = s.cmp(arith::CmpIPredicate::eq, back, at);
          Value isInside = s.cmp(arith::CmpIPredicate::ult, from,
                                 lowering.index(inSpatial[d]));
          isThere = s.make<arith::AndIOp>(
              isThere, s.make<arith::AndIOp>(hits, isInside));
          position.push_back(from);
        }
        Value zero = s.zero(input.elementType());
        return scf::IfOp::create(
                   nested, loc, isThere,
                   [&](OpBuilder &then, Location) {
                     Value element = tensor::ExtractOp::create(
                         then, loc, input.value, position);
                     scf::YieldOp::create(then, loc, element);
                   },
                   [&](OpBuilder &otherwise, Location) {
                     scf::YieldOp::create(otherwise, loc, zero);
                   })
            .getResult(0);
      });
}

/// weight[C, O, r...] backwards along the window.
Tensor ConvTranspose::flipWeight() {
  return lowering.map(
      loc, weight.dims, weight.elementType(), {}, {},
      [&](OpBuilder &nested, ValueRange) -> Value {
        graph::Scalar s(nested, loc);
        SmallVector<Value> position;
        for (int64_t d = 0; d < weight.rank(); ++d) {
          Value i = s.make<linalg::IndexOp>(d);
          if (d >= 2) {
            Expr last =
                lowering.shapes.sub(weight.dims[d], lowering.constant(1));
            i = s.make<arith::SubIOp>(lowering.index(last), i);
          }
          position.push_back(i);
        }
        return s.make<tensor::ExtractOp>(weight.value, position);
      });
}

Tensor ConvTranspose::emitWithZeros() {
  unsigned spatial = sizes.size(), g = isGrouped;
  Tensor spread = spreadInput(), flipped = flipWeight();
  SmallVector<int64_t> ones(spatial, 1), none(2 * spatial, 0);
  Window window(lowering, sizes, ones, op.getDilations(), none);

  SmallVector<Expr> loopDims{input.dims[0]}, inDims{input.dims[0]};
  SmallVector<Expr> weightDims = channels(/*ofOutput=*/false);
  llvm::append_range(inDims, weightDims);
  llvm::append_range(inDims, ArrayRef(spread.dims).drop_front(2));
  llvm::append_range(loopDims, channels(/*ofOutput=*/true));
  unsigned first = loopDims.size();
  llvm::append_range(loopDims, ArrayRef(dims).drop_front(2));
  weightDims.push_back(perGroupOut);
  SmallVector<Expr> windowLoops = window.loops();
  llvm::append_range(weightDims, windowLoops);

  OpBuilder &b = lowering.b;
  AffineExpr c = b.getAffineDimExpr(loopDims.size());
  SmallVector<AffineExpr> inMap{b.getAffineDimExpr(0)}, weightMap;
  if (g) {
    inMap.push_back(b.getAffineDimExpr(1));
    weightMap.push_back(b.getAffineDimExpr(1));
  }
  inMap.push_back(c);
  weightMap.append({c, b.getAffineDimExpr(1 + g)});
  window.read(first, loopDims.size() + 1, inMap, &weightMap);
  Tensor result = Contraction(lowering, op)
                      .emit(lowering.reshape(loc, spread, inDims),
                            lowering.reshape(loc, flipped, weightDims),
                            loopDims, inMap, weightMap, 1 + windowLoops.size());
  return lowering.reshape(loc, result, dims);
}

static FailureOr<Tensor> lowerConvTranspose(Lowering &lowering,
                                            graph::ConvTransposeOp op) {
  ConvTranspose conv(lowering, op);
  return conv.overlaps() ? conv.emitWithZeros() : conv.emitWithoutOverlap();
}

void lower::addConvTransposeRules(Table &table) {
  table.add(&lowerConvTranspose);
}
