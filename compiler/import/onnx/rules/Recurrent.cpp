// RNN, GRU and LSTM: the products with the input are one matmul for all steps;
// the steps are written out if they are few, and a loop if not.
#include "compiler/import/onnx/Loop.h"
#include "compiler/import/onnx/Model.h"
#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Common.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;
using Values = Node::Values;

/// Sequences up to this length are written out.
static constexpr int64_t kMaxUnrolled = 4;

//===-- Activations
//---------------------------------------------------------===//

using Activation = std::function<Value(Node &, Value)>;

/// Takes from `alphas` and `betas` what this activation uses.
static Activation activation(Node &n, StringRef name, ArrayRef<double> &alphas,
                             ArrayRef<double> &betas) {
  auto next = [](ArrayRef<double> &values, double otherwise) {
    if (values.empty())
      return otherwise;
    double value = values.front();
    values = values.drop_front();
    return value;
  };
  std::string lower = name.lower();
  if (lower == "sigmoid")
    return [](Node &n, Value x) { return n.make<graph::SigmoidOp>({x}); };
  if (lower == "tanh")
    return [](Node &n, Value x) { return n.make<graph::TanhOp>({x}); };
  if (lower == "relu")
    return [](Node &n, Value x) { return n.make<graph::ReluOp>({x}); };
  if (lower == "softplus")
    return softplus;
  if (lower == "softsign")
    return [](Node &n, Value x) {
      return n.div(x, n.add(n.make<graph::AbsOp>({x}), 1));
    };
  if (lower == "leakyrelu") {
    double alpha = next(alphas, 0.01);
    return [=](Node &n, Value x) {
      return n.select(n.compare(Predicate::lt, x, 0.0), n.mul(x, alpha), x);
    };
  }
  if (lower == "thresholdedrelu") {
    double alpha = next(alphas, 1);
    return [=](Node &n, Value x) {
      return n.select(n.compare(Predicate::gt, x, alpha), x,
                      n.scalarLike(x, 0));
    };
  }
  if (lower == "elu") {
    double alpha = next(alphas, 1);
    return [=](Node &n, Value x) {
      Value below = n.mul(n.sub(n.exp(n.min(x, 0.0)), 1), alpha);
      return n.select(n.compare(Predicate::lt, x, 0.0), below, x);
    };
  }
  bool known =
      lower == "affine" || lower == "scaledtanh" || lower == "hardsigmoid";
  double alpha = next(alphas, lower == "hardsigmoid" ? 0.2 : 1);
  double beta = next(betas, lower == "hardsigmoid"  ? 0.5
                            : lower == "scaledtanh" ? 1
                                                    : 0);
  if (lower == "affine")
    return [=](Node &n, Value x) { return n.add(n.mul(x, alpha), beta); };
  if (lower == "scaledtanh")
    return [=](Node &n, Value x) {
      return n.mul(n.make<graph::TanhOp>({n.mul(x, beta)}), alpha);
    };
  if (!known && !n.failed())
    n.error() << "has activation " << quoted(name) << ", which is not known";
  return [=](Node &n, Value x) {
    return n.min(n.max(n.add(n.mul(x, alpha), beta), 0.0), 1.0);
  };
}

//===-- Cells
//---------------------------------------------------------------===//

namespace {

/// The weights of one direction, [in, gates * hidden] and so on.
struct Cell {
  Node &n;
  int64_t hidden = 0;
  Value recurrent;     ///< [hidden, gates * hidden]
  Value recurrentBias; ///< [gates * hidden], of GRU with linear_before_reset
  Value peephole;      ///< [3 * hidden] or null
  SmallVector<Activation> act;
  std::optional<double> clip;
  bool linearBeforeReset = false, inputForget = false;

  Value gate(Value gates, int64_t k) const {
    int64_t last = n.rank(gates) - 1;
    return n.slice(gates, last, k * hidden, (k + 1) * hidden);
  }
  Value activate(unsigned k, Value x) const {
    if (clip)
      x = n.min(n.max(x, -*clip), *clip);
    return act[k](n, x);
  }
};

using Step = Values (*)(const Cell &cell, Value gates, ValueRange state);

} // namespace

static Values stepRnn(const Cell &cell, Value gates, ValueRange state) {
  Node &n = cell.n;
  return {cell.activate(0, n.add(gates, n.matmul(state[0], cell.recurrent)))};
}

