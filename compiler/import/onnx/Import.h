//===- Import.h - ONNX models as `graph` modules ----------------*- C++ -*-===//
#ifndef NACRE_COMPILER_IMPORT_ONNX_IMPORT_H
#define NACRE_COMPILER_IMPORT_ONNX_IMPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringMap.h"
#include <optional>
#include <string>
#include <vector>

namespace nacre::onnx {

/// Module attribute with the name of the model.
inline constexpr llvm::StringLiteral kModelAttrName = "nacre.model";

struct ImportOptions {
  /// Values for symbolic dims, by the name the model gives them or by
  /// "input.axis" (`--dim`).
  llvm::StringMap<int64_t> dims;
  /// Whole shapes of inputs, by name; -1 leaves a dim open (`--shape`).
  llvm::StringMap<llvm::SmallVector<int64_t>> shapes;
};

/// Imports the model at `path` as a module with one function `main`. All errors
/// are reported through the context's diagnostic engine; null after any.
mlir::OwningOpRef<mlir::ModuleOp> importModel(llvm::StringRef path,
                                              const ImportOptions &options,
                                              mlir::MLIRContext &context);
/// The same from bytes, which must outlive the context: large constants refer
/// to them. External data is looked for in `folder` (empty: refused).
mlir::OwningOpRef<mlir::ModuleOp>
importModel(llvm::StringRef bytes, llvm::StringRef name, llvm::StringRef folder,
            const ImportOptions &options, mlir::MLIRContext &context);

/// What `nacre inspect` shows of a model.
struct ModelInfo {
  struct Value {
    std::string name, type;        ///< "x", "tensor(float)"
    std::vector<std::string> dims; ///< "3", "N", "?"
    bool ranked = true;
  };
  struct Op {
    std::string domain, type;
    int64_t count = 0;
    bool supported = false;
  };
  std::string name, producer, description;
  int64_t irVersion = 0;
  std::vector<std::pair<std::string, int64_t>> opsets;
  std::vector<Value> inputs, outputs;
  std::vector<Op> ops; ///< sorted by domain and type; subgraphs included
  int64_t nodes = 0, functions = 0;
  int64_t weights = 0, weightBytes = 0; ///< initializers and long constants
};

/// Reads the model at `path` without importing it. Fails with one line of text.
llvm::LogicalResult inspectModel(llvm::StringRef path, ModelInfo &info,
                                 std::string &error);

/// An operator with an import rule. Operators that a model or ONNX defines as
/// functions of others need none.
struct SupportedOp {
  std::string domain, type;    ///< "ai.onnx", "Conv"
  std::vector<int64_t> opsets; ///< the first opset of each of its rules
};
/// Sorted by domain and type.
std::vector<SupportedOp> supportedOps();

} // namespace nacre::onnx

#endif // NACRE_COMPILER_IMPORT_ONNX_IMPORT_H
