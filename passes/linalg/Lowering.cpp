#include "passes/linalg/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::lower;

const Table::Rule *Table::find(StringRef name) {
  static const Table table = [] {
    Table table;
    addConstantRules(table);
    addViewRules(table);
    addMovementRules(table);
    addPadRules(table);
    addReduceRules(table);
    addOrderRules(table);
    addMatmulRules(table);
    addConvRules(table);
    addConvTransposeRules(table);
    addPoolRules(table);
    addGatherRules(table);
    addScatterRules(table);
    addNonZeroRules(table);
    addUniqueRules(table);
    addSuppressionRules(table);
    addTreeRules(table);
    addMatrixRules(table);
    addResizeRules(table);
    addRandomRules(table);
    addControlRules(table);
    return table;
  }();
  auto it = table.rules.find(name);
  return it == table.rules.end() ? nullptr : &it->second;
}

LogicalResult lower::unsupported(Operation *op, const Twine &reason) {
  InFlightDiagnostic diag = op->emitOpError("has no lowering to linalg: ")
                            << reason;
  for (Type type : op->getOperandTypes())
    diag << "; operand " << type;
  return diag;
}

//===-- Blocks of host code -----------------------------------------------===//

Lowering::Scope::Scope(Lowering &lowering, Block *block)
    : lowering(lowering), before(lowering.b.saveInsertionPoint()) {
  lowering.b.setInsertionPointToEnd(block);
  lowering.scopes.emplace_back().block = block;
}

Lowering::Scope::~Scope() {
  lowering.scopes.pop_back();
  lowering.b.restoreInsertionPoint(before);
}

LogicalResult Lowering::lowerOps(Block &block) {
  bool failed = false;
  for (Operation &op : block.without_terminator())
    // Goes on after an error, so that one run reports all of them; values
    // which are missing then make no further noise.
    if (llvm::all_of(op.getOperands(),
                     [&](Value operand) { return values.contains(operand); }))
      failed |= mlir::failed(lowerOp(&op));
    else
      failed = true;
  return failure(failed);
}

/// Data that looks like a shape: a scalar or a short list.
static bool isShort(RankedTensorType type) {
  return type.getRank() <= 1 && type.getNumElements() <= 8;
}

/// Whether the host should compute the elements of `result`: always in terms of
/// sizes alone, and of other data only where a kernel would cost more.
static bool isForHost(graph::ShapeContext &shapes, OpResult result,
                      RankedTensorType type, ArrayRef<Expr> elements) {
  bool isKnown = true, readsData = false;
  for (Expr element : elements)
    shapes.walkSymbols(element, [&](const graph::Symbol &symbol) {
      readsData |= symbol.kind == graph::Symbol::Element;
      isKnown &= symbol.value != result;
    });
  if (!isKnown || !readsData)
    return isKnown;
  // A view of data costs nothing.
  bool isView = isa<graph::ReshapeOp, graph::SqueezeOp, graph::UnsqueezeOp,
                    graph::CollapseOp>(result.getOwner());
  return isShort(type) && !isView;
}

/// Tensors whose elements are known in terms of sizes are made by the host.
bool Lowering::lowerAsHostScalars(Operation *op) {
  if (op->getNumResults() != 1 || op->getNumRegions() ||
      isa<graph::ConstantOp>(op))
    return false;
  OpResult result = op->getResult(0);
  const graph::ValueShape &shape = shapes.shape(result);
  if (!shape.elements)
    return false;
  SmallVector<Expr> elements = *shape.elements;
  RankedTensorType type = typeOf(result);
  if (!isForHost(shapes, result, type, elements))
    return false;
  SmallVector<Value> scalars;
  for (Expr element : elements)
    scalars.push_back(scalar(op->getLoc(), element, type.getElementType()));
  set(result, tensor::FromElementsOp::create(b, op->getLoc(), type, scalars));
  return true;
}

LogicalResult Lowering::lowerOp(Operation *op) {
  if (op->use_empty() || lowerAsHostScalars(op))
    return success();
  for (Type type : op->getResultTypes())
    if (!graph::signlessElementType(getElementTypeOrSelf(type)).isIntOrFloat())
      return unsupported(op, "elements of a result are neither integers nor "
                             "floats");
  if (op->hasTrait<graph::HostComputed>())
    return lowerHostComputed(*this, op);
  if (auto elementwise = dyn_cast<graph::ElementwiseOpInterface>(op)) {
    FailureOr<Tensor> result = lowerElementwise(*this, elementwise);
    if (failed(result))
      return failure();
    set(op->getResult(0), result->value);
    return success();
  }
  if (const Table::Rule *rule = Table::find(op->getName().getStringRef()))
    return (*rule)(*this, op);
  return unsupported(op, "there is no rule for this op");
}

//===-- Values
//--------------------------------------------------------------===//

Tensor Lowering::get(Value graphValue) {
  return {values.lookup(graphValue), llvm::to_vector(dims(graphValue))};
}

void Lowering::set(Value graphValue, Value converted) {
  values[graphValue] =
      castTo(graphValue.getLoc(), converted, typeOf(graphValue));
}

Type Lowering::elementTypeOf(Value graphValue) {
  return graph::signlessElementType(getElementTypeOrSelf(graphValue.getType()));
}

RankedTensorType Lowering::type(ArrayRef<Expr> dims, Type elementType) {
  SmallVector<int64_t> sizes;
  for (Expr dim : dims)
    sizes.push_back(
        graph::ShapeContext::asConstant(dim).value_or(ShapedType::kDynamic));
  return RankedTensorType::get(sizes, elementType);
}

RankedTensorType Lowering::typeOf(Value graphValue) {
  return type(dims(graphValue), elementTypeOf(graphValue));
}

Value Lowering::castTo(Location loc, Value tensor, RankedTensorType type) {
  if (tensor.getType() == type)
    return tensor;
  return tensor::CastOp::create(b, loc, type, tensor);
}

SmallVector<AffineExpr> Lowering::loops(unsigned first, unsigned count) {
  SmallVector<AffineExpr> exprs;
  for (unsigned i = 0; i < count; ++i)
    exprs.push_back(b.getAffineDimExpr(first + i));
  return exprs;
}
