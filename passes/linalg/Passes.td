#ifndef NACRE_PASSES_LINALG_PASSES_TD
#define NACRE_PASSES_LINALG_PASSES_TD

include "mlir/Pass/PassBase.td"

def GraphToLinalgPass : Pass<"graph-to-linalg", "::mlir::func::FuncOp"> {
  let summary = "Rewrite graph ops as structured ops on tensors, so that fusion reads loops";
  let description = [{
    Signs end here: all element types become signless. Sizes become `index`
    arithmetic on the host, equal expressions one value; elements of small integer
    tensors that are known in terms of dims become host scalars, never a kernel.
    Everything else becomes `linalg` on tensors, `tensor` views and slices, and
    `kernel.group` around loop nests that `linalg` does not say. What only a run
    can tell is checked by `program.check` (sizes) and `kernel.check` (elements).
    Arguments and results get `graph.dtype`, their element type with its sign.

    Requires: stage `graph`.
    Ensures:  stage `tensor`.
    Exact:    yes, up to the order of sums.
    Misses:   none; an op or type without a lowering is an error.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect",
    "::nacre::kernel::KernelDialect", "::nacre::program::ProgramDialect"];
}

def LinalgBlockLayoutPass : Pass<"linalg-block-layout", "::mlir::func::FuncOp"> {
  let summary = "Choose blocked layouts for contractions and convolutions, for the whole model at once";
  let description = [{
    Splits the channels of convolutions with constant weights into blocks of a
    vector's width (NCHWc), and the columns of constant matrices into panels. The
    data then flows in that layout as far as loops can follow it: `linalg.pack`
    moves up and `linalg.unpack` down through loops that leave channels alone
    (elementwise ops, pooling), pads, concatenations and reshapes until they meet and vanish, or
    reach a border of the model. Blocks leave an `scf.if` too, and what only one of
    its branches reads moves into that branch. What is left are transposes between
    reshapes. Packs of constants are done here.

    Requires: stage `tensor`; `kernel.target` on the module or the default facts.
    Ensures:  every pack of a constant is a constant.
    Exact:    yes, but sums are taken block by block.
    Misses:   `dynamic`, the blocked dim is not static; `remainder`, no block
              divides it; `weights`, they are not constant.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect",
                           "::mlir::arith::ArithDialect", "::mlir::affine::AffineDialect"];
}

#endif // NACRE_PASSES_LINALG_PASSES_TD
