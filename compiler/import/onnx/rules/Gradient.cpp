// Gradient: the ops between its tensors are followed back, each with its own
// derivative. What comes out is graph ops like all others.
#include "compiler/import/onnx/Importer.h"
#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Common.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;
using graph::ReduceKind;
using Values = Node::Values;

namespace {

/// Derivatives of one value, gathered from its uses.
class Backward {
public:
  explicit Backward(Node &n) : n(n) {}

  /// Follows `y` back to `xs`, with ones for the derivative of `y` itself.
  void run(Value y, ValueRange xs);
  /// What came together for `x`: zeros if `y` does not depend on it.
  Value of(Value x);

private:
  /// The ops between `y` and `xs`, in order.
  SetVector<Operation *> between(Value y, ValueRange xs);
  void add(Value operand, Value derivative);
  Value sumTo(Value derivative, Value like);
  void follow(Operation *op, Value g);
  bool followBinary(Operation *op, Value g);
  bool followUnary(Operation *op, Value g);
  bool followMove(Operation *op, Value g);
  void followMatmul(graph::MatmulOp op, Value g);
  void followSoftmax(graph::SoftmaxOp op, Value g);
  void followReduce(graph::ReduceOp op, Value g);
  void followConcat(graph::ConcatOp op, Value g);
  void followSlice(graph::SliceOp op, Value g);

  Node &n;
  DenseMap<Value, Value> sums;
  DenseSet<Value> needed; ///< values that depend on `xs`
};

} // namespace

//===-- Sums
//----------------------------------------------------------------===//

/// Sums over the dims along which `like` was broadcast.
Value Backward::sumTo(Value derivative, Value like) {
  auto &shapes = n.importer.shapes;
  int64_t more = n.rank(derivative) - n.rank(like);
  if (n.failed() || !derivative)
    return {};
  Node::Ints axes = llvm::to_vector(llvm::seq<int64_t>(0, more));
  auto from = llvm::to_vector(shapes.dims(derivative));
  auto to = llvm::to_vector(shapes.dims(like));
  for (auto [k, dim] : llvm::enumerate(to)) {
    if (dim == from[more + k])
      continue;
    if (n.dim(like, k) != 1) {
      n.error() << "needs a derivative of type " << derivative.getType()
                << " summed to " << like.getType()
                << ", whose dims do not tell how";
      return {};
    }
    axes.push_back(more + k);
  }
  if (axes.empty())
    return derivative;
  return n.reshape(n.reduce(ReduceKind::sum, derivative, axes, true),
                   n.shapeOf(like));
}

void Backward::add(Value operand, Value derivative) {
  if (!needed.contains(operand) || n.failed())
    return;
  derivative = sumTo(derivative, operand);
  Value &sum = sums[operand];
  sum = sum ? n.add(sum, derivative) : derivative;
}

Value Backward::of(Value x) {
  if (Value sum = sums.lookup(x))
    return sum;
  return n.broadcast(n.scalarLike(x, 0), n.shapeOf(x));
}

//===-- Ops
//-----------------------------------------------------------------===//

bool Backward::followUnary(Operation *op, Value g) {
  if (op->getNumOperands() != 1)
    return false;
  Value x = op->getOperand(0), y = op->getResult(0);
  auto square = [&](Value v) { return n.mul(v, v); };
  auto take = [&](Value v) { return add(x, v), true; };
  return TypeSwitch<Operation *, bool>(op)
      .Case([&](graph::NegOp) { return take(n.neg(g)); })
      .Case([&](graph::AbsOp) {
        return take(n.mul(g, n.make<graph::SignOp>({x})));
      })
      .Case([&](graph::ExpOp) { return take(n.mul(g, y)); })
      .Case([&](graph::LogOp) { return take(n.div(g, x)); })
      .Case([&](graph::SqrtOp) { return take(n.div(n.mul(g, 0.5), y)); })
      .Case([&](graph::RsqrtOp) {
        return take(n.mul(n.mul(g, -0.5), n.div(y, x)));
      })
      .Case(
          [&](graph::ReciprocalOp) { return take(n.neg(n.mul(g, square(y)))); })
      .Case([&](graph::TanhOp) { return take(n.mul(g, n.sub(1, square(y)))); })
      .Case([&](graph::SigmoidOp) {
        return take(n.mul(g, n.mul(y, n.sub(1, y))));
      })
      .Case([&](graph::ReluOp) {
        return take(
            n.select(n.compare(Predicate::gt, x, 0.0), g, n.scalarLike(g, 0)));
      })
      .Case([&](graph::SinOp) {
        return take(n.mul(g, n.make<graph::CosOp>({x})));
      })
      .Case([&](graph::CosOp) {
        return take(n.neg(n.mul(g, n.make<graph::SinOp>({x}))));
      })
      .Case([&](graph::ErfOp) {
        Value slope = n.mul(n.exp(n.neg(square(x))), 1.1283791670955126);
        return take(n.mul(g, slope));
      })
      .Case([&](graph::CastOp) { return take(n.cast(g, n.element(x))); })
      .Default([](Operation *) { return false; });
}

