#include "codegen/opencl/Opencl.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "llvm/Support/Format.h"

using namespace mlir;

namespace {

/// Prints loops, scalars and rows of elements as OpenCL C.
///
/// Integers are unsigned there, so that they wrap; floats of 16 bits and less
/// are their bits. An integer of a width that C lacks has zeros above.
class Printer {
public:
  explicit Printer(raw_ostream &os) : os(os) {}

  LogicalResult print(gpu::GPUFuncOp function);

private:
  LogicalResult block(Block &block);
  LogicalResult statement(Operation *op);
  LogicalResult loop(scf::ForOp op);
  LogicalResult loop(scf::WhileOp op);
  LogicalResult branch(scf::IfOp op);
  LogicalResult choice(scf::IndexSwitchOp op);
  LogicalResult nested(Block &block) {
    depth += 2;
    LogicalResult result = this->block(block);
    depth -= 2;
    return result;
  }
  /// `to[i] = from[i]` for all i at once.
  void assign(ArrayRef<std::string> to, ValueRange from);
  std::vector<std::string> declare(ValueRange values, ValueRange initial = {});

  /// The value of an op as an expression; nothing if it has no such form.
  std::optional<std::string> expression(Operation *op);
  std::string fill(StringRef form, Operation *op);
  std::string constant(Attribute value);

  raw_ostream &line() { return os.indent(depth); }
  void define(Value value, const Twine &expression);
  std::string fresh() { return "v" + std::to_string(numNames++); }
  /// The name of a value, and the same as a signed or unsigned integer.
  std::string name(Value value) { return names.lookup(value); }
  std::string asSigned(Value value);
  std::string asUnsigned(Value value);

  raw_ostream &os;
  DenseMap<Value, std::string> names;
  unsigned numNames = 0, depth = 0;
};

} // namespace

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

static unsigned widthOf(Type type) {
  return type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
}

/// Whether values are bits in the text: integers, and floats that C lacks.
static bool hasBits(Type type) {
  return !type.isIndex() && !type.isF32() && !type.isF64();
}

static const char *integerType(unsigned width, bool isSigned) {
  static constexpr const char *names[][2] = {{"uchar", "char"},
                                             {"ushort", "short"},
                                             {"uint", "int"},
                                             {"ulong", "long"}};
  unsigned row = width <= 8 ? 0 : width <= 16 ? 1 : width <= 32 ? 2 : 3;
  return names[row][isSigned];
}

static const char *typeName(Type type) {
  if (type.isF32())
    return "float";
  if (type.isF64())
    return "double";
  if (type.isInteger(1))
    return "bool";
  return integerType(widthOf(type), /*isSigned=*/type.isIndex());
}

/// Whether values of `type` have a form in C.
static bool isKnown(Type type) {
  if (auto buffer = dyn_cast<MemRefType>(type))
    return buffer.getRank() == 1 && isKnown(buffer.getElementType());
  return type.isIndex() || (type.isIntOrFloat() && widthOf(type) <= 64);
}

/// Zeros above the bits of a type whose width C lacks.
static std::string wrapped(Type type, const std::string &text) {
  unsigned width = widthOf(type);
  if (!hasBits(type) || llvm::isPowerOf2_32(width / 8))
    return text;
  return "(" + text + ") & " + std::to_string((uint64_t(1) << width) - 1) +
         "ul";
}

std::string Printer::asSigned(Value value) {
  Type type = value.getType();
  if (type.isIndex())
    return name(value);
  if (type.isInteger(1))
    return "-(int)" + name(value);
  unsigned width = widthOf(type),
           container = std::max(8u, unsigned(llvm::PowerOf2Ceil(width)));
  std::string text =
      std::string("(") + integerType(width, true) + ")" + name(value);
  if (width == container)
    return text;
  std::string gap = std::to_string(container - width);
  return std::string("((") + integerType(width, true) + ")(" + name(value) +
         " << " + gap + ") >> " + gap + ")";
}

std::string Printer::asUnsigned(Value value) {
  return (value.getType().isIndex() ? "(ulong)" : "") + name(value);
}

