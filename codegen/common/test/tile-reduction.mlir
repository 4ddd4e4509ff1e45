// RUN: nacre-opt %s -codegen-open-kernel -codegen-tile-grid -codegen-tile-reduction | FileCheck %s

#target = #kernel.target<"cpu", {l1_bytes = 4096 : i64, l2_bytes = 65536 : i64, vector_bits = 256 : i64, vector_registers = 16 : i64}>
#x = affine_map<(b, p, c, k, d) -> (k, p, d)>
#w = affine_map<(b, p, c, k, d) -> (b, k, d, c)>
#y = affine_map<(b, p, c, k, d) -> (b, p, c)>

// A 1x1 convolution of 49 pixels in blocks of 8 channels: a panel of two blocks is
// 64 * 8 * 2 * 8 floats, 16 times L1. Four blocks of input channels, half of L1,
// are summed for all pixels before the next four.
// CHECK-LABEL: func.func @splits_channels
//   CHECK-DAG:   %[[STEP:.*]] = arith.constant 4 : index
//   CHECK-DAG:   %[[ALL:.*]] = arith.constant 64 : index
//       CHECK:   scf.for %{{.*}} = %{{.*}} to %{{.*}}
//       CHECK:     linalg.fill
//       CHECK:     %[[SUM:.*]] = scf.for %[[K:.*]] = %{{.*}} to %[[ALL]] step %[[STEP]]
//       CHECK:       tensor.extract_slice %{{.*}}[%[[K]], 0, 0] [4, 49, 8]
//       CHECK:       linalg.generic {{.*}}"reduction"
//       CHECK:     linalg.generic {{.*}} ins(%[[SUM]]
kernel.func @splits_channels(%x: tensor<64x49x8xf32>, %w: tensor<4x64x8x8xf32>, %o: tensor<4x49x8xf32>) -> tensor<4x49x8xf32>
    attributes {num_outputs = 1 : i64, schedule = #kernel.schedule<"mlir", grid = [2, 0, 0]>, target = #target} {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x49x8xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<4x49x8xf32>) -> tensor<4x49x8xf32>
  %s = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]}
      ins(%x, %w : tensor<64x49x8xf32>, tensor<4x64x8x8xf32>) outs(%f : tensor<4x49x8xf32>) {
  ^bb0(%a: f32, %b: f32, %old: f32):
    %p = arith.mulf %a, %b : f32
    %q = arith.addf %old, %p : f32
    linalg.yield %q : f32
  } -> tensor<4x49x8xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%s : tensor<4x49x8xf32>) outs(%o : tensor<4x49x8xf32>) {
  ^bb0(%a: f32, %old: f32):
    %q = math.absf %a : f32
    linalg.yield %q : f32
  } -> tensor<4x49x8xf32>
  kernel.return %y : tensor<4x49x8xf32>
}

// NEGATIVE: a part of a matrix product would cut the rows of the left matrix.
// CHECK-LABEL: func.func @keeps_rows
//   CHECK-NOT:   scf.for
//       CHECK:   linalg.generic {{.*}} ins(%{{.*}} : tensor<64x4096xf32>, tensor<2x4096x8xf32>)
kernel.func @keeps_rows(%x: tensor<64x4096xf32>, %w: tensor<2x4096x8xf32>, %o: tensor<64x2x8xf32>) -> tensor<64x2x8xf32>
    attributes {num_outputs = 1 : i64, schedule = #kernel.schedule<"mlir">, target = #target} {
  %s = linalg.generic {indexing_maps = [affine_map<(i, b, c, k) -> (i, k)>, affine_map<(i, b, c, k) -> (b, k, c)>, affine_map<(i, b, c, k) -> (i, b, c)>],
                       iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<64x4096xf32>, tensor<2x4096x8xf32>) outs(%o : tensor<64x2x8xf32>) {
  ^bb0(%a: f32, %b: f32, %old: f32):
    %p = arith.mulf %a, %b : f32
    %q = arith.addf %old, %p : f32
    linalg.yield %q : f32
  } -> tensor<64x2x8xf32>
  kernel.return %s : tensor<64x2x8xf32>
}

// NEGATIVE: all of it stays in the caches as it is.
// CHECK-LABEL: func.func @keeps_few_channels
//   CHECK-NOT:   scf.for
//       CHECK:   linalg.generic {{.*}} ins(%{{.*}} : tensor<4x49x8xf32>, tensor<4x4x8x8xf32>)
kernel.func @keeps_few_channels(%x: tensor<4x49x8xf32>, %w: tensor<4x4x8x8xf32>, %o: tensor<4x49x8xf32>) -> tensor<4x49x8xf32>
    attributes {num_outputs = 1 : i64, schedule = #kernel.schedule<"mlir">, target = #target} {
  %s = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]}
      ins(%x, %w : tensor<4x49x8xf32>, tensor<4x4x8x8xf32>) outs(%o : tensor<4x49x8xf32>) {
  ^bb0(%a: f32, %b: f32, %old: f32):
    %p = arith.mulf %a, %b : f32
    %q = arith.addf %old, %p : f32
    linalg.yield %q : f32
  } -> tensor<4x49x8xf32>
  kernel.return %s : tensor<4x49x8xf32>
}
