#ifndef NACRE_PASSES_KERNEL_PASSES_TD
#define NACRE_PASSES_KERNEL_PASSES_TD

include "mlir/Pass/PassBase.td"

def KernelFormPass : Pass<"kernel-form", "::mlir::func::FuncOp"> {
  let summary = "Collect the ops that can share a loop nest in kernel.group";
  let description = [{
    Starts a group at every structured op that no group has taken, from the last
    to the first, and pulls in producers whose results are used nowhere else:
    elementwise ops into anything that reads each element once, a contraction,
    window or reduction into the elementwise ops behind it, and reductions into
    each other when they share rows; any of these into a pad by a constant, which
    is a border around it. Fills and broadcasts are cheap: each group gets its own
    copy.

    Requires: stage `tensor`.
    Ensures:  no structured op stands outside of a `kernel.group`.
    Exact:    yes, nothing is computed differently.
    Misses:   `multi-use`, another group reads the value too; `recompute`, the
              consumer reads an element more than once; `second-root`, the group
              has a contraction or window already; `domain`, the loops do not
              match; `moves-data`, the op copies and has no loops to share;
              `too-large`, the group is full;
              `checked`, the producer checks its data and has an open size.
  }];
  let dependentDialects = ["::nacre::kernel::KernelDialect", "::mlir::tensor::TensorDialect",
                           "::mlir::arith::ArithDialect", "::mlir::affine::AffineDialect"];
  let options = [Option<"fuse", "fuse", "bool", /*default=*/"true",
                        "pull producers in; if not, each op is a group of its own">];
}

def KernelOutlinePass : Pass<"kernel-outline", "::mlir::ModuleOp"> {
  let summary = "Turn each kernel.group into a kernel.func in destination-passing form and a call";
  let description = [{
    Tensors that a group reads become inputs, sizes and other scalars become
    `index` arguments, results are computed in output arguments. Equal sizes are
    one argument. Splat constants and scalars are copied inside; other constants
    are inputs, so that equal kernels with different weights are one kernel.

    Requires: every structured op is in a `kernel.group`.
    Ensures:  no `kernel.group` is left; a `kernel.func` is called at least once.
    Exact:    yes.
    Misses:   none.
  }];
  let dependentDialects = ["::nacre::kernel::KernelDialect", "::mlir::tensor::TensorDialect",
                           "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect"];
}

def KernelSchedulePass : Pass<"kernel-schedule", "::nacre::kernel::FuncOp"> {
  let summary = "Choose a grid for each kernel, so that workers share it evenly";
  let description = [{
    Estimates the work of a kernel from its loops and splits dims of its output
    until a grid point is a fraction of it, but never less than a few
    microseconds: first the dims that have the fewest bytes read again by every
    point (the columns of a product of few rows), of these the outer ones. A kernel
    that has a schedule keeps it. The grid never depends on the number of threads of
    a run, so results do not either.

    A kernel that the target lacks something for gets the host's.

    Requires: `kernel.func`; `kernel.target` on the module or the default facts,
              `kernel.host_target` if the target is not the host's.
    Ensures:  every `kernel.func` has a target and a schedule.
    Exact:    yes.
    Misses:   `host`, the kernel runs on the host.
  }];
}

#endif // NACRE_PASSES_KERNEL_PASSES_TD
