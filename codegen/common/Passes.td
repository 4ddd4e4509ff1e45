#ifndef NACRE_CODEGEN_COMMON_PASSES_TD
#define NACRE_CODEGEN_COMMON_PASSES_TD

include "mlir/Pass/PassBase.td"

def CodegenOpenKernelPass : Pass<"codegen-open-kernel", "::mlir::ModuleOp"> {
  let summary = "Turn kernel.func into a function on buffers whose body is still tensors";
  let description = [{
    `kernel.func @k(ins, outs, dims)` becomes `func.func @k(ins, outs, dims,
    begin, end, scratch) -> i32`. Tensors enter by `bufferization.to_tensor` and
    leave by `bufferization.materialize_in_destination`. `schedule` and `target`
    stay as `kernel.schedule` and `kernel.target`; `codegen.arg_dims` names the
    index argument of each dynamic dim.

    Requires: `kernel.func`.
    Ensures:  `func.func` without tensors in its signature.
    Exact:    yes.
    Misses:   none.
  }];
  let dependentDialects = ["::mlir::func::FuncDialect", "::mlir::bufferization::BufferizationDialect",
                           "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::tensor::TensorDialect"];
}

def CodegenWidenStoragePass : Pass<"codegen-widen-storage", "::mlir::func::FuncOp"> {
  let summary = "Keep elements narrower than a byte, and 8-bit floats, as bytes in memory";
  let description = [{
    A tensor or buffer of `i1`, `i2`, `i4`, `f8*` or `f4*` becomes one of `i8`.
    Bits above the element are zero when written and ignored when read (an `i1`
    is true if its byte is not zero).

    Requires: structured ops on tensors.
    Ensures:  no tensor or buffer has an element narrower than a byte.
    Exact:    yes.
    Misses:   none.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def CodegenGeneralizePass : Pass<"codegen-generalize", "::mlir::func::FuncOp"> {
  let summary = "Say all structured ops in one form, so that later passes know one";
  let description = [{
    Requires: structured ops on tensors.
    Ensures:  `linalg.generic`, `linalg.fill` and data movement; no packs and no
              aggregates such as softmax.
    Exact:    yes.
    Misses:   none.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::affine::AffineDialect", "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect", "::mlir::math::MathDialect"];
}

def CodegenFuseElementwisePass : Pass<"codegen-fuse-elementwise", "::mlir::func::FuncOp"> {
  let summary = "Merge chains of elementwise ops into one op, so that no temporary is left between them";
  let description = [{
    Constants are inlined; a producer with one use is merged into its consumer.
    Then reshapes move to the borders of the kernel, and loops that go through all
    tensors together become one. A pad of what an op computes becomes fills of the
    edges of the output; the op writes inside of them.

    Requires: `codegen-generalize`.
    Ensures:  outputs are reshaped, and have edges, as buffers.
    Exact:    yes.
    Misses:   none.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::affine::AffineDialect", "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect"];
}

def CodegenTileGridPass : Pass<"codegen-tile-grid", "::mlir::func::FuncOp"> {
  let summary = "Compute one tile of the outputs per grid point, with all producers inside";
  let description = [{
    Reads `grid` and `order` of `kernel.schedule`: the op that computes output 0 is
    tiled by it, in one loop over `[begin, end)`; its producers are fused.

    Requires: `codegen-open-kernel`.
    Ensures:  one `scf.for` over grid points if the grid is not empty, in which
              point 0 fills the edges of outputs; or `codegen.single_point` on the
              function: point 0 does everything.
    Exact:    yes.
    Misses:   `root`, output 0 is not computed by an op that can be tiled;
              `map`, a dim of output 0 is not a loop of that op;
              `shared`, another output cannot be computed by the same tiles.
  }];
  let dependentDialects = ["::mlir::scf::SCFDialect", "::mlir::affine::AffineDialect", "::mlir::tensor::TensorDialect",
                           "::mlir::linalg::LinalgDialect", "::mlir::arith::ArithDialect"];
}

def CodegenShareLoopsPass : Pass<"codegen-share-loops", "::mlir::func::FuncOp"> {
  let summary = "Run ops that share rows row by row, so that temporaries shrink to a row";
  let description = [{
    Of the ops in one block, the last is tiled by 1 along the loops that all
    its producers share, and the producers are fused.

    Requires: structured ops on tensors.
    Ensures:  a temporary between two ops has only loops that they do not share.
    Exact:    yes.
    Misses:   none.
  }];
  let dependentDialects = ["::mlir::scf::SCFDialect", "::mlir::affine::AffineDialect", "::mlir::tensor::TensorDialect",
                           "::mlir::linalg::LinalgDialect"];
}

def CodegenTileReductionPass : Pass<"codegen-tile-reduction", "::mlir::func::FuncOp"> {
  let summary = "Sum long products in parts whose operands stay in the caches";
  let description = [{
    The outermost reduction loop of a sum of products is split if one panel of
    vectors (what the register tiles along the rows all read), or all rows, are more
    than the caches of `kernel.target` hold (`l1_bytes`, `l2_bytes`): each part is
    added for the whole grid point before the next one. Sizes that are not known and
    rows whose innermost dim would be cut stay whole. Nothing is done if the schedule
    has a `tile`, or its emitter is `loops`.

    Requires: structured ops on tensors.
    Ensures:  sums of products go over parts in an `scf.for`.
    Exact:    yes: the order of additions stays.
    Misses:   none.
  }];
  let dependentDialects = ["::mlir::scf::SCFDialect", "::mlir::affine::AffineDialect", "::mlir::tensor::TensorDialect",
                           "::mlir::linalg::LinalgDialect"];
}

def CodegenVectorizePass : Pass<"codegen-vectorize", "::mlir::func::FuncOp"> {
  let summary = "Compute structured ops in vectors, with partial results kept in registers";
  let description = [{
    The last op of a group and the producers that share its loops become one loop
    nest over tiles: `tile` of `kernel.schedule` if it has one (per loop of that op),
    else a default made from `kernel.target`. Rests of a loop are smaller tiles, the
    last lanes are masked. Nothing is done if the emitter of the schedule is `loops`.

    Requires: structured ops on tensors.
    Ensures:  groups that have vector form are `scf` and `vector` ops.
    Exact:    sums are reordered within the lanes of a vector; multiply-adds may be
              fused.
    Misses:   `body`, an op has no vector form;
              `stride`, no loop goes through memory one element at a time;
              `rank`, a subscript is no loop;
              `combiner`, lanes cannot be combined;
              `scalar`, there is one element.
  }];
  let dependentDialects = ["::mlir::scf::SCFDialect", "::mlir::affine::AffineDialect", "::mlir::vector::VectorDialect",
                           "::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect"];
}

def CodegenLowerVectorsPass : Pass<"codegen-lower-vectors", "::mlir::func::FuncOp"> {
  let summary = "Turn transfers between vectors and buffers into loads and stores";
  let description = [{
    Requires: buffers.
    Ensures:  vectors have one dim; masks are comparisons.
    Exact:    yes.
    Misses:   none.
  }];
  let dependentDialects = ["::mlir::vector::VectorDialect", "::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect",
                           "::mlir::memref::MemRefDialect"];
}

def CodegenBufferizePass : Pass<"codegen-bufferize", "::mlir::ModuleOp"> {
  let summary = "Give every tensor a buffer, the output arguments where possible";
  let description = [{
    Requires: `codegen-open-kernel`.
    Ensures:  no tensors; temporaries are `memref.alloc`.
    Exact:    yes.
    Misses:   none.
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::linalg::LinalgDialect", "::mlir::scf::SCFDialect"];
}

def CodegenPlaceBuffersPass : Pass<"codegen-place-buffers", "::mlir::ModuleOp"> {
  let summary = "Place temporaries on the stack or in the kernel's scratch memory";
  let description = [{
    Small ones go to the stack, the others to `scratch`; the bytes needed are left
    in `codegen.scratch_bytes`. If only the sizes of a launch bound some of them,
    a function that computes the bytes from the kernel's index arguments is made
    and named by `codegen.open_scratch`. A temporary whose size depends on data
    is an error.

    Requires: buffers.
    Ensures:  no `memref.alloc`.
    Exact:    yes.
    Misses:   none.
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect", "::mlir::arith::ArithDialect",
                           "::mlir::affine::AffineDialect", "::mlir::func::FuncDialect"];
}

def CodegenCheckBoundsPass : Pass<"codegen-check-bounds", "::mlir::func::FuncOp"> {
  let summary = "Check every access of memory against the buffer that it is meant for";
  let description = [{
    An access that leaves its buffer is not made (a load gives 0); a `kernel.check`
    that names kernel and buffer notes it. A buffer is an argument or a temporary
    as a whole: rows of one buffer are not told apart.

    Requires: `codegen-lower-vectors`.
    Ensures:  every load and store is guarded.
    Exact:    yes.
    Misses:   none; an access that cannot be checked is an error.
  }];
  let dependentDialects = ["::mlir::scf::SCFDialect", "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::vector::VectorDialect", "::nacre::kernel::KernelDialect"];
}

def CodegenLowerChecksPass : Pass<"codegen-lower-checks", "::mlir::func::FuncOp"> {
  let summary = "Note the first kernel.check that fails and return its number";
  let description = [{
    `codegen.checks` lists (node, text) of each number, from 1.

    Requires: buffers; the function returns one `i32`.
    Ensures:  no `kernel.check`.
    Exact:    yes.
    Misses:   none.
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect", "::mlir::arith::ArithDialect"];
}

def CodegenLowerLoopsPass : Pass<"codegen-lower-loops", "::mlir::func::FuncOp"> {
  let summary = "Turn the remaining structured ops into loops of scalars";
  let description = [{
    Requires: buffers.
    Ensures:  no `linalg` ops.
    Exact:    yes.
    Misses:   none.
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect", "::mlir::affine::AffineDialect",
                           "::mlir::arith::ArithDialect"];
}

def CodegenExpandFloatsPass : Pass<"codegen-expand-floats", "::mlir::func::FuncOp"> {
  let summary = "Compute narrow floats in f32 and convert them by integer arithmetic";
  let description = [{
    bf16, f16 and 8-bit floats: arithmetic is done in f32, and conversions that the
    processor lacks become integer arithmetic, as no compiler support library is linked.

    Requires: scalars or vectors in `arith` and `math`.
    Ensures:  conversions that the target of `kernel.target` has instructions for.
    Exact:    yes; f16 and bf16 results are rounded once per operation.
    Misses:   none.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::vector::VectorDialect", "::mlir::math::MathDialect"];
}

def CodegenExpandMathPass : Pass<"codegen-expand-math", "::mlir::ModuleOp"> {
  let summary = "Replace math ops by polynomials, instructions or calls of libm";
  let description = [{
    Requires: scalars or vectors in `arith` and `math`.
    Ensures:  `math` ops that LLVM has an instruction for; calls of libm.
    Exact:    f32: 2 ulp.
    Misses:   none.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::vector::VectorDialect", "::mlir::math::MathDialect",
                           "::mlir::func::FuncDialect", "::mlir::LLVM::LLVMDialect"];
  let options = [Option<"libraryOnly", "library-only", "bool", /*default=*/"false",
                        "call libm for everything: what polynomials are compared with">];
}

def CodegenFlattenBuffersPass : Pass<"codegen-flatten-buffers", "::mlir::func::FuncOp"> {
  let summary = "Access every buffer as one row of elements, for targets whose pointers have no shape";
  let description = [{
    Views become arithmetic on indices; arguments, temporaries and parts of scratch
    are buffers of one dim. `maximumf` and its like are written as comparisons.

    Requires: `codegen-place-buffers`, and no vectors.
    Ensures:  loads and stores have one index, into an argument, an `alloca` or a
              `memref.view` of scratch; no `affine` ops.
    Exact:    yes.
    Misses:   none; a buffer that a loop carries is an error.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::affine::AffineDialect", "::mlir::scf::SCFDialect"];
}

def CodegenMapItemsPass : Pass<"codegen-map-items", "::mlir::ModuleOp"> {
  let summary = "Turn the function into a gpu.func, one work item per few grid points";
  let description = [{
    `@kernel_main(tensors, byte offset of each, sizes, scratch, stride, record,
    launch, grid, each)`: work item `i` runs points `[i * each, (i + 1) * each)` of
    `grid` with `stride` bytes of scratch. A failed check lowers `record[0]` to
    `launch` and `record[check]` to the point, unless an earlier launch failed: host
    code reads the first launch that failed, and the check of its lowest point.
    Functions for the host stay in the module.

    Requires: `codegen-flatten-buffers`, `codegen-lower-checks`.
    Ensures:  one `gpu.func` in a `gpu.module`, with `group_items` of
              `kernel.target` work items per group.
    Exact:    yes.
    Misses:   none.
  }];
  let dependentDialects = ["::mlir::gpu::GPUDialect", "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect", "::mlir::LLVM::LLVMDialect"];
}

def CodegenKernelAbiPass : Pass<"codegen-kernel-abi", "::mlir::ModuleOp"> {
  let summary = "Give the function the signature of nacre_kernel_fn";
  let description = [{
    `@k(args, begin, end, scratch)` loads pointers and sizes and calls
    `@k.body`, whose pointers do not alias.

    Requires: buffers, as left by `codegen-lower-checks`.
    Ensures:  no buffer in a signature.
    Exact:    yes.
    Misses:   none.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::func::FuncDialect"];
}

def CodegenToLLVMPass : Pass<"codegen-to-llvm", "::mlir::ModuleOp"> {
  let summary = "Convert loops, vectors and buffers to the llvm dialect";
  let description = [{
    f16 goes to and from memory as bits; bf16 is its bits everywhere: LLVM would
    move them as f32 where a processor lacks the type. Of two zeros either may be
    the greatest or least number.

    Requires: `codegen-kernel-abi`.
    Ensures:  `llvm` only.
    Exact:    yes.
    Misses:   none.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::cf::ControlFlowDialect", "::mlir::affine::AffineDialect",
                           "::mlir::memref::MemRefDialect"];
}

#endif // NACRE_CODEGEN_COMMON_PASSES_TD
