#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/Types.h"
#include "compiler/import/onnx/rules/Common.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;

template <typename OpT>
static LogicalResult importUnary(Node &n) {
  n.ignore({"consumed_inputs"});
  return n.result(n.make<OpT>({n.operand(0)}));
}

/// The second operand of a binary op. Before opset 7 its dims meet those of the
/// first from `axis` on.
static Value secondOperand(Node &n, Value x) {
  Value y = n.operand(1);
  if (n.opset() >= 7 || !x || !y)
    return y;
  n.ignore({"consumed_inputs"});
  bool broadcast = n.flag("broadcast", false);
  int64_t axis = n.i("axis", n.rank(x) - n.rank(y));
  if (!broadcast || n.rank(y) == 0 || n.rank(y) >= n.rank(x))
    return y;
  int64_t behind = n.rank(x) - n.normalize(axis, n.rank(x)) - n.rank(y);
  if (behind < 0) {
    n.error() << "has axis " << axis << " for operands of rank " << n.rank(x)
              << " and " << n.rank(y);
    return {};
  }
  Node::Ints axes;
  for (int64_t k = 0; k < behind; ++k)
    axes.push_back(n.rank(y) + k);
  return n.unsqueeze(y, axes);
}

template <typename OpT>
static LogicalResult importBinary(Node &n) {
  Value x = n.operand(0), y = secondOperand(n, x);
  return n.result(n.make<OpT>({x, y}));
}

template <Predicate predicate>
static LogicalResult importCompare(Node &n) {
  Value x = n.operand(0), y = secondOperand(n, x);
  return n.result(n.compare(predicate, x, y));
}

static LogicalResult importEqual(Node &n) {
  if (!n.has(0) || !isString(n, n.operand(0)))
    return importCompare<Predicate::eq>(n);
  Value x = n.operand(0), y = n.operand(1);
  return n.result(n.make<graph::StringEqualOp>({x, y}));
}

/// Of any number of operands, combined from the first to the last.
template <typename OpT>
static Value fold(Node &n) {
  n.ignore({"consumed_inputs"});
  Node::Values values = n.operands();
  if (values.empty()) {
    n.error() << "has no inputs, expected at least 1";
    return {};
  }
  Value result = values.front();
  for (Value value : llvm::drop_begin(values))
    result = n.make<OpT>({result, value});
  return result;
}

template <typename OpT>
static LogicalResult importVariadic(Node &n) {
  return n.result(fold<OpT>(n));
}

static LogicalResult importMean(Node &n) {
  Value sum = fold<graph::AddOp>(n);
  return n.result(n.div(sum, double(n.numOperands())));
}

static LogicalResult importMod(Node &n) {
  bool fmod = n.flag("fmod", false);
  return n.result(n.make<graph::ModOp>({n.operand(0), n.operand(1)},
                                       {n.b.flag("fmod", fmod)}));
}

static LogicalResult importBitShift(Node &n) {
  Value x = n.operand(0), y = n.operand(1);
  StringRef directions[] = {"LEFT", "RIGHT"};
  if (n.s("direction").empty())
    return n.failed() ? failure()
                      : n.error() << "has an empty attribute 'direction'";
  bool right = n.choice("direction", "", directions) == 1;
  return n.result(right ? n.make<graph::ShiftRightOp>({x, y})
                        : n.make<graph::ShiftLeftOp>({x, y}));
}

static LogicalResult importWhere(Node &n) {
  return n.result(n.select(n.operand(0), n.operand(1), n.operand(2)));
}

static LogicalResult importIsInf(Node &n) {
  bool negative = n.flag("detect_negative", true);
  bool positive = n.flag("detect_positive", true);
  return n.result(
      n.make<graph::IsInfOp>({n.operand(0)}, {n.b.flag("negative", negative),
                                              n.b.flag("positive", positive)}));
}

//===-- Cast
//----------------------------------------------------------------===//

