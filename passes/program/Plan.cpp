#include "passes/program/Carry.h"
#include "passes/program/Layout.h"
#include "passes/program/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace nacre::program {
#define GEN_PASS_DEF_PROGRAMPLANPASS
#include "passes/program/Passes.h.inc"
} // namespace nacre::program

using namespace mlir;
using namespace nacre;
using namespace nacre::program;

static MemRefType bufferType(Type tensor) {
  auto type = cast<RankedTensorType>(tensor);
  return MemRefType::get(type.getShape(), type.getElementType());
}

/// Moves what `value` is computed from before `point`, an op of the same block;
/// fails if it depends on `point` or on something that has to stay.
static LogicalResult moveBefore(Value value, Operation *point) {
  SmallVector<Operation *> moved;
  SmallVector<Value> worklist = {value};
  SmallPtrSet<Operation *, 8> seen;
  while (!worklist.empty()) {
    Operation *op = worklist.pop_back_val().getDefiningOp();
    if (!op || op->getBlock() != point->getBlock() ||
        op->isBeforeInBlock(point) || !seen.insert(op).second)
      continue;
    if (op == point || !isPure(op) || op->getNumRegions())
      return failure();
    moved.push_back(op);
    llvm::append_range(worklist, op->getOperands());
  }
  llvm::sort(moved,
             [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  for (Operation *op : moved)
    op->moveBefore(point);
  return success();
}

static SmallVector<Value> dynamicValues(OpBuilder &builder, Location loc,
                                        ShapedType type,
                                        ArrayRef<OpFoldResult> sizes) {
  SmallVector<Value> dims;
  for (auto [i, size] : llvm::enumerate(sizes))
    if (type.isDynamicDim(i))
      dims.push_back(getValueOrCreateConstantIndexOp(builder, loc, size));
  return dims;
}

//===-- constants ---------------------------------------------------------===//

namespace {

/// Places constants in the artifact's weights.
class WeightPlacer {
public:
  explicit WeightPlacer(ModuleOp module) : module(module) {}

  void place(func::FuncOp entry);
  void finish();

private:
  int64_t offsetOf(ElementsAttr elements);

  ModuleOp module;
  llvm::MapVector<Attribute, int64_t> offsets;
  int64_t bytes = 0;
};

} // namespace

int64_t WeightPlacer::offsetOf(ElementsAttr elements) {
  auto [it, isNew] = offsets.try_emplace(elements, bytes);
  if (isNew)
    bytes = llvm::alignTo(bytes + elements.getNumElements() *
                                      elementBytes(elements.getElementType()),
                          kAlignment);
  return it->second;
}

void WeightPlacer::place(func::FuncOp entry) {
  DenseMap<std::pair<int64_t, Type>, Value> tensors;
  OpBuilder builder(entry.getContext());
  entry.walk([&](arith::ConstantOp constant) {
    auto elements = dyn_cast<ElementsAttr>(constant.getValue());
    if (!elements || !isa<RankedTensorType>(constant.getType()))
      return;
    int64_t offset = offsetOf(elements);
    Value &tensor = tensors[{offset, constant.getType()}];
    if (!tensor) {
      builder.setInsertionPointToStart(&entry.front());
      Value buffer = WeightsOp::create(builder, constant.getLoc(),
                                       bufferType(constant.getType()), offset);
      tensor = bufferization::ToTensorOp::create(
          builder, constant.getLoc(), constant.getType(), buffer,
          /*restrict=*/true, /*writable=*/false);
    }
    constant.replaceAllUsesWith(tensor);
    constant.erase();
  });
}

void WeightPlacer::finish() {
  Builder builder(module.getContext());
  SmallVector<Attribute> weights;
  for (auto [elements, offset] : offsets)
    weights.push_back(
        builder.getArrayAttr({builder.getI64IntegerAttr(offset), elements}));
  module->setAttr(kWeightsAttr, builder.getArrayAttr(weights));
  module->setAttr(kWeightsBytesAttr, builder.getI64IntegerAttr(bytes));
}

//===-- outputs -----------------------------------------------------------===//

namespace {

/// A returned value that a kernel makes, or a loop whose buffer starts empty:
/// returned = views(its result).
struct InPlaceOutput {
  Operation *maker = nullptr;
  /// The maker's operand that decides where the result is.
  OpOperand *out = nullptr;
  /// From the maker's result outwards.
  SmallVector<Operation *> views;
  /// Of the maker's result, then of each view's result.
  SmallVector<SmallVector<OpFoldResult>> sizes;
};

} // namespace

/// The sizes of a view's result from those of its source; empty if they are not
/// known before `point`.
static SmallVector<OpFoldResult> sizesOfView(OpBuilder &builder,
                                             Operation *view,
                                             ArrayRef<OpFoldResult> source,
                                             Operation *point) {
  SmallVector<OpFoldResult> sizes;
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(view)) {
    for (Value size : expand.getOutputShape())
      if (failed(moveBefore(size, point)))
        return {};
    return expand.getMixedOutputShape();
  }
  if (isa<tensor::CastOp>(view)) {
    auto type = cast<RankedTensorType>(view->getResult(0).getType());
    for (auto [i, size] : llvm::enumerate(source))
      sizes.push_back(type.isDynamicDim(i)
                          ? size
                          : builder.getIndexAttr(type.getDimSize(i)));
    return sizes;
  }
  for (const ReassociationIndices &group :
       cast<tensor::CollapseShapeOp>(view).getReassociationIndices()) {
    OpFoldResult product = builder.getIndexAttr(1);
    for (int64_t dim : group)
      product = affine::makeComposedFoldedAffineApply(
          builder, view->getLoc(),
          builder.getAffineDimExpr(0) * builder.getAffineSymbolExpr(0),
          {product, source[dim]});
    sizes.push_back(product);
  }
  return sizes;
}

static std::optional<InPlaceOutput>
matchInPlace(Value returned, const InPlaceResults &settled) {
  InPlaceOutput output;
  Value value = returned;
  while (Operation *view = value.getDefiningOp()) {
    if (!isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp, tensor::CastOp>(
            view))
      break;
    output.views.insert(output.views.begin(), view);
    value = view->getOperand(0);
  }
  output.maker = value.getDefiningOp();
  if (auto call = dyn_cast_or_null<kernel::CallOp>(output.maker))
    output.out = call.getTiedOpOperand(cast<OpResult>(value));
  else if (auto loop = dyn_cast_or_null<scf::ForOp>(output.maker);
           loop && settled.contains(value))
    output.out =
        &loop.getInitArgsMutable()[cast<OpResult>(value).getResultNumber()];
  if (!output.out)
    return std::nullopt;
  auto empty = output.out->get().getDefiningOp<tensor::EmptyOp>();
  if (!empty)
    return std::nullopt;
  OpBuilder builder(output.maker);
  output.sizes.push_back(empty.getMixedSizes());
  for (Operation *view : output.views) {
    output.sizes.push_back(
        sizesOfView(builder, view, output.sizes.back(), output.maker));
    auto type = cast<RankedTensorType>(view->getResult(0).getType());
    if (static_cast<int64_t>(output.sizes.back().size()) != type.getRank())
      return std::nullopt;
  }
  return output;
}

/// The tensor of `view`'s source shape over the bytes of `result`.
static Value invertView(OpBuilder &builder, Operation *view, Value result,
                        ArrayRef<OpFoldResult> sourceSizes) {
  Location loc = view->getLoc();
  auto type = cast<RankedTensorType>(view->getOperand(0).getType());
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(view))
    result = tensor::CollapseShapeOp::create(builder, loc, result,
                                             expand.getReassociationIndices());
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(view))
    return tensor::ExpandShapeOp::create(builder, loc, type, result,
                                         collapse.getReassociationIndices(),
                                         sourceSizes);
  return result.getType() == type
             ? result
             : tensor::CastOp::create(builder, loc, type, result).getResult();
}

