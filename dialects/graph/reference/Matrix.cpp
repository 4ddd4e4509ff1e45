//===- Matrix.cpp - Determinants and inverses -----------------------------===//
#include "dialects/graph/reference/Evaluation.h"

#include <cmath>

using namespace mlir;

namespace nacre::graph::reference {

/// Brings `rows` (each `width` long) to triangular form by exchanging and
/// subtracting rows, so that the greatest element leads each step. With `all`
/// it also clears what is above the diagonal. Returns the determinant.
static double eliminate(std::vector<double> &m, int64_t size, int64_t width,
                        bool all) {
  double det = 1;
  for (int64_t k = 0; k < size; ++k) {
    int64_t pivot = k;
    for (int64_t i = k + 1; i < size; ++i)
      if (std::abs(m[i * width + k]) > std::abs(m[pivot * width + k]))
        pivot = i;
    if (pivot != k) {
      std::swap_ranges(m.begin() + k * width, m.begin() + (k + 1) * width,
                       m.begin() + pivot * width);
      det = -det;
    }
    double lead = m[k * width + k];
    det *= lead;
    if (lead == 0 && !all)
      return det;
    for (int64_t i = all ? 0 : k + 1; i < size; ++i) {
      double factor = m[i * width + k] / lead;
      for (int64_t j = k; i != k && j < width; ++j)
        m[i * width + j] -= factor * m[k * width + j];
    }
  }
  return det;
}

static bool isSquare(Evaluation &e) {
  llvm::ArrayRef<int64_t> dims = e.in[0].dims();
  double size = dims.back();
  if (dims[dims.size() - 2] != dims.back())
    return succeeded(
        e.fail("input of dims " + text(dims) + " has no square matrices"));
  return e.isFeasible({double(e.in[0].size()), size});
}

LogicalResult run(DetOp, Evaluation &e) {
  const Tensor &input = e.in[0];
  if (!isSquare(e))
    return failure();
  int64_t size = input.dims().back();
  Tensor output = e.make(input.dims().drop_back(2));
  if (!output)
    return failure();
  std::vector<double> values = load<double>(input);
  for (int64_t b = 0; b < output.size(); ++b) {
    auto from = values.begin() + b * size * size;
    std::vector<double> matrix(from, from + size * size);
    output.setReal(b, eliminate(matrix, size, size, false));
  }
  return e.give(std::move(output));
}

LogicalResult run(InverseOp, Evaluation &e) {
  const Tensor &input = e.in[0];
  if (!isSquare(e))
    return failure();
  int64_t size = input.dims().back(), width = 2 * size;
  Tensor output = e.make(input.dims());
  if (!output)
    return failure();
  std::vector<double> values = load<double>(input);
  int64_t batches = product(input.dims().drop_back(2));
  for (int64_t b = 0; b < batches; ++b) {
    // The unit matrix beside the input becomes the inverse.
    std::vector<double> m(size * width, 0);
    for (int64_t i = 0; i < size; ++i) {
      for (int64_t j = 0; j < size; ++j)
        m[i * width + j] = values[(b * size + i) * size + j];
      m[i * width + size + i] = 1;
    }
    eliminate(m, size, width, true);
    for (int64_t i = 0; i < size; ++i)
      for (int64_t j = 0; j < size; ++j)
        output.setReal((b * size + i) * size + j,
                       m[i * width + size + j] / m[i * width + i]);
  }
  return e.give(std::move(output));
}

} // namespace nacre::graph::reference
