#include "codegen/common/ExpandAddresses.h"
#include "codegen/common/KernelFunction.h"
#include "codegen/common/Passes.h"

#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace nacre::codegen {
#define GEN_PASS_DEF_CODEGENFLATTENBUFFERSPASS
#include "codegen/common/Passes.h.inc"
} // namespace nacre::codegen

using namespace mlir;
using nacre::codegen::KernelFunction;

namespace {

/// Where the elements of a buffer are in the row of elements of `base`.
struct Layout {
  Value base;
  OpFoldResult offset;
  SmallVector<OpFoldResult> strides;
};

/// Finds layouts, and writes the arithmetic for them where they are asked for.
class Layouts {
public:
  explicit Layouts(func::FuncOp func) : kernel(func), b(func.getContext()) {}

  /// The layout of `buffer`, for use before `user`; nothing, after an error was
  /// reported, if it has no fixed base.
  FailureOr<Layout> of(Value buffer, Operation *user) {
    if (auto cast = buffer.getDefiningOp<memref::CastOp>())
      return of(cast.getSource(), user);
    if (auto cast = buffer.getDefiningOp<memref::ReinterpretCastOp>()) {
      FailureOr<Layout> source = of(cast.getSource(), user);
      if (succeeded(source))
        return Layout{source->base, cast.getMixedOffsets().front(),
                      cast.getMixedStrides()};
      return failure();
    }
    if (auto parts = buffer.getDefiningOp<memref::ExtractStridedMetadataOp>())
      return of(parts.getSource(), user);
    auto argument = dyn_cast<BlockArgument>(buffer);
    bool isBase =
        argument ? isa<func::FuncOp>(argument.getOwner()->getParentOp())
                 : isa<memref::AllocaOp, memref::ViewOp, memref::GetGlobalOp>(
                       buffer.getDefiningOp());
    if (!isBase)
      return user->emitError("accesses a buffer of type ")
             << buffer.getType() << " whose place is chosen at run time";
    return dense(buffer, user);
  }

  /// `offset + sum(index * stride)`.
  Value linear(const Layout &layout, ValueRange indices, Operation *user) {
    b.setInsertionPoint(user);
    Location loc = user->getLoc();
    OpFoldResult sum = layout.offset;
    for (auto [index, stride] : llvm::zip_equal(indices, layout.strides))
      sum = add(loc, sum, multiply(loc, index, stride));
    return value(loc, sum);
  }

  /// The strides and offset that `parts` asks for.
  LogicalResult resolve(memref::ExtractStridedMetadataOp parts) {
    FailureOr<Layout> layout = of(parts.getSource(), parts);
    if (failed(layout))
      return failure();
    b.setInsertionPoint(parts);
    Location loc = parts.getLoc();
    parts.getOffset().replaceAllUsesWith(value(loc, layout->offset));
    for (auto [from, to] : llvm::zip(parts.getStrides(), layout->strides))
      from.replaceAllUsesWith(value(loc, to));
    for (auto [d, size] : llvm::enumerate(parts.getSizes()))
      if (!size.use_empty())
        size.replaceAllUsesWith(value(loc, sizeOf(parts.getSource(), d)));
    return success();
  }

  /// The size that `dim` asks for.
  LogicalResult resolve(memref::DimOp dim) {
    std::optional<int64_t> d = dim.getConstantIndex();
    if (!d || failed(of(dim.getSource(), dim)))
      return dim.emitError("is a size that is not known before its buffer");
    b.setInsertionPoint(dim);
    dim.replaceAllUsesWith(value(dim.getLoc(), sizeOf(dim.getSource(), *d)));
    dim.erase();
    return success();
  }

private:
  /// The size of a dim of a base, or of a view of it.
  OpFoldResult sizeOf(Value base, unsigned d) {
    auto type = cast<MemRefType>(base.getType());
    if (!type.isDynamicDim(d))
      return b.getIndexAttr(type.getDimSize(d));
    if (auto cast = base.getDefiningOp<memref::CastOp>())
      return sizeOf(cast.getSource(), d);
    unsigned position =
        llvm::count_if(type.getShape().take_front(d), ShapedType::isDynamic);
    if (auto view = base.getDefiningOp<memref::ViewOp>())
      return view.getSizes()[position];
    if (auto cast = base.getDefiningOp<memref::ReinterpretCastOp>())
      return cast.getMixedSizes()[d];
    unsigned argument = cast<BlockArgument>(base).getArgNumber();
    return argument < kernel.numBuffers() ? kernel.bufferDim(argument, d)
                                          : Value();
  }

  FailureOr<Layout> dense(Value base, Operation *user) {
    b.setInsertionPoint(user);
    auto type = cast<MemRefType>(base.getType());
    Layout layout{base, b.getIndexAttr(0), {}};
    layout.strides.resize(type.getRank());
    OpFoldResult stride = b.getIndexAttr(1);
    for (int64_t d = type.getRank() - 1; d >= 0; --d) {
      layout.strides[d] = stride;
      if (d > 0)
        stride = multiply(user->getLoc(), stride, sizeOf(base, d));
    }
    return layout;
  }

