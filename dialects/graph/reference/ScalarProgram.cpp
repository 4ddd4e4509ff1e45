//===- ScalarProgram.cpp - Compile scalar bodies --------------------------===//
#include "dialects/graph/reference/ScalarProgram.h"

#include "dialects/graph/reference/ScalarLanes.h"
#include "dialects/graph/reference/ScalarOpcodes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <cstring>

using namespace mlir;

namespace nacre::graph::reference {

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
  LaneType type = LaneType::of(op.getType());
  for (int64_t i = 0; i < kLanes; ++i)
    withLane(type, [&](auto lane) { setBits<lane>(to, i, bits); });
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

std::optional<ScalarProgram> ScalarProgram::compile(ElementwiseOpInterface op,
                                                    std::string &error) {
  MLIRContext *context = op->getContext();
  context->getOrLoadDialect<arith::ArithDialect>();
  context->getOrLoadDialect<math::MathDialect>();
  ScalarProgram program;
  Compiler compiler(program, error);
  Block body;
  OpBuilder builder(context);
  builder.setInsertionPointToStart(&body);
  for (Value operand : op->getOperands()) {
    Type type = signlessElementType(getElementTypeOrSelf(operand.getType()));
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
static void loadBits(ScalarProgram::Register &to, const char *from,
                     int64_t stride, int64_t count, LaneType type) {
  auto *values = reinterpret_cast<const T *>(from);
  withLane(type, [&](auto lane) {
    for (int64_t i = 0; i < count; ++i)
      setBits<lane>(to, i, maskBits(values[i * stride], type.width));
  });
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

template <typename T>
static void storeBits(const ScalarProgram::Register &from, char *to,
                      int64_t count, LaneType type) {
  auto *values = reinterpret_cast<T *>(to);
  withLane(type, [&](auto lane) {
    for (int64_t i = 0; i < count; ++i)
      values[i] = static_cast<T>(getBits<lane>(from, i));
  });
}

void ScalarProgram::store(char *to, int64_t count) const {
  const Register &from = registers[result];
  switch (resultBytes) {
  case 1:
    return storeBits<uint8_t>(from, to, count, resultType);
  case 2:
    return storeBits<uint16_t>(from, to, count, resultType);
  case 4:
    return storeBits<uint32_t>(from, to, count, resultType);
  default:
    return storeBits<uint64_t>(from, to, count, resultType);
  }
}

} // namespace nacre::graph::reference
