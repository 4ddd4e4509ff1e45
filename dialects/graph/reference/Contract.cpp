//===- Contract.cpp - Matrix products and convolutions --------------------===//
//
// All are sums of products of an M x K by a K x N matrix. Whole networks have
// to be evaluated in seconds, so the sums run over panels that stay in cache;
// their order is that of k.
//
//===----------------------------------------------------------------------===//
#include "dialects/graph/reference/Evaluation.h"

using namespace mlir;

// Under a sanitizer the loop below stays scalar, which is no error.
#pragma clang diagnostic ignored "-Wpass-failed"

namespace nacre::graph::reference {

/// Columns of a panel: one row of sums per four rows of the left side stays in
/// the first-level cache.
static constexpr int64_t kPanel = 256;

/// Integers are summed as unsigned, where wrapping is defined.
using Wrapping = uint64_t;

template <typename Acc>
static std::vector<Acc> loadAs(const Tensor &tensor) {
  if constexpr (std::is_same_v<Acc, double>) {
    return load<double>(tensor);
  } else {
    std::vector<int64_t> values = load<int64_t>(tensor);
    return {values.begin(), values.end()};
  }
}

template <typename Acc>
static void setElement(Tensor &tensor, int64_t i, Acc value) {
  if constexpr (std::is_same_v<Acc, double>)
    tensor.setReal(i, value);
  else
    tensor.setInteger(i, static_cast<int64_t>(value));
}

/// sums[r][j] += sum over k of left[r][k] * panel[k][j], for four rows.
template <typename Acc>
static void multiplyPanel(const Acc *const left[4], const Acc *panel,
                          int64_t depth, int64_t columns, Acc *sums) {
  Acc *s0 = sums, *s1 = s0 + kPanel, *s2 = s1 + kPanel, *s3 = s2 + kPanel;
  for (int64_t k = 0; k < depth; ++k) {
    const Acc a0 = left[0][k], a1 = left[1][k], a2 = left[2][k],
              a3 = left[3][k];
    const Acc *row = panel + k * columns;
#pragma clang loop vectorize(enable) interleave(enable)
    for (int64_t j = 0; j < columns; ++j) {
      s0[j] += a0 * row[j];
      s1[j] += a1 * row[j];
      s2[j] += a2 * row[j];
      s3[j] += a3 * row[j];
    }
  }
}

/// output[m][first + j] = the product of `left`, rows x depth, with a panel.
template <typename Acc>
static void multiply(const Acc *left, const Acc *panel, int64_t rows,
                     int64_t depth, int64_t columns, int64_t width,
                     int64_t first, Tensor &output, int64_t base) {
  std::vector<Acc> sums(4 * kPanel);
  for (int64_t m = 0; m < rows; m += 4) {
    const Acc *four[4];
    // Rows beyond the last repeat it; their sums are dropped.
    for (int64_t r = 0; r < 4; ++r)
      four[r] = left + std::min(m + r, rows - 1) * depth;
    std::fill(sums.begin(), sums.end(), Acc(0));
    multiplyPanel(four, panel, depth, columns, sums.data());
    for (int64_t r = 0; r < std::min<int64_t>(4, rows - m); ++r)
      for (int64_t j = 0; j < columns; ++j)
        setElement(output, base + (m + r) * width + first + j,
                   sums[r * kPanel + j]);
  }
}

//===-- Matrix product ------------------------------------------------------//

template <typename Acc>
static LogicalResult matmul(Evaluation &e) {
  const Tensor &lhs = e.in[0], &rhs = e.in[1];
  int64_t rows = lhs.dims()[lhs.rank() - 2], depth = lhs.dims().back();
  int64_t width = rhs.dims().back();
  llvm::ArrayRef<int64_t> lhsBatch = lhs.dims().drop_back(2);
  llvm::ArrayRef<int64_t> rhsBatch = rhs.dims().drop_back(2);
  std::optional<Dims> batch = broadcastDims(lhsBatch, rhsBatch);
  if (!batch || rhs.dims()[rhs.rank() - 2] != depth)
    return e.fail("dims " + text(lhs.dims()) + " and " + text(rhs.dims()) +
                  " do not multiply");
  Dims dims = *batch;
  dims.append({rows, width});
  Tensor output = e.make(dims);
  if (!output || !e.isFeasible({double(output.size()), double(depth)}))
    return failure();
  std::vector<Acc> left = loadAs<Acc>(lhs), right = loadAs<Acc>(rhs);
  std::vector<int64_t> rightOf;
  walk(*batch, broadcastStrides(rhsBatch, *batch), 0,
       [&](int64_t, int64_t offset) { rightOf.push_back(offset); });
  std::vector<Acc> panel;
  walk(*batch, broadcastStrides(lhsBatch, *batch), 0,
       [&](int64_t b, int64_t leftOf) {
         const Acc *from = right.data() + rightOf[b] * depth * width;
         for (int64_t first = 0; first < width; first += kPanel) {
           int64_t columns = std::min(kPanel, width - first);
           panel.resize(depth * columns);
           for (int64_t k = 0; k < depth; ++k)
             std::copy_n(from + k * width + first, columns,
                         panel.data() + k * columns);
           multiply(left.data() + leftOf * rows * depth, panel.data(), rows,
                    depth, columns, width, first, output, b * rows * width);
         }
       });
  return e.give(std::move(output));
}

LogicalResult run(MatmulOp op, Evaluation &e) {
  return isa<FloatType>(e.in[0].elementType()) ? matmul<double>(e)
                                               : matmul<Wrapping>(e);
}

//===-- Convolution ---------------------------------------------------------//

namespace {
/// Where a window of a convolution reads.
struct Geometry {
  Dims in, window, out;
  llvm::ArrayRef<int64_t> strides, dilations, pads;

