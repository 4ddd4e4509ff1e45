// Subgraphs: If, Loop and Scan. Regions are built inside an op without results,
// and move into the op that has them once the types are known.
#include "compiler/import/onnx/Importer.h"
#include "compiler/import/onnx/Loop.h"
#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/Types.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
namespace proto = nacre::proto;
using Values = SmallVector<Value>;

/// Puts the insertion point back.
using Guard = OpBuilder::InsertionGuard;

/// The op `name` with the bodies of `draft`, which goes.
static Values finish(Importer &importer, Operation *draft, StringRef name,
                     Location loc, ValueRange operands, TypeRange types) {
  OperationState state(loc, name, operands, types);
  for (unsigned k = 0; k < draft->getNumRegions(); ++k)
    state.addRegion();
  importer.b.setInsertionPoint(draft);
  Operation *op = importer.b.create(state);
  for (auto [to, from] : llvm::zip(op->getRegions(), draft->getRegions()))
    to.takeBody(from);
  draft->erase();
  importer.b.setInsertionPointAfter(op);
  return llvm::to_vector_of<Value>(op->getResults());
}

static Operation *draft(Importer &importer, StringRef name, Location loc,
                        ValueRange operands, unsigned regions) {
  OperationState state(loc, name, operands, TypeRange());
  for (unsigned k = 0; k < regions; ++k)
    state.addRegion()->emplaceBlock();
  return importer.b.create(state);
}

//===-- If
//------------------------------------------------------------------===//

/// The type of both: a dim is known where they agree. Null if they cannot meet.
static RankedTensorType join(Type x, Type y) {
  auto a = cast<RankedTensorType>(x), c = cast<RankedTensorType>(y);
  if (a.getElementType() != c.getElementType() || a.getRank() != c.getRank())
    return {};
  SmallVector<int64_t> dims(a.getShape());
  for (int64_t k = 0; k < a.getRank(); ++k)
    if (dims[k] != c.getDimSize(k))
      dims[k] = ShapedType::kDynamic;
  return RankedTensorType::get(dims, a.getElementType());
}

/// A `graph.if` whose regions are built by `body(0)` and `body(1)`.
static FailureOr<Values>
buildRegions(Node &node, Value condition,
             function_ref<FailureOr<Values>(unsigned)> body) {
  StringRef name = graph::IfOp::getOperationName();
  Operation *op = draft(node.importer, name, node.loc(), {condition}, 2);
  Values yielded[2];
  for (unsigned k = 0; k < 2; ++k) {
    Guard guard(node.b);
    node.b.setInsertionPointToEnd(&op->getRegion(k).front());
    FailureOr<Values> values = body(k);
    if (mlir::failed(values))
      return failure();
    yielded[k] = *values;
    graph::YieldOp::create(node.b, node.loc(), *values);
  }
  SmallVector<Type> types;
  for (auto [index, x, y] : llvm::enumerate(yielded[0], yielded[1])) {
    RankedTensorType type = join(x.getType(), y.getType());
    if (!type)
      return node.error() << "has branches that give " << x.getType() << " and "
                          << y.getType() << " as output " << index;
    types.push_back(type);
  }
  return finish(node.importer, op, name, node.loc(), {condition}, types);
}

Value nacre::onnx::buildIf(Node &node, Value condition,
                           function_ref<Value()> yes,
                           function_ref<Value()> no) {
  if (node.failed() || !condition)
    return {};
  auto body = [&](unsigned k) -> FailureOr<Values> {
    Value value = k == 0 ? yes() : no();
    if (!value)
      return failure();
    return Values{value};
  };
  FailureOr<Values> results = buildRegions(node, condition, body);
  return mlir::failed(results) ? Value() : results->front();
}

/// Exporters write `squeeze(x, axis)` as an If on whether the dim is 1, with an
/// Identity as the other branch. Where that dim is open no type holds both; the
/// branch that squeezes is taken then, which says that the dim is 1. Gives its
/// index.
static std::optional<unsigned> squeezingBranch(const proto::GraphProto *yes,
                                               const proto::GraphProto *no) {
  auto only = [](const proto::GraphProto *branch) -> StringRef {
    StringRef op;
    for (const proto::NodeProto &node : branch->node()) {
      if (node.op_type() == "Constant")
        continue;
      if (!op.empty())
        return "";
      op = node.op_type();
    }
    return op;
  };
  StringRef ops[] = {only(yes), only(no)};
  for (unsigned k = 0; k < 2; ++k)
    if (ops[k] == "Squeeze" && ops[1 - k] == "Identity")
      return k;
  return std::nullopt;
}

