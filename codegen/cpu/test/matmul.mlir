// RUN: nacre-kernel-run %s --emit=asm --cpu=x86-64-v4 | FileCheck %s
// RUN: nacre-kernel-run %s --emit=asm --cpu=x86-64-v3 | FileCheck %s --check-prefix=V3
// RUN: nacre-kernel-run %s --rtol=1e-5 | FileCheck %s --check-prefix=DATA
// RUN: nacre-kernel-run %s --rtol=1e-5 --cpu=x86-64 | FileCheck %s --check-prefix=DATA

#a = affine_map<(m, j, n, k) -> (m, k)>
#b = affine_map<(m, j, n, k) -> (j, k, n)>
#c = affine_map<(m, j, n, k) -> (m, j, n)>
#e = affine_map<(m, j, n) -> (m, j, n)>
#bias = affine_map<(m, j, n) -> (j, n)>

// Weights in panels of 32 columns, rows as they are: eight rows of two vectors are
// kept in registers, the result is written once, after the bias.
// CHECK-LABEL: packed:
// CHECK-COUNT-16: vfmadd{{.*}}%zmm
// CHECK-NOT: call
// CHECK: # scratch_bytes 0
// V3-LABEL: packed:
// V3-COUNT-12: vfmadd{{.*}}%ymm
// DATA: ok packed status 0
kernel.func @packed(%a: tensor<64x128xf32>, %b: tensor<2x128x32xf32>, %bias: tensor<2x32xf32>, %o: tensor<64x64xf32>) -> tensor<64x64xf32>
    attributes {num_outputs = 1 : i64, schedule = #kernel.schedule<"mlir", grid = [16, 32]>} {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<64x2x32xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<64x2x32xf32>) -> tensor<64x2x32xf32>
  %m = linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<64x128xf32>, tensor<2x128x32xf32>) outs(%f : tensor<64x2x32xf32>) {
  ^bb0(%x: f32, %y: f32, %s: f32):
    %p = arith.mulf %x, %y : f32
    %q = arith.addf %s, %p : f32
    linalg.yield %q : f32
  } -> tensor<64x2x32xf32>
  %r = linalg.generic {indexing_maps = [#e, #bias, #e], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%m, %bias : tensor<64x2x32xf32>, tensor<2x32xf32>) outs(%e : tensor<64x2x32xf32>) {
  ^bb0(%x: f32, %y: f32, %s: f32):
    %q = arith.addf %x, %y : f32
    linalg.yield %q : f32
  } -> tensor<64x2x32xf32>
  %c = tensor.collapse_shape %r [[0], [1, 2]] : tensor<64x2x32xf32> into tensor<64x64xf32>
  kernel.return %c : tensor<64x64xf32>
}

// Rows of both operands: lanes go along the sum, four rows by four columns.
// CHECK-LABEL: rows_by_rows:
// CHECK-COUNT-16: vfmadd{{.*}}%zmm
// DATA: ok rows_by_rows status 0
kernel.func @rows_by_rows(%a: tensor<20x70xf32>, %b: tensor<13x70xf32>, %o: tensor<20x13xf32>) -> tensor<20x13xf32>
    attributes {num_outputs = 1 : i64} {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<20x13xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<20x13xf32>) -> tensor<20x13xf32>
  %m = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<20x70xf32>, tensor<13x70xf32>) outs(%f : tensor<20x13xf32>) {
  ^bb0(%x: f32, %y: f32, %s: f32):
    %p = arith.mulf %x, %y : f32
    %q = arith.addf %s, %p : f32
    linalg.yield %q : f32
  } -> tensor<20x13xf32>
  kernel.return %m : tensor<20x13xf32>
}