/// call outs(empty) -> call outs(view of program.output), so that the kernel
/// writes where the caller reads. Returns the output's buffer.
static Value placeInOutput(InPlaceOutput &output, int64_t index, Type type) {
  OpBuilder builder(output.maker);
  Location loc = output.maker->getLoc();
  MemRefType buffer = bufferType(type);
  Value memory = OutputOp::create(
      builder, loc, buffer, index,
      dynamicValues(builder, loc, buffer, output.sizes.back()));
  Value tensor = bufferization::ToTensorOp::create(
      builder, loc, type, memory, /*restrict=*/true, /*writable=*/true);
  for (size_t i = output.views.size(); i-- > 0;)
    tensor = invertView(builder, output.views[i], tensor, output.sizes[i]);
  output.out->set(tensor);
  return memory;
}

static Value placeCopied(OpBuilder &builder, Value returned, int64_t index) {
  Location loc = returned.getLoc();
  auto type = bufferType(returned.getType());
  SmallVector<OpFoldResult> sizes =
      tensor::getMixedSizes(builder, loc, returned);
  remark::missed(
      loc, remark::RemarkOpts::name("copied-output").category("program-plan"))
      << remark::reason("output {0} is copied: no kernel of its own makes it, "
                        "or its dims are known too late",
                        index);
  return OutputOp::create(builder, loc, type, index,
                          dynamicValues(builder, loc, type, sizes));
}

