//===- Search.cpp - Unique rows, box suppression, decision trees ----------===//
#include "dialects/graph/reference/Evaluation.h"

#include <cmath>

using namespace mlir;

namespace nacre::graph::reference {

//===-- Unique --------------------------------------------------------------//

/// -1, 0, 1 as row `i` comes before row `j`, is equal, or comes after it.
template <typename T>
static int compareRows(const std::vector<T> &values, int64_t width, int64_t i,
                       int64_t j, bool isUnsigned) {
  for (int64_t k = 0; k < width; ++k) {
    T a = values[i * width + k], b = values[j * width + k];
    if (isNaN(a) || isNaN(b)) {
      if (isNaN(a) != isNaN(b))
        return isNaN(a) ? 1 : -1;
      continue;
    }
    if (less(a, b, isUnsigned))
      return -1;
    if (less(b, a, isUnsigned))
      return 1;
  }
  return 0;
}

template <typename T>
static LogicalResult unique(UniqueOp op, Evaluation &e) {
  const Tensor &rows = e.in[0];
  int64_t count = rows.dim(0), width = rows.dim(1);
  if (!e.isFeasible({double(count), double(width + 1), 64}))
    return failure();
  bool isUnsigned = isUnsignedElement(rows.elementType());
  std::vector<T> values = load<T>(rows);
  std::vector<int64_t> order(count), leader(count), first;
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int64_t i, int64_t j) {
    int less = compareRows(values, width, i, j, isUnsigned);
    return less ? less < 0 : i < j;
  });
  // The first of equal rows in the order is the first of them at all.
  for (int64_t k = 0; k < count; ++k) {
    bool isEqual = k > 0 && compareRows(values, width, order[k - 1], order[k],
                                        isUnsigned) == 0;
    leader[order[k]] = isEqual ? leader[order[k - 1]] : order[k];
    if (!isEqual)
      first.push_back(order[k]);
  }
  if (!op.getSorted())
    std::sort(first.begin(), first.end());
  std::vector<int64_t> group(count), inverse(count);
  for (auto [number, row] : llvm::enumerate(first))
    group[row] = number;
  for (int64_t i = 0; i < count; ++i)
    inverse[i] = group[leader[i]];
  Tensor firsts = e.make({int64_t(first.size())}), inverses = e.make({count});
  if (!firsts || !inverses)
    return failure();
  store(firsts, first);
  store(inverses, inverse);
  if (failed(e.give(std::move(firsts))))
    return failure();
  return e.give(std::move(inverses));
}

LogicalResult run(UniqueOp op, Evaluation &e) {
  return isa<FloatType>(e.in[0].elementType()) ? unique<double>(op, e)
                                               : unique<int64_t>(op, e);
}

//===-- Non-maximum suppression ---------------------------------------------//

namespace {
/// Least and greatest coordinate along two dims.
struct Box {
  float low[2], high[2];
  float area() const { return (high[0] - low[0]) * (high[1] - low[1]); }
};
} // namespace

static Box boxAt(const Tensor &boxes, int64_t at, bool centered) {
  const float *from = boxes.as<float>() + at * 4;
  Box box;
  for (int k = 0; k < 2; ++k) {
    float half = from[2 + k] / 2;
    float a = centered ? from[k] - half : from[k];
    float b = centered ? from[k] + half : from[2 + k];
    box.low[k] = std::min(a, b);
    box.high[k] = std::max(a, b);
  }
  return box;
}

static bool overlap(const Box &a, const Box &b, float threshold) {
  float common = 1;
  for (int k = 0; k < 2; ++k) {
    float size = std::min(a.high[k], b.high[k]) - std::max(a.low[k], b.low[k]);
    common *= std::max(size, 0.0f);
  }
  float total = a.area() + b.area() - common;
  return common > 0 && a.area() > 0 && b.area() > 0 && total > 0 &&
         common / total > threshold;
}