/// e8m0 holds a power of two: the exponent of the float, rounded by `mode` (up,
/// down, nearest).
static Value castToE8M0(Node &n, Value x, Type to, unsigned mode) {
  Type bits = n.b.getIntegerType(32, false),
       byte = n.b.getIntegerType(8, false);
  Value f32 = n.make<graph::AbsOp>({n.cast(x, n.b.getF32Type())});
  Value raw =
      n.make<graph::BitcastOp>({f32}, {n.b.attr("to", TypeAttr::get(bits))});
  static constexpr double kRound[] = {0x7fffff, 0, 0x400000};
  Value exponent = n.make<graph::ShiftRightOp>(
      {n.add(raw, kRound[mode]), n.scalarLike(raw, 23)});
  Value finite = n.min(exponent, 254);
  // Neither infinities nor NaN have an exponent.
  Value special = n.compare(Predicate::ge, raw, double(0x7f800000));
  Value code = n.select(special, n.scalarLike(finite, 255), finite);
  return n.make<graph::BitcastOp>({n.cast(code, byte)},
                                  {n.b.attr("to", TypeAttr::get(to))});
}

static LogicalResult castTo(Node &n, Value x, Type to) {
  bool saturate = n.flag("saturate", true);
  unsigned mode = n.choice("round_mode", "up", {"up", "down", "nearest"});
  if (!x || !to)
    return failure();
  // The text says a number, of which e8m0 takes the exponent.
  if (isString(n, x) && isa<Float8E8M0FNUType>(to))
    x = castString(n, x, n.b.getF32Type());
  if (isString(n, x) != isa<graph::StringType>(to))
    return n.result(castString(n, x, to));
  if (isa<Float8E8M0FNUType>(to) && n.isFloat(x) && n.element(x) != to)
    return n.result(castToE8M0(n, x, to, mode));
  if (n.element(x) == to)
    return n.result(x);
  return n.result(n.make<graph::CastOp>({x}, {n.b.attr("to", TypeAttr::get(to)),
                                              n.b.flag("saturate", saturate)}));
}

static LogicalResult importCast(Node &n) {
  Value x = n.operand(0);
  return castTo(n, x, n.typeAttr("to"));
}

/// Before opset 6 the type is named by a string.
static LogicalResult importOldCast(Node &n) {
  Value x = n.operand(0);
  std::string name = n.s("to").lower();
  for (int64_t type = 1; type < NumDataTypes; ++type)
    if (dataTypeName(type) == name)
      return castTo(n, x, elementType(n.b.getContext(), type));
  return n.failed() ? failure()
                    : n.error() << "casts to unknown type '" << name << "'";
}

static LogicalResult importCastLike(Node &n) {
  Value x = n.operand(0), like = n.operand(1);
  return castTo(n, x, n.element(like));
}

static LogicalResult importBitCast(Node &n) {
  Type to = n.typeAttr("to"), byte = n.b.getIntegerType(8, false);
  Value x = n.operand(0);
  if (!to || !x)
    return failure();
  // A bool is a byte of 0 or 1.
  if (n.element(x).isInteger(1))
    x = n.cast(x, byte);
  auto bitcast = [&](Type type) {
    return n.element(x) == type
               ? x
               : n.make<graph::BitcastOp>(
                     {x}, {n.b.attr("to", TypeAttr::get(type))});
  };
  return n.result(to.isInteger(1) ? n.cast(bitcast(byte), to) : bitcast(to));
}

//===-- Clip
//----------------------------------------------------------------===//

static LogicalResult importClip(Node &n) {
  Value x = n.operand(0), low = n.optional(1), high = n.optional(2);
  if (low)
    x = n.max(x, n.toScalar(low));
  if (high)
    x = n.min(x, n.toScalar(high));
  return n.result(x);
}

static LogicalResult importOldClip(Node &n) {
  n.ignore({"consumed_inputs"});
  Value x = n.operand(0);
  if (n.hasAttr("min"))
    x = n.max(x, n.f("min"));
  if (n.hasAttr("max"))
    x = n.min(x, n.f("max"));
  return n.result(x);
}