static void placeOutputs(func::FuncOp entry, const InPlaceResults &settled) {
  auto returned = cast<func::ReturnOp>(entry.front().getTerminator());
  SmallPtrSet<OpOperand *, 4> claimed;
  for (auto [i, value] : llvm::enumerate(returned.getOperands())) {
    std::optional<InPlaceOutput> output = matchInPlace(value, settled);
    OpBuilder builder(returned);
    Value memory = output && claimed.insert(output->out).second
                       ? placeInOutput(*output, i, value.getType())
                       : placeCopied(builder, value, i);
    // Also tells bufferization that the value is needed to the end; the copy of
    // a buffer to itself is dropped by program-launch.
    bufferization::MaterializeInDestinationOp::create(
        builder, value.getLoc(), TypeRange(), value, memory,
        /*restrict=*/false, /*writable=*/true);
  }
  returned->setOperands({});
}

//===-- signature ---------------------------------------------------------===//

static void recordOutputs(func::FuncOp entry) {
  Builder builder(entry.getContext());
  SmallVector<Attribute> outputs;
  for (auto [i, type] : llvm::enumerate(entry.getResultTypes())) {
    NamedAttrList attributes(entry.getResultAttrs(i));
    attributes.set("type", TypeAttr::get(type));
    outputs.push_back(attributes.getDictionary(entry.getContext()));
  }
  entry->setAttr(kOutputsAttr, builder.getArrayAttr(outputs));
}

static void placeInputs(func::FuncOp entry) {
  OpBuilder builder = OpBuilder::atBlockBegin(&entry.front());
  SmallVector<Type> types;
  for (BlockArgument argument : entry.getArguments()) {
    auto tensor = cast<RankedTensorType>(argument.getType());
    argument.setType(bufferType(tensor));
    types.push_back(argument.getType());
    auto read = bufferization::ToTensorOp::create(
        builder, entry.getLoc(), tensor, argument, /*restrict=*/true,
        /*writable=*/false);
    argument.replaceAllUsesExcept(read.getResult(), read);
  }
  entry.removeResAttrsAttr();
  entry.setFunctionType(builder.getFunctionType(types, {}));
}

static LogicalResult checkEntry(func::FuncOp entry) {
  if (!entry.getBody().hasOneBlock())
    return entry.emitOpError("has ")
           << entry.getBody().getBlocks().size()
           << " blocks; an entry has one, control flow is scf";
  for (Type type : llvm::concat<const Type>(entry.getArgumentTypes(),
                                            entry.getResultTypes()))
    if (!isa<RankedTensorType>(type))
      return entry.emitOpError("takes or returns ")
             << type << "; an entry's values are ranked tensors";
  return success();
}

/// dim(x) -> the value it was made with, so that sizes do not hang on calls.
static void simplifyDims(func::FuncOp entry) {
  RewritePatternSet patterns(entry.getContext());
  MLIRContext *context = entry.getContext();
  context->getLoadedDialect<tensor::TensorDialect>()
      ->getCanonicalizationPatterns(patterns);
  for (RegisteredOperationName op : context->getRegisteredOperations())
    if (isa_and_present<tensor::TensorDialect, arith::ArithDialect,
                        affine::AffineDialect>(&op.getDialect()))
      op.getCanonicalizationPatterns(patterns, context);
  (void)applyPatternsGreedily(entry, std::move(patterns));
}

namespace {

struct Plan final : nacre::program::impl::ProgramPlanPassBase<Plan> {
  void runOnOperation() override {
    WeightPlacer weights(getOperation());
    for (auto entry : getOperation().getOps<func::FuncOp>()) {
      if (entry.isDeclaration() || failed(checkEntry(entry)))
        return signalPassFailure();
      simplifyDims(entry);
      recordOutputs(entry);
      placeOutputs(entry, settleCarried(entry));
      placeInputs(entry);
      weights.place(entry);
    }
    weights.finish();
  }
};

} // namespace
