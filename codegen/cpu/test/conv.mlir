// RUN: nacre-kernel-run %s --emit=asm --cpu=x86-64-v4 | FileCheck %s
// RUN: nacre-kernel-run %s | FileCheck %s --check-prefix=DATA

#y = affine_map<(k, h, w, n) -> (k, h, w, n)>
#scale = affine_map<(k, h, w, n) -> (k, n)>

// Channels in blocks, stride 2, batch normalization and relu in the same loops:
// seven pixels by two vectors.
// CHECK-LABEL: blocked:
// CHECK-COUNT-14: vfmadd{{.*}}%zmm
// CHECK: # scratch_bytes 0
// DATA: ok blocked status 0
kernel.func @blocked(%x: tensor<2x29x29x16xf32>, %w: tensor<2x2x3x3x16x32xf32>, %s: tensor<2x32xf32>, %o: tensor<2x14x14x32xf32>) -> tensor<2x14x14x32xf32>
    attributes {num_outputs = 1 : i64, schedule = #kernel.schedule<"mlir", grid = [1, 7, 0, 0]>} {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x14x14x32xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<2x14x14x32xf32>) -> tensor<2x14x14x32xf32>
  %m = linalg.generic {indexing_maps = [
        affine_map<(k, h, w, n, c, r, s, d) -> (c, h * 2 + r, w * 2 + s, d)>,
        affine_map<(k, h, w, n, c, r, s, d) -> (k, c, r, s, d, n)>,
        affine_map<(k, h, w, n, c, r, s, d) -> (k, h, w, n)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction", "reduction"]}
      ins(%x, %w : tensor<2x29x29x16xf32>, tensor<2x2x3x3x16x32xf32>) outs(%f : tensor<2x14x14x32xf32>) {
  ^bb0(%a: f32, %b: f32, %old: f32):
    %p = arith.mulf %a, %b : f32
    %q = arith.addf %old, %p : f32
    linalg.yield %q : f32
  } -> tensor<2x14x14x32xf32>
  %r = linalg.generic {indexing_maps = [#y, #scale, #y], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%m, %s : tensor<2x14x14x32xf32>, tensor<2x32xf32>) outs(%e : tensor<2x14x14x32xf32>) {
  ^bb0(%a: f32, %b: f32, %old: f32):
    %p = arith.mulf %a, %b : f32
    %q = arith.maximumf %p, %zero : f32
    linalg.yield %q : f32
  } -> tensor<2x14x14x32xf32>
  kernel.return %r : tensor<2x14x14x32xf32>
}

// Rows of pixels, stride 2: every second element of two vectors.
// CHECK-LABEL: plain:
// CHECK: vpermt2ps{{.*}}%zmm
// CHECK: vfmadd{{.*}}%zmm
// DATA: ok plain status 0
kernel.func @plain(%x: tensor<3x45x45xf32>, %w: tensor<8x3x5x5xf32>, %o: tensor<8x21x21xf32>) -> tensor<8x21x21xf32>
    attributes {num_outputs = 1 : i64} {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8x21x21xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<8x21x21xf32>) -> tensor<8x21x21xf32>
  %m = linalg.generic {indexing_maps = [
        affine_map<(k, h, w, c, r, s) -> (c, h * 2 + r, w * 2 + s)>,
        affine_map<(k, h, w, c, r, s) -> (k, c, r, s)>,
        affine_map<(k, h, w, c, r, s) -> (k, h, w)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
      ins(%x, %w : tensor<3x45x45xf32>, tensor<8x3x5x5xf32>) outs(%f : tensor<8x21x21xf32>) {
  ^bb0(%a: f32, %b: f32, %old: f32):
    %p = arith.mulf %a, %b : f32
    %q = arith.addf %old, %p : f32
    linalg.yield %q : f32
  } -> tensor<8x21x21xf32>
  kernel.return %m : tensor<8x21x21xf32>
}
