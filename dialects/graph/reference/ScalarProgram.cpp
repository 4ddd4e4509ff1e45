//===- ScalarProgram.cpp - Compile and run scalar bodies ------------------===//
#include "dialects/graph/reference/ScalarProgram.h"

#include "dialects/graph/reference/ScalarOpcodes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>
#include <cstring>

using namespace mlir;

namespace nacre::graph::reference {

using Register = ScalarProgram::Register;
using Instruction = ScalarProgram::Instruction;
using Opcode = ScalarProgram::Opcode;

LaneType LaneType::of(Type type) {
  uint8_t width = type.getIntOrFloatBitWidth();
  if (type.isF32())
    return {Lane::F32, width};
  if (type.isF64())
    return {Lane::F64, width};
  if (type.isF16())
    return {Lane::F16, width};
  if (type.isBF16())
    return {Lane::BF16, width};
  return {Lane::Bits, width};
}

//===-- Bits ----------------------------------------------------------------//

static uint64_t mask(uint64_t bits, unsigned width) {
  return width >= 64 ? bits : bits & ((uint64_t(1) << width) - 1);
}

static uint64_t getBits(const Register &r, LaneType type, int64_t i) {
  switch (type.lane) {
  case Lane::F32:
    return llvm::bit_cast<uint32_t>(r.f[i]);
  case Lane::F16:
    return floatToHalf(r.f[i]);
  case Lane::BF16:
    return floatToBrain(r.f[i]);
  case Lane::F64:
  case Lane::Bits:
    return r.u[i];
  }
  llvm_unreachable("all lanes are listed");
}

static void setBits(Register &r, LaneType type, int64_t i, uint64_t bits) {
  switch (type.lane) {
  case Lane::F32:
    r.f[i] = llvm::bit_cast<float>(static_cast<uint32_t>(bits));
    return;
  case Lane::F16:
    r.f[i] = halfToFloat(bits);
    return;
  case Lane::BF16:
    r.f[i] = brainToFloat(bits);
    return;
  case Lane::F64:
  case Lane::Bits:
    r.u[i] = bits;
    return;
  }
}

/// Rounds lanes that were computed in f32.
static void roundLanes(Register &r, LaneType type, int64_t n) {
  if (type.lane == Lane::F16)
    for (int64_t i = 0; i < n; ++i)
      r.f[i] = halfToFloat(floatToHalf(r.f[i]));
  if (type.lane == Lane::BF16)
    for (int64_t i = 0; i < n; ++i)
      r.f[i] = brainToFloat(floatToBrain(r.f[i]));
}

//===-- Compilation ---------------------------------------------------------//

class ScalarProgram::Compiler {
public:
  Compiler(ScalarProgram &program, std::string &error)
      : program(program), error(error) {}

  bool add(Operation &op);
  uint16_t registerOf(Value value) {
    auto [entry, isNew] = slots.try_emplace(value, program.registers.size());
    if (isNew)
      program.registers.emplace_back();
    return entry->second;
  }

private:
  bool addConstant(arith::ConstantOp op);