bool Backward::followBinary(Operation *op, Value g) {
  if (op->getNumOperands() < 2)
    return false;
  Value x = op->getOperand(0), z = op->getOperand(1), y = op->getResult(0);
  auto both = [&](Value ofX, Value ofZ) {
    add(x, ofX);
    add(z, ofZ);
    return true;
  };
  // Of equal operands, the first is the one that is taken.
  auto choose = [&](Value first) {
    Value zero = n.scalarLike(g, 0);
    return both(n.select(first, g, zero), n.select(first, zero, g));
  };
  return TypeSwitch<Operation *, bool>(op)
      .Case([&](graph::AddOp) { return both(g, g); })
      .Case([&](graph::SubOp) { return both(g, n.neg(g)); })
      .Case([&](graph::MulOp) { return both(n.mul(g, z), n.mul(g, x)); })
      .Case([&](graph::DivOp) {
        return both(n.div(g, z), n.neg(n.div(n.mul(g, y), z)));
      })
      .Case(
          [&](graph::MaxOp) { return choose(n.compare(Predicate::ge, x, z)); })
      .Case(
          [&](graph::MinOp) { return choose(n.compare(Predicate::le, x, z)); })
      .Case([&](graph::PowOp) {
        Value exponent = n.cast(z, n.element(x));
        Value lower = n.make<graph::PowOp>({x, n.sub(exponent, 1)});
        add(x, n.mul(g, n.mul(exponent, lower)));
        if (needed.contains(z))
          add(z, n.mul(g, n.mul(y, n.log(x))));
        return true;
      })
      .Case([&](graph::SelectOp) {
        Value zero = n.scalarLike(g, 0);
        add(z, n.select(x, g, zero));
        add(op->getOperand(2), n.select(x, zero, g));
        return true;
      })
      .Default([](Operation *) { return false; });
}

bool Backward::followMove(Operation *op, Value g) {
  Value x = op->getNumOperands() ? op->getOperand(0) : Value();
  if (isa<graph::ReshapeOp, graph::CollapseOp, graph::SqueezeOp,
          graph::UnsqueezeOp>(op))
    return add(x, n.reshape(g, n.shapeOf(x))), true;
  if (isa<graph::BroadcastOp>(op))
    return add(x, g), true;
  if (auto transpose = dyn_cast<graph::TransposeOp>(op)) {
    Node::Ints back(transpose.getPerm().size());
    for (auto [to, from] : llvm::enumerate(transpose.getPerm()))
      back[from] = to;
    return add(x, n.transpose(g, back)), true;
  }
  return false;
}

void Backward::followConcat(graph::ConcatOp op, Value g) {
  int64_t axis = op.getAxis();
  Value from = n.i64s({0});
  for (Value input : op.getInputs()) {
    Value to = n.add(from, n.dimOf(input, axis));
    add(input, n.slice(g, from, to, {axis}, {1}));
    from = to;
  }
}

/// The slice goes back to where it was taken from, into zeros.
void Backward::followSlice(graph::SliceOp op, Value g) {
  Value x = op.getInput();
  for (auto [k, axis] : llvm::enumerate(op.getAxes())) {
    Value all = n.iota(n.toScalar(n.dimOf(x, axis)));
    Value taken = n.make<graph::SliceOp>(
        {all, n.slice(op.getStarts(), 0, k, k + 1),
         n.slice(op.getEnds(), 0, k, k + 1)},
        {n.b.attr("axes", ArrayRef<int64_t>{0}),
         n.b.attr("steps", ArrayRef<int64_t>(op.getSteps()[k]))});
    // By rows: the axis in front.
    Value rows = n.swap(g, 0, axis);
    Value shape =
        n.concat({n.dimOf(x, axis), n.dimsOf(rows, 1, n.rank(rows))}, 0);
    Value zeros = n.broadcast(n.scalarLike(g, 0), shape);
    auto kind =
        graph::ScatterKindAttr::get(n.b.getContext(), graph::ScatterKind::add);
    rows = n.make<graph::ScatterNdOp>({zeros, n.unsqueeze(taken, {1}), rows},
                                      {n.b.attr("kind", kind)});
    g = n.swap(rows, 0, axis);
  }
  add(x, n.reshape(g, n.shapeOf(x)));
}

void Backward::followReduce(graph::ReduceOp op, Value g) {
  Value x = op.getInput();
  if (op.getKind() != ReduceKind::sum) {
    n.error() << "needs the derivative of a reduction by "
              << graph::stringifyReduceKind(op.getKind())
              << ", which is not known";
    return;
  }
  Node::Ints axes = llvm::to_vector(op.getAxes());
  add(x,
      n.broadcast(op.getKeepDims() ? g : n.unsqueeze(g, axes), n.shapeOf(x)));
}

