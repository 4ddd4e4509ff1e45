//===- Builder.h - Create graph ops with inferred result types --*- C++ -*-===//
#ifndef NACRE_DIALECTS_GRAPH_BUILDER_H
#define NACRE_DIALECTS_GRAPH_BUILDER_H

#include "dialects/graph/Graph.h"

#include "mlir/IR/Builders.h"
#include <functional>

namespace nacre::graph {

/// Creates graph ops: result types come from ShapeOpInterface, and an op whose
/// operands are constants is computed at once (see `fold`). All methods return
/// null after an error, which has then been reported at `loc`.
class Builder : public mlir::OpBuilder {
public:
  /// Computes an op with constant operands; null attributes if it cannot.
  /// The reference implementation is one; `dialects` itself has none.
  using Folder = std::function<llvm::LogicalResult(
      mlir::Operation *op, llvm::ArrayRef<mlir::ElementsAttr> operands,
      llvm::SmallVectorImpl<mlir::ElementsAttr> &results)>;

  Builder(mlir::MLIRContext *context, ShapeContext &shapes, Folder folder = {})
      : OpBuilder(context), shapes(shapes), folder(std::move(folder)) {}

  ShapeContext &shapes;

  /// Creates `OpT` from operands and named attributes (inherent attributes by
  /// their ODS names). Returns its results; empty after an error.
  template <typename OpT>
  llvm::SmallVector<mlir::Value>
  createAll(mlir::Location loc, mlir::ValueRange operands,
            llvm::ArrayRef<mlir::NamedAttribute> attributes = {}) {
    unsigned numResults =
        OpT::template hasTrait<mlir::OpTrait::OneResult>() ? 1 : 2;
    return createNamed(loc, OpT::getOperationName(), numResults, operands,
                       attributes);
  }
  /// The same for an op with one result.
  template <typename OpT>
  mlir::Value make(mlir::Location loc, mlir::ValueRange operands,
                   llvm::ArrayRef<mlir::NamedAttribute> attributes = {}) {
    auto results = createAll<OpT>(loc, operands, attributes);
    return results.empty() ? mlir::Value() : results.front();
  }

  /// An op by its name, with result types but neither folded nor simplified;
  /// null after an error.
  mlir::Operation *createOp(mlir::Location loc, llvm::StringRef name,
                            unsigned numResults, mlir::ValueRange operands,
                            llvm::ArrayRef<mlir::NamedAttribute> attributes);

  mlir::Value constant(mlir::Location loc, mlir::ElementsAttr value);
  /// 1-D (or, from one value, 0-D) i64 constants: shapes, axes, counts.
  mlir::Value i64s(mlir::Location loc, llvm::ArrayRef<int64_t> values);
  mlir::Value i64(mlir::Location loc, int64_t value);
  /// A 0-D constant of any element type (`value` is converted).
  mlir::Value scalar(mlir::Location loc, mlir::Type elementType, double value);

  mlir::NamedAttribute attr(llvm::StringRef name, mlir::Attribute value) {
    return getNamedAttr(name, value);
  }
  mlir::NamedAttribute attr(llvm::StringRef name, llvm::ArrayRef<int64_t> v) {
    return getNamedAttr(name, getDenseI64ArrayAttr(v));
  }
  mlir::NamedAttribute attr(llvm::StringRef name, int64_t value) {
    return getNamedAttr(name, getI64IntegerAttr(value));
  }
  mlir::NamedAttribute flag(llvm::StringRef name, bool value) {
    return getNamedAttr(name, getBoolAttr(value));
  }

  /// The constant that `value` is, or null.
  static mlir::ElementsAttr asConstant(mlir::Value value);

private:
  llvm::SmallVector<mlir::Value>
  createNamed(mlir::Location loc, llvm::StringRef name, unsigned numResults,
              mlir::ValueRange operands,
              llvm::ArrayRef<mlir::NamedAttribute> attributes);
  llvm::LogicalResult setResultTypes(mlir::Operation *op);
  llvm::SmallVector<mlir::Value> simplify(mlir::Operation *op);

  Folder folder;
};

} // namespace nacre::graph

#endif // NACRE_DIALECTS_GRAPH_BUILDER_H
