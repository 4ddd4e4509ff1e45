//===- Elementwise.cpp - Elementwise ops, by their scalar bodies ----------===//
#include "dialects/graph/reference/Evaluation.h"
#include "dialects/graph/reference/ScalarProgram.h"

using namespace mlir;

namespace nacre::graph::reference {

namespace {
/// A loop nest over the output and how each operand moves in it.
struct Nest {
  Dims dims;
  llvm::SmallVector<Dims> strides;

  /// Merges dims that all operands cross in one stride, so that the innermost
  /// one is long.
  void coalesce();
};
} // namespace

void Nest::coalesce() {
  for (int64_t k = int64_t(dims.size()) - 2; k >= 0; --k) {
    bool merges = llvm::all_of(strides, [&](const Dims &stride) {
      return stride[k] == stride[k + 1] * dims[k + 1];
    });
    bool innerIsOne = dims[k + 1] == 1;
    if (!merges && dims[k] != 1 && !innerIsOne)
      continue;
    dims[k] *= dims[k + 1];
    dims.erase(dims.begin() + k + 1);
    for (Dims &stride : strides) {
      if (!innerIsOne)
        stride[k] = stride[k + 1];
      stride.erase(stride.begin() + k + 1);
    }
  }
}

LogicalResult run(ElementwiseOpInterface op, Evaluation &e) {
  Dims dims;
  for (const Tensor &operand : e.in) {
    std::optional<Dims> both = broadcastDims(dims, operand.dims());
    if (!both)
      return e.fail("operands of dims " + text(dims) + " and " +
                    text(operand.dims()) + " do not broadcast");
    dims = *both;
  }
  Tensor output = e.make(dims);
  if (!output)
    return failure();
  std::string reason;
  std::optional<ScalarProgram> program = ScalarProgram::compile(op, reason);
  if (!program)
    return e.fail(reason);

  Nest nest{dims.empty() ? Dims{1} : dims, {}};
  for (const Tensor &operand : e.in)
    nest.strides.push_back(broadcastStrides(operand.dims(), nest.dims));
  nest.coalesce();
  int64_t inner = nest.dims.back();
  llvm::ArrayRef<int64_t> outer = llvm::ArrayRef(nest.dims).drop_back();
  char *to = output.rawMutable();
  unsigned bytes = output.elementBytes();
  Dims index(outer.size(), 0);
  for (int64_t row = 0, rows = output.size() ? product(outer) : 0; row < rows;
       ++row) {
    for (int64_t start = 0; start < inner; start += ScalarProgram::kLanes) {
      int64_t count = std::min(ScalarProgram::kLanes, inner - start);
      for (auto [k, operand] : llvm::enumerate(e.in)) {
        const Dims &stride = nest.strides[k];
        int64_t offset = start * stride.back();
        for (size_t d = 0; d < outer.size(); ++d)
          offset += index[d] * stride[d];
        program->load(k, operand, offset, stride.back(), count);
      }
      program->run(count);
      program->store(to, count);
      to += count * bytes;
    }
    for (int64_t d = int64_t(outer.size()) - 1; d >= 0; --d) {
      if (++index[d] < outer[d])
        break;
      index[d] = 0;
    }
  }
  return e.give(std::move(output));
}

} // namespace nacre::graph::reference
