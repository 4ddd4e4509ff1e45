#ifndef NACRE_CODEGEN_TARGET_TARGET_H
#define NACRE_CODEGEN_TARGET_TARGET_H

#include "dialects/kernel/Kernel.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/raw_ostream.h"

namespace nacre::codegen {

/// What a user chooses about a target (`--cpu`).
struct TargetOptions {
  /// Processor name in LLVM's spelling; empty or "native" is this machine's.
  std::string processor;
};

/// A reason why a kernel may stop; see nacre_check in
/// runtime/include/nacre/abi.h.
struct Check {
  std::string node;
  std::string text;
};

/// The code of one kernel.
struct KernelCode {
  /// A relocatable object (host code) or the device's own format.
  llvm::SmallVector<char, 0> object;
  /// Whether `object` is the device's own format, embedded as it is.
  bool isEmbedded = false;
  /// Of an embedded kernel: functions that its launches call on the host.
  mlir::OwningOpRef<mlir::ModuleOp> hostFunctions;
  /// The function in the object: int32_t(const nacre_word *, int64_t, int64_t,
  /// void *), as nacre_kernel_fn of runtime/include/nacre/abi.h.
  std::string symbol;
  uint64_t scratchBytes = 0;
  /// If scratch depends on the sizes of a launch, the function that says its
  /// bytes: uint64_t(const nacre_word *), as nacre_scratch_fn. Then
  /// `scratchBytes` is 0.
  std::string scratchSymbol;
  /// In order of their codes: a kernel that returns k failed checks[k - 1].
  std::vector<Check> checks;
};

/// What lowering of one kernel can be asked to show or keep.
struct CodegenOptions {
  enum class Emit { Object, LLVM, Assembly };
  Emit emit = Emit::Object;
  /// Only what is needed: no tiles, no vectors.
  bool plain = false;
  /// Kernels check each access of memory against the bounds of its buffer.
  bool checkBounds = false;
};

/// Everything the compiler may know about one target: data first, then the
/// steps that cannot be data. There is no class to derive from.
struct Target {
  /// Lower-case; equals the folder names codegen/<name> and
  /// runtime/device/<name>, and the device of `#kernel.target`.
  llvm::StringLiteral name;
  /// One line for `nacre targets`.
  llvm::StringLiteral summary;

  /// The facts of the processor chosen by `options`; null, after an error was
  /// reported at `loc`, if it is unknown.
  kernel::TargetAttr (*describe)(mlir::MLIRContext &context,
                                 const TargetOptions &options,
                                 mlir::Location loc);
  /// LLVM names of the features that code for `target` needs.
  std::vector<std::string> (*features)(kernel::TargetAttr target);
  /// Lowers one `kernel.func` (structured ops on tensors, with a schedule) to
  /// code, by the facts of its own target. `kernel` is consumed: its body is
  /// gone afterwards. Called from several threads for different kernels of one
  /// context. Reports failures as diagnostics.
  llvm::FailureOr<KernelCode> (*compile)(kernel::FuncOp kernel,
                                         const CodegenOptions &options);
};

/// All targets built into this compiler, in the order of
/// codegen/CMakeLists.txt.
llvm::ArrayRef<Target> targets();

/// Returns the target called `name`, or null.
const Target *findTarget(llvm::StringRef name);

/// The target of host code, and of kernels that another one cannot run: the
/// first of the list.
const Target &hostTarget();

} // namespace nacre::codegen

#endif // NACRE_CODEGEN_TARGET_TARGET_H
