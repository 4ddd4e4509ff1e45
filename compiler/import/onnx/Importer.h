//===- Importer.h - The state of one import ---------------------*- C++ -*-===//
#ifndef NACRE_COMPILER_IMPORT_ONNX_IMPORTER_H
#define NACRE_COMPILER_IMPORT_ONNX_IMPORTER_H

#include "compiler/import/onnx/Import.h"
#include "compiler/import/onnx/Model.h"
#include "compiler/import/onnx/Node.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "nacre/onnx.pb.h"
#include "llvm/ADT/MapVector.h"

namespace nacre::onnx {

/// What a name stands for.
struct Binding {
  enum State { Present, Absent, Failed } state = Present;
  mlir::Value value; ///< of a present one
};

/// The names of one graph. Subgraphs see the graph around them.
class Scope {
public:
  explicit Scope(const Scope *outer = nullptr) : outer(outer) {}

  /// False if the name is taken in this very graph.
  bool define(llvm::StringRef name, Binding binding) {
    return names.try_emplace(name, binding).second;
  }
  const Binding *find(llvm::StringRef name) const {
    for (const Scope *at = this; at; at = at->outer)
      if (auto found = at->names.find(name); found != at->names.end())
        return &found->second;
    return nullptr;
  }

private:
  const Scope *outer;
  llvm::StringMap<Binding> names;
};

/// What holds for the nodes of one body: the model's graph with its subgraphs,
/// or one call of a function.
struct Frame {
  llvm::StringMap<int64_t> opsets; ///< "" is ai.onnx
  /// Attributes of the call, for `ref_attr_name`.
  llvm::StringMap<const proto::AttributeProto *> attributes;
  std::string prefix; ///< of node names: where the call is
  unsigned depth = 0;
  bool inFunction = false;
};

/// "" for both spellings of ONNX's own domain.
llvm::StringRef canonicalDomain(llvm::StringRef domain);
/// The opset of `domain`, 0 if the model imports none. The ops of ONNX Runtime
/// have but one, which models need not import.
int64_t opsetOf(const Frame &frame, llvm::StringRef domain);

using Nodes = google::protobuf::RepeatedPtrField<proto::NodeProto>;
/// The nodes so that each stands behind those it reads from; nodes of a cycle
/// stand in any order.
llvm::SmallVector<const proto::NodeProto *> inOrder(const Nodes &nodes);

class Importer {
public:
  Importer(const Model &model, const ImportOptions &options,
           mlir::MLIRContext &context);

  mlir::OwningOpRef<mlir::ModuleOp> run();

  const Model &model;
  const ImportOptions &options;
  mlir::MLIRContext &context;
  graph::ShapeContext shapes;
  graph::Builder b;

  mlir::InFlightDiagnostic error() { return error(b.getUnknownLoc()); }
  mlir::InFlightDiagnostic error(mlir::Location loc) {
    return mlir::emitError(loc);
  }
  unsigned numErrors() const { return unsigned(errors.size()); }

  /// Imports `graph` at the insertion point, its inputs bound to `inputs`. The
  /// number of inputs is the caller's to check.
  llvm::FailureOr<llvm::SmallVector<mlir::Value>>
  importBody(const proto::GraphProto &graph, const Frame &frame,
             const Scope &outer, mlir::ValueRange inputs);
  llvm::LogicalResult callFunction(Node &node,
                                   const proto::FunctionProto &function);
  const proto::FunctionProto *findFunction(llvm::StringRef domain,
                                           llvm::StringRef name,
                                           llvm::StringRef overload) const;
  /// The type that the main graph declares for a value; null if it does not.
  const proto::TypeProto *declaredType(llvm::StringRef name) const;
  /// Whether errors are kept back (bodies that are built again).
  void eraseOp(mlir::Operation *op);

private:
  // Import.cpp
  llvm::LogicalResult readHeader();
  llvm::LogicalResult readFunctions();
  mlir::OwningOpRef<mlir::ModuleOp> importMain();
  void report(mlir::Diagnostic &diagnostic);
  void emitErrors();

  // Support.cpp
  llvm::LogicalResult checkSupport();

  // Graph.cpp
  llvm::LogicalResult importInputs(mlir::func::FuncOp main, Scope &scope);
  llvm::LogicalResult importOutputs(mlir::func::FuncOp main,
                                    const Scope &scope);
  llvm::LogicalResult importInitializers(const proto::GraphProto &graph,
                                         Scope &scope);
  void importNodes(const Nodes &nodes, const Frame &frame, Scope &scope);
  void importNode(const proto::NodeProto &proto, const Frame &frame,
                  Scope &scope);
  void checkDeclared(const proto::ValueInfoProto &output, mlir::Value value);
  mlir::RankedTensorType
  inputType(const proto::ValueInfoProto &input,
            llvm::SmallVectorImpl<mlir::Attribute> &dims);
  mlir::Type withGivenShape(mlir::Type container, llvm::StringRef name);
  void reportUnusedDims();
  void reportUnusedShapes();

  struct Error {
    mlir::Location loc;
    std::string text;
    llvm::SmallVector<std::pair<mlir::Location, std::string>, 1> notes;
  };
  std::vector<Error> errors;
  llvm::SmallVector<Node *> current;
  Frame mainFrame;
  llvm::StringMap<const proto::FunctionProto *> functions;
  llvm::StringMap<bool> usedDims;
  llvm::SmallVector<std::string> allDims;
  friend class SupportCheck;
};

} // namespace nacre::onnx

#endif // NACRE_COMPILER_IMPORT_ONNX_IMPORTER_H
