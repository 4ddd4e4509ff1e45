// RUN: nacre-opt %s --graph-to-linalg | FileCheck %s

// A dim of 1 leaves the operand as a view, so that maps are projections.
// CHECK-LABEL: func @unit_dims_leave
//  CHECK-SAME:   (%[[A:.*]]: tensor<2x3x4xf32> {{.*}}, %[[B:.*]]: tensor<3x1xf32>
//       CHECK: %[[VIEW:.*]] = tensor.collapse_shape %[[B]] {{\[\[}}0, 1]] : tensor<3x1xf32> into tensor<3xf32>
//       CHECK: linalg.generic {indexing_maps = [#[[ALL:.*]], #{{.*}}, #[[ALL]]]
//  CHECK-SAME:   ins(%[[A]], %[[VIEW]] : tensor<2x3x4xf32>, tensor<3xf32>)
func.func @unit_dims_leave(%a: tensor<2x3x4xf32>, %b: tensor<3x1xf32>) -> tensor<2x3x4xf32> {
  %0 = graph.add %a, %b : (tensor<2x3x4xf32>, tensor<3x1xf32>) -> tensor<2x3x4xf32>
  return %0 : tensor<2x3x4xf32>
}

// Dims of one name are one dim: nothing is compared.
// CHECK-LABEL: func @equal_names
//   CHECK-NOT: program.check
//       CHECK: linalg.generic
//   CHECK-NOT: tensor.extract
//       CHECK: return
func.func @equal_names(%a: tensor<?xf32> {graph.dims = ["N"]}, %b: tensor<?xf32> {graph.dims = ["N"]}) -> tensor<?xf32> {
  %0 = graph.add %a, %b : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// NEGATIVE: dims that may be 1 or differ are checked and compared once; only
// where one is 1 are they read with care.
// CHECK-LABEL: func @unknown_dims
//       CHECK: program.check %{{.*}}, "dims do not broadcast"
//       CHECK: scf.if
//       CHECK:   linalg.generic
//   CHECK-NOT:   tensor.extract
//       CHECK: else
//       CHECK:   linalg.generic
//       CHECK:     %[[I:.*]] = linalg.index 0
//       CHECK:     %[[AT:.*]] = arith.select %{{.*}}, %{{.*}}, %[[I]]
//       CHECK:     tensor.extract %{{.*}}[%[[AT]]]
func.func @unknown_dims(%a: tensor<?xf32>, %b: tensor<?xf32>) -> tensor<?xf32> {
  %0 = graph.add %a, %b : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// Signs end here; the interface keeps them.
// CHECK-LABEL: func @signs_end
//  CHECK-SAME:   tensor<4xi8> {graph.dtype = ui8}
//  CHECK-SAME:   -> (tensor<4xi8> {graph.dtype = ui8})
//       CHECK: arith.maxui
func.func @signs_end(%a: tensor<4xui8>, %b: tensor<4xui8>) -> tensor<4xui8> {
  %0 = graph.max %a, %b : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  return %0 : tensor<4xui8>
}

// A constant of equal elements is scalar code.
// CHECK-LABEL: func @splat
//       CHECK: linalg.generic {indexing_maps = [#[[ID:.*]], #[[ID]]]
//       CHECK:   arith.constant 2.000000e+00 : f32
//  CHECK-NEXT:   arith.mulf
func.func @splat(%a: tensor<4xf32>) -> tensor<4xf32> {
  %c = graph.constant dense<2.0> : tensor<4xf32>
  %0 = graph.mul %a, %c : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
