#ifndef NACRE_CODEGEN_HOST_HOST_H
#define NACRE_CODEGEN_HOST_HOST_H

#include "codegen/target/Target.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/SmallVector.h"

namespace nacre::codegen {

/// What the host code and the descriptor say about one kernel. Take `symbol`,
/// `scratchBytes`, `scratchSymbol` and `checks` from the KernelCode that Target::compile made.
struct KernelInfo {
  /// The `kernel.func`'s name: what `program.launch` calls it, and the user
  /// sees.
  std::string name;
  /// The function in its object.
  std::string symbol;
  /// ONNX nodes computed by it, ", " between them.
  std::string source;
  uint64_t scratchBytes = 0;
  /// The function that says the bytes instead; empty if there is none.
  std::string scratchSymbol;
  std::vector<Check> checks;
  /// Tensors and scalars it takes.
  unsigned numArgs = 0;
  unsigned numTensors = 0;
  /// Index into HostModule::devices.
  unsigned device = 0;
  /// Code in the device's own format; empty for host code, which is `symbol`.
  llvm::ArrayRef<char> code;
};

/// A `program` stage module, and what its descriptor says beyond it.
struct HostModule {
  /// Holds one public func.func per entry (the first is the default one) and
  /// the attributes program-plan left on it. `kernel.func`s in it are not
  /// looked at. Not changed.
  mlir::ModuleOp module;
  /// In the order of the descriptor; every launched kernel must be there.
  std::vector<KernelInfo> kernels;
  /// Model name, for messages of the runtime.
  std::string name = "model";
  /// JSON object: compiler, flags, model hash, target.
  std::string provenance = "{}";
  /// LLVM names of the CPU features that the kernels need (Target::features);
  /// the host code is compiled for them too.
  std::vector<std::string> features;
  /// Runtime devices of the kernels; the first is that of the module's target.
  std::vector<std::string> devices = {"cpu"};
  /// Functions that launches call, to be compiled with the entries.
  std::vector<mlir::ModuleOp> functions;
  /// LLVM triple and processor of the machine that runs host code; empty: this
  /// machine's triple, its baseline processor.
  std::string triple;
  std::string processor;
  /// The exported pointer to the descriptor: `nacre_model`, or
  /// `nacre_model_<name>` in a static library. Other symbols are hidden.
  std::string exportName = "nacre_model";
  /// The hidden symbol at which the weights object defines the weights.
  std::string weightsName = "nacre_weights";
};

/// Compiles entries and descriptor to one relocatable object, or to text if
/// `emit` asks for it. Reports failures as diagnostics.
mlir::FailureOr<llvm::SmallVector<char, 0>>
compileHost(const HostModule &host,
            CodegenOptions::Emit emit = CodegenOptions::Emit::Object);

} // namespace nacre::codegen

#endif // NACRE_CODEGEN_HOST_HOST_H
