//===- GraphGenerator.h - Random modules of graph ops -----------*- C++ -*-===//
#ifndef NACRE_TEST_FUZZ_GRAPHGENERATOR_H
#define NACRE_TEST_FUZZ_GRAPHGENERATOR_H

#include "dialects/graph/Builder.h"
#include "dialects/graph/reference/Tensor.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

#include <random>

namespace nacre::fuzz {

using graph::reference::Tensor;

/// Name of the function argument attribute with the elements that it has in a
/// run.
inline constexpr llvm::StringLiteral kValueAttrName = "fuzz.value";

/// The elements as an attribute that holds them all.
mlir::DenseElementsAttr asDense(const Tensor &tensor);

/// Makes one valid module: a function `main` of random ops, with inputs. Ops
/// are tried: what their shape rules refuse is dropped, and so is what the
/// reference refuses, so that all values are known while the function grows.
/// The same seed makes the same module.
class GraphGenerator {
public:
  GraphGenerator(mlir::MLIRContext &context, uint64_t seed);
  mlir::OwningOpRef<mlir::ModuleOp> make();

private:
  using Value = mlir::Value;
  using Type = mlir::Type;
  using Sizes = llvm::SmallVector<int64_t, 6>;
  using Attributes = llvm::SmallVector<mlir::NamedAttribute, 8>;

  //===-- Chance ----------------------------------------------------------===//
  int64_t between(int64_t least, int64_t most) {
    return least + int64_t(random() % uint64_t(most - least + 1));
  }
  bool chance(int percent) { return between(1, 100) <= percent; }
  template <typename Range>
  auto pick(const Range &range) {
    return *std::next(std::begin(range),
                      between(0, int64_t(std::size(range)) - 1));
  }
  /// Some of the axes of a tensor of this rank, in any order.
  Sizes someAxes(int64_t rank, bool atLeastOne);
  Sizes permutation(int64_t rank);

  //===-- Values ----------------------------------------------------------===//
  int64_t size();
  Sizes sizes(int64_t rank);
  Type elementType();
  Type floatType();
  void fill(Tensor &tensor, bool keepSmall);
  /// A new argument or constant.
  Value fresh(Tensor tensor);
  Value fresh(Type element, llvm::ArrayRef<int64_t> dims);
  Value constant(const Tensor &tensor);
  Value argument(const Tensor &tensor);
  /// A dim as its type has it, and its symbol.
  int64_t openDim(int64_t size, mlir::Attribute &symbol);
  const Tensor &tensorOf(Value value) { return tensors.find(value)->second; }
  Type typeOf(Value value) { return tensorOf(value).elementType(); }
  llvm::ArrayRef<int64_t> dimsOf(Value value) { return tensorOf(value).dims(); }
  int64_t rankOf(Value value) { return tensorOf(value).rank(); }

  /// Any value; one that `accept` takes, else null.
  Value any();
  Value any(llvm::function_ref<bool(const Tensor &)> accept);
  Value ofRank(int64_t least, int64_t most);
  /// A float tensor of at least this rank, made if there is none.
  Value real(int64_t least, int64_t most = 5);
  Value of(Type element, llvm::ArrayRef<int64_t> dims);
  /// Something of that type which broadcasts with `dims`.
  Value companion(Type element, llvm::ArrayRef<int64_t> dims);
  /// i64 vectors and scalars: mostly constants, sometimes inputs or the dims of
  /// some value.
  Value integers(llvm::ArrayRef<int64_t> values);
  Value integer(int64_t value);
  /// Indices into `bound` elements.
  Value indices(llvm::ArrayRef<int64_t> dims, int64_t bound,
                bool unique = false);
  /// Index tuples into the first of `dims`, as many as `shape` ends with.
  Value tuples(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> dims);

  //===-- Ops -------------------------------------------------------------===//
  /// Creates an op and computes it; empty if that is not possible.
  llvm::SmallVector<Value, 2> emit(llvm::StringRef name, unsigned numResults,
                                   mlir::ValueRange operands,
                                   llvm::ArrayRef<mlir::NamedAttribute> attrs);
  template <typename OpT>
  llvm::SmallVector<Value, 2> emit(mlir::ValueRange operands,
                                   llvm::ArrayRef<mlir::NamedAttribute> attrs) {
    unsigned numResults =
        OpT::template hasTrait<mlir::OpTrait::OneResult>() ? 1 : 2;
    return emit(OpT::getOperationName(), numResults, operands, attrs);
  }
  /// One of the cases of an enum, from 0 to `most`.
  template <typename EnumAttr>
  mlir::NamedAttribute oneOf(llvm::StringRef name, unsigned most) {
    using Enum = decltype(std::declval<EnumAttr>().getValue());
    return b.attr(name, EnumAttr::get(&context, Enum(between(0, most))));
  }
  mlir::NamedAttribute coin(llvm::StringRef name) {
    return b.flag(name, chance(50));
  }

  /// One attempt to add an op of a family.
  using Family = void (GraphGenerator::*)();
  struct Weighted {
    Family family;
    int weight;
  };
  static llvm::ArrayRef<Weighted> families();

  void elementwise();
  mlir::Attribute elementwiseAttribute(llvm::StringRef name);
  void cast();
  void quantize();

  void reshape();
  void collapse();
  void squeeze();
  void unsqueeze();
  void broadcast();
  void transpose();
  void concat();
  void slice();
  void pad();
  void tile();
  void bitcast();
  void shape();
  void range();

  void gather();
  void gatherElements();
  void gatherNd();
  void scatterElements();
  void scatterNd();
  void nonZero();
  void topk();
  void unique();
  void suppression();
  void trees();

  bool isMild(Value value);
  void reduce();
  void argReduce();
  void softmax();
  void scan();
  void matmul();
  void det();
  void conv();
  void convTranspose();
  void pool();
  void resize();
  void randomNumbers();

  /// What windows share: strides, dilations and pads for `spatial` dims.
  Attributes windowAttributes(unsigned spatial);
  Value weights(Type element, llvm::ArrayRef<int64_t> dims);
  /// Element types of two contracted operands.
  std::pair<Type, Type> contractedTypes();

  void finish();

  mlir::MLIRContext &context;
  std::mt19937_64 random;
  graph::ShapeContext shapes;
  graph::Builder b;
  mlir::Location loc;
  mlir::func::FuncOp function;
  mlir::Block *body = nullptr;
  /// Percent of dims that are open, in this module.
  int openness = 0;
  llvm::SmallVector<Value> values;
  llvm::DenseMap<Value, Tensor> tensors;
};

} // namespace nacre::fuzz

#endif // NACRE_TEST_FUZZ_GRAPHGENERATOR_H
