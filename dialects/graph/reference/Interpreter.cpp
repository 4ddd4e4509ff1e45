//===- Interpreter.cpp - Evaluate one op ----------------------------------===//
#include "dialects/graph/reference/Evaluation.h"

#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace nacre::graph::reference {

//===-- Evaluation ----------------------------------------------------------//

LogicalResult Evaluation::fail(const llvm::Twine &reason) {
  error.clear();
  llvm::raw_string_ostream stream(error);
  op->getLoc().print(stream);
  stream << ": " << op->getName() << ": " << reason;
  return failure();
}

Type Evaluation::resultElement(unsigned k) const {
  return getElementTypeOrSelf(op->getResult(k).getType());
}

Tensor Evaluation::make(llvm::ArrayRef<int64_t> dims, unsigned k) {
  return make(resultElement(k), dims);
}

bool Evaluation::fits(Type elementType, llvm::ArrayRef<int64_t> dims) {
  if (llvm::any_of(dims, [](int64_t dim) { return dim < 0; }))
    return succeeded(fail("a result would have the dims " + text(dims)));
  std::optional<int64_t> count = countElements(dims);
  if (!count || *count > options.maxBytes / Tensor::bytesOf(elementType))
    return succeeded(fail("a result of dims " + text(dims) +
                          " is over the limit of " +
                          llvm::Twine(options.maxBytes) + " bytes"));
  return true;
}

bool Evaluation::isFeasible(std::initializer_list<double> factors) {
  double steps = 1;
  for (double factor : factors)
    steps *= factor;
  return steps <= static_cast<double>(options.maxSteps) ||
         succeeded(fail("takes more than " + llvm::Twine(options.maxSteps) +
                        " steps"));
}

Tensor Evaluation::make(Type elementType, llvm::ArrayRef<int64_t> dims) {
  if (!fits(elementType, dims))
    return {};
  Tensor tensor = Tensor::zeros(elementType, dims);
  if (!tensor)
    (void)fail("no memory for a result of dims " + text(dims));
  return tensor;
}

LogicalResult Evaluation::give(Tensor tensor) {
  if (!tensor)
    return failure();
  if (tensor.bytes() > options.maxBytes)
    return fail("a result of dims " + text(tensor.dims()) +
                " is over the limit of " + llvm::Twine(options.maxBytes) +
                " bytes");
  auto type = cast<RankedTensorType>(op->getResult(out.size()).getType());
  bool fits = type.getRank() == tensor.rank() &&
              type.getElementType() == tensor.elementType();
  for (int64_t k = 0; fits && k < tensor.rank(); ++k)
    fits = type.isDynamicDim(k) || type.getDimSize(k) == tensor.dim(k);
  if (!fits) {
    std::string declared;
    llvm::raw_string_ostream(declared) << type;
    return fail("result " + llvm::Twine(out.size()) + " has the dims " +
                text(tensor.dims()) + ", but its type is " + declared);
  }
  out.push_back(std::move(tensor));
  return success();
}

//===-- Helpers -------------------------------------------------------------//

Dims integers(const Tensor &tensor) {
  Dims values;
  for (int64_t i = 0; i < tensor.size(); ++i)
    values.push_back(tensor.integer(i));
  return values;
}

int64_t product(llvm::ArrayRef<int64_t> dims) {
  int64_t result = 1;
  for (int64_t dim : dims)
    result *= dim;
  return result;
}

Dims stridesOf(llvm::ArrayRef<int64_t> dims) {
  Dims strides(dims.size(), 1);
  for (int64_t k = int64_t(dims.size()) - 2; k >= 0; --k)
    strides[k] = strides[k + 1] * dims[k + 1];
  return strides;
}

std::optional<Dims> broadcastDims(llvm::ArrayRef<int64_t> a,
                                  llvm::ArrayRef<int64_t> b) {
  Dims result(std::max(a.size(), b.size()), 1);
  for (size_t k = 0; k < result.size(); ++k) {
    int64_t x = k < a.size() ? a[a.size() - 1 - k] : 1;
    int64_t y = k < b.size() ? b[b.size() - 1 - k] : 1;
    if (x != y && x != 1 && y != 1)
      return std::nullopt;
    result[result.size() - 1 - k] = x == 1 ? y : x;
  }
  return result;
}

Dims broadcastStrides(llvm::ArrayRef<int64_t> dims,
                      llvm::ArrayRef<int64_t> to) {
  Dims strides(to.size(), 0), own = stridesOf(dims);
  size_t lead = to.size() - dims.size();
  for (size_t k = 0; k < dims.size(); ++k)
    strides[lead + k] = dims[k] == 1 ? 0 : own[k];
  return strides;
}

