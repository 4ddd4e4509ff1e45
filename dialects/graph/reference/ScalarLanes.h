//===- ScalarLanes.h - Values in the registers of scalar programs -*- C++
//-*-===//
#ifndef NACRE_DIALECTS_GRAPH_REFERENCE_SCALARLANES_H
#define NACRE_DIALECTS_GRAPH_REFERENCE_SCALARLANES_H

#include "dialects/graph/reference/ScalarProgram.h"

#include "llvm/ADT/bit.h"

namespace nacre::graph::reference {

inline uint64_t maskBits(uint64_t bits, unsigned width) {
  return width >= 64 ? bits : bits & ((uint64_t(1) << width) - 1);
}

/// Calls `f` with the kind of lane as a constant, so that a loop within does
/// not ask for it.
template <typename F>
void withLane(LaneType type, F f) {
  switch (type.lane) {
  case Lane::F32:
    return f(std::integral_constant<Lane, Lane::F32>());
  case Lane::F16:
    return f(std::integral_constant<Lane, Lane::F16>());
  case Lane::BF16:
    return f(std::integral_constant<Lane, Lane::BF16>());
  case Lane::F64:
  case Lane::Bits:
    return f(std::integral_constant<Lane, Lane::Bits>());
  }
}

/// The bits of the value in lane `i`, as its type stores it.
template <Lane kLane>
uint64_t getBits(const ScalarProgram::Register &r, int64_t i) {
  if constexpr (kLane == Lane::F32)
    return llvm::bit_cast<uint32_t>(r.f[i]);
  else if constexpr (kLane == Lane::F16)
    return floatToHalf(r.f[i]);
  else if constexpr (kLane == Lane::BF16)
    return floatToBrain(r.f[i]);
  else
    return r.u[i];
}

template <Lane kLane>
void setBits(ScalarProgram::Register &r, int64_t i, uint64_t bits) {
  if constexpr (kLane == Lane::F32)
    r.f[i] = llvm::bit_cast<float>(static_cast<uint32_t>(bits));
  else if constexpr (kLane == Lane::F16)
    r.f[i] = halfToFloat(bits);
  else if constexpr (kLane == Lane::BF16)
    r.f[i] = brainToFloat(bits);
  else
    r.u[i] = bits;
}

} // namespace nacre::graph::reference

#endif // NACRE_DIALECTS_GRAPH_REFERENCE_SCALARLANES_H
