#ifndef NACRE_PASSES_PROGRAM_PASSES_TD
#define NACRE_PASSES_PROGRAM_PASSES_TD

include "mlir/Pass/PassBase.td"

def ProgramPlanPass : Pass<"program-plan", "::mlir::ModuleOp"> {
  let summary = "Give constants, inputs and outputs of an entry their buffers";
  let description = [{
    Constants become `program.weights` (equal ones once, 64-byte aligned), function
    arguments buffers, and results are written to `program.output`. A result that
    a kernel makes is written in place where its dims are known before the call.

    Requires: stage `kernel`; entries are public `func.func`s of one block.
    Ensures:  entries take buffers and return nothing; the module has the
              attributes `program.weights` and `program.weights_bytes`, each entry
              `program.outputs`.
    Exact:    yes.
    Misses:   `copied-output`, an output is not made by a kernel of its own, or
              its dims are known too late.
  }];
  let dependentDialects = ["::nacre::program::ProgramDialect", "::mlir::bufferization::BufferizationDialect",
                           "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect", "::mlir::tensor::TensorDialect"];
}

def ProgramBufferizePass : Pass<"program-bufferize", "::mlir::ModuleOp"> {
  let summary = "Turn tensors of the entries into buffers";
  let description = [{
    Upstream's one-shot bufferization; `kernel.func`s stay on tensors. Buffers
    that control flow carries are owned by flags of upstream's deallocation.

    Requires: the result of `program-plan`.
    Ensures:  no tensor is left in an entry; every buffer of a loop or branch that
              can outlive it is freed.
    Exact:    yes.
    Misses:   none.
  }];
  let dependentDialects = ["::nacre::program::ProgramDialect", "::mlir::bufferization::BufferizationDialect",
                           "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect"];
}

def ProgramPlacePass : Pass<"program-place", "::mlir::ModuleOp"> {
  let summary = "Place buffers in one arena by lifetime";
  let description = [{
    Buffers whose size follows from the dims of the inputs get a place in the
    arena: static ones at an offset that is decided now, dynamic ones in slots
    whose sizes and offsets are computed at entry. All others are `program.alloc`.

    Requires: the result of `program-bufferize`.
    Ensures:  no `memref.alloc` or `memref.dealloc`; sizes cannot overflow.
    Exact:    yes.
    Misses:   `late-size`, a size depends on data.
  }];
  let dependentDialects = ["::nacre::program::ProgramDialect", "::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect"];
}

def ProgramLaunchPass : Pass<"program-launch", "::mlir::ModuleOp"> {
  let summary = "Turn kernel calls into launches over a grid";
  let description = [{
    The grid follows from the schedule of the `kernel.func` and the dims of its
    first output. Copies become `program.copy`.

    Requires: the result of `program-place`.
    Ensures:  no `kernel.call` or `memref.copy`.
    Exact:    yes.
    Misses:   none.
  }];
  let dependentDialects = ["::nacre::program::ProgramDialect", "::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

def ProgramTransferPass : Pass<"program-transfer", "::mlir::ModuleOp"> {
  let summary = "Move between host and device what both touch, and nothing else";
  let description = [{
    A buffer that only the device touches is never moved; one that host code (loads,
    stores, host functions, kernels of the host) touches too is the same on both
    sides at all times: whoever writes it hands it over. Inputs go to the device
    once, outputs come back at the end, weights are there. Does nothing if the fact
    `own_memory` of the module's target is 0.

    Requires: the result of `program-launch`.
    Ensures:  host code and device each read what was written last.
    Exact:    yes.
    Misses:   `shared`, a buffer is moved during the run.
  }];
  let dependentDialects = ["::nacre::program::ProgramDialect"];
}

def ProgramWaitPass : Pass<"program-wait", "::mlir::ModuleOp"> {
  let summary = "Wait where host code touches what a kernel may still use";
  let description = [{
    Requires: the result of `program-transfer`.
    Ensures:  stage `program`.
    Exact:    yes.
    Misses:   none.
  }];
  let dependentDialects = ["::nacre::program::ProgramDialect"];
}

#endif // NACRE_PASSES_PROGRAM_PASSES_TD