  /// The offset into a channel of the element that window element `w` reads for
  /// output element `x` (both row-major), or -1 outside.
  int64_t offset(int64_t x, int64_t w) const {
    int64_t result = 0, scale = 1;
    for (int64_t k = int64_t(in.size()) - 1; k >= 0; --k) {
      int64_t at =
          x % out[k] * strides[k] + w % window[k] * dilations[k] - pads[k];
      if (at < 0 || at >= in[k])
        return -1;
      result += at * scale;
      scale *= in[k];
      x /= out[k];
      w /= window[k];
    }
    return result;
  }
};
} // namespace

/// The panel of columns [first, first + columns): for each channel and window
/// element what the output elements read.
template <typename Acc>
static void fillPanel(std::vector<Acc> &panel, const Acc *input,
                      const Geometry &g, int64_t channels, int64_t first,
                      int64_t columns) {
  int64_t window = product(g.window), plane = product(g.in);
  panel.resize(channels * window * columns);
  std::vector<int64_t> offsets(columns);
  for (int64_t w = 0; w < window; ++w) {
    for (int64_t j = 0; j < columns; ++j)
      offsets[j] = g.offset(first + j, w);
    for (int64_t c = 0; c < channels; ++c) {
      Acc *to = panel.data() + (c * window + w) * columns;
      for (int64_t j = 0; j < columns; ++j)
        to[j] = offsets[j] < 0 ? Acc(0) : input[c * plane + offsets[j]];
    }
  }
}

template <typename Acc>
static LogicalResult conv(ConvOp op, Evaluation &e) {
  const Tensor &input = e.in[0], &weight = e.in[1];
  int64_t batch = input.dim(0), channels = weight.dim(1),
          groups = op.getGroups();
  if (groups < 1 || input.dim(1) != channels * groups ||
      weight.dim(0) % groups != 0)
    return e.fail("dims " + text(input.dims()) + " and " + text(weight.dims()) +
                  " do not convolve in " + llvm::Twine(groups) + " groups");
  Geometry g{Dims(input.dims().drop_front(2)),
             Dims(weight.dims().drop_front(2)),
             {},
             op.getStrides(),
             op.getDilations(),
             op.getPads()};
  int64_t spatial = g.in.size();
  Dims dims = {batch, weight.dim(0)};
  for (int64_t k = 0; k < spatial; ++k) {
    int64_t room = g.in[k] + g.pads[k] + g.pads[spatial + k] -
                   ((g.window[k] - 1) * g.dilations[k] + 1);
    if (room < 0)
      return e.fail("the window is larger than the padded input");
    g.out.push_back(room / g.strides[k] + 1);
    dims.push_back(g.out.back());
  }
  Tensor output = e.make(dims);
  if (!output || !e.isFeasible({double(output.size()), double(channels),
                                double(product(g.window))}))
    return failure();
  std::vector<Acc> values = loadAs<Acc>(input), weights = loadAs<Acc>(weight);
  std::vector<Acc> panel;
  int64_t rows = weight.dim(0) / groups, depth = channels * product(g.window);
  int64_t width = product(g.out), plane = product(g.in);
  for (int64_t n = 0; n < batch * groups; ++n)
    for (int64_t first = 0; first < width; first += kPanel) {
      int64_t columns = std::min(kPanel, width - first);
      fillPanel(panel, values.data() + n * channels * plane, g, channels, first,
                columns);
      multiply(weights.data() + n % groups * rows * depth, panel.data(), rows,
               depth, columns, width, first, output, n * rows * width);
    }
  return e.give(std::move(output));
}

LogicalResult run(ConvOp op, Evaluation &e) {
  return isa<FloatType>(e.in[0].elementType()) ? conv<double>(op, e)
                                               : conv<Wrapping>(op, e);
}

//===-- Transposed convolution ----------------------------------------------//

LogicalResult run(ConvTransposeOp op, Evaluation &e) {
  const Tensor &input = e.in[0], &weight = e.in[1];
  int64_t batch = input.dim(0), groups = op.getGroups();
  int64_t rows = weight.dim(1);
  if (groups < 1 || input.dim(1) != weight.dim(0) || input.dim(1) % groups != 0)
    return e.fail("dims " + text(input.dims()) + " and " + text(weight.dims()) +
                  " do not convolve in " + llvm::Twine(groups) + " groups");
  int64_t channels = input.dim(1) / groups;
  // The geometry of the convolution whose gradient this is: `in` is the output.
  Geometry g{{},
             Dims(weight.dims().drop_front(2)),
             Dims(input.dims().drop_front(2)),
             op.getStrides(),
             op.getDilations(),
             op.getPads()};
  int64_t spatial = g.out.size();
  Dims dims = {batch, rows * groups};
  for (int64_t k = 0; k < spatial; ++k) {
    g.in.push_back(g.strides[k] * (g.out[k] - 1) + op.getOutputPadding()[k] +
                   (g.window[k] - 1) * g.dilations[k] + 1 - g.pads[k] -
                   g.pads[spatial + k]);
    dims.push_back(g.in.back());
  }
  Tensor output = e.make(dims);
  if (!output || !e.isFeasible({double(output.size()), double(channels),
                                double(product(g.window))}))
    return failure();
  std::vector<double> values = load<double>(input);
  std::vector<double> weights = load<double>(weight);
  std::vector<double> sums(output.size(), 0);
  int64_t window = product(g.window), width = product(g.out);
  int64_t plane = product(g.in);
  for (int64_t x = 0; x < width; ++x)
    for (int64_t w = 0; w < window; ++w) {
      int64_t offset = g.offset(x, w);
      if (offset < 0)
        continue;
      for (int64_t n = 0; n < batch * groups; ++n)
        for (int64_t c = 0; c < channels; ++c) {
          double value = values[(n * channels + c) * width + x];
          int64_t from = (n % groups * channels + c) * rows * window + w;
          for (int64_t o = 0; o < rows; ++o)
            sums[(n * rows + o) * plane + offset] +=
                value * weights[from + o * window];
        }
    }
  store(output, llvm::ArrayRef<double>(sums));
  return e.give(std::move(output));
}

} // namespace nacre::graph::reference