std::string Printer::constant(Attribute value) {
  if (auto number = dyn_cast<FloatAttr>(value)) {
    APInt bits = number.getValue().bitcastToAPInt();
    std::string text;
    llvm::raw_string_ostream out(text);
    bool isFinite = number.getValue().isFinite();
    if (number.getType().isF64() && isFinite)
      out << llvm::format("(%.17e)", number.getValueAsDouble());
    else if (number.getType().isF32() && isFinite)
      out << llvm::format("(%.9ef)", number.getValueAsDouble());
    else if (number.getType().isF64())
      out << "as_double(" << bits.getZExtValue() << "ul)";
    else if (number.getType().isF32())
      out << "as_float(" << bits.getZExtValue() << "u)";
    else
      out << bits.getZExtValue();
    return text;
  }
  auto number = cast<IntegerAttr>(value);
  if (number.getType().isInteger(1))
    return number.getValue().isZero() ? "false" : "true";
  if (number.getType().isIndex())
    return number.getInt() < 0
               ? "(long)" + std::to_string(uint64_t(number.getInt())) + "ul"
               : std::to_string(number.getInt()) + "l";
  uint64_t bits = number.getValue().getZExtValue();
  // Functions are chosen by type, and C has no literals of the short ones.
  unsigned width = widthOf(number.getType());
  return (width <= 16 ? std::string("(") + typeName(number.getType()) + ")"
                      : "") +
         std::to_string(bits) + (width > 32 ? "ul" : "u");
}

void Printer::define(Value value, const Twine &expression) {
  std::string own = fresh();
  line() << "const " << typeName(value.getType()) << " " << own << " = "
         << expression << ";\n";
  names[value] = own;
}

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

namespace {

/// The form of an op: `$0` is its first operand, `#0` that as a signed and `@0`
/// as an unsigned integer, `$t` its type, `$r` its first result.
struct Form {
  llvm::StringLiteral op, text;
  /// Of the second result, if it has two.
  llvm::StringLiteral second = "";
};

} // namespace

static constexpr Form kForms[] = {
    {"arith.addf", "$0 + $1"},
    {"arith.addi", "$0 + $1"},
    {"arith.addui_extended", "$0 + $1", "$r < $0"},
    {"arith.andi", "$0 & $1"},
    {"arith.divf", "$0 / $1"},
    {"arith.divsi", "#0 / #1"},
    {"arith.divui", "@0 / @1"},
    {"arith.extf", "$0"},
    {"arith.extsi", "#0"},
    {"arith.extui", "@0"},
    {"arith.fptosi", "(long)$0"},
    {"arith.fptoui", "(ulong)$0"},
    {"arith.index_cast", "#0"},
    {"arith.index_castui", "@0"},
    {"arith.maxnumf", "fmax($0, $1)"},
    {"arith.maxsi", "max(#0, #1)"},
    {"arith.maxui", "max(@0, @1)"},
    {"arith.minnumf", "fmin($0, $1)"},
    {"arith.minsi", "min(#0, #1)"},
    {"arith.minui", "min(@0, @1)"},
    {"arith.mulf", "$0 * $1"},
    {"arith.muli", "$0 * $1"},
    {"arith.mulsi_extended", "$0 * $1", "mul_hi(#0, #1)"},
    {"arith.mului_extended", "$0 * $1", "mul_hi(@0, @1)"},
    {"arith.negf", "-$0"},
    {"arith.ori", "$0 | $1"},
    {"arith.remf", "fmod($0, $1)"},
    {"arith.remsi", "#0 % #1"},
    {"arith.remui", "@0 % @1"},
    {"arith.select", "$0 ? $1 : $2"},
    {"arith.shli", "$0 << $1"},
    {"arith.shrsi", "#0 >> $1"},
    {"arith.shrui", "@0 >> $1"},
    {"arith.sitofp", "#0"},
    {"arith.subf", "$0 - $1"},
    {"arith.subi", "$0 - $1"},
    {"arith.truncf", "$0"},
    {"arith.trunci", "$0"},
    {"arith.uitofp", "@0"},
    {"arith.xori", "$0 ^ $1"},
    {"math.absf", "fabs($0)"},
    {"math.absi", "abs(#0)"},
    {"math.ceil", "ceil($0)"},
    {"math.copysign", "copysign($0, $1)"},
    {"math.ctlz", "clz($0)"},
    {"math.ctpop", "popcount($0)"},
    {"math.cttz", "popcount(($t)(~$0 & ($0 - 1)))"},
    {"math.floor", "floor($0)"},
    {"math.fma", "fma($0, $1, $2)"},
    {"math.isfinite", "isfinite($0)"},
    {"math.isinf", "isinf($0)"},
    {"math.isnan", "isnan($0)"},
    {"math.round", "round($0)"},
    {"math.roundeven", "rint($0)"},
    {"math.sqrt", "sqrt($0)"},
    {"math.trunc", "trunc($0)"},
    {"memref.load", "$0[$1]"},
    {"ub.poison", "0"},
};