  Value value(Location loc, OpFoldResult x) {
    return getValueOrCreateConstantIndexOp(b, loc, x);
  }
  OpFoldResult multiply(Location loc, OpFoldResult x, OpFoldResult y) {
    std::optional<int64_t> a = getConstantIntValue(x);
    std::optional<int64_t> c = getConstantIntValue(y);
    if (a && c)
      return b.getIndexAttr(*a * *c);
    if (a == 1 || c == 0)
      return y;
    if (c == 1 || a == 0)
      return x;
    return arith::MulIOp::create(b, loc, value(loc, x), value(loc, y))
        .getResult();
  }
  OpFoldResult add(Location loc, OpFoldResult x, OpFoldResult y) {
    if (getConstantIntValue(x) == 0)
      return y;
    if (getConstantIntValue(y) == 0)
      return x;
    return arith::AddIOp::create(b, loc, value(loc, x), value(loc, y))
        .getResult();
  }

  KernelFunction kernel;
  OpBuilder b;
};

struct FlattenBuffers final
    : nacre::codegen::impl::CodegenFlattenBuffersPassBase<FlattenBuffers> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (!KernelFunction(func))
      return;
    if (failed(nacre::codegen::expandAddresses(func)) ||
        failed(expandArithmetic()) || failed(flatten()))
      return signalPassFailure();
    nacre::codegen::simplify(func);
  }

private:
  LogicalResult expandArithmetic() {
    RewritePatternSet patterns(&getContext());
    arith::populateArithExpandOpsPatterns(patterns);
    return applyPatternsGreedily(getOperation(), std::move(patterns));
  }

  /// An access and what it becomes.
  struct Access {
    Operation *op;
    Value base, index;
  };

  LogicalResult flatten() {
    func::FuncOp func = getOperation();
    Layouts layouts(func);
    SmallVector<Operation *> ops, views;
    func.walk([&](Operation *op) {
      ops.push_back(op);
      if (isa<memref::ReinterpretCastOp, memref::CastOp, memref::GetGlobalOp,
              memref::ExtractStridedMetadataOp>(op))
        views.push_back(op);
    });
    SmallVector<Access> accesses;
    for (Operation *op : ops) {
      if (auto dim = dyn_cast<memref::DimOp>(op)) {
        if (failed(layouts.resolve(dim)))
          return failure();
        continue;
      }
      if (auto parts = dyn_cast<memref::ExtractStridedMetadataOp>(op))
        if (failed(layouts.resolve(parts)))
          return failure();
      Value buffer = bufferOf(op);
      if (!buffer)
        continue;
      FailureOr<Layout> layout = layouts.of(buffer, op);
      if (failed(layout))
        return failure();
      accesses.push_back(
          {op, layout->base, layouts.linear(*layout, indicesOf(op), op)});
    }
    for (const Access &access : accesses)
      if (failed(replace(access)))
        return failure();
    // From the last to the first, so that users go before what they use.
    for (Operation *view : llvm::reverse(views))
      if (view->use_empty())
        view->erase();
    retype();
    return success();
  }

  static Value bufferOf(Operation *op) {
    if (auto load = dyn_cast<memref::LoadOp>(op))
      return load.getMemRef();
    auto store = dyn_cast<memref::StoreOp>(op);
    return store ? store.getMemRef() : Value();
  }
  static ValueRange indicesOf(Operation *op) {
    if (auto load = dyn_cast<memref::LoadOp>(op))
      return load.getIndices();
    return cast<memref::StoreOp>(op).getIndices();
  }

  static LogicalResult replace(const Access &access) {
    if (auto global = access.base.getDefiningOp<memref::GetGlobalOp>())
      return replaceByConstant(access.op, global);
    if (auto store = dyn_cast<memref::StoreOp>(access.op))
      store->setOperands({store.getValueToStore(), access.base, access.index});
    else
      access.op->setOperands({access.base, access.index});
    return success();
  }

  /// Constants of a kernel have one value for all elements; others are inputs.
  static LogicalResult replaceByConstant(Operation *load,
                                         memref::GetGlobalOp global) {
    auto symbol = SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(
        global, global.getNameAttr());
    auto value = dyn_cast_if_present<SplatElementsAttr>(
        symbol ? symbol.getConstantInitValue() : Attribute());
    if (!value || load->getNumResults() != 1)
      return load->emitError("accesses a constant of type ")
             << global.getType() << " with more than one value";
    OpBuilder b(load);
    Value constant = arith::ConstantOp::create(
        b, load->getLoc(), value.getSplatValue<TypedAttr>());
    load->replaceAllUsesWith(ValueRange(constant));
    load->erase();
    return success();
  }

  static MemRefType rowOf(MemRefType type) {
    return MemRefType::get(
        {type.hasStaticShape() ? type.getNumElements() : ShapedType::kDynamic},
        type.getElementType());
  }

  /// Gives bases their types of one dim. The sizes of a view of scratch are not
  /// asked for any more.
  void retype() {
    func::FuncOp func = getOperation();
    for (BlockArgument argument : func.getArguments())
      if (auto type = dyn_cast<MemRefType>(argument.getType()))
        argument.setType(
            MemRefType::get({ShapedType::kDynamic}, type.getElementType()));
    func.setFunctionType(
        FunctionType::get(&getContext(), func.getBody().getArgumentTypes(),
                          func.getFunctionType().getResults()));
    func.walk([&](Operation *op) {
      if (auto slot = dyn_cast<memref::AllocaOp>(op))
        slot.getResult().setType(rowOf(slot.getType()));
      auto view = dyn_cast<memref::ViewOp>(op);
      if (!view)
        return;
      MemRefType row = rowOf(view.getType());
      SmallVector<Value> sizes;
      if (!row.hasStaticShape()) {
        OpBuilder b(view);
        sizes.push_back(arith::ConstantIndexOp::create(b, view.getLoc(), 0));
      }
      view.getResult().setType(row);
      view.getSizesMutable().assign(sizes);
    });
  }
};

} // namespace