LogicalResult run(NonMaxSuppressionOp op, Evaluation &e) {
  const Tensor &boxes = e.in[0], &scores = e.in[1];
  int64_t batches = scores.dim(0), classes = scores.dim(1);
  int64_t count = scores.dim(2);
  if (boxes.dim(0) != batches || boxes.dim(1) != count || boxes.dim(2) != 4)
    return e.fail("boxes of dims " + text(boxes.dims()) +
                  " for scores of dims " + text(scores.dims()));
  int64_t most = std::clamp<int64_t>(e.in[2].integer(0), 0, count);
  float iou = e.in[3].real(0), least = e.in[4].real(0);
  if (!e.isFeasible(
          {double(batches), double(classes), double(count), double(most + 1)}))
    return failure();
  Tensor output = e.make({batches, classes, most});
  if (!output)
    return failure();
  store(output, std::vector<int64_t>(output.size(), -1));
  for (int64_t row = 0; row < batches * classes; ++row) {
    const float *score = scores.as<float>() + row * count;
    int64_t base = row / classes * count;
    std::vector<int64_t> left;
    for (int64_t k = 0; k < count; ++k)
      if (score[k] > least)
        left.push_back(k);
    std::sort(left.begin(), left.end(), [&](int64_t i, int64_t j) {
      return score[i] == score[j] ? i < j : score[i] > score[j];
    });
    std::vector<Box> chosen;
    for (int64_t k : left) {
      Box box = boxAt(boxes, base + k, op.getCentered());
      if (int64_t(chosen.size()) == most ||
          llvm::any_of(chosen, [&](const Box &other) {
            return overlap(other, box, iou);
          }))
        continue;
      output.setInteger(row * most + chosen.size(), k);
      chosen.push_back(box);
    }
  }
  return e.give(std::move(output));
}

//===-- Decision trees ------------------------------------------------------//

static bool stands(double value, double threshold, int64_t mode) {
  switch (mode) {
  case 0:
    return value <= threshold;
  case 1:
    return value < threshold;
  case 2:
    return value >= threshold;
  case 3:
    return value > threshold;
  case 4:
    return value == threshold;
  default:
    return value != threshold;
  }
}

LogicalResult run(TreeLeavesOp op, Evaluation &e) {
  const Tensor &input = e.in[0], &roots = e.in[1], &feature = e.in[2],
               &threshold = e.in[3], &mode = e.in[4], &yes = e.in[5],
               &no = e.in[6], &missing = e.in[7];
  int64_t rows = input.dim(0), width = input.dim(1), trees = roots.size();
  if (!e.isFeasible({double(rows), double(trees), double(op.getDepth() + 1)}))
    return failure();
  for (unsigned k = 3; k < 8; ++k)
    if (e.in[k].size() != feature.size())
      return e.fail("tables have " + llvm::Twine(feature.size()) + " and " +
                    llvm::Twine(e.in[k].size()) + " entries");
  Tensor output = e.make({rows, trees});
  if (!output)
    return failure();
  auto inside = [&](int64_t at, int64_t size) {
    return (at >= 0 && at < size) ||
           succeeded(e.fail("index " + llvm::Twine(at) +
                            " is out of range for a dim of " +
                            llvm::Twine(size)));
  };
  for (int64_t i = 0; i < output.size(); ++i) {
    int64_t node = roots.integer(i % trees);
    for (uint64_t step = 0; step < op.getDepth(); ++step) {
      if (!inside(node, feature.size()) ||
          !inside(feature.integer(node), width))
        return failure();
      double value = input.real(i / trees * width + feature.integer(node));
      bool goes = stands(value, threshold.real(node), mode.integer(node)) ||
                  (std::isnan(value) && missing.bits(node));
      node = goes ? yes.integer(node) : no.integer(node);
    }
    output.setInteger(i, node);
  }
  return e.give(std::move(output));
}

} // namespace nacre::graph::reference
