//===- Harness.h - Evaluate single ops in unit tests ------------*- C++ -*-===//
#ifndef NACRE_DIALECTS_GRAPH_REFERENCE_TEST_HARNESS_H
#define NACRE_DIALECTS_GRAPH_REFERENCE_TEST_HARNESS_H

#include "dialects/graph/Graph.h"
#include "dialects/graph/reference/Interpreter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Builders.h"
#include "gtest/gtest.h"

namespace nacre::graph::reference {

class Harness : public ::testing::Test {
protected:
  Harness() : builder(&context) {
    context.loadDialect<GraphDialect, mlir::func::FuncDialect,
                        mlir::arith::ArithDialect, mlir::math::MathDialect>();
  }

  using Attrs = llvm::ArrayRef<mlir::NamedAttribute>;

  Tensor reals(mlir::Type type, llvm::ArrayRef<int64_t> dims,
               llvm::ArrayRef<double> values) {
    Tensor tensor = Tensor::zeros(type, dims);
    EXPECT_EQ(tensor.size(), static_cast<int64_t>(values.size()));
    for (auto [i, value] : llvm::enumerate(values))
      tensor.setReal(i, value);
    return tensor;
  }
  Tensor f32(llvm::ArrayRef<int64_t> dims, llvm::ArrayRef<double> values) {
    return reals(builder.getF32Type(), dims, values);
  }
  Tensor ints(mlir::Type type, llvm::ArrayRef<int64_t> dims,
              llvm::ArrayRef<int64_t> values) {
    Tensor tensor = Tensor::zeros(type, dims);
    EXPECT_EQ(tensor.size(), static_cast<int64_t>(values.size()));
    for (auto [i, value] : llvm::enumerate(values))
      tensor.setInteger(i, value);
    return tensor;
  }
  Tensor i64(llvm::ArrayRef<int64_t> dims, llvm::ArrayRef<int64_t> values) {
    return ints(builder.getI64Type(), dims, values);
  }
  Tensor shape(llvm::ArrayRef<int64_t> values) {
    return Tensor::vector(&context, values);
  }
  /// All 2^width bit patterns of a type of at most 16 bits.
  Tensor everyValue(mlir::Type type) {
    int64_t count = int64_t(1) << type.getIntOrFloatBitWidth();
    Tensor tensor = Tensor::zeros(type, {count});
    for (int64_t i = 0; i < count; ++i)
      tensor.setBits(i, i);
    return tensor;
  }
  /// Every value of a narrow type against every other, as two vectors.
  std::pair<Tensor, Tensor> everyPair(mlir::Type type) {
    int64_t count = int64_t(1) << type.getIntOrFloatBitWidth();
    Tensor a = Tensor::zeros(type, {count * count}), b = a.reshaped(a.dims());
    b.rawMutable();
    for (int64_t i = 0; i < count * count; ++i) {
      a.setBits(i, i / count);
      b.setBits(i, i % count);
    }
    return {a, b};
  }

  mlir::Type ui(unsigned width) {
    return builder.getIntegerType(width, /*isSigned=*/false);
  }
  mlir::Type si(unsigned width) { return builder.getIntegerType(width); }
  mlir::NamedAttribute attr(llvm::StringRef name, mlir::Attribute value) {
    return builder.getNamedAttr(name, value);
  }
  mlir::NamedAttribute list(llvm::StringRef name,
                            llvm::ArrayRef<int64_t> value) {
    return attr(name, builder.getDenseI64ArrayAttr(value));
  }
  mlir::NamedAttribute number(llvm::StringRef name, int64_t value) {
    return attr(name, builder.getI64IntegerAttr(value));
  }
  mlir::NamedAttribute flag(llvm::StringRef name, bool value) {
    return attr(name, builder.getBoolAttr(value));
  }
  template <typename AttrT, typename EnumT>
  mlir::NamedAttribute choice(llvm::StringRef name, EnumT value) {
    return attr(name, AttrT::get(&context, value));
  }

  /// Evaluates `OpT`; `results` are element types with ranks. Empty after an
  /// error, whose text is in `error`.
  template <typename OpT>
  llvm::SmallVector<Tensor>
  evaluateAll(llvm::ArrayRef<Tensor> inputs, Attrs attrs,
              llvm::ArrayRef<std::pair<mlir::Type, int64_t>> results) {
    mlir::Block block;
    mlir::OperationState state(builder.getUnknownLoc(),
                               OpT::getOperationName());
    for (const Tensor &input : inputs)
      state.addOperands(block.addArgument(
          mlir::RankedTensorType::get(input.dims(), input.elementType()),
          state.location));
    state.addAttributes(attrs);
    for (auto [type, rank] : results)
      state.addTypes(mlir::RankedTensorType::get(
          llvm::SmallVector<int64_t>(rank, mlir::ShapedType::kDynamic), type));
    mlir::Operation *op = mlir::Operation::create(state);
    llvm::SmallVector<Tensor> values;
    error.clear();
    if (failed(evaluate(op, inputs, values, &error)))
      values.clear();
    op->destroy();
    return values;
  }
  /// The same for one result.
  template <typename OpT>
  Tensor eval(llvm::ArrayRef<Tensor> inputs, mlir::Type type, int64_t rank,
              Attrs attrs = {}) {
    llvm::SmallVector<Tensor> values =
        evaluateAll<OpT>(inputs, attrs, {{type, rank}});
    if (values.empty())
      return {};
    return values.front();
  }
  /// One operand or two of one type and shape, with a result of the same.
  template <typename OpT>
  Tensor map(llvm::ArrayRef<Tensor> inputs, Attrs attrs = {}) {
    Tensor value =
        eval<OpT>(inputs, inputs[0].elementType(), inputs[0].rank(), attrs);
    EXPECT_TRUE(value) << error;
    return value ? value : inputs[0];
  }
  Tensor cast(const Tensor &input, mlir::Type to, bool saturate = true) {
    Tensor value = eval<CastOp>(
        input, to, input.rank(),
        {attr("to", mlir::TypeAttr::get(to)), flag("saturate", saturate)});
    EXPECT_TRUE(value) << error;
    return value ? value : Tensor::zeros(to, input.dims());
  }

  void expectDims(const Tensor &tensor, llvm::ArrayRef<int64_t> dims) {
    ASSERT_TRUE(tensor) << error;
    EXPECT_EQ(tensor.dims(), dims);
  }
  void expectReals(const Tensor &tensor, llvm::ArrayRef<int64_t> dims,
                   llvm::ArrayRef<double> values, double tolerance = 0) {
    ASSERT_TRUE(tensor) << error;
    ASSERT_EQ(tensor.dims(), dims);
    ASSERT_EQ(tensor.size(), static_cast<int64_t>(values.size()));
    for (auto [i, value] : llvm::enumerate(values))
      if (tensor.real(i) != value) // Infinities have no distance.
        EXPECT_NEAR(tensor.real(i), value, tolerance) << "element " << i;
  }
  void expectInts(const Tensor &tensor, llvm::ArrayRef<int64_t> dims,
                  llvm::ArrayRef<int64_t> values) {
    ASSERT_TRUE(tensor) << error;
    ASSERT_EQ(tensor.dims(), dims);
    ASSERT_EQ(tensor.size(), static_cast<int64_t>(values.size()));
    for (auto [i, value] : llvm::enumerate(values))
      EXPECT_EQ(tensor.integer(i), value) << "element " << i;
  }

  mlir::MLIRContext context;
  mlir::Builder builder;
  std::string error;
};

} // namespace nacre::graph::reference

#endif // NACRE_DIALECTS_GRAPH_REFERENCE_TEST_HARNESS_H
