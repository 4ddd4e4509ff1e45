//===- ScalarExecute.cpp - Run scalar programs ----------------------------===//
#include "dialects/graph/reference/ScalarLanes.h"
#include "dialects/graph/reference/ScalarOpcodes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;

namespace nacre::graph::reference {

using Register = ScalarProgram::Register;
using Instruction = ScalarProgram::Instruction;
using Opcode = ScalarProgram::Opcode;

/// Rounds lanes that were computed in f32.
static void roundLanes(Register &r, LaneType type, int64_t n) {
  if (type.lane == Lane::F16)
    for (int64_t i = 0; i < n; ++i)
      r.f[i] = halfToFloat(floatToHalf(r.f[i]));
  if (type.lane == Lane::BF16)
    for (int64_t i = 0; i < n; ++i)
      r.f[i] = brainToFloat(floatToBrain(r.f[i]));
}

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
      o.result[k] = maskBits(static_cast<uint64_t>(VALUE), i.to.width);        \
    }                                                                          \
    return;
  switch (i.code) {
    BINARY(AddI, a + b)
    BINARY(SubI, a - b)
    BINARY(MulI, a * b)
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

/// A conversion that compiled code has no result for is 0.
static uint64_t toInteger(double value, bool isSigned) {
  if (isSigned)
    return value >= -0x1p63 && value < 0x1p63
               ? static_cast<uint64_t>(static_cast<int64_t>(value))
               : 0;
  return value > -1 && value < 0x1p64 ? static_cast<uint64_t>(value) : 0;
}

/// Calls `f(k, value)` for each lane.
template <typename F>
static void fromReals(const Register &from, LaneType type, int64_t n, F f) {
  if (type.lane == Lane::F64)
    for (int64_t k = 0; k < n; ++k)
      f(k, from.d[k]);
  else
    for (int64_t k = 0; k < n; ++k)
      f(k, from.f[k]);
}

/// Stores `f(k)` as a float of the type. Half formats are rounded afterwards:
/// f32 holds every integer that they can tell apart.
template <typename F>
static void toReals(Register &to, LaneType type, int64_t n, F f) {
  if (type.lane == Lane::F64)
    for (int64_t k = 0; k < n; ++k)
      to.d[k] = static_cast<double>(f(k));
  else
    for (int64_t k = 0; k < n; ++k)
      to.f[k] = static_cast<float>(f(k));
}

static void runSelect(Register &to, const uint64_t *condition,
                      const Register &yes, const Register &no, LaneType type,
                      int64_t n) {
  if (type.lane == Lane::F64 || type.lane == Lane::Bits)
    for (int64_t k = 0; k < n; ++k)
      to.u[k] = condition[k] ? yes.u[k] : no.u[k];
  else
    for (int64_t k = 0; k < n; ++k)
      to.f[k] = condition[k] ? yes.f[k] : no.f[k];
}

static void runCompare(const Instruction &i, Register &to, const Register &a,
                       const Register &b, int64_t n) {
  if (i.code == Opcode::CmpI) {
    auto predicate = static_cast<arith::CmpIPredicate>(i.predicate);
    for (int64_t k = 0; k < n; ++k)
      to.u[k] = compareInteger(predicate, a.u[k], b.u[k], i.type.width);
    return;
  }
  auto predicate = static_cast<arith::CmpFPredicate>(i.predicate);
  bool isF64 = i.type.lane == Lane::F64;
  fromReals(a, i.type, n, [&](int64_t k, double value) {
    to.u[k] = compareFloat(predicate, value, isF64 ? b.d[k] : b.f[k]);
  });
}

static void runMixed(const Instruction &i, std::vector<Register> &r,
                     int64_t n) {
  Register &to = r[i.result];
  const Register &a = r[i.a];
  switch (i.code) {
  case Opcode::CmpF:
  case Opcode::CmpI:
    return runCompare(i, to, a, r[i.b], n);
  case Opcode::Select:
    return runSelect(to, a.u, r[i.b], r[i.c], i.to, n);
  case Opcode::Bitcast:
    return withLane(i.type, [&](auto from) {
      withLane(i.to, [&](auto lane) {
        for (int64_t k = 0; k < n; ++k)
          setBits<lane>(to, k, getBits<from>(a, k));
      });
    });
  case Opcode::ConvertF:
    return i.type.lane == Lane::F64
               ? toReals(to, i.to, n, [&](int64_t k) { return a.d[k]; })
               : toReals(to, i.to, n, [&](int64_t k) { return a.f[k]; });
  case Opcode::SIToFP:
    return toReals(to, i.to, n,
                   [&](int64_t k) { return extend(a.u[k], i.type.width); });
  case Opcode::UIToFP:
    return toReals(to, i.to, n, [&](int64_t k) { return a.u[k]; });
  case Opcode::FPToSI:
  case Opcode::FPToUI:
    return fromReals(a, i.type, n, [&](int64_t k, double value) {
      to.u[k] =
          maskBits(toInteger(value, i.code == Opcode::FPToSI), i.to.width);
    });
  default:
    llvm_unreachable("not a mixed operation");
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