void Backward::followSoftmax(graph::SoftmaxOp op, Value g) {
  int64_t axis = op.getAxis();
  Value y = op->getResult(0);
  if (op.getLog()) {
    Value sum = n.reduce(ReduceKind::sum, g, {axis}, true);
    return add(op.getInput(), n.sub(g, n.mul(n.exp(y), sum)));
  }
  Value sum = n.reduce(ReduceKind::sum, n.mul(g, y), {axis}, true);
  add(op.getInput(), n.mul(y, n.sub(g, sum)));
}

void Backward::followMatmul(graph::MatmulOp op, Value g) {
  Value x = op.getLhs(), z = op.getRhs();
  auto turned = [&](Value v) {
    return n.swap(v, n.rank(v) - 2, n.rank(v) - 1);
  };
  if (!n.checkRank(x, 2) || !n.checkRank(z, 2))
    return;
  add(x, n.matmul(g, turned(z)));
  add(z, n.matmul(turned(x), g));
}

void Backward::follow(Operation *op, Value g) {
  if (followUnary(op, g) || followBinary(op, g) || followMove(op, g))
    return;
  TypeSwitch<Operation *>(op)
      .Case([&](graph::MatmulOp op) { followMatmul(op, g); })
      .Case([&](graph::SoftmaxOp op) { followSoftmax(op, g); })
      .Case([&](graph::ReduceOp op) { followReduce(op, g); })
      .Case([&](graph::ConcatOp op) { followConcat(op, g); })
      .Case([&](graph::SliceOp op) { followSlice(op, g); })
      .Default([&](Operation *op) {
        if (!n.failed())
          n.error() << "needs the derivative of '" << op->getName()
                    << "', which is not known";
      });
}

//===-- The way back
//--------------------------------------------------------===//

SetVector<Operation *> Backward::between(Value y, ValueRange xs) {
  needed.insert(xs.begin(), xs.end());
  SetVector<Operation *> ordered;
  if (!y.getDefiningOp() || needed.contains(y))
    return ordered;
  // Ops stand behind what they read.
  SetVector<Operation *> above;
  above.insert(y.getDefiningOp());
  for (size_t k = 0; k < above.size(); ++k)
    for (Value operand : above[k]->getOperands())
      if (Operation *op = operand.getDefiningOp();
          op && !needed.contains(operand))
        above.insert(op);
  SmallVector<Operation *> ops(above.begin(), above.end());
  llvm::sort(ops, [](Operation *a, Operation *b) {
    Region *ofA = a->getParentRegion(), *ofB = b->getParentRegion();
    return ofA == ofB ? a->isBeforeInBlock(b) : ofA->isProperAncestor(ofB);
  });
  for (Operation *op : ops) {
    if (llvm::none_of(op->getOperands(),
                      [&](Value operand) { return needed.contains(operand); }))
      continue;
    ordered.insert(op);
    for (Value result : op->getResults())
      if (n.isFloat(result))
        needed.insert(result);
  }
  return ordered;
}

void Backward::run(Value y, ValueRange xs) {
  SetVector<Operation *> ops = between(y, xs);
  if (!n.checkFloat(y))
    return;
  sums[y] = n.broadcast(n.scalarLike(y, 1), n.shapeOf(y));
  for (Operation *op : llvm::reverse(ops))
    if (op->getNumResults() == 1)
      if (Value g = sums.lookup(op->getResult(0)); g && !n.failed())
        follow(op, g);
}

/// The tensors that attribute `name` names.
static Values named(Node &n, ArrayRef<StringRef> names) {
  Values values;
  for (StringRef name : names) {
    const Binding *found = n.scope.find(name);
    if (!found || found->state != Binding::Present) {
      if (!n.failed())
        n.error() << "differentiates by " << quoted(name)
                  << ", which nothing before it defines";
      return values;
    }
    values.push_back(found->value);
  }
  return values;
}

static LogicalResult importGradient(Node &n) {
  SmallVector<StringRef> xNames = n.strings("xs"), zNames = n.strings("zs");
  StringRef yName = n.s("y");
  Values inputs = n.operands(0);
  Values xs = named(n, xNames), zs = named(n, zNames), ys = named(n, {yName});
  if (n.failed())
    return failure();
  Values all = xs;
  all.append(zs.begin(), zs.end());
  if (inputs != all)
    return n.error() << "has inputs that are not the tensors of its xs and zs, "
                        "which is not supported";
  Backward backward(n);
  backward.run(ys[0], xs);
  Values results;
  for (Value x : xs)
    results.push_back(backward.of(x));
  return n.results(results);
}

void nacre::onnx::addGradientRules(RuleTable &table) {
  table.add(kTraining, "Gradient", 1, importGradient);
}