static Values stepGru(const Cell &cell, Value gates, ValueRange state) {
  Node &n = cell.n;
  int64_t h = cell.hidden;
  Value before = state[0];
  Value zr = n.matmul(before, n.slice(cell.recurrent, 1, 0, 2 * h));
  Value z = cell.activate(0, n.add(cell.gate(gates, 0), cell.gate(zr, 0)));
  Value r = cell.activate(0, n.add(cell.gate(gates, 1), cell.gate(zr, 1)));
  Value weights = n.slice(cell.recurrent, 1, 2 * h, 3 * h);
  Value inner;
  if (cell.linearBeforeReset) {
    inner = n.matmul(before, weights);
    if (cell.recurrentBias)
      inner = n.add(inner, cell.gate(cell.recurrentBias, 2));
    inner = n.mul(r, inner);
  } else {
    inner = n.matmul(n.mul(r, before), weights);
  }
  Value fresh = cell.activate(1, n.add(cell.gate(gates, 2), inner));
  return {n.add(n.mul(n.sub(1, z), fresh), n.mul(z, before))};
}

static Values stepLstm(const Cell &cell, Value gates, ValueRange state) {
  Node &n = cell.n;
  Value memory = state[1];
  Value all = n.add(gates, n.matmul(state[0], cell.recurrent));
  Value i = cell.gate(all, 0), o = cell.gate(all, 1), f = cell.gate(all, 2);
  if (cell.peephole) {
    i = n.add(i, n.mul(cell.gate(cell.peephole, 0), memory));
    f = n.add(f, n.mul(cell.gate(cell.peephole, 2), memory));
  }
  i = cell.activate(0, i);
  f = cell.inputForget ? n.sub(1, i) : cell.activate(0, f);
  Value fresh = cell.activate(1, cell.gate(all, 3));
  Value next = n.add(n.mul(f, memory), n.mul(i, fresh));
  if (cell.peephole)
    o = n.add(o, n.mul(cell.gate(cell.peephole, 1), next));
  o = cell.activate(0, o);
  return {n.mul(o, cell.act[2](n, next)), next};
}

//===-- Sequences
//-----------------------------------------------------------===//

namespace {

struct Kind {
  int64_t gates, states;
  ArrayRef<StringRef> activations;
  Step step;
};

/// One direction of a recurrent op.
struct Sequence {
  Node &n;
  const Cell &cell;
  Step step;
  Value gates;   ///< [seq, batch, gates * hidden], biases added
  Value lengths; ///< [batch, 1] or null
  bool backward, wantAll;

  /// The state after all steps, then all hidden states [seq, batch, hidden] if
  /// wanted.
  FailureOr<Values> run(Values state) const;

private:
  Values advance(Value at, Value gatesNow, ValueRange state) const;
};

} // namespace

/// One step; past the end of a sequence the state stays. The last value is what
/// the step gives out.
Values Sequence::advance(Value at, Value gatesNow, ValueRange state) const {
  Values next = step(cell, gatesNow, state);
  Value out = next[0];
  if (lengths) {
    Value inside = n.compare(Predicate::lt, at, lengths);
    for (auto [now, before] : llvm::zip(next, state))
      now = n.select(inside, now, before);
    out = n.select(inside, out, n.scalarLike(out, 0));
  }
  next.push_back(out);
  return next;
}

FailureOr<Values> Sequence::run(Values state) const {
  int64_t length = n.dim(gates, 0);
  if (!ShapedType::isDynamic(length) && length <= kMaxUnrolled) {
    Values all(length);
    for (int64_t k = 0; k < length; ++k) {
      int64_t at = backward ? length - 1 - k : k;
      Value now = n.squeeze(n.slice(gates, 0, at, at + 1), {0});
      Values next = advance(n.i64(at), now, state);
      all[at] = n.unsqueeze(next.pop_back_val(), {0});
      state = next;
    }
    if (wantAll)
      state.push_back(length == 0 ? n.slice(gates, 2, 0, cell.hidden)
                                  : n.concat(all, 0));
    return n.failed() ? FailureOr<Values>(failure()) : state;
  }
  Value trips = n.squeeze(n.dimOf(gates, 0), {0});
  auto body = [&](Value counter, ValueRange carried) -> FailureOr<Values> {
    Value at = backward ? n.sub(n.sub(trips, 1), counter) : counter;
    Values next = advance(at, n.gather(gates, at, 0), carried);
    if (!wantAll)
      next.pop_back();
    next.insert(next.begin(), n.scalar(n.b.getI1Type(), 1));
    return n.failed() ? FailureOr<Values>(failure()) : next;
  };
  LoopBuilder loop{n, trips, n.scalar(n.b.getI1Type(), 1), state, body};
  FailureOr<Values> results = loop.build();
  if (succeeded(results) && wantAll && backward)
    results->back() =
        n.slice(results->back(), n.i64s({-1}), n.i64s({INT64_MIN}), {0}, {-1});
  return results;
}