/// By predicate, in the order of their numbers.
static constexpr llvm::StringLiteral kIntegerComparisons[] = {
    "$0 == $1", "$0 != $1", "#0 < #1",  "#0 <= #1", "#0 > #1",
    "#0 >= #1", "@0 < @1",  "@0 <= @1", "@0 > @1",  "@0 >= @1"};
static constexpr llvm::StringLiteral kFloatComparisons[] = {
    "false",
    "$0 == $1",
    "$0 > $1",
    "$0 >= $1",
    "$0 < $1",
    "$0 <= $1",
    "$0 < $1 || $0 > $1",
    "$0 == $0 && $1 == $1",
    "!($0 < $1 || $0 > $1)",
    "!($0 <= $1)",
    "!($0 < $1)",
    "!($0 >= $1)",
    "!($0 > $1)",
    "$0 != $1",
    "$0 != $0 || $1 != $1",
    "true"};

std::string Printer::fill(StringRef form, Operation *op) {
  std::string text;
  for (; !form.empty(); form = form.drop_front()) {
    bool isPlain = form.front() == '$';
    if (!isPlain && form.front() != '#' && form.front() != '@') {
      text += form.front();
      continue;
    }
    char what = form[1];
    bool isSigned = form.front() == '#';
    form = form.drop_front();
    if (what == 't')
      text += typeName(op->getResult(0).getType());
    else if (what == 'r')
      text += name(op->getResult(0));
    else if (Value operand = op->getOperand(what - '0'); isPlain)
      text += name(operand);
    else
      text += isSigned ? asSigned(operand) : asUnsigned(operand);
  }
  return text;
}

/// The product that `sum` may add without rounding it first.
static arith::MulFOp fusedProduct(arith::AddFOp sum) {
  auto product = sum.getLhs().getDefiningOp<arith::MulFOp>();
  bool mayFuse =
      product &&
      bitEnumContainsAll(product.getFastmath(),
                         arith::FastMathFlags::contract) &&
      bitEnumContainsAll(sum.getFastmath(), arith::FastMathFlags::contract);
  return mayFuse ? product : nullptr;
}

/// Whether all that use `product` compute it themselves.
static bool isFused(arith::MulFOp product) {
  return llvm::all_of(product->getUsers(), [&](Operation *user) {
    auto sum = dyn_cast<arith::AddFOp>(user);
    return sum && fusedProduct(sum) == product &&
           sum.getRhs() != product.getResult();
  });
}

/// libm's functions have the names that OpenCL C has, with an `f` for f32.
static std::string libraryFunction(func::CallOp call) {
  StringRef callee = call.getCallee();
  if (call.getResult(0).getType().isF32())
    callee.consume_back("f");
  return callee == "roundeven" ? "rint" : callee.str();
}

