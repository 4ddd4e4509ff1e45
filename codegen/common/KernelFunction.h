#ifndef NACRE_CODEGEN_COMMON_KERNELFUNCTION_H
#define NACRE_CODEGEN_COMMON_KERNELFUNCTION_H

#include "dialects/kernel/Kernel.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/PatternMatch.h"

namespace nacre::codegen {

/// The function that `codegen-open-kernel` makes of a `kernel.func`: arguments
/// are buffers (inputs, outputs), sizes, then `begin`, `end` and `scratch`.
class KernelFunction {
public:
  static constexpr llvm::StringLiteral kArgDims = "codegen.arg_dims";
  static constexpr llvm::StringLiteral kNumOutputs = "codegen.num_outputs";
  static constexpr llvm::StringLiteral kSchedule = "kernel.schedule";
  static constexpr llvm::StringLiteral kTarget = "kernel.target";
  static constexpr llvm::StringLiteral kScratchBytes = "codegen.scratch_bytes";
  /// Instead: the function that computes the bytes from the sizes.
  static constexpr llvm::StringLiteral kOpenScratch = "codegen.open_scratch";
  static constexpr llvm::StringLiteral kChecks = "codegen.checks";
  static constexpr llvm::StringLiteral kSinglePoint = "codegen.single_point";

  /// `func` may be any function; test with `operator bool`.
  explicit KernelFunction(mlir::func::FuncOp func) : func(func) {}
  explicit operator bool() { return func->hasAttr(kNumOutputs); }

  unsigned numBuffers();
  unsigned numOutputs();
  unsigned numDims() { return func.getNumArguments() - numBuffers() - 3; }
  mlir::Value buffer(unsigned i) { return func.getArgument(i); }
  mlir::Value dim(unsigned i) { return func.getArgument(numBuffers() + i); }
  mlir::Value begin() { return func.getArgument(func.getNumArguments() - 3); }
  mlir::Value end() { return func.getArgument(func.getNumArguments() - 2); }
  mlir::Value scratch() { return func.getArgument(func.getNumArguments() - 1); }
  /// Null if there is none.
  kernel::ScheduleAttr schedule();
  kernel::TargetAttr target();
  /// The schedule asks for plain loops.
  bool emitsLoops() { return schedule() && schedule().getEmitter() == "loops"; }
  /// The size of dim `d` of buffer `i`; null for a static one.
  mlir::Value bufferDim(unsigned i, unsigned d);
  /// `materialize_in_destination` of output `i`.
  mlir::bufferization::MaterializeInDestinationOp store(unsigned i);
  /// Replaces `dim` ops of arguments by the arguments that hold the sizes.
  void resolveDims(mlir::RewriterBase &rewriter);

private:
  mlir::func::FuncOp func;
};

/// The kernels among the functions of `module`.
llvm::SmallVector<mlir::func::FuncOp> kernelsOf(mlir::ModuleOp module);

/// Runs cheap canonicalizations of `tensor`, `linalg`, `scf`, `affine`,
/// `memref` and `vector` ops to a fixpoint, then common-subexpression
/// elimination.
void simplify(mlir::func::FuncOp func);

} // namespace nacre::codegen

#endif // NACRE_CODEGEN_COMMON_KERNELFUNCTION_H
