//===- ScalarOpcodes.h - Operations of scalar programs ----------*- C++ -*-===//
#ifndef NACRE_DIALECTS_GRAPH_REFERENCE_SCALAROPCODES_H
#define NACRE_DIALECTS_GRAPH_REFERENCE_SCALAROPCODES_H

#include "dialects/graph/reference/ScalarProgram.h"

namespace nacre::graph::reference {

// Opcode, name of the operation. First those on one type of lane, then those
// that read or write several.
#define NACRE_SCALAR_UNIFORM(X)                                                \
  X(AddF, "arith.addf")                                                        \
  X(SubF, "arith.subf")                                                        \
  X(MulF, "arith.mulf")                                                        \
  X(DivF, "arith.divf")                                                        \
  X(RemF, "arith.remf")                                                        \
  X(NegF, "arith.negf") X(MaximumF, "arith.maximumf") X(                       \
      MinimumF, "arith.minimumf") X(AbsF, "math.absf") X(CopySign,             \
                                                         "math.copysign")      \
      X(PowF, "math.powf") X(Ceil, "math.ceil") X(Floor, "math.floor") X(      \
          Trunc, "math.trunc") X(RoundEven, "math.roundeven")                  \
          X(Sqrt, "math.sqrt") X(Exp, "math.exp") X(Log, "math.log") X(        \
              Erf, "math.erf") X(Sin, "math.sin") X(Cos, "math.cos")           \
              X(Tan, "math.tan") X(Asin, "math.asin") X(Acos, "math.acos") X(  \
                  Atan, "math.atan") X(Sinh, "math.sinh") X(Cosh, "math.cosh") \
                  X(Tanh, "math.tanh") X(Asinh, "math.asinh") X(               \
                      Acosh, "math.acosh") X(Atanh, "math.atanh")              \
                      X(AddI, "arith.addi") X(SubI, "arith.subi") X(           \
                          MulI, "arith.muli") X(DivSI, "arith.divsi")          \
                          X(DivUI, "arith.divui") X(RemSI, "arith.remsi") X(   \
                              RemUI, "arith.remui") X(AndI, "arith.andi")      \
                              X(OrI, "arith.ori") X(XOrI, "arith.xori") X(     \
                                  ShLI, "arith.shli") X(ShRUI, "arith.shrui")  \
                                  X(ShRSI, "arith.shrsi")                      \
                                      X(MaxSI, "arith.maxsi") X(MinSI,         \
                                                                "arith.minsi") \
                                          X(MaxUI, "arith.maxui")              \
                                              X(MinUI, "arith.minui")          \
                                                  X(ExtUI, "arith.extui")      \
                                                      X(ExtSI, "arith.extsi")  \
                                                          X(TruncI,            \
                                                            "arith.trunci")
#define NACRE_SCALAR_MIXED(X)                                                  \
  X(CmpF, "arith.cmpf")                                                        \
  X(CmpI, "arith.cmpi")                                                        \
  X(Select, "arith.select")                                                    \
  X(Bitcast, "arith.bitcast")                                                  \
  X(SIToFP, "arith.sitofp")                                                    \
  X(UIToFP, "arith.uitofp") X(FPToSI, "arith.fptosi")                          \
      X(FPToUI, "arith.fptoui")

#define NACRE_OPCODE(CODE, NAME) CODE,
enum class ScalarProgram::Opcode : uint8_t {
  NACRE_SCALAR_UNIFORM(NACRE_OPCODE) NACRE_SCALAR_MIXED(NACRE_OPCODE)
  /// arith.extf and arith.truncf
  ConvertF,
};
#undef NACRE_OPCODE

inline constexpr auto kFirstMixed = ScalarProgram::Opcode::CmpF;

inline std::optional<ScalarProgram::Opcode> opcodeOf(llvm::StringRef name) {
  using Opcode = ScalarProgram::Opcode;
#define NACRE_CASE(CODE, NAME) .Case(NAME, Opcode::CODE)
  return llvm::StringSwitch<std::optional<Opcode>>(name)
      NACRE_SCALAR_UNIFORM(NACRE_CASE) NACRE_SCALAR_MIXED(NACRE_CASE)
          .Cases({"arith.extf", "arith.truncf"}, Opcode::ConvertF)
          .Default(std::nullopt);
#undef NACRE_CASE
}

} // namespace nacre::graph::reference

#endif // NACRE_DIALECTS_GRAPH_REFERENCE_SCALAROPCODES_H
