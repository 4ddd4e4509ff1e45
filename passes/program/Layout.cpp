#include "passes/program/Layout.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <map>
#include <numeric>

using namespace nacre::program;

using llvm::ArrayRef;
using llvm::SmallVector;

/// Descending by `weight`; equal ones in program order, so that the result is
/// one.
static SmallVector<unsigned>
orderBy(ArrayRef<Lifetime> values,
        llvm::function_ref<double(const Lifetime &)> weight) {
  SmallVector<unsigned> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  llvm::sort(order, [&](unsigned a, unsigned b) {
    return std::make_pair(-weight(values[a]), a) <
           std::make_pair(-weight(values[b]), b);
  });
  return order;
}

static double sizeOf(const Lifetime &value) { return value.size; }
static double spanOf(const Lifetime &value) {
  return static_cast<double>(value.last - value.first + 1);
}
static double areaOf(const Lifetime &value) {
  return sizeOf(value) * spanOf(value);
}

/// The start of the smallest gap of at least `size` bytes between `taken`
/// (begin and end, ascending by begin), or the end of all.
static int64_t bestGap(ArrayRef<std::pair<int64_t, int64_t>> taken,
                       int64_t size) {
  int64_t end = 0, best = -1, bestSize = 0;
  for (auto [from, to] : taken) {
    int64_t gap = from - end;
    if (gap >= size && (best < 0 || gap < bestSize)) {
      best = end;
      bestSize = gap;
    }
    end = std::max(end, to);
  }
  return best < 0 ? end : best;
}

static SmallVector<int64_t> assignInOrder(ArrayRef<Lifetime> values,
                                          ArrayRef<unsigned> order,
                                          int64_t &total) {
  SmallVector<int64_t> offsets(values.size(), -1);
  total = 0;
  for (unsigned value : order) {
    SmallVector<std::pair<int64_t, int64_t>> taken;
    for (unsigned other = 0; other < values.size(); ++other)
      if (offsets[other] >= 0 && values[other].overlaps(values[value]))
        taken.push_back({offsets[other], offsets[other] + values[other].size});
    llvm::sort(taken);
    offsets[value] = bestGap(taken, values[value].size);
    total = std::max(total, offsets[value] + values[value].size);
  }
  return offsets;
}

SmallVector<int64_t> nacre::program::assignOffsets(ArrayRef<Lifetime> values,
                                                   int64_t &total) {
  SmallVector<int64_t> best;
  total = INT64_MAX;
  int64_t bound = lowerBound(values);
  for (auto *weight : {sizeOf, areaOf, spanOf}) {
    int64_t bytes;
    SmallVector<int64_t> offsets =
        assignInOrder(values, orderBy(values, weight), bytes);
    if (bytes < total) {
      total = bytes;
      best = std::move(offsets);
    }
    if (total == bound)
      break;
  }
  return best;
}

SmallVector<unsigned> nacre::program::assignSlots(ArrayRef<Lifetime> values,
                                                  unsigned &numSlots) {
  SmallVector<unsigned> slots(values.size());
  SmallVector<SmallVector<unsigned>> members;
  for (unsigned value : orderBy(values, sizeOf)) {
    // The first member is the largest: its size is the slot's.
    unsigned best = members.size();
    for (unsigned slot = 0; slot < members.size(); ++slot) {
      bool isFree = llvm::none_of(members[slot], [&](unsigned other) {
        return values[other].overlaps(values[value]);
      });
      if (isFree &&
          (best == members.size() ||
           values[members[slot][0]].size < values[members[best][0]].size))
        best = slot;
    }
    if (best == members.size())
      members.emplace_back();
    members[best].push_back(value);
    slots[value] = best;
  }
  numSlots = members.size();
  return slots;
}

int64_t nacre::program::lowerBound(ArrayRef<Lifetime> values) {
  std::map<int64_t, int64_t> changes;
  for (const Lifetime &value : values) {
    changes[value.first] += value.size;
    changes[value.last + 1] -= value.size;
  }
  int64_t live = 0, most = 0;
  for (auto [position, change] : changes) {
    live += change;
    most = std::max(most, live);
  }
  return most;
}