static LogicalResult checkBranches(Node &node, Value condition,
                                   const proto::GraphProto *const *branches) {
  RankedTensorType type = node.type(condition);
  if (!type.getElementType().isInteger(1))
    return node.error() << "has a condition of "
                        << typeName(type.getElementType()) << ", expected bool";
  if (type.hasStaticShape() && type.getNumElements() != 1)
    return node.error() << "has a condition of " << type.getNumElements()
                        << " elements, expected 1";
  for (const proto::GraphProto *branch : {branches[0], branches[1]}) {
    if (branch->input_size() != 0)
      return node.error() << "has a branch with inputs, expected none";
    if (branch->output_size() != branches[0]->output_size())
      return node.error() << "has branches with " << branches[0]->output_size()
                          << " and " << branch->output_size() << " outputs";
  }
  return success();
}

static LogicalResult importIf(Node &node) {
  Value condition = node.operand(0);
  const proto::GraphProto *branches[] = {node.subgraph("then_branch"),
                                         node.subgraph("else_branch")};
  if (node.failed() || failed(checkBranches(node, condition, branches)))
    return failure();
  auto importBranch = [&](unsigned k) {
    return node.importer.importBody(*branches[k], node.frame, node.scope, {});
  };
  // A known condition leaves one branch, which needs no region.
  std::optional<unsigned> taken;
  if (auto known = node.known(condition)) {
    taken = known->front() ? 0 : 1;
  } else if ((taken = squeezingBranch(branches[0], branches[1]))) {
    emitWarning(node.loc()) << node.label()
                            << " squeezes a dim if that is 1; as the dim is "
                               "open, it is taken to be 1";
  }
  FailureOr<Values> results = taken
                                  ? importBranch(*taken)
                                  : buildRegions(node, condition, importBranch);
  return mlir::failed(results) ? failure() : node.results(*results);
}

//===-- Loops
//---------------------------------------------------------------===//

/// One try: dims of carried values that are not `open` are taken to stay as
/// they are. What turns out to change is opened, and the body has to be built
/// again.
FailureOr<Operation *>
LoopBuilder::attempt(SmallVectorImpl<SmallVector<bool>> &open, bool &changed) {
  Importer &importer = node.importer;
  Guard guard(node.b);
  Values operands{tripCount, condition};
  operands.append(inits.begin(), inits.end());
  Operation *op = draft(importer, graph::LoopOp::getOperationName(), node.loc(),
                        operands, 1);
  Block &block = op->getRegion(0).front();
  Value counter = block.addArgument(
      RankedTensorType::get({}, node.b.getI64Type()), node.loc());
  Values carried;
  for (auto [init, isOpen] : llvm::zip(inits, open)) {
    auto type = cast<RankedTensorType>(init.getType());
    SmallVector<int64_t> dims(type.getShape());
    for (auto [dim, relaxed] : llvm::zip(dims, isOpen))
      if (relaxed)
        dim = ShapedType::kDynamic;
    Value argument = block.addArgument(
        RankedTensorType::get(dims, type.getElementType()), node.loc());
    graph::ValueShape shape{type.getElementType(), {}, std::nullopt};
    for (auto [k, dim] : llvm::enumerate(importer.shapes.dims(init)))
      shape.dims.push_back(
          isOpen[k] ? importer.shapes.symbol(
                          {graph::Symbol::ArgDim, argument, int64_t(k), {}})
                    : dim);
    importer.shapes.set(argument, shape);
    carried.push_back(argument);
  }
  node.b.setInsertionPointToEnd(&block);
  FailureOr<Values> yielded = body(counter, carried);
  if (failed(yielded))
    return failure();
  graph::YieldOp::create(node.b, node.loc(), *yielded);
  for (auto [index, before] : llvm::enumerate(carried)) {
    Value after = (*yielded)[index + 1];
    if (node.element(before) != node.element(after) ||
        node.rank(before) != node.rank(after))
      return node.error() << "carries value " << index << " as "
                          << before.getType() << " into its body and as "
                          << after.getType() << " out of it";
    auto from = llvm::to_vector(importer.shapes.dims(before));
    auto to = llvm::to_vector(importer.shapes.dims(after));
    for (auto [k, x, y] : llvm::enumerate(from, to))
      if (x != y && !open[index][k])
        changed = open[index][k] = true;
  }
  return op;
}

