//===- Artifact.h - From a program to the files a user gets -----*- C++ -*-===//
#ifndef NACRE_COMPILER_ARTIFACT_ARTIFACT_H
#define NACRE_COMPILER_ARTIFACT_ARTIFACT_H

#include "codegen/host/Host.h"
#include "codegen/host/Link.h"

#include "mlir/IR/BuiltinOps.h"

namespace nacre::artifact {

/// Module attribute: the `#kernel.target` that the model is compiled for.
inline constexpr llvm::StringLiteral kTargetAttrName = "kernel.target";
/// Module attribute: that of the host, where kernels run that the model's
/// target cannot run.
inline constexpr llvm::StringLiteral kHostTargetAttrName = "kernel.host_target";
/// Fact of a target: LLVM's name of the processor.
inline constexpr llvm::StringLiteral kProcessorFactName = "cpu";

/// What is written into an artifact beside its code.
struct Identity {
  std::string name;
  /// Symbol of the descriptor.
  std::string exportName = "nacre_model";
  std::string compiler;
  std::string modelHash;
  /// Options that change the code, as on the command line.
  std::vector<std::string> flags;
};

/// All code of a model, and where its weights are. The module owns the bytes of
/// the weights and must outlive this.
struct Objects {
  struct Item {
    std::string name;
    llvm::SmallVector<char, 0> bytes;
  };
  std::vector<Item> items; ///< kernels in order, then host code
  codegen::Weights weights;
  std::string exportName;
  std::string arch;

  std::vector<codegen::LinkObject> views() const;
};

/// Compiles every `kernel.func` of `program` (in parallel, on the threads of
/// its context) and the host code around them. The kernels' bodies are
/// consumed. With `saveTemps` each object is also written into that folder.
mlir::FailureOr<Objects>
compileProgram(mlir::ModuleOp program, const Identity &identity,
               const codegen::CodegenOptions &options = {},
               llvm::StringRef saveTemps = "");

/// Prints the code of all kernels and of the host as LLVM IR or assembly.
llvm::LogicalResult printProgram(mlir::ModuleOp program,
                                 const Identity &identity,
                                 const codegen::CodegenOptions &options,
                                 llvm::raw_ostream &os);

/// The JSON object in the descriptor.
std::string provenance(const Identity &identity, llvm::StringRef target,
                       llvm::StringRef processor,
                       llvm::ArrayRef<std::string> features);

/// Writes `path`: a shared object (`.so`), a static library with a header
/// (`.a`), else an executable. It gets its name when it is complete.
llvm::LogicalResult write(const Objects &objects, llvm::StringRef path,
                          mlir::Location loc);

/// The descriptor's symbol for an artifact called `path`.
std::string exportNameFor(llvm::StringRef path);

} // namespace nacre::artifact

#endif // NACRE_COMPILER_ARTIFACT_ARTIFACT_H
