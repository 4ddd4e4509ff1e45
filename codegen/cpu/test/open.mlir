// RUN: nacre-kernel-run %s --dims=37,300 --rtol=1e-3 | FileCheck %s
// RUN: nacre-kernel-run %s --dims=1,1 --rtol=1e-3 | FileCheck %s
// RUN: nacre-kernel-run %s --emit=llvm | FileCheck %s --check-prefix=CODE

#i2 = affine_map<(i, j) -> (i, j)>
#r = affine_map<(i, j) -> (i)>

// A row of f32 of open size, which the output of f16 cannot hold: scratch as the
// sizes of a launch need, 64 bytes at least.
// CHECK: ok softmax status 0
// CODE: define {{.*}}i64 @softmax.scratch(ptr
// CODE: # open_scratch softmax.scratch
kernel.func @softmax(%x: tensor<?x?xf16>, %o: tensor<?x?xf16>, %m: index, %n: index) -> tensor<?x?xf16> attributes {num_outputs = 1 : i64, arg_dims = array<i64: 0, 1, 0, 1>, schedule = #kernel.schedule<"mlir", grid = [2, 0]>} {
  %z = arith.constant 0.0 : f32
  %e1 = tensor.empty(%m) : tensor<?xf32>
  %e2 = tensor.empty(%m, %n) : tensor<?x?xf32>
  %f2 = linalg.fill ins(%z : f32) outs(%e1 : tensor<?xf32>) -> tensor<?xf32>
  %ex = linalg.generic {indexing_maps=[#i2,#i2],iterator_types=["parallel","parallel"]} ins(%x: tensor<?x?xf16>) outs(%e2: tensor<?x?xf32>) { ^bb0(%a: f16, %c: f32):
    %w = arith.extf %a : f16 to f32
    %e = math.exp %w : f32
    linalg.yield %e : f32 } -> tensor<?x?xf32>
  %s = linalg.generic {indexing_maps=[#i2,#r],iterator_types=["parallel","reduction"]} ins(%ex: tensor<?x?xf32>) outs(%f2: tensor<?xf32>) { ^bb0(%a: f32, %b: f32):
    %q = arith.addf %a, %b : f32
    linalg.yield %q : f32 } -> tensor<?xf32>
  %d = linalg.generic {indexing_maps=[#i2,#r,#i2],iterator_types=["parallel","parallel"]} ins(%ex,%s: tensor<?x?xf32>, tensor<?xf32>) outs(%o: tensor<?x?xf16>) { ^bb0(%a: f32, %b: f32, %c: f16):
    %q = arith.divf %a, %b : f32
    %t = arith.truncf %q : f32 to f16
    linalg.yield %t : f16 } -> tensor<?x?xf16>
  kernel.return %d : tensor<?x?xf16>
}