Values LoopBuilder::finishLoop(Operation *op) {
  Block &block = op->getRegion(0).front();
  Operation *yield = block.getTerminator();
  SmallVector<Type> types;
  for (unsigned k = 0; k < inits.size(); ++k)
    types.push_back(block.getArgument(k + 1).getType());
  std::optional<Node::Ints> trips = node.known(tripCount);
  std::optional<Node::Ints> first = node.known(condition);
  std::optional<Node::Ints> goOn = node.known(yield->getOperand(0));
  // Only a loop that cannot stop early has a known length.
  bool fixed = trips && first && goOn && (*first)[0] && (*goOn)[0];
  int64_t length =
      fixed ? std::max<int64_t>(0, (*trips)[0]) : ShapedType::kDynamic;
  if (first && !(*first)[0])
    length = 0;
  for (Value stacked : yield->getOperands().drop_front(inits.size() + 1)) {
    auto type = cast<RankedTensorType>(stacked.getType());
    SmallVector<int64_t> dims{length};
    llvm::append_range(dims, type.getShape());
    types.push_back(RankedTensorType::get(dims, type.getElementType()));
  }
  Values operands{tripCount, condition};
  operands.append(inits.begin(), inits.end());
  return finish(node.importer, op, graph::LoopOp::getOperationName(),
                node.loc(), operands, types);
}

FailureOr<Values> LoopBuilder::build() {
  SmallVector<SmallVector<bool>> open;
  for (Value init : inits)
    open.emplace_back(node.rank(init), false);
  while (true) {
    // Each try opens a dim more, so this ends.
    bool changed = false;
    FailureOr<Operation *> op = attempt(open, changed);
    if (failed(op))
      return failure();
    if (changed) {
      node.importer.eraseOp(*op);
      continue;
    }
    Values results = finishLoop(*op);
    for (auto [index, init] : llvm::enumerate(inits)) {
      // What the body leaves alone is as before the loop.
      graph::ValueShape shape = node.importer.shapes.shape(results[index]);
      for (auto [k, dim] :
           llvm::enumerate(llvm::to_vector(node.importer.shapes.dims(init))))
        if (!open[index][k])
          shape.dims[k] = dim;
      node.importer.shapes.set(results[index], shape);
    }
    return results;
  }
}

static bool isScalar(Node &node, Value value) {
  auto type = node.type(value);
  return type.hasStaticShape() ? type.getNumElements() == 1
                               : type.getRank() <= 1;
}

static LogicalResult importLoop(Node &node) {
  Value trips = node.optional(0), condition = node.optional(1);
  Values inits = node.operands(2);
  const proto::GraphProto *body = node.subgraph("body");
  if (node.failed())
    return failure();
  size_t numCarried = inits.size();
  if (size_t(body->input_size()) != numCarried + 2)
    return node.error() << "has a body with " << body->input_size()
                        << " inputs, expected " << numCarried + 2;
  if (size_t(body->output_size()) < numCarried + 1)
    return node.error() << "has a body with " << body->output_size()
                        << " outputs, expected at least " << numCarried + 1;
  if (trips && (!node.element(trips).isInteger(64) || !isScalar(node, trips)))
    return node.error() << "has a trip count of type " << trips.getType()
                        << ", expected one int64";
  if (condition &&
      (!node.element(condition).isInteger(1) || !isScalar(node, condition)))
    return node.error() << "has a condition of type " << condition.getType()
                        << ", expected one bool";
  auto build = [&](Value counter, ValueRange carried) -> FailureOr<Values> {
    Values inputs{counter, node.scalar(node.b.getI1Type(), 1)};
    inputs.append(carried.begin(), carried.end());
    auto values =
        node.importer.importBody(*body, node.frame, node.scope, inputs);
    if (mlir::failed(values))
      return failure();
    if (!node.element((*values)[0]).isInteger(1) ||
        !isScalar(node, (*values)[0]))
      return node.error() << "has a body whose condition is "
                          << (*values)[0].getType() << ", expected one bool";
    (*values)[0] = node.toScalar((*values)[0]);
    return values;
  };
  LoopBuilder loop{node, trips ? node.toScalar(trips) : node.i64(INT64_MAX),
                   condition ? node.toScalar(condition)
                             : node.scalar(node.b.getI1Type(), 1),
                   inits, build};
  auto results = loop.build();
  return mlir::failed(results) ? failure() : node.results(*results);
}