/// Erf-9 took integers too.
static LogicalResult importErf(Node &n) {
  Value x = n.operand(0);
  Value real = n.isFloat(x) ? x : n.cast(x, n.b.getF32Type());
  return n.result(n.cast(n.make<graph::ErfOp>({real}), n.element(x)));
}

void nacre::onnx::addElementwiseRules(RuleTable &table) {
  using namespace graph;
  table.add("Abs", 1, importUnary<AbsOp>);
  table.add("Acos", 7, importUnary<AcosOp>);
  table.add("Acosh", 9, importUnary<AcoshOp>);
  table.add("Asin", 7, importUnary<AsinOp>);
  table.add("Asinh", 9, importUnary<AsinhOp>);
  table.add("Atan", 7, importUnary<AtanOp>);
  table.add("Atanh", 9, importUnary<AtanhOp>);
  table.add("BitwiseNot", 18, importUnary<BitNotOp>);
  table.add("Ceil", 1, importUnary<CeilOp>);
  table.add("Cos", 7, importUnary<CosOp>);
  table.add("Cosh", 9, importUnary<CoshOp>);
  table.add("Erf", 9, importErf);
  table.add("Exp", 1, importUnary<ExpOp>);
  table.add("Floor", 1, importUnary<FloorOp>);
  table.add("IsNaN", 9, importUnary<IsNanOp>);
  table.add("Log", 1, importUnary<LogOp>);
  table.add("Neg", 1, importUnary<NegOp>);
  table.add("Not", 1, importUnary<NotOp>);
  table.add("Reciprocal", 1, importUnary<ReciprocalOp>);
  table.add("Relu", 1, importUnary<ReluOp>);
  table.add("Round", 11, importUnary<RoundOp>);
  table.add("Sigmoid", 1, importUnary<SigmoidOp>);
  table.add("Sign", 9, importUnary<SignOp>);
  table.add("Sin", 7, importUnary<SinOp>);
  table.add("Sinh", 9, importUnary<SinhOp>);
  table.add("Sqrt", 1, importUnary<SqrtOp>);
  table.add("Tan", 7, importUnary<TanOp>);
  table.add("Tanh", 1, importUnary<TanhOp>);

  table.add("Add", 1, importBinary<AddOp>);
  table.add("And", 1, importBinary<AndOp>);
  table.add("BitwiseAnd", 18, importBinary<BitAndOp>);
  table.add("BitwiseOr", 18, importBinary<BitOrOp>);
  table.add("BitwiseXor", 18, importBinary<BitXorOp>);
  table.add("Div", 1, importBinary<DivOp>);
  table.add("Mul", 1, importBinary<MulOp>);
  table.add("Or", 1, importBinary<OrOp>);
  table.add("Pow", 1, importBinary<PowOp>);
  table.add("Sub", 1, importBinary<SubOp>);
  table.add("Xor", 1, importBinary<XorOp>);
  table.add("Equal", 1, importEqual);
  table.add("Greater", 1, importCompare<Predicate::gt>);
  table.add("GreaterOrEqual", 12, importCompare<Predicate::ge>);
  table.add("Less", 1, importCompare<Predicate::lt>);
  table.add("LessOrEqual", 12, importCompare<Predicate::le>);

  table.add("Max", 1, importVariadic<MaxOp>);
  table.add("Min", 1, importVariadic<MinOp>);
  table.add("Sum", 1, importVariadic<AddOp>);
  table.add("Mean", 1, importMean);
  table.add("Mod", 10, importMod);
  table.add("BitShift", 11, importBitShift);
  table.add("Where", 9, importWhere);
  table.add("IsInf", 10, importIsInf);

  table.add("Cast", 1, importOldCast);
  table.add("Cast", 6, importCast);
  table.add("CastLike", 15, importCastLike);
  table.add("BitCast", 26, importBitCast);
  table.add("Clip", 1, importOldClip);
  table.add("Clip", 11, importClip);
}
