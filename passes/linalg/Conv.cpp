// Convolutions: the input is padded, then one loop nest of sums.

#include "passes/linalg/Contract.h"
#include "passes/linalg/Window.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::lower;

//===-- Windows (Window.h)
//-------------------------------------------------===//

Window::Window(Lowering &lowering, ArrayRef<Expr> sizes,
               ArrayRef<int64_t> strides, ArrayRef<int64_t> dilations,
               ArrayRef<int64_t> pads)
    : lowering(lowering), sizes(sizes), strides(strides), dilations(dilations),
      pads(pads) {}

Expr Window::extent(unsigned d) const {
  graph::ShapeContext &shapes = lowering.shapes;
  Expr steps = shapes.sub(sizes[d], shapes.constant(1));
  return shapes.add(shapes.mul(steps, shapes.constant(dilations[d])),
                    shapes.constant(1));
}

Tensor Window::padInput(Location loc, Tensor input, TypedAttr value,
                        ArrayRef<Expr> outDims, bool ceilMode) const {
  graph::ShapeContext &shapes = lowering.shapes;
  Expr zero = shapes.constant(0);
  SmallVector<Expr> low(input.rank(), zero), high(input.rank(), zero);
  unsigned rank = sizes.size();
  for (unsigned d = 0; d < rank; ++d) {
    low[2 + d] = shapes.constant(pads[d]);
    high[2 + d] = shapes.constant(pads[rank + d]);
    Expr before = shapes.add(input.dims[2 + d], low[2 + d]);
    Expr padded = shapes.add(before, high[2 + d]);
    Expr room =
        shapes.add(padded, shapes.constant(ceilMode ? strides[d] - 1 : 0));
    lowering.requireAtMost(loc, extent(d), room,
                           "the window is larger than the padded input");
    // A last window of `ceil_mode` may reach beyond the padding; one that would
    // start in it is left out, and with it the padding that it would read.
    Expr reach =
        shapes.add(shapes.mul(shapes.sub(outDims[d], shapes.constant(1)),
                              shapes.constant(strides[d])),
                   extent(d));
    if (ceilMode)
      high[2 + d] = shapes.max(shapes.sub(reach, before), zero);
  }
  return lowering.padBy(loc, input, low, high, value);
}

void Window::read(unsigned firstOut, unsigned firstWindow,
                  SmallVectorImpl<AffineExpr> &input,
                  SmallVectorImpl<AffineExpr> *window) const {
  OpBuilder &b = lowering.b;
  for (unsigned d = 0; d < sizes.size(); ++d) {
    AffineExpr at = b.getAffineDimExpr(firstOut + d) * strides[d];
    if (!isUnit(d)) {
      AffineExpr r = b.getAffineDimExpr(firstWindow++);
      at = at + r * dilations[d];
      if (window)
        window->push_back(r);
    }
    input.push_back(at);
  }
}

bool Window::isUnit(unsigned d) const {
  return graph::ShapeContext::asConstant(sizes[d]) == 1;
}

SmallVector<Expr> Window::loops() const {
  SmallVector<Expr> result;
  for (unsigned d = 0; d < sizes.size(); ++d)
    if (!isUnit(d))
      result.push_back(sizes[d]);
  return result;
}

//===-- Convolution
//----------------------------------------------------------===//

namespace {
/// How channels are grouped.
struct Channels {
  Expr groups, perGroupIn, perGroupOut;
  bool isGrouped, isDepthwise;
};
} // namespace

static Channels channelsOf(Lowering &lowering, int64_t groups,
                           ArrayRef<Expr> input, ArrayRef<Expr> weight) {
  graph::ShapeContext &shapes = lowering.shapes;
  Channels c;
  c.groups = shapes.constant(groups);
  c.perGroupIn = weight[1];
  c.perGroupOut = shapes.floorDiv(weight[0], c.groups);
  c.isGrouped = groups != 1;
  c.isDepthwise = c.isGrouped && c.perGroupIn == shapes.constant(1) &&
                  c.perGroupOut == shapes.constant(1);
  return c;
}

/// input[n, g?, c?, x * stride + r * dilation] * weight[g?, o?, c?, r], the
/// sum over c and r; `g` and `c` have loops only where there are any.
static Tensor emitConv(Lowering &lowering, graph::ConvOp op, Tensor input,
                       Tensor weight, const Window &window, const Channels &c,
                       ArrayRef<Expr> outSpatial) {
  Location loc = op.getLoc();
  Expr batch = input.dims[0];
  ArrayRef<Expr> inSpatial = ArrayRef(input.dims).drop_front(2);
  SmallVector<Expr> dims{batch}, inDims{batch}, weightDims;
  if (c.isGrouped) {
    dims.push_back(c.groups);
    inDims.push_back(c.groups);
    weightDims.push_back(c.groups);
  }
  if (!c.isDepthwise) {
    dims.push_back(c.perGroupOut);
    inDims.push_back(c.perGroupIn);
    weightDims.append({c.perGroupOut, c.perGroupIn});
  }
  unsigned firstOut = dims.size();
  llvm::append_range(dims, outSpatial);
  llvm::append_range(inDims, inSpatial);
  SmallVector<Expr> windowLoops = window.loops();
  llvm::append_range(weightDims, windowLoops);
  input = lowering.reshape(loc, input, inDims);
  weight = lowering.reshape(loc, weight, weightDims);

  OpBuilder &b = lowering.b;
  unsigned next = dims.size(); // the first reduction loop
  SmallVector<AffineExpr> inMap{b.getAffineDimExpr(0)}, weightMap;
  if (c.isGrouped) {
    inMap.push_back(b.getAffineDimExpr(1));
    weightMap.push_back(b.getAffineDimExpr(1));
  }
  if (!c.isDepthwise) {
    inMap.push_back(b.getAffineDimExpr(next));
    weightMap.push_back(b.getAffineDimExpr(firstOut - 1));
    weightMap.push_back(b.getAffineDimExpr(next++));
  }
  window.read(firstOut, next, inMap, &weightMap);
  unsigned reductions = windowLoops.size() + !c.isDepthwise;
  return Contraction(lowering, op)
      .emit(input, weight, dims, inMap, weightMap, reductions);
}

static FailureOr<Tensor> lowerConv(Lowering &lowering, graph::ConvOp op) {
  Location loc = op.getLoc();
  Tensor input = lowering.get(op.getInput());
  Tensor weight = lowering.get(op.getWeight());
  Channels channels =
      channelsOf(lowering, op.getGroups(), input.dims, weight.dims);
  lowering.requireEqual(
      loc, lowering.shapes.mul(channels.groups, channels.perGroupIn),
      input.dims[1], "channels of a convolution do not fit its weight");
  SmallVector<Expr> dims = llvm::to_vector(lowering.dims(op.getOutput()));
  ArrayRef<Expr> outSpatial = ArrayRef(dims).drop_front(2);
  SmallVector<Expr> sizes(ArrayRef(weight.dims).drop_front(2));
  Window window(lowering, sizes, op.getStrides(), op.getDilations(),
                op.getPads());
  input = window.padInput(
      loc, input, lowering.b.getZeroAttr(input.elementType()), outSpatial);
  Tensor result =
      emitConv(lowering, op, input, weight, window, channels, outSpatial);
  return lowering.reshape(loc, result, dims);
}

void lower::addConvRules(Table &table) { table.add(&lowerConv); }
