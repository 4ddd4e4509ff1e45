// RUN: nacre-opt %s --graph-to-linalg | FileCheck %s

// CHECK-DAG: #[[$ALL:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[$TURNED:.*]] = affine_map<(d0, d1) -> (d1, d0)>

// CHECK-LABEL: func @transpose
//       CHECK: linalg.generic {indexing_maps = [#[[$TURNED]], #[[$ALL]]]
func.func @transpose(%a: tensor<3x4xf32>) -> tensor<4x3xf32> {
  %0 = graph.transpose %a perm [1, 0] : (tensor<3x4xf32>) -> tensor<4x3xf32>
  return %0 : tensor<4x3xf32>
}

// Where only dims of 1 move, nothing does.
// CHECK-LABEL: func @transpose_of_one
//   CHECK-NOT: linalg
//       CHECK: tensor.expand_shape
func.func @transpose_of_one(%a: tensor<1x4xf32>) -> tensor<4x1xf32> {
  %0 = graph.transpose %a perm [1, 0] : (tensor<1x4xf32>) -> tensor<4x1xf32>
  return %0 : tensor<4x1xf32>
}

// Bounds are clamped on the host.
// CHECK-LABEL: func @slice
//       CHECK: arith.maxsi
//       CHECK: tensor.extract_slice %{{.*}}[%{{.*}}] [%{{.*}}] [2]
func.func @slice(%a: tensor<?xf32>) -> tensor<?xf32> {
  %s = graph.constant dense<-3> : tensor<1xi64>
  %e = graph.constant dense<100> : tensor<1xi64>
  %0 = graph.slice %a from %s to %e axes [0] steps [2] : (tensor<?xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// NEGATIVE: no slice op steps backwards.
// CHECK-LABEL: func @slice_backwards
//   CHECK-NOT: tensor.extract_slice
//       CHECK: linalg.generic
//       CHECK:   tensor.extract
func.func @slice_backwards(%a: tensor<9xf32>) -> tensor<9xf32> {
  %s = graph.constant dense<-1> : tensor<1xi64>
  %e = graph.constant dense<-100> : tensor<1xi64>
  %0 = graph.slice %a from %s to %e axes [0] steps [-1] : (tensor<9xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<9xf32>
  return %0 : tensor<9xf32>
}

// Complex numbers are bits on the move.
// CHECK-LABEL: func @complex_transpose
//  CHECK-SAME:   (%{{.*}}: tensor<3x4xi64> {graph.dtype = complex<f32>}
//       CHECK: linalg.generic {indexing_maps = [#[[$TURNED]], #[[$ALL]]]
func.func @complex_transpose(%a: tensor<3x4xcomplex<f32>>) -> tensor<4x3xcomplex<f32>> {
  %0 = graph.transpose %a perm [1, 0] : (tensor<3x4xcomplex<f32>>) -> tensor<4x3xcomplex<f32>>
  return %0 : tensor<4x3xcomplex<f32>>
}

// CHECK-LABEL: func @tile
//       CHECK: %[[T:.*]] = linalg.generic
//  CHECK-SAME:   outs(%{{.*}} : tensor<3x2x4xf32>)
//       CHECK: tensor.collapse_shape %[[T]] {{\[\[}}0, 1], [2]]
func.func @tile(%a: tensor<2x4xf32>) -> tensor<6x4xf32> {
  %r = graph.constant dense<[3, 1]> : tensor<2xi64>
  %0 = graph.tile %a by %r : (tensor<2x4xf32>, tensor<2xi64>) -> tensor<6x4xf32>
  return %0 : tensor<6x4xf32>
}

// Whole factors repeat elements: a loop per repetition, then a view.
// CHECK-LABEL: func @upsample
//       CHECK: %[[T:.*]] = linalg.generic
//  CHECK-SAME:   outs(%{{.*}} : tensor<2x2x3x2xf32>)
//   CHECK-NOT: tensor.extract
//       CHECK: tensor.collapse_shape %[[T]] {{\[\[}}0, 1], [2, 3]]
func.func @upsample(%a: tensor<2x3xf32>) -> tensor<4x6xf32> {
  %sizes = graph.constant dense<[4, 6]> : tensor<2xi64>
  %scales = graph.constant dense<2.0> : tensor<2xf32>
  %roi = graph.constant dense<> : tensor<0xf32>
  %0 = graph.resize nearest %a to %sizes, %scales, %roi {coord = 4 : i32, nearest = 2 : i32, cubic_a = -0.75 : f64, exclude_outside = false, antialias = false, extrapolation = 0.0 : f64} : (tensor<2x3xf32>, tensor<2xi64>, tensor<2xf32>, tensor<0xf32>) -> tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}
