// RUN: nacre-kernel-run %s --emit=asm --cpu=x86-64-v4 | FileCheck %s
// RUN: nacre-kernel-run %s --dims=7,33 | FileCheck %s --check-prefix=DATA
// RUN: nacre-kernel-run %s --dims=3,1 | FileCheck %s --check-prefix=DATA
// RUN: nacre-kernel-run %s --dims=5,200 --cpu=x86-64-v3 | FileCheck %s --check-prefix=DATA

#i2 = affine_map<(i, j) -> (i, j)>
#r = affine_map<(i, j) -> (i)>

// Rows of open length: maximum, exponentials, sum and quotient row by row. The
// exponentials are kept in the output: no scratch memory, nothing allocated.
// CHECK-LABEL: softmax:
// CHECK: vmaxps{{.*}}%zmm
// CHECK: vfmadd{{.*}}%zmm
// CHECK: vdivps{{.*}}%zmm
// CHECK-NOT: call{{.*}}exp
// CHECK: # scratch_bytes 0
// DATA: ok softmax status 0
kernel.func @softmax(%x: tensor<?x?xf32>, %o: tensor<?x?xf32>, %m: index, %n: index) -> tensor<?x?xf32> attributes {num_outputs = 1 : i64, arg_dims = array<i64: 0, 1, 0, 1>, schedule = #kernel.schedule<"mlir", grid = [2, 0]>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %ninf = arith.constant 0xFF800000 : f32
  %z = arith.constant 0.0 : f32
  %e1 = tensor.empty(%m) : tensor<?xf32>
  %e2 = tensor.empty(%m, %n) : tensor<?x?xf32>
  %f1 = linalg.fill ins(%ninf : f32) outs(%e1 : tensor<?xf32>) -> tensor<?xf32>
  %f2 = linalg.fill ins(%z : f32) outs(%e1 : tensor<?xf32>) -> tensor<?xf32>
  %mx = linalg.generic {indexing_maps=[#i2,#r],iterator_types=["parallel","reduction"]} ins(%x: tensor<?x?xf32>) outs(%f1: tensor<?xf32>) { ^bb0(%a: f32, %b: f32):
    %q = arith.maximumf %a, %b : f32
    linalg.yield %q : f32 } -> tensor<?xf32>
  %ex = linalg.generic {indexing_maps=[#i2,#r,#i2],iterator_types=["parallel","parallel"]} ins(%x,%mx: tensor<?x?xf32>, tensor<?xf32>) outs(%e2: tensor<?x?xf32>) { ^bb0(%a: f32, %b: f32, %c: f32):
    %d = arith.subf %a, %b : f32
    %q = math.exp %d : f32
    linalg.yield %q : f32 } -> tensor<?x?xf32>
  %s = linalg.generic {indexing_maps=[#i2,#r],iterator_types=["parallel","reduction"]} ins(%ex: tensor<?x?xf32>) outs(%f2: tensor<?xf32>) { ^bb0(%a: f32, %b: f32):
    %q = arith.addf %a, %b : f32
    linalg.yield %q : f32 } -> tensor<?xf32>
  %y = linalg.generic {indexing_maps=[#r,#i2,#i2],iterator_types=["parallel","parallel"]} ins(%s,%ex: tensor<?xf32>, tensor<?x?xf32>) outs(%e2: tensor<?x?xf32>) { ^bb0(%b: f32, %a: f32, %c: f32):
    %q = arith.divf %a, %b : f32
    linalg.yield %q : f32 } -> tensor<?x?xf32>
  kernel.return %y : tensor<?x?xf32>
}

// NEGATIVE: a temporary that is read across as well is not overwritten in place.
// DATA: ok symmetric status 0
kernel.func @symmetric(%x: tensor<18x18xf32>, %o: tensor<18x18xf32>) -> tensor<18x18xf32> attributes {num_outputs = 1 : i64} {
  %e = tensor.empty() : tensor<18x18xf32>
  %a = linalg.generic {indexing_maps = [#i2, #i2], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<18x18xf32>) outs(%e : tensor<18x18xf32>) {
  ^bb0(%p: f32, %old: f32):
    %t = math.exp %p : f32
    linalg.yield %t : f32
  } -> tensor<18x18xf32>
  %b = linalg.generic {indexing_maps = [#i2, affine_map<(i, j) -> (j, i)>, #i2], iterator_types = ["parallel", "parallel"]}
      ins(%a, %a : tensor<18x18xf32>, tensor<18x18xf32>) outs(%e : tensor<18x18xf32>) {
  ^bb0(%p: f32, %q: f32, %old: f32):
    %t = arith.subf %p, %q : f32
    linalg.yield %t : f32
  } -> tensor<18x18xf32>
  kernel.return %b : tensor<18x18xf32>
}
