//===- Random.cpp - Pseudo-random tensors ---------------------------------===//
#include "dialects/graph/reference/Evaluation.h"
#include "dialects/graph/reference/Philox.h"

#include <cmath>

using namespace mlir;

namespace nacre::graph::reference {

template <typename R>
static R sample(RandomOp op, std::array<uint32_t, 4> words) {
  double a = op.getA().convertToDouble(), b = op.getB().convertToDouble();
  R first = static_cast<R>(words[0] >> 8);
  if (op.getKind() == RandomKind::uniform) {
    R scaled = first * R(0x1p-24) * R(b - a);
    return scaled + R(a);
  }
  R u = (first + 1) * R(0x1p-24);
  R v = static_cast<R>(words[1] >> 8) * R(0x1p-24);
  R radius = std::sqrt(R(-2) * std::log(u));
  R scaled = radius * std::cos(R(6.283185307179586) * v) * R(b);
  return scaled + R(a);
}

LogicalResult run(RandomOp op, Evaluation &e) {
  Tensor output = e.make(integers(e.in[0]));
  if (!output)
    return failure();
  auto seed = static_cast<uint64_t>(op.getSeed());
  std::array<uint32_t, 2> key = {uint32_t(seed), uint32_t(seed >> 32)};
  bool isF64 = output.elementType().isF64();
  for (int64_t i = 0; i < output.size(); ++i) {
    auto words = philox({uint32_t(i), uint32_t(uint64_t(i) >> 32), 0, 0}, key);
    output.setReal(i, isF64 ? sample<double>(op, words)
                            : sample<float>(op, words));
  }
  return e.give(std::move(output));
}

} // namespace nacre::graph::reference
