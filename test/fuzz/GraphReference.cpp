//===- GraphReference.cpp - The oracle, with and without rounding errors --===//
#include "test/fuzz/GraphCheck.h"

#include "dialects/graph/Graph.h"
#include "dialects/graph/reference/Interpreter.h"
#include "test/fuzz/GraphGenerator.h"

#include "llvm/ADT/TypeSwitch.h"
#include <cmath>
#include <random>

using namespace mlir;
using namespace nacre;
using fuzz::Tensor;

/// Ops whose results are elements of their operands: nothing is rounded.
static bool isExact(Operation *op) {
  if (auto scatter = dyn_cast<graph::ScatterElementsOp>(op))
    return scatter.getKind() == graph::ScatterKind::set;
  if (auto scatter = dyn_cast<graph::ScatterNdOp>(op))
    return scatter.getKind() == graph::ScatterKind::set;
  return isa<graph::ConstantOp, graph::ReshapeOp, graph::CollapseOp,
             graph::SqueezeOp, graph::UnsqueezeOp, graph::BroadcastOp,
             graph::TransposeOp, graph::ConcatOp, graph::SliceOp, graph::PadOp,
             graph::TileOp, graph::BitcastOp, graph::GatherOp,
             graph::GatherElementsOp, graph::GatherNdOp, graph::TopKOp>(op);
}

/// Numbers of few digits: most likely they are exact, as are their sums and
/// products.
static bool isPlain(double value) {
  return !std::isfinite(value) ||
         (std::fabs(value) <= 64 && value * 16 == std::rint(value * 16));
}

static bool isPlain(const Tensor &tensor) {
  for (int64_t i = 0; i < tensor.size(); ++i)
    if (isa<FloatType>(tensor.elementType()) && !isPlain(tensor.real(i)))
      return false;
  return true;
}

/// Changes floats by up to `ulps` of their type; `all` of them, or those that
/// are not plain.
static Tensor perturb(const Tensor &tensor, double ulps, bool all,
                      std::mt19937_64 &random) {
  auto type = dyn_cast<FloatType>(tensor.elementType());
  if (!type || tensor.size() == 0)
    return tensor;
  Tensor result = tensor;
  result.rawMutable();
  int digits = int(type.getFPMantissaWidth());
  double ulp = std::ldexp(1.0, 1 - digits);
  std::uniform_real_distribution<double> error(-ulps, ulps);
  for (int64_t i = 0; i < tensor.size(); ++i) {
    double value = tensor.real(i);
    if (!std::isfinite(value) || (!all && isPlain(value)))
      continue;
    result.setReal(i, value * (1 + ulp * error(random)));
  }
  return result;
}

/// The size of what results of `op` are differences of: their rounding errors
/// are not relative to the results. 0 for other ops.
static double termsOf(Operation *op) {
  if (auto random = dyn_cast<graph::RandomOp>(op))
    return std::max(std::fabs(random.getA().convertToDouble()),
                    std::fabs(random.getB().convertToDouble()));
  // The logarithm of a sum of at least 1.
  auto softmax = dyn_cast<graph::SoftmaxOp>(op);
  return softmax && softmax.getLog() ? 1 : 0;
}

static void shift(Tensor &tensor, double by, std::mt19937_64 &random) {
  auto type = dyn_cast<FloatType>(tensor.elementType());
  if (!type || tensor.size() == 0 || by == 0)
    return;
  int digits = int(type.getFPMantissaWidth());
  std::uniform_real_distribution<double> error(-4, 4);
  tensor.rawMutable();
  for (int64_t i = 0; i < tensor.size(); ++i)
    tensor.setReal(i,
                   tensor.real(i) + std::ldexp(by * error(random), 1 - digits));
}

static double ulpsOf(Type type) {
  // Wide floats go through polynomials; narrow ones are rounded from those.
  return isa<FloatType>(type) && Tensor::bitsOf(type) >= 32 ? 4 : 1;
}

FailureOr<SmallVector<Tensor>> fuzz::inputsOf(func::FuncOp main) {
  SmallVector<Tensor> inputs;
  for (unsigned i = 0; i < main.getNumArguments(); ++i) {
    auto value = main.getArgAttrOfType<ElementsAttr>(i, kValueAttrName);
    Tensor tensor = value ? Tensor::fromAttr(value) : Tensor();
    if (!tensor)
      return main.emitError("argument ")
             << i << " has no elements; expected " << kValueAttrName;
    inputs.push_back(tensor);
  }
  return inputs;
}

LogicalResult fuzz::runReference(func::FuncOp main, ArrayRef<Tensor> inputs,
                                 uint64_t seed, Values &values,
                                 std::string &error) {
  std::mt19937_64 random(seed);
  for (auto [argument, input] : llvm::zip_equal(main.getArguments(), inputs))
    values[argument] = input;
  graph::reference::Options limits;
  limits.maxSteps = int64_t(1) << 30;
  for (Operation &op : main.getBody().front().without_terminator()) {
    SmallVector<Tensor> operands, results;
    bool rounds = seed != 0 && !isExact(&op);
    // Sums may take their terms in another order, which shows as if the terms
    // were a little different.
    for (Value operand : op.getOperands())
      operands.push_back(values[operand]);
    if (rounds && !isa<graph::ElementwiseOpInterface>(op) &&
        (isa<graph::DetOp, graph::InverseOp>(op) ||
         !llvm::all_of(operands, [](const Tensor &t) { return isPlain(t); })))
      for (Tensor &tensor : operands)
        tensor = perturb(tensor, ulpsOf(tensor.elementType()), true, random);
    if (failed(
            graph::reference::evaluate(&op, operands, results, &error, limits)))
      return failure();
    for (auto [value, tensor] : llvm::zip_equal(op.getResults(), results)) {
      values[value] =
          rounds ? perturb(tensor, ulpsOf(tensor.elementType()), false, random)
                 : tensor;
      if (rounds)
        shift(values[value], termsOf(&op), random);
    }
  }
  return success();
}