std::string text(llvm::ArrayRef<int64_t> dims) {
  std::string result;
  llvm::raw_string_ostream stream(result);
  stream << '[';
  llvm::interleaveComma(dims, stream);
  stream << ']';
  return result;
}

template <>
std::vector<double> load(const Tensor &tensor) {
  std::vector<double> values(tensor.size());
  if (tensor.elementType().isF32()) {
    const float *from = tensor.as<float>();
    std::copy(from, from + tensor.size(), values.begin());
    return values;
  }
  for (int64_t i = 0; i < tensor.size(); ++i)
    values[i] = tensor.real(i);
  return values;
}

template <>
std::vector<int64_t> load(const Tensor &tensor) {
  std::vector<int64_t> values(tensor.size());
  for (int64_t i = 0; i < tensor.size(); ++i)
    values[i] = tensor.integer(i);
  return values;
}

void store(Tensor &tensor, llvm::ArrayRef<double> values) {
  for (auto [i, value] : llvm::enumerate(values))
    tensor.setReal(i, value);
}

void store(Tensor &tensor, llvm::ArrayRef<int64_t> values) {
  for (auto [i, value] : llvm::enumerate(values))
    tensor.setInteger(i, value);
}

template <>
double lowestOf(Type) {
  return -std::numeric_limits<double>::infinity();
}
template <>
double highestOf(Type) {
  return std::numeric_limits<double>::infinity();
}
template <>
int64_t lowestOf(Type type) {
  unsigned width = type.getIntOrFloatBitWidth();
  return isUnsignedElement(type) ? 0 : llvm::minIntN(width);
}
template <>
int64_t highestOf(Type type) {
  unsigned width = type.getIntOrFloatBitWidth();
  return isUnsignedElement(type) ? static_cast<int64_t>(llvm::maxUIntN(width))
                                 : llvm::maxIntN(width);
}

//===-- Dispatch ------------------------------------------------------------//

static LogicalResult dispatch(Operation *op, Evaluation &e) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<ElementwiseOpInterface>([&](auto o) { return run(o, e); })
      .Case<ConstantOp, ShapeOp, RangeOp, ReshapeOp, CollapseOp, SqueezeOp,
            UnsqueezeOp, BroadcastOp, TransposeOp, ConcatOp, SliceOp, PadOp,
            TileOp, BitcastOp>([&](auto o) { return run(o, e); })
      .Case<GatherOp, GatherElementsOp, GatherNdOp, ScatterElementsOp,
            ScatterNdOp, NonZeroOp, TopKOp, UniqueOp, NonMaxSuppressionOp,
            TreeLeavesOp>([&](auto o) { return run(o, e); })
      .Case<ReduceOp, ArgReduceOp, SoftmaxOp, ScanOp, MatmulOp, DetOp,
            InverseOp, ConvOp, ConvTransposeOp, PoolOp, PoolIndicesOp, ResizeOp,
            RandomOp>([&](auto o) { return run(o, e); })
      .Case<SequenceMakeOp, SequenceInsertOp, SequenceEraseOp, SequenceAtOp,
            SequenceLengthOp, SequenceSplitOp, SequenceConcatOp, OptionalMakeOp,
            OptionalHasOp, OptionalGetOp, RetypeOp, ZipMapOp, MapVectorOp>(
          [&](auto o) { return run(o, e); })
      .Case<StringConcatOp, StringEqualOp, StringSplitOp, StringMatchOp,
            StringNormalizeOp, StringCastOp, StringFindOp>(
          [&](auto o) { return run(o, e); })
      .Default([&](Operation *) {
        return e.fail("the reference implementation does not know this op");
      });
}

namespace detail {
LogicalResult evaluateFlat(Operation *op, llvm::ArrayRef<Tensor> operands,
                           llvm::SmallVectorImpl<Tensor> &results,
                           std::string &error, const Options &options) {
  results.clear();
  Evaluation e(op, operands, results, options, error);
  if (operands.size() != op->getNumOperands())
    return e.fail("has " + llvm::Twine(op->getNumOperands()) +
                  " operands, but " + llvm::Twine(operands.size()) +
                  " were given");
  for (auto [k, tensor] : llvm::enumerate(operands)) {
    auto type = dyn_cast<RankedTensorType>(op->getOperand(k).getType());
    if (!tensor || !type || type.getRank() != tensor.rank() ||
        type.getElementType() != tensor.elementType())
      return e.fail("operand " + llvm::Twine(k) + " is not of its type");
  }
  return dispatch(op, e);
}
} // namespace detail

} // namespace nacre::graph::reference
