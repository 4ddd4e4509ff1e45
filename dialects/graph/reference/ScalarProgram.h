//===- ScalarProgram.h - Run scalar bodies ----------------------*- C++ -*-===//
//
// Private to the reference implementation: the scalar body of an elementwise op
// as a list of instructions over registers. A register holds one value for each
// of a few dozen elements, so that decoding an instruction costs little.
//
//===----------------------------------------------------------------------===//
#ifndef NACRE_DIALECTS_GRAPH_REFERENCE_SCALARPROGRAM_H
#define NACRE_DIALECTS_GRAPH_REFERENCE_SCALARPROGRAM_H

#include "dialects/graph/Graph.h"
#include "dialects/graph/reference/Tensor.h"

namespace nacre::graph::reference {

/// How a register's lanes are to be read.
enum class Lane : uint8_t {
  F32,  ///< float
  F16,  ///< float, rounded to half after every op
  BF16, ///< float, rounded to bfloat16 after every op
  F64,  ///< double
  Bits, ///< the low bits of an integer or a small float, zero-extended
};

struct LaneType {
  Lane lane = Lane::Bits;
  uint8_t width = 0;

  static LaneType of(mlir::Type type);
};

class ScalarProgram {
public:
  /// Elements that one pass computes.
  static constexpr int64_t kLanes = 64;

  /// Builds the body of `op` and compiles it; fails with a reason if it holds
  /// an operation that is not known here.
  static std::optional<ScalarProgram> compile(ElementwiseOpInterface op,
                                              std::string &error);

  /// Reads `count` elements of argument `k`, `stride` (0 or 1) apart.
  void load(unsigned k, const Tensor &tensor, int64_t offset, int64_t stride,
            int64_t count);
  void run(int64_t count);
  void store(char *to, int64_t count) const;

  enum class Opcode : uint8_t;
  struct Instruction {
    Opcode code;
    LaneType type; ///< of the first operand
    LaneType to;   ///< of the result
    uint8_t predicate = 0;
    uint16_t result = 0, a = 0, b = 0, c = 0;
  };
  union Register {
    float f[kLanes];
    double d[kLanes];
    uint64_t u[kLanes];
  };

private:
  class Compiler;

  std::vector<Register> registers;
  std::vector<Instruction> instructions;
  llvm::SmallVector<LaneType> arguments;
  LaneType resultType;
  unsigned resultBytes = 0;
  uint16_t result = 0;
};

} // namespace nacre::graph::reference

#endif // NACRE_DIALECTS_GRAPH_REFERENCE_SCALARPROGRAM_H