  ScalarProgram &program;
  std::string &error;
  llvm::DenseMap<Value, uint16_t> slots;
};

bool ScalarProgram::Compiler::addConstant(arith::ConstantOp op) {
  uint64_t bits;
  if (auto real = dyn_cast<FloatAttr>(op.getValue()))
    bits = real.getValue().bitcastToAPInt().getZExtValue();
  else
    bits = cast<IntegerAttr>(op.getValue()).getValue().getZExtValue();
  Register &to = program.registers[registerOf(op)];
  for (int64_t i = 0; i < kLanes; ++i)
    setBits(to, LaneType::of(op.getType()), i, bits);
  return true;
}

bool ScalarProgram::Compiler::add(Operation &op) {
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return addConstant(constant);
  std::optional<Opcode> code = opcodeOf(op.getName().getStringRef());
  if (!code || op.getNumOperands() > 3 || op.getNumResults() != 1) {
    error = "its scalar body holds '" + op.getName().getStringRef().str() +
            "', which is not known to the reference implementation";
    return false;
  }
  Instruction made{*code, LaneType::of(op.getOperand(0).getType()),
                   LaneType::of(op.getResult(0).getType())};
  if (auto compare = dyn_cast<arith::CmpFOp>(op))
    made.predicate = static_cast<uint8_t>(compare.getPredicate());
  if (auto compare = dyn_cast<arith::CmpIOp>(op))
    made.predicate = static_cast<uint8_t>(compare.getPredicate());
  uint16_t *operands[] = {&made.a, &made.b, &made.c};
  for (auto [k, operand] : llvm::enumerate(op.getOperands()))
    *operands[k] = registerOf(operand);
  made.result = registerOf(op.getResult(0));
  program.instructions.push_back(made);
  return true;
}

std::optional<ScalarProgram>
ScalarProgram::compile(ElementwiseOpInterface op, std::string &error) {
  MLIRContext *context = op->getContext();
  context->getOrLoadDialect<arith::ArithDialect>();
  context->getOrLoadDialect<math::MathDialect>();
  ScalarProgram program;
  Compiler compiler(program, error);
  Block body;
  OpBuilder builder(context);
  builder.setInsertionPointToStart(&body);
  for (Value operand : op->getOperands()) {
    Type type =
        signlessElementType(getElementTypeOrSelf(operand.getType()));
    compiler.registerOf(body.addArgument(type, op->getLoc()));
    program.arguments.push_back(LaneType::of(type));
  }
  Value result = op.buildScalar(builder, op->getLoc(), body.getArguments());
  Type resultType =
      signlessElementType(getElementTypeOrSelf(op->getResult(0).getType()));
  if (!result || result.getType() != resultType) {
    error = "its scalar body is not of the type of its result";
    return std::nullopt;
  }
  for (Operation &inner : body)
    if (!compiler.add(inner))
      return std::nullopt;
  program.result = compiler.registerOf(result);
  program.resultType = LaneType::of(resultType);
  program.resultBytes = Tensor::bytesOf(resultType);
  return program;
}

//===-- Loads and stores ----------------------------------------------------//

template <typename T>
static void loadBits(Register &to, const char *from, int64_t stride,
                     int64_t count, LaneType type) {
  auto *values = reinterpret_cast<const T *>(from);
  for (int64_t i = 0; i < count; ++i)
    setBits(to, type, i, mask(values[i * stride], type.width));
}

void ScalarProgram::load(unsigned k, const Tensor &tensor, int64_t offset,
                         int64_t stride, int64_t count) {
  // Arguments have the first registers, in order.
  Register &to = registers[k];
  unsigned bytes = tensor.elementBytes();
  const char *from = tensor.raw() + offset * bytes;
  switch (bytes) {
  case 1:
    return loadBits<uint8_t>(to, from, stride, count, arguments[k]);
  case 2:
    return loadBits<uint16_t>(to, from, stride, count, arguments[k]);
  case 4:
    return loadBits<uint32_t>(to, from, stride, count, arguments[k]);
  default:
    return loadBits<uint64_t>(to, from, stride, count, arguments[k]);
  }
}

void ScalarProgram::store(char *to, int64_t count) const {
  for (int64_t i = 0; i < count; ++i) {
    uint64_t bits = getBits(registers[result], resultType, i);
    std::memcpy(to + i * resultBytes, &bits, resultBytes);
  }
}

//===-- Execution -----------------------------------------------------------//

namespace {
/// The operands of one instruction, read as `T`.
template <typename T>
struct Operands {
  T *result;
  const T *a, *b;
};
} // namespace

template <typename T>
static T *lanes(Register &r) {
  if constexpr (std::is_same_v<T, float>)
    return r.f;
  else if constexpr (std::is_same_v<T, double>)
    return r.d;
  else
    return r.u;
}

template <typename T>
static Operands<T> operandsOf(std::vector<Register> &r, const Instruction &i) {
  return {lanes<T>(r[i.result]), lanes<T>(r[i.a]), lanes<T>(r[i.b])};
}

template <typename T>
static T maximum(T a, T b) {
  if (std::isnan(a) || std::isnan(b))
    return std::numeric_limits<T>::quiet_NaN();
  if (a == b)
    return std::signbit(a) ? b : a;
  return a > b ? a : b;
}

template <typename T>
static void runFloat(const Instruction &i, const Operands<T> &o, int64_t n) {
#define UNARY(NAME, VALUE)                                                     \
  case Opcode::NAME:                                                           \
    for (int64_t k = 0; k < n; ++k) {                                          \
      const T a = o.a[k];                                                      \
      o.result[k] = static_cast<T>(VALUE);                                     \
    }                                                                          \
    return;
#define BINARY(NAME, VALUE)                                                    \
  case Opcode::NAME:                                                           \
    for (int64_t k = 0; k < n; ++k) {                                          \
      const T a = o.a[k], b = o.b[k];                                          \
      o.result[k] = static_cast<T>(VALUE);                                     \
    }                                                                          \
    return;
// What is not exact is taken in f64, so that f32 is rounded once.
#define FUNCTION(NAME, CALL) UNARY(NAME, std::CALL(static_cast<double>(a)))
  switch (i.code) {
    BINARY(AddF, a + b)
    BINARY(SubF, a - b)
    BINARY(MulF, a * b)
    BINARY(DivF, a / b)
    BINARY(RemF, std::fmod(a, b))
    BINARY(MaximumF, maximum(a, b))
    BINARY(MinimumF, -maximum(-a, -b))
    BINARY(PowF, std::pow(static_cast<double>(a), static_cast<double>(b)))
    BINARY(CopySign, std::copysign(a, b))
    UNARY(NegF, -a)
    UNARY(AbsF, std::fabs(a))
    UNARY(Ceil, std::ceil(a))
    UNARY(Floor, std::floor(a))
    UNARY(Trunc, std::trunc(a))
    UNARY(RoundEven, std::nearbyint(a))
    FUNCTION(Sqrt, sqrt)
    FUNCTION(Exp, exp)
    FUNCTION(Log, log)
    FUNCTION(Erf, erf)
    FUNCTION(Sin, sin)
    FUNCTION(Cos, cos)
    FUNCTION(Tan, tan)
    FUNCTION(Asin, asin)
    FUNCTION(Acos, acos)
    FUNCTION(Atan, atan)
    FUNCTION(Sinh, sinh)
    FUNCTION(Cosh, cosh)
    FUNCTION(Tanh, tanh)
    FUNCTION(Asinh, asinh)
    FUNCTION(Acosh, acosh)
    FUNCTION(Atanh, atanh)
  default:
    llvm_unreachable("not a float operation");
  }
#undef FUNCTION
#undef UNARY
#undef BINARY
}

static int64_t extend(uint64_t bits, unsigned width) {
  return llvm::SignExtend64(bits, width);
}

static void runInteger(const Instruction &i, const Operands<uint64_t> &o,
                       int64_t n) {
  unsigned width = i.type.width;
#define BINARY(NAME, VALUE)                                                    \
  case Opcode::NAME:                                                           \
    for (int64_t k = 0; k < n; ++k) {                                          \
      [[maybe_unused]] const uint64_t a = o.a[k], b = o.b[k];                  \
      [[maybe_unused]] const int64_t sa = extend(a, width),                    \
                                     sb = extend(b, width);                    \
      o.result[k] = mask(static_cast<uint64_t>(VALUE), i.to.width);            \
    }                                                                          \
    return;
  switch (i.code) {
    BINARY(AddI, a + b)
    BINARY(SubI, a - b)
    BINARY(MulI, a *b)
    // What would trap or be undefined in compiled code is 0 here.
    BINARY(DivSI, sb == 0 || (sb == -1 && sa == INT64_MIN) ? 0 : sa / sb)
    BINARY(DivUI, b == 0 ? 0 : a / b)
    BINARY(RemSI, sb == 0 || sb == -1 ? 0 : sa % sb)
    BINARY(RemUI, b == 0 ? 0 : a % b)
    BINARY(AndI, a & b)
    BINARY(OrI, a | b)
    BINARY(XOrI, a ^ b)
    BINARY(ShLI, b >= width ? 0 : a << b)
    BINARY(ShRUI, b >= width ? 0 : a >> b)
    BINARY(ShRSI, b >= width ? 0 : sa >> b)
    BINARY(MaxSI, std::max(sa, sb))
    BINARY(MinSI, std::min(sa, sb))
    BINARY(MaxUI, std::max(a, b))
    BINARY(MinUI, std::min(a, b))
    BINARY(ExtUI, a)
    BINARY(ExtSI, sa)
    BINARY(TruncI, a)
  default:
    llvm_unreachable("not an integer operation");
  }
#undef BINARY
}

static bool compareInteger(arith::CmpIPredicate predicate, uint64_t a,
                           uint64_t b, unsigned width) {
  int64_t sa = extend(a, width), sb = extend(b, width);
  switch (predicate) {
  case arith::CmpIPredicate::eq:
    return a == b;
  case arith::CmpIPredicate::ne:
    return a != b;
  case arith::CmpIPredicate::slt:
    return sa < sb;
  case arith::CmpIPredicate::sle:
    return sa <= sb;
  case arith::CmpIPredicate::sgt:
    return sa > sb;
  case arith::CmpIPredicate::sge:
    return sa >= sb;
  case arith::CmpIPredicate::ult:
    return a < b;
  case arith::CmpIPredicate::ule:
    return a <= b;
  case arith::CmpIPredicate::ugt:
    return a > b;
  case arith::CmpIPredicate::uge:
    return a >= b;
  }
  llvm_unreachable("all predicates are listed");
}

static bool compareFloat(arith::CmpFPredicate predicate, double a, double b) {
  // Which of equal (1), greater (2), less (4) and unordered (8) hold, in the
  // order of CmpFPredicate.
  static constexpr uint8_t kHolds[16] = {0, 1,  2,  3,  4,  5,  6, 7,
                                         9, 10, 11, 12, 13, 14, 8, 15};
  uint8_t is = a == b ? 1 : a > b ? 2 : a < b ? 4 : 8;
  return kHolds[static_cast<unsigned>(predicate)] & is;
}

static double getReal(const Register &r, LaneType type, int64_t i) {
  return type.lane == Lane::F64 ? r.d[i] : r.f[i];
}

static void setReal(Register &r, LaneType type, int64_t i, double value) {
  if (type.lane == Lane::F64)
    r.d[i] = value;
  else
    r.f[i] = static_cast<float>(value);
}

/// A conversion that compiled code has no result for is 0.
static uint64_t toInteger(double value, bool isSigned) {
  if (isSigned)
    return value >= -0x1p63 && value < 0x1p63
               ? static_cast<uint64_t>(static_cast<int64_t>(value))
               : 0;
  return value > -1 && value < 0x1p64 ? static_cast<uint64_t>(value) : 0;
}

/// Half formats go through f32, which holds every integer they can tell apart.
static double fromInteger(uint64_t bits, LaneType from, LaneType to,
                          bool isSigned) {
  int64_t value = isSigned ? extend(bits, from.width) : 0;
  if (to.lane == Lane::F64)
    return isSigned ? static_cast<double>(value) : static_cast<double>(bits);
  return isSigned ? static_cast<float>(value) : static_cast<float>(bits);
}

static void runMixed(const Instruction &i, std::vector<Register> &r,
                     int64_t n) {
  Register &to = r[i.result];
  const Register &a = r[i.a], &b = r[i.b], &c = r[i.c];
  for (int64_t k = 0; k < n; ++k) {
    switch (i.code) {
    case Opcode::CmpF:
      to.u[k] = compareFloat(static_cast<arith::CmpFPredicate>(i.predicate),
                             getReal(a, i.type, k), getReal(b, i.type, k));
      break;
    case Opcode::CmpI:
      to.u[k] = compareInteger(static_cast<arith::CmpIPredicate>(i.predicate),
                               a.u[k], b.u[k], i.type.width);
      break;
    case Opcode::Select:
      setBits(to, i.to, k, getBits(a.u[k] ? b : c, i.to, k));
      break;
    case Opcode::Bitcast:
      setBits(to, i.to, k, getBits(a, i.type, k));
      break;
    case Opcode::ConvertF:
      setReal(to, i.to, k, getReal(a, i.type, k));
      break;
    case Opcode::SIToFP:
    case Opcode::UIToFP:
      setReal(to, i.to, k,
              fromInteger(a.u[k], i.type, i.to, i.code == Opcode::SIToFP));
      break;
    case Opcode::FPToSI:
    case Opcode::FPToUI:
      to.u[k] = mask(toInteger(getReal(a, i.type, k), i.code == Opcode::FPToSI),
                     i.to.width);
      break;
    default:
      llvm_unreachable("not a mixed operation");
    }
  }
}

void ScalarProgram::run(int64_t count) {
  for (const Instruction &i : instructions) {
    if (i.code >= kFirstMixed)
      runMixed(i, registers, count);
    else if (i.type.lane == Lane::F64)
      runFloat(i, operandsOf<double>(registers, i), count);
    else if (i.type.lane != Lane::Bits)
      runFloat(i, operandsOf<float>(registers, i), count);
    else
      runInteger(i, operandsOf<uint64_t>(registers, i), count);
    roundLanes(registers[i.result], i.to, count);
  }
}

} // namespace nacre::graph::reference
