//===- Compare.h - What was computed and what was expected ------*- C++ -*-===//
#ifndef NACRE_TOOLS_NACRE_VERIFY_COMPARE_H
#define NACRE_TOOLS_NACRE_VERIFY_COMPARE_H

#include "tools/nacre/io/Tensor.h"

namespace nacre::verify {

/// Floats agree if |got - expected| <= absolute + relative * |expected|; NaN
/// agrees with NaN, an infinity with itself. Integers agree if they differ by no
/// more than `absolute`: by default not at all.
struct Tolerance {
  double relative = 1e-3;
  double absolute = 1e-7;
};

struct Difference {
  uint64_t count = 0, of = 0;
  /// The first element that differs, row-major.
  std::vector<int64_t> index;
  std::string got, expected;
  /// Over all elements where both are finite.
  double maxAbsolute = 0, maxRelative = 0;
};

/// True if `got` is what was expected. Otherwise `text` says in one line what
/// differs. `onlyShape` leaves the elements aside (random results).
bool agree(const io::Tensor &got, const io::Tensor &expected,
           const Tolerance &tolerance, bool onlyShape, std::string &text,
           Difference &difference);

} // namespace nacre::verify

#endif // NACRE_TOOLS_NACRE_VERIFY_COMPARE_H