/// `x * transposed weights` of all steps, with what biases can be added before.
static Value inputGates(Node &n, Value x, Value weight, Value bias) {
  Value flat = n.matmul(n.collapse(x, {0, 2}), n.transpose(weight, {1, 0}));
  Value gates =
      n.reshape(flat, n.concat({n.dimsOf(x, 0, 2), n.dimOf(weight, 0)}, 0));
  return bias ? n.add(gates, bias) : gates;
}

static Value part(Node &n, Value x, int64_t direction) {
  return x ? n.squeeze(n.slice(x, 0, direction, direction + 1), {0}) : x;
}

/// The operands of a recurrent op, with the sequence first.
namespace {
struct Operands {
  Value x, w, r, bias, lengths, peephole;
  Values initial;
};
} // namespace

static bool readOperands(Node &n, const Kind &kind, bool batchFirst,
                         int64_t directions, int64_t hidden, Operands &ops) {
  ops.x = n.operand(0), ops.w = n.operand(1), ops.r = n.operand(2);
  ops.bias = n.optional(3), ops.lengths = n.optional(4);
  for (int64_t k = 0; k < kind.states; ++k)
    ops.initial.push_back(n.optional(5 + k));
  ops.peephole = kind.states == 2 ? n.optional(7) : Value();
  if (!n.checkRank(ops.x, 3, 3) || !n.checkRank(ops.w, 3, 3) ||
      !n.checkRank(ops.r, 3, 3))
    return false;
  auto expect = [&](Value value, int64_t axis, int64_t size, StringRef what) {
    int64_t found = n.dim(value, axis);
    if (!n.failed() && !ShapedType::isDynamic(found) && found != size)
      n.error() << "has " << what << " of type " << value.getType()
                << ", expected dim " << axis << " to be " << size;
  };
  expect(ops.w, 0, directions, "W");
  expect(ops.w, 1, kind.gates * hidden, "W");
  expect(ops.r, 0, directions, "R");
  expect(ops.r, 1, kind.gates * hidden, "R");
  expect(ops.r, 2, hidden, "R");
  if (ops.bias)
    expect(ops.bias, 1, 2 * kind.gates * hidden, "B");
  if (n.failed())
    return false;
  if (batchFirst)
    ops.x = n.transpose(ops.x, {1, 0, 2});
  Value stateShape =
      n.concat({n.i64s({directions}), n.dimOf(ops.x, 1), n.i64s({hidden})}, 0);
  for (Value &initial : ops.initial)
    initial = !initial     ? n.broadcast(n.scalarLike(ops.x, 0), stateShape)
              : batchFirst ? n.transpose(initial, {1, 0, 2})
                           : initial;
  // Full sequences need no masks.
  auto known = n.known(ops.lengths);
  int64_t length = n.dim(ops.x, 0);
  if (known && llvm::all_of(*known, [&](int64_t l) { return l == length; }))
    ops.lengths = {};
  if (ops.lengths)
    ops.lengths = n.unsqueeze(n.cast(ops.lengths, n.b.getI64Type()), {1});
  return !n.failed();
}

