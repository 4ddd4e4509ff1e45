//===- Evaluation.h - One op under evaluation -------------------*- C++ -*-===//
//
// Private to the reference implementation: what every op's code works with, and
// the list of that code by family.
//
//===----------------------------------------------------------------------===//
#ifndef NACRE_DIALECTS_GRAPH_REFERENCE_EVALUATION_H
#define NACRE_DIALECTS_GRAPH_REFERENCE_EVALUATION_H

#include "dialects/graph/Graph.h"
#include "dialects/graph/Scalar.h"
#include "dialects/graph/reference/Interpreter.h"

#include "llvm/ADT/Twine.h"

namespace nacre::graph::reference {

/// The operands, the results to be, and the error of one op.
class Evaluation {
public:
  Evaluation(mlir::Operation *op, llvm::ArrayRef<Tensor> in,
             llvm::SmallVectorImpl<Tensor> &out, const Options &options,
             std::string &error)
      : in(in), op(op), out(out), options(options), error(error) {}

  llvm::ArrayRef<Tensor> in;

  /// Says why the op has no result.
  llvm::LogicalResult fail(const llvm::Twine &reason);
  /// Whether a tensor stays within the limit; if not, the error has been said.
  bool fits(mlir::Type elementType, llvm::ArrayRef<int64_t> dims);
  /// Whether the product of `factors` is within the limit on steps; if not, the
  /// error has been said.
  bool isFeasible(std::initializer_list<double> factors);
  /// A result of zeros, of the type of result `k` unless told; null after an
  /// error, which has then been said.
  Tensor make(llvm::ArrayRef<int64_t> dims, unsigned k = 0);
  Tensor make(mlir::Type elementType, llvm::ArrayRef<int64_t> dims);
  mlir::Type resultElement(unsigned k = 0) const;
  /// Takes the next result. A null tensor is an error said before.
  llvm::LogicalResult give(Tensor tensor);