//===-- Scan
//----------------------------------------------------------------===//

/// One attribute entry per scanned value, checked.
static Node::Ints perValue(Node &node, StringRef name, size_t count) {
  Node::Ints values = node.ints(name, Node::Ints(count, 0));
  if (values.size() != count)
    node.error() << "has " << values.size() << " values in attribute '" << name
                 << "', expected " << count;
  values.resize(count);
  return values;
}

/// Scan-9 and later: carried values, then scanned inputs; no batch axis.
static LogicalResult importScan(Node &node) {
  Values all = node.operands();
  const proto::GraphProto *body = node.subgraph("body");
  int64_t numScanned = node.i("num_scan_inputs");
  if (node.failed())
    return failure();
  if (numScanned < 1 || numScanned > int64_t(all.size()))
    return node.error() << "has num_scan_inputs " << numScanned << " of "
                        << all.size() << " inputs";
  size_t numCarried = all.size() - numScanned;
  size_t numStacked = 0;
  if (size_t(body->input_size()) != all.size() ||
      size_t(body->output_size()) < numCarried)
    return node.error() << "has a body with " << body->input_size()
                        << " inputs and " << body->output_size()
                        << " outputs, expected " << all.size()
                        << " and at least " << numCarried;
  numStacked = body->output_size() - numCarried;
  Node::Ints inAxes = perValue(node, "scan_input_axes", numScanned);
  Node::Ints inBack = perValue(node, "scan_input_directions", numScanned);
  Node::Ints outAxes = perValue(node, "scan_output_axes", numStacked);
  Node::Ints outBack = perValue(node, "scan_output_directions", numStacked);
  ArrayRef<Value> scanned = ArrayRef(all).drop_front(numCarried);
  for (auto [k, value] : llvm::enumerate(scanned)) {
    if (!node.checkRank(value, 1))
      return failure();
    inAxes[k] = node.normalize(inAxes[k], node.rank(value));
    int64_t length = node.dim(value, inAxes[k]);
    int64_t first = node.dim(scanned[0], inAxes[0]);
    if (!node.failed() && !ShapedType::isDynamic(length) &&
        !ShapedType::isDynamic(first) && length != first)
      return node.error() << "scans inputs of lengths " << first << " and "
                          << length;
  }
  if (node.failed())
    return failure();
  Value trips = node.squeeze(node.dimOf(scanned[0], inAxes[0]), {0});
  auto build = [&](Value counter, ValueRange carried) -> FailureOr<Values> {
    Values inputs(carried.begin(), carried.end());
    for (auto [k, value] : llvm::enumerate(scanned)) {
      Value at = inBack[k] ? node.sub(node.sub(trips, 1), counter) : counter;
      inputs.push_back(node.gather(value, at, inAxes[k]));
    }
    if (node.failed())
      return failure();
    auto values =
        node.importer.importBody(*body, node.frame, node.scope, inputs);
    if (mlir::failed(values))
      return failure();
    values->insert(values->begin(), node.scalar(node.b.getI1Type(), 1));
    return values;
  };
  LoopBuilder loop{node, trips, node.scalar(node.b.getI1Type(), 1),
                   Values(ArrayRef(all).take_front(numCarried)), build};
  auto results = loop.build();
  if (mlir::failed(results))
    return failure();
  for (size_t k = 0; k < numStacked; ++k) {
    Value &stack = (*results)[numCarried + k];
    if (outBack[k])
      stack =
          node.slice(stack, node.i64s({-1}), node.i64s({INT64_MIN}), {0}, {-1});
    int64_t rank = node.rank(stack);
    int64_t to = node.normalize(outAxes[k], rank);
    SmallVector<int64_t> perm = llvm::to_vector(llvm::seq<int64_t>(1, rank));
    perm.insert(perm.begin() + (node.failed() ? 0 : to), 0);
    stack = node.transpose(stack, perm);
  }
  return node.results(*results);
}

void nacre::onnx::addControlRules(RuleTable &table) {
  table.add("If", 1, importIf);
  table.add("Loop", 1, importLoop);
  table.add("Scan", 9, importScan);
}
