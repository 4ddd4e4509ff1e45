// Subgraphs: If and Loop. Regions are built inside an op without results,
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
  Type element =
      graph::joinElementTypes(a.getElementType(), c.getElementType());
  if (!element || a.getRank() != c.getRank())
    return {};
  SmallVector<int64_t> dims(a.getShape());
  for (int64_t k = 0; k < a.getRank(); ++k)
    if (dims[k] != c.getDimSize(k))
      dims[k] = ShapedType::kDynamic;
  return RankedTensorType::get(dims, element);
}

/// `value` under a type of element that says less, or in an optional; itself for
/// numbers.
static Value retype(Node &node, Value value, Type element) {
  if (node.element(value) == element)
    return value;
  if (isa<graph::OptionalType>(element) &&
      !isa<graph::OptionalType>(node.element(value)))
    return node.make<graph::OptionalMakeOp>(
        {value}, {node.b.attr("type", TypeAttr::get(element))});
  return node.make<graph::RetypeOp>(
      {value}, {node.b.attr("to", TypeAttr::get(element))});
}

/// The same of a value that `yield` yields.
static void retypeYielded(Node &node, Operation *yield, unsigned index,
                          Type element) {
  Guard guard(node.b);
  node.b.setInsertionPoint(yield);
  if (Value value = retype(node, yield->getOperand(index), element))
    yield->setOperand(index, value);
}

/// Where one branch gives a single element under fewer dims than the other,
/// dims of 1 are put before it: what broadcasts does not see the difference.
static void meetRanks(Node &node, Operation *op, Values *yielded) {
  for (unsigned k = 0; k < yielded[0].size(); ++k)
    for (unsigned branch = 0; branch < 2; ++branch) {
      Value &value = yielded[branch][k];
      int64_t rank = node.rank(yielded[1 - branch][k]);
      RankedTensorType type = node.type(value);
      if (type.getRank() >= rank || !type.hasStaticShape() ||
          type.getNumElements() != 1)
        continue;
      emitWarning(node.loc())
          << node.label() << " gives output " << k << " a rank of "
          << type.getRank() << " or " << rank << "; it is taken to be " << rank;
      Operation *yield = op->getRegion(branch).front().getTerminator();
      Guard guard(node.b);
      node.b.setInsertionPoint(yield);
      value = node.reshape(value, Node::Ints(rank, 1));
      yield->setOperand(k, value);
    }
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
  meetRanks(node, op, yielded);
  SmallVector<Type> types;
  for (auto [index, x, y] : llvm::enumerate(yielded[0], yielded[1])) {
    RankedTensorType type = join(x.getType(), y.getType());
    if (!type)
      return node.error() << "has branches that give " << x.getType() << " and "
                          << y.getType() << " as output " << index;
    types.push_back(type);
    for (Region &region : op->getRegions())
      retypeYielded(node, region.front().getTerminator(), index,
                    type.getElementType());
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
  for (auto [init, element] : llvm::zip(inits, elements))
    init = retype(node, init, element);
  if (node.failed())
    return failure();
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
    Type own = node.element(after);
    // A body may take an optional and give what one holds.
    wrapped[index] = isa<graph::OptionalType>(node.element(before)) &&
                     !isa<graph::OptionalType>(own);
    if (wrapped[index])
      own = graph::OptionalType::get(node.b.getContext(),
                                     graph::contentOf(node.type(after)));
    Type element = graph::joinElementTypes(node.element(before), own);
    if (!element ||
        (!wrapped[index] && node.rank(before) != node.rank(after)))
      return node.error() << "carries value " << index << " as "
                          << before.getType() << " into its body and as "
                          << after.getType() << " out of it";
    changed |= element != elements[index];
    elements[index] = element;
    retypeYielded(node, block.getTerminator(), index + 1, element);
    after = block.getTerminator()->getOperand(index + 1);
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
  for (Value init : inits) {
    open.emplace_back(node.rank(init), false);
    elements.push_back(node.element(init));
  }
  wrapped.assign(inits.size(), false);
  while (true) {
    // Each try opens a dim more, or says less of a sequence, so this ends.
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
      if (wrapped[index])
        results[index] = node.make<graph::OptionalGetOp>({results[index]});
    }
    return results;
  }
}

static bool isScalar(Node &node, Value value) {
  auto type = node.type(value);
  return type.hasStaticShape() ? type.getNumElements() == 1
                               : type.getRank() <= 1;
}

/// A scalar as a vector of one, if that is what a body takes it to be.
static Value asDeclared(Node &node, const proto::ValueInfoProto &input,
                        Value scalar) {
  const auto &type = input.type().tensor_type();
  bool vector = type.has_shape() && type.shape().dim_size() == 1;
  return vector ? node.unsqueeze(scalar, {0}) : scalar;
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
    Values inputs{asDeclared(node, body->input(0), counter),
                  asDeclared(node, body->input(1),
                             node.scalar(node.b.getI1Type(), 1))};
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

void nacre::onnx::addControlRules(RuleTable &table) {
  table.add("If", 1, importIf);
  table.add("Loop", 1, importLoop);
}