std::optional<std::string> Printer::expression(Operation *op) {
  if (auto compare = dyn_cast<arith::CmpIOp>(op))
    return fill(kIntegerComparisons[int(compare.getPredicate())], op);
  if (auto compare = dyn_cast<arith::CmpFOp>(op))
    return fill(kFloatComparisons[int(compare.getPredicate())], op);
  if (auto sum = dyn_cast<arith::AddFOp>(op))
    if (arith::MulFOp product = fusedProduct(sum))
      return fill("mad($0, $1, ", product) + name(sum.getRhs()) + ")";
  if (auto cast = dyn_cast<arith::BitcastOp>(op)) {
    bool sameKind = hasBits(cast.getType()) == hasBits(cast.getIn().getType());
    return fill(sameKind ? "$0" : "as_$t($0)", op);
  }
  if (auto id = dyn_cast<gpu::GlobalIdOp>(op))
    return "get_global_id(" + std::to_string(int(id.getDimension())) + ")";
  if (auto call = dyn_cast<func::CallOp>(op);
      call && call->getNumResults() == 1) {
    std::string text = libraryFunction(call);
    for (auto [i, operand] : llvm::enumerate(call.getOperands()))
      text += (i ? ", " : "(") + name(operand);
    return text + ")";
  }
  StringRef known = op->getName().getStringRef();
  for (const Form &form : kForms) {
    if (form.op != known)
      continue;
    if (form.second.empty())
      return fill(form.text, op);
    Value first = op->getResult(0);
    define(first, wrapped(first.getType(), fill(form.text, op)));
    return fill(form.second, op);
  }
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

std::vector<std::string> Printer::declare(ValueRange values,
                                          ValueRange initial) {
  std::vector<std::string> variables;
  for (auto [i, value] : llvm::enumerate(values)) {
    variables.push_back(fresh());
    line() << typeName(value.getType()) << " " << variables.back();
    if (!initial.empty())
      os << " = " << name(initial[i]);
    os << ";\n";
  }
  return variables;
}

void Printer::assign(ArrayRef<std::string> to, ValueRange from) {
  if (to.size() == 1) {
    line() << to[0] << " = " << name(from[0]) << ";\n";
    return;
  }
  std::vector<std::string> copies;
  for (Value value : from) {
    copies.push_back(fresh());
    line() << "const " << typeName(value.getType()) << " " << copies.back()
           << " = " << name(value) << ";\n";
  }
  for (auto [variable, copy] : llvm::zip_equal(to, copies))
    line() << variable << " = " << copy << ";\n";
}

static void nameAll(DenseMap<Value, std::string> &names, ValueRange values,
                    ArrayRef<std::string> variables) {
  for (auto [value, variable] : llvm::zip_equal(values, variables))
    names[value] = variable;
}

LogicalResult Printer::loop(scf::ForOp op) {
  auto variables = declare(op.getResults(), op.getInitArgs());
  nameAll(names, op.getRegionIterArgs(), variables);
  nameAll(names, op.getResults(), variables);
  Value step = op.getInductionVar();
  std::string own = names[step] = fresh();
  line() << "for (" << typeName(step.getType()) << " " << own << " = "
         << name(op.getLowerBound()) << "; " << asSigned(step) << " < "
         << asSigned(op.getUpperBound()) << "; " << own
         << " += " << name(op.getStep()) << ") {\n";
  if (failed(nested(*op.getBody())))
    return failure();
  depth += 2;
  if (!variables.empty())
    assign(variables, op.getBody()->getTerminator()->getOperands());
  depth -= 2;
  line() << "}\n";
  return success();
}

LogicalResult Printer::loop(scf::WhileOp op) {
  auto before = declare(op.getBeforeArguments(), op.getInits());
  nameAll(names, op.getBeforeArguments(), before);
  auto after = declare(op.getResults());
  nameAll(names, op.getAfterArguments(), after);
  nameAll(names, op.getResults(), after);
  line() << "for (;;) {\n";
  depth += 2;
  if (failed(block(*op.getBeforeBody())))
    return failure();
  if (!after.empty())
    assign(after, op.getConditionOp().getArgs());
  line() << "if (!" << name(op.getConditionOp().getCondition()) << ")\n";
  line() << "  break;\n";
  if (failed(block(*op.getAfterBody())))
    return failure();
  if (!before.empty())
    assign(before, op.getYieldOp().getOperands());
  depth -= 2;
  line() << "}\n";
  return success();
}

LogicalResult Printer::branch(scf::IfOp op) {
  auto variables = declare(op.getResults());
  line() << "if (" << name(op.getCondition()) << ") {\n";
  for (Block *taken : {op.thenBlock(), op.elseBlock()}) {
    if (!taken)
      continue;
    if (taken != op.thenBlock())
      line() << "} else {\n";
    if (failed(nested(*taken)))
      return failure();
    depth += 2;
    if (!variables.empty())
      assign(variables, taken->getTerminator()->getOperands());
    depth -= 2;
  }
  line() << "}\n";
  nameAll(names, op.getResults(), variables);
  return success();
}

LogicalResult Printer::choice(scf::IndexSwitchOp op) {
  auto variables = declare(op.getResults());
  auto caseOf = [&](const Twine &label, Block &taken) {
    line() << label << ": {\n";
    if (failed(nested(taken)))
      return failure();
    depth += 2;
    if (!variables.empty())
      assign(variables, taken.getTerminator()->getOperands());
    line() << "break;\n";
    depth -= 2;
    line() << "}\n";
    return success();
  };
  line() << "switch (" << name(op.getArg()) << ") {\n";
  for (auto [value, region] :
       llvm::zip_equal(op.getCases(), op.getCaseRegions()))
    if (failed(caseOf("case " + Twine(value), region.front())))
      return failure();
  if (failed(caseOf("default", op.getDefaultBlock())))
    return failure();
  line() << "}\n";
  nameAll(names, op.getResults(), variables);
  return success();
}

LogicalResult Printer::statement(Operation *op) {
  for (Type type : op->getResultTypes())
    if (!isKnown(type))
      return op->emitError("has a value of type ")
             << type << ", which OpenCL C has no form of";
  if (auto product = dyn_cast<arith::MulFOp>(op); product && isFused(product))
    return success();
  if (auto value = dyn_cast<arith::ConstantOp>(op)) {
    names[value] = constant(value.getValue());
    return success();
  }
  if (auto store = dyn_cast<memref::StoreOp>(op)) {
    line() << fill("$1[$2] = $0;\n", op);
    return success();
  }
  if (auto slot = dyn_cast<memref::AllocaOp>(op)) {
    names[slot] = fresh();
    line() << typeName(slot.getType().getElementType()) << " " << name(slot)
           << "[" << std::max<int64_t>(1, slot.getType().getNumElements())
           << "];\n";
    return success();
  }
  if (auto view = dyn_cast<memref::ViewOp>(op)) {
    std::string pointer = std::string("__global ") +
                          typeName(view.getType().getElementType()) + " *";
    names[view] = fresh();
    line() << pointer << "const " << name(view) << " = (" << pointer << ")("
           << name(view.getSource()) << " + " << name(view.getByteShift())
           << ");\n";
    return success();
  }
  if (auto lower = dyn_cast<memref::AtomicRMWOp>(op);
      lower && lower.getKind() == arith::AtomicRMWKind::minu) {
    line() << fill("atomic_min(&$1[$2], $0);\n", op);
    return success();
  }
  if (isa<gpu::ReturnOp, scf::YieldOp, scf::ConditionOp>(op))
    return success();
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return this->loop(loop);
  if (auto loop = dyn_cast<scf::WhileOp>(op))
    return this->loop(loop);
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return this->branch(branch);
  if (auto choice = dyn_cast<scf::IndexSwitchOp>(op))
    return this->choice(choice);
  std::optional<std::string> text = expression(op);
  if (!text)
    return op->emitError("has no form in OpenCL C: ") << op->getName();
  Value last = op->getResult(op->getNumResults() - 1);
  // Of conditions only these may have more bits than one.
  bool isWide =
      !last.getType().isInteger(1) ||
      isa<arith::TruncIOp, arith::AddIOp, arith::SubIOp, arith::MulIOp>(op);
  define(last, isWide ? wrapped(last.getType(), *text) : *text);
  return success();
}

LogicalResult Printer::block(Block &block) {
  for (Operation &op : block)
    if (failed(statement(&op)))
      return failure();
  return success();
}

LogicalResult Printer::print(gpu::GPUFuncOp function) {
  os << "#pragma OPENCL FP_CONTRACT OFF\n";
  bool usesF64 = false;
  function.walk([&](Operation *op) {
    for (Type type : op->getResultTypes())
      usesF64 |= getElementTypeOrSelf(type).isF64();
  });
  if (usesF64)
    os << "#pragma OPENCL EXTENSION cl_khr_fp64 : enable\n";
  os << "__kernel ";
  if (auto size = function.getKnownBlockSize())
    os << "__attribute__((reqd_work_group_size(" << (*size)[0] << ", "
       << (*size)[1] << ", " << (*size)[2] << "))) ";
  os << "void " << function.getName() << "(";
  for (auto [i, argument] : llvm::enumerate(function.getArguments())) {
    std::string own = names[argument] = "a" + std::to_string(i);
    os << (i ? ", " : "");
    if (auto buffer = dyn_cast<MemRefType>(argument.getType()))
      os << "__global " << typeName(buffer.getElementType()) << " *restrict "
         << own;
    else
      os << "const " << typeName(argument.getType()) << " " << own;
  }
  os << ") {\n";
  if (failed(nested(function.getBody().front())))
    return failure();
  os << "}\n";
  return success();
}

LogicalResult nacre::codegen::opencl::serialize(ModuleOp module,
                                                raw_ostream &os) {
  LogicalResult result = success();
  module.walk([&](gpu::GPUFuncOp function) {
    if (failed(Printer(os).print(function)))
      result = failure();
  });
  return result;
}
