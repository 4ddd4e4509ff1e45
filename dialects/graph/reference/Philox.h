//===- Philox.h - The counter-based generator of graph.random ---*- C++ -*-===//
//
// Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
// 2011). What compiled code has to compute to agree bit for bit:
//
//   key      = {low 32 bits of seed, high 32 bits of seed}
//   counter  = {low 32 bits of i, high 32 bits of i, 0, 0} for element i in
//              row-major order
//   w        = the four words of philox(counter, key)
//   R        = f64 for an f64 result, else f32; all below is computed in R,
//              without fused operations, and rounded to the result's type
//   uniform  = (w[0] >> 8) * 2^-24 * R(b - a) + R(a), b - a taken in f64
//   normal   = Box-Muller on the words 0 and 1:
//              u = ((w[0] >> 8) + 1) * 2^-24, in (0, 1]
//              v = (w[1] >> 8) * 2^-24
//              sqrt(-2 * log(u)) * cos(R(2 pi) * v) * R(b) + R(a)
//
// Uniform numbers and the words of normal ones are exact; log and cos may
// differ from target to target by their last place.
//
//===----------------------------------------------------------------------===//
#ifndef NACRE_DIALECTS_GRAPH_REFERENCE_PHILOX_H
#define NACRE_DIALECTS_GRAPH_REFERENCE_PHILOX_H

#include <array>
#include <cstdint>

namespace nacre::graph::reference {

inline constexpr uint32_t kPhiloxMultiplier0 = 0xD2511F53;
inline constexpr uint32_t kPhiloxMultiplier1 = 0xCD9E8D57;
inline constexpr uint32_t kPhiloxWeyl0 = 0x9E3779B9;
inline constexpr uint32_t kPhiloxWeyl1 = 0xBB67AE85;

inline std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter,
                                      std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    uint64_t a = uint64_t(kPhiloxMultiplier0) * counter[0];
    uint64_t b = uint64_t(kPhiloxMultiplier1) * counter[2];
    counter = {uint32_t(b >> 32) ^ counter[1] ^ key[0], uint32_t(b),
               uint32_t(a >> 32) ^ counter[3] ^ key[1], uint32_t(a)};
    key[0] += kPhiloxWeyl0;
    key[1] += kPhiloxWeyl1;
  }
  return counter;
}

} // namespace nacre::graph::reference

#endif // NACRE_DIALECTS_GRAPH_REFERENCE_PHILOX_H
