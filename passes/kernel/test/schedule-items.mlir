// RUN: nacre-opt %s -kernel-schedule | FileCheck %s
// RUN: nacre-opt %s -kernel-schedule -remark-format=emitRemark -remarks-filter-missed=kernel-schedule -o /dev/null 2>&1 \
// RUN:   | FileCheck %s --check-prefix=MISSED

// Kernels of a device whose work items compute scalars, without 64-bit floats.
#map = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
module attributes {kernel.target = #kernel.target<"items", {vector_bits = 32, cores = 65536, point_work = 1, f64 = 0}>,
                   kernel.host_target = #kernel.target<"host", {}>} {

// Each element is a grid point: the innermost dim is split, too.
// CHECK-LABEL: kernel.func @splits_innermost
//  CHECK-SAME:   schedule = #kernel.schedule<"mlir", grid = [1, 1]>, target = #kernel.target<"items"
kernel.func @splits_innermost(%x: tensor<64x48xf32>, %o: tensor<64x48xf32>) -> tensor<64x48xf32> attributes {num_outputs = 1 : i64} {
  %r = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<64x48xf32>) outs(%o : tensor<64x48xf32>) {
  ^bb0(%a: f32, %old: f32):
    %1 = arith.addf %a, %a : f32
    linalg.yield %1 : f32
  } -> tensor<64x48xf32>
  kernel.return %r : tensor<64x48xf32>
}

// NEGATIVE: points of a row would each sum the row again.
// CHECK-LABEL: kernel.func @keeps_rows
//  CHECK-SAME:   grid = [1, 0]
kernel.func @keeps_rows(%x: tensor<64x48xf32>, %o: tensor<64x48xf32>) -> tensor<64x48xf32> attributes {num_outputs = 1 : i64} {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<64xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<64xf32>) -> tensor<64xf32>
  %s = linalg.generic {indexing_maps = [#map, #row], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<64x48xf32>) outs(%f : tensor<64xf32>) {
  ^bb0(%a: f32, %sum: f32):
    %1 = arith.addf %a, %sum : f32
    linalg.yield %1 : f32
  } -> tensor<64xf32>
  %r = linalg.generic {indexing_maps = [#map, #row, #map], iterator_types = ["parallel", "parallel"]} ins(%x, %s : tensor<64x48xf32>, tensor<64xf32>) outs(%o : tensor<64x48xf32>) {
  ^bb0(%a: f32, %sum: f32, %old: f32):
    %1 = arith.divf %a, %sum : f32
    linalg.yield %1 : f32
  } -> tensor<64x48xf32>
  kernel.return %r : tensor<64x48xf32>
}

// What the target lacks runs on the host.
// CHECK-LABEL: kernel.func @leaves_f64
//  CHECK-SAME:   target = #kernel.target<"host"
// MISSED: host{{.*}}kernel-schedule
kernel.func @leaves_f64(%x: tensor<64xf64>, %o: tensor<64xf64>) -> tensor<64xf64> attributes {num_outputs = 1 : i64} {
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%x : tensor<64xf64>) outs(%o : tensor<64xf64>) {
  ^bb0(%a: f64, %old: f64):
    %1 = arith.addf %a, %a : f64
    linalg.yield %1 : f64
  } -> tensor<64xf64>
  kernel.return %r : tensor<64xf64>
}
}
