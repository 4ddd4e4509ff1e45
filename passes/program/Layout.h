#ifndef NACRE_PASSES_PROGRAM_LAYOUT_H
#define NACRE_PASSES_PROGRAM_LAYOUT_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>

namespace nacre::program {

/// Of weights and of values in the arena, in bytes.
inline constexpr int64_t kAlignment = 64;

/// A value that lives from `first` to `last`, both included.
struct Lifetime {
  int64_t first;
  int64_t last;
  /// Bytes; of a dynamic value, a guess.
  int64_t size;

  bool overlaps(const Lifetime &other) const {
    return first <= other.last && other.first <= last;
  }
};

/// Offsets of `values` such that no two which live at the same time share
/// bytes: each in the smallest gap that holds it, in the best of several orders
/// (largest first, longest first, both). `total` is the end of the highest.
/// Sizes are multiples of the alignment.
llvm::SmallVector<int64_t> assignOffsets(llvm::ArrayRef<Lifetime> values,
                                         int64_t &total);

/// The slot of each value such that no two of a slot live at the same time:
/// largest first, each in the slot whose guessed size is nearest. Slots are
/// numbered from 0.
llvm::SmallVector<unsigned> assignSlots(llvm::ArrayRef<Lifetime> values,
                                        unsigned &numSlots);

/// The most bytes that live at one time: no placement needs less.
int64_t lowerBound(llvm::ArrayRef<Lifetime> values);

} // namespace nacre::program

#endif // NACRE_PASSES_PROGRAM_LAYOUT_H
