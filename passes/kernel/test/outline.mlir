// RUN: nacre-opt %s -split-input-file -kernel-outline | FileCheck %s

#map = affine_map<(d0, d1) -> (d0, d1)>

// Sizes become index arguments, equal sizes one; the output argument is the
// destination; a scalar of the host comes by its bits.
// CHECK-LABEL: func @outlines_dynamic
//  CHECK-SAME: (%[[A:.*]]: tensor<?x4xf32>, %[[S:.*]]: f32)
//       CHECK: %[[N:.*]] = tensor.dim %[[A]]
//       CHECK: %[[OUT:.*]] = tensor.empty(%[[N]]) : tensor<?x4xf32>
//       CHECK: %[[BITS:.*]] = arith.bitcast %[[S]] : f32 to i32
//       CHECK: %[[INDEX:.*]] = arith.index_cast %[[BITS]] : i32 to index
//       CHECK: kernel.call @[[K:.*]] ins(%[[A]] : tensor<?x4xf32>) outs(%[[OUT]] : tensor<?x4xf32>) dims(%{{.*}}, %[[INDEX]])
// CHECK:     kernel.func private @[[K]](%[[X:.*]]: tensor<?x4xf32>, %[[Y:.*]]: tensor<?x4xf32>, %{{.*}}: index, %{{.*}}: index)
// CHECK-SAME:  arg_dims = array<i64: 0, 0>, num_outputs = 1
//       CHECK:   linalg.generic {{.*}} outs(%[[Y]] : tensor<?x4xf32>)
func.func @outlines_dynamic(%a: tensor<?x4xf32>, %s: f32) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %a, %c0 : tensor<?x4xf32>
  %g = kernel.group dims(%n) {
    %e = tensor.empty(%n) : tensor<?x4xf32>
    %x = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]}
        ins(%a : tensor<?x4xf32>) outs(%e : tensor<?x4xf32>) {
    ^bb0(%p: f32, %o: f32):
      %q = arith.mulf %p, %s : f32
      linalg.yield %q : f32
    } -> tensor<?x4xf32>
    kernel.yield %x : tensor<?x4xf32>
  } : tensor<?x4xf32>
  return %g : tensor<?x4xf32>
}

// -----

// Two groups that compute the same are one kernel.
// CHECK-LABEL: func @shares_equal
//       CHECK: kernel.call @[[K:.*]] ins(%{{.*}}) outs
//       CHECK: kernel.call @[[K]] ins(%{{.*}}) outs
//       CHECK: kernel.func private @[[K]]
//   CHECK-NOT: kernel.func
func.func @shares_equal(%a: tensor<4xf32>) -> tensor<4xf32> {
  %zero = arith.constant 0.0 : f32
  %g = kernel.group {
    %e = tensor.empty() : tensor<4xf32>
    %x = linalg.add ins(%a, %a : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
    kernel.yield %x : tensor<4xf32>
  } : tensor<4xf32>
  %h = kernel.group {
    %e = tensor.empty() : tensor<4xf32>
    %x = linalg.add ins(%g, %g : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
    kernel.yield %x : tensor<4xf32>
  } : tensor<4xf32>
  return %h : tensor<4xf32>
}