static void readActivations(Node &n, const Kind &kind, int64_t directions,
                            SmallVectorImpl<SmallVector<Activation>> &result) {
  SmallVector<StringRef> names = n.strings("activations");
  SmallVector<double> alphas = n.floats("activation_alpha");
  SmallVector<double> betas = n.floats("activation_beta");
  if (names.empty())
    for (int64_t d = 0; d < directions; ++d)
      names.append(kind.activations.begin(), kind.activations.end());
  size_t expected = kind.activations.size() * directions;
  if (names.size() != expected && !n.failed())
    n.error() << "has " << names.size() << " activations, expected "
              << expected;
  if (n.failed())
    return;
  ArrayRef<double> alphasLeft = alphas, betasLeft = betas;
  for (auto [index, name] : llvm::enumerate(names)) {
    if (index % kind.activations.size() == 0)
      result.emplace_back();
    result.back().push_back(activation(n, name, alphasLeft, betasLeft));
  }
}

static LogicalResult importRecurrent(Node &n, const Kind &kind) {
  unsigned way =
      n.choice("direction", "forward", {"forward", "reverse", "bidirectional"});
  int64_t directions = way == 2 ? 2 : 1;
  bool batchFirst = n.flag("layout", false);
  int64_t hidden = n.i("hidden_size", n.dim(n.operand(2), 2));
  n.ignore({"output_sequence"});
  SmallVector<SmallVector<Activation>> activations;
  readActivations(n, kind, directions, activations);
  std::optional<double> clip;
  if (n.hasAttr("clip"))
    clip = n.f("clip");
  bool linear = kind.gates == 3 && n.flag("linear_before_reset", false);
  bool forget = kind.gates == 4 && n.flag("input_forget", false);
  if (n.failed())
    return failure();
  if (hidden < 1)
    return n.error() << "has hidden_size " << hidden << ", expected at least 1";
  Operands ops;
  if (!readOperands(n, kind, batchFirst, directions, hidden, ops))
    return failure();

  Values all;
  SmallVector<Values> last(kind.states);
  for (int64_t d = 0; d < directions; ++d) {
    Cell cell{n,
              hidden,
              n.transpose(part(n, ops.r, d), {1, 0}),
              {},
              part(n, ops.peephole, d),
              activations[d],
              clip,
              linear,
              forget};
    int64_t width = kind.gates * hidden;
    Value bias;
    if (Value both = part(n, ops.bias, d)) {
      Value input = n.slice(both, 0, 0, width);
      Value recurrent = n.slice(both, 0, width, 2 * width);
      bias = n.add(input, recurrent);
      if (linear) {
        // The last gate's recurrent bias is inside the reset.
        cell.recurrentBias = recurrent;
        bias = n.concat({n.slice(bias, 0, 0, 2 * hidden),
                         n.slice(input, 0, 2 * hidden, width)},
                        0);
      }
    }
    Sequence sequence{
        n,           cell,
        kind.step,   inputGates(n, ops.x, part(n, ops.w, d), bias),
        ops.lengths, way == 1 || d == 1,
        n.wants(0)};
    Values state;
    for (Value initial : ops.initial)
      state.push_back(part(n, initial, d));
    if (n.failed())
      return failure();
    FailureOr<Values> results = sequence.run(state);
    if (mlir::failed(results))
      return failure();
    for (int64_t k = 0; k < kind.states; ++k)
      last[k].push_back(n.unsqueeze((*results)[k], {0}));
    if (n.wants(0))
      all.push_back(n.unsqueeze(results->back(), {1}));
  }
  Values results;
  Value y = all.empty() ? Value() : n.concat(all, 1);
  results.push_back(y && batchFirst ? n.transpose(y, {2, 0, 1, 3}) : y);
  for (Values &states : last) {
    Value state = n.concat(states, 0);
    results.push_back(batchFirst ? n.transpose(state, {1, 0, 2}) : state);
  }
  return n.results(results);
}

static LogicalResult importRnn(Node &n) {
  static const StringRef names[] = {"Tanh"};
  return importRecurrent(n, {1, 1, names, stepRnn});
}

static LogicalResult importGru(Node &n) {
  static const StringRef names[] = {"Sigmoid", "Tanh"};
  return importRecurrent(n, {3, 1, names, stepGru});
}

static LogicalResult importLstm(Node &n) {
  static const StringRef names[] = {"Sigmoid", "Tanh", "Tanh"};
  return importRecurrent(n, {4, 2, names, stepLstm});
}

void nacre::onnx::addRecurrentRules(RuleTable &table) {
  table.add("GRU", 1, importGru);
  table.add("LSTM", 1, importLstm);
  table.add("RNN", 1, importRnn);
}