  mlir::Operation *op;

private:
  llvm::SmallVectorImpl<Tensor> &out;
  const Options &options;
  std::string &error;
};

//===-- Helpers -------------------------------------------------------------//

/// Elements of an integer tensor.
Dims integers(const Tensor &tensor);
/// Row-major strides, in elements.
Dims stridesOf(llvm::ArrayRef<int64_t> dims);
/// Dims broadcast against each other as in numpy.
std::optional<Dims> broadcastDims(llvm::ArrayRef<int64_t> a,
                                  llvm::ArrayRef<int64_t> b);
/// Strides with which a tensor of `dims` is read under the dims `to` that it
/// broadcasts to: 0 where it is repeated.
Dims broadcastStrides(llvm::ArrayRef<int64_t> dims, llvm::ArrayRef<int64_t> to);
/// Product of `dims`, which are known to fit.
int64_t product(llvm::ArrayRef<int64_t> dims);
std::string text(llvm::ArrayRef<int64_t> dims);

/// Copies one element.
inline void copyElement(char *to, const char *from, unsigned bytes) {
  __builtin_memcpy(to, from, bytes);
}

/// Calls `visit(position, offset)` for every index of `dims` in row-major
/// order: its number, and `base` plus its product with `strides`.
template <typename Visit>
void walk(llvm::ArrayRef<int64_t> dims, llvm::ArrayRef<int64_t> strides,
          int64_t base, Visit visit) {
  int64_t total = product(dims), rank = dims.size();
  Dims index(rank, 0);
  int64_t offset = base;
  for (int64_t position = 0; position < total; ++position) {
    visit(position, offset);
    for (int64_t k = rank - 1; k >= 0; --k) {
      offset += strides[k];
      if (++index[k] < dims[k])
        break;
      offset -= strides[k] * dims[k];
      index[k] = 0;
    }
  }
}

/// The dims before an axis, its size, and the dims after it.
struct AxisView {
  AxisView(llvm::ArrayRef<int64_t> dims, int64_t axis)
      : outer(product(dims.take_front(axis))), size(dims[axis]),
        inner(product(dims.drop_front(axis + 1))) {}
  int64_t outer, size, inner;
};

/// All elements as one type to compute with: `double`, or the two's complement
/// bits of integers as `int64_t`.
template <typename T>
std::vector<T> load(const Tensor &tensor);
template <>
std::vector<double> load(const Tensor &tensor);
template <>
std::vector<int64_t> load(const Tensor &tensor);
/// Rounds or wraps elements into a tensor.
void store(Tensor &tensor, llvm::ArrayRef<double> values);
void store(Tensor &tensor, llvm::ArrayRef<int64_t> values);
/// Element `i` as `T`.
template <typename T>
T get(const Tensor &tensor, int64_t i) {
  if constexpr (std::is_same_v<T, double>)
    return tensor.real(i);
  else
    return tensor.integer(i);
}

/// Whether `a` comes before `b`, both elements of `type` as `load` gives them.
inline bool less(double a, double b, bool) { return a < b; }
inline bool less(int64_t a, int64_t b, bool isUnsigned) {
  return isUnsigned ? uint64_t(a) < uint64_t(b) : a < b;
}
/// Sums and products that wrap.
inline double plus(double a, double b) { return a + b; }
inline int64_t plus(int64_t a, int64_t b) {
  return static_cast<int64_t>(uint64_t(a) + uint64_t(b));
}
inline double times(double a, double b) { return a * b; }
inline int64_t times(int64_t a, int64_t b) {
  return static_cast<int64_t>(uint64_t(a) * uint64_t(b));
}
inline bool isNaN(double value) { return value != value; }
inline bool isNaN(int64_t) { return false; }
/// The least and the greatest element of a type.
template <typename T>
T lowestOf(mlir::Type type);
template <typename T>
T highestOf(mlir::Type type);

//===-- Families ------------------------------------------------------------//

llvm::LogicalResult run(ElementwiseOpInterface op, Evaluation &e);

llvm::LogicalResult run(ConstantOp op, Evaluation &e);
llvm::LogicalResult run(ShapeOp op, Evaluation &e);
llvm::LogicalResult run(RangeOp op, Evaluation &e);
llvm::LogicalResult run(ReshapeOp op, Evaluation &e);
llvm::LogicalResult run(CollapseOp op, Evaluation &e);
llvm::LogicalResult run(SqueezeOp op, Evaluation &e);
llvm::LogicalResult run(UnsqueezeOp op, Evaluation &e);
llvm::LogicalResult run(BroadcastOp op, Evaluation &e);
llvm::LogicalResult run(TransposeOp op, Evaluation &e);
llvm::LogicalResult run(ConcatOp op, Evaluation &e);
llvm::LogicalResult run(SliceOp op, Evaluation &e);
llvm::LogicalResult run(PadOp op, Evaluation &e);
llvm::LogicalResult run(TileOp op, Evaluation &e);
llvm::LogicalResult run(BitcastOp op, Evaluation &e);

llvm::LogicalResult run(GatherOp op, Evaluation &e);
llvm::LogicalResult run(GatherElementsOp op, Evaluation &e);
llvm::LogicalResult run(GatherNdOp op, Evaluation &e);
llvm::LogicalResult run(ScatterElementsOp op, Evaluation &e);
llvm::LogicalResult run(ScatterNdOp op, Evaluation &e);
llvm::LogicalResult run(NonZeroOp op, Evaluation &e);
llvm::LogicalResult run(TopKOp op, Evaluation &e);
llvm::LogicalResult run(UniqueOp op, Evaluation &e);
llvm::LogicalResult run(NonMaxSuppressionOp op, Evaluation &e);
llvm::LogicalResult run(TreeLeavesOp op, Evaluation &e);

llvm::LogicalResult run(SequenceMakeOp op, Evaluation &e);
llvm::LogicalResult run(SequenceInsertOp op, Evaluation &e);
llvm::LogicalResult run(SequenceEraseOp op, Evaluation &e);
llvm::LogicalResult run(SequenceAtOp op, Evaluation &e);
llvm::LogicalResult run(SequenceLengthOp op, Evaluation &e);
llvm::LogicalResult run(SequenceSplitOp op, Evaluation &e);
llvm::LogicalResult run(SequenceConcatOp op, Evaluation &e);
llvm::LogicalResult run(OptionalMakeOp op, Evaluation &e);
llvm::LogicalResult run(OptionalHasOp op, Evaluation &e);
llvm::LogicalResult run(OptionalGetOp op, Evaluation &e);
llvm::LogicalResult run(RetypeOp op, Evaluation &e);
llvm::LogicalResult run(ZipMapOp op, Evaluation &e);
llvm::LogicalResult run(MapVectorOp op, Evaluation &e);

llvm::LogicalResult run(StringConcatOp op, Evaluation &e);
llvm::LogicalResult run(StringEqualOp op, Evaluation &e);
llvm::LogicalResult run(StringSplitOp op, Evaluation &e);
llvm::LogicalResult run(StringMatchOp op, Evaluation &e);
llvm::LogicalResult run(StringNormalizeOp op, Evaluation &e);
llvm::LogicalResult run(StringCastOp op, Evaluation &e);
llvm::LogicalResult run(StringFindOp op, Evaluation &e);

llvm::LogicalResult run(ReduceOp op, Evaluation &e);
llvm::LogicalResult run(ArgReduceOp op, Evaluation &e);
llvm::LogicalResult run(SoftmaxOp op, Evaluation &e);
llvm::LogicalResult run(ScanOp op, Evaluation &e);

llvm::LogicalResult run(MatmulOp op, Evaluation &e);
llvm::LogicalResult run(DetOp op, Evaluation &e);
llvm::LogicalResult run(InverseOp op, Evaluation &e);
llvm::LogicalResult run(ConvOp op, Evaluation &e);
llvm::LogicalResult run(ConvTransposeOp op, Evaluation &e);
llvm::LogicalResult run(PoolOp op, Evaluation &e);
llvm::LogicalResult run(PoolIndicesOp op, Evaluation &e);
llvm::LogicalResult run(ResizeOp op, Evaluation &e);
llvm::LogicalResult run(RandomOp op, Evaluation &e);

} // namespace nacre::graph::reference

#endif // NACRE_DIALECTS_GRAPH_REFERENCE_EVALUATION_H
