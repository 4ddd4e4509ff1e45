// RUN: nacre-opt %s --graph-to-linalg | FileCheck %s

// CHECK-DAG: #[[$ALL:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[$ROW:.*]] = affine_map<(d0, d1) -> (d0)>

// A dim that is kept is a view of the reduced tensor.
// CHECK-LABEL: func @keep_dims
//       CHECK: %[[INIT:.*]] = linalg.fill
//       CHECK: %[[MAX:.*]] = linalg.generic {indexing_maps = [#[[$ALL]], #[[$ROW]]], iterator_types = ["parallel", "reduction"]}
//       CHECK:   arith.maximumf
//       CHECK: tensor.expand_shape %[[MAX]] {{\[\[}}0, 1]]
func.func @keep_dims(%a: tensor<?x4xf32>) -> tensor<?x1xf32> {
  %0 = graph.reduce max %a axes [1] {keep_dims = true} : (tensor<?x4xf32>) -> tensor<?x1xf32>
  return %0 : tensor<?x1xf32>
}

// NEGATIVE: dims of 1 are not summed.
// CHECK-LABEL: func @of_one
//   CHECK-NOT: linalg
//       CHECK: tensor.collapse_shape
func.func @of_one(%a: tensor<?x1xf32>) -> tensor<?xf32> {
  %0 = graph.reduce sum %a axes [1] {keep_dims = false} : (tensor<?x1xf32>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// CHECK-LABEL: func @softmax
//       CHECK: linalg.generic {indexing_maps = [#[[$ALL]], #[[$ROW]]]
//       CHECK:   arith.maximumf
//       CHECK: linalg.generic {indexing_maps = [#[[$ALL]], #[[$ROW]], #[[$ALL]]]
//       CHECK:   math.exp
//       CHECK: linalg.generic {indexing_maps = [#[[$ALL]], #[[$ROW]]]
//       CHECK:   arith.addf
//       CHECK: linalg.generic {indexing_maps = [#[[$ALL]], #[[$ROW]], #[[$ALL]]]
//       CHECK:   %[[SCALE:.*]] = arith.divf
//       CHECK:   arith.mulf %{{.*}}, %[[SCALE]]
func.func @softmax(%a: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = graph.softmax %a axis 1 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// Value and index are two results of one loop nest.
// CHECK-LABEL: func @arg_reduce
//       CHECK: %[[BOTH:.*]]:2 = linalg.generic
//  CHECK-SAME:   outs(%{{.*}}, %{{.*}} : tensor<3xf32>, tensor<3xi64>)
//       CHECK: return %[[BOTH]]#1
func.func @arg_reduce(%a: tensor<3x4xf32>) -> tensor<3xi64> {
  %0 = graph.arg_reduce %a {axis = 1 : i64, largest = true, select_last = false, keep_dims = false} : (tensor<3x4xf32>) -> tensor<3xi64>
  return %0 : tensor<3xi64>
}

// Sequential loops are a kernel from the start.
// CHECK-LABEL: func @scan
//       CHECK: kernel.group
//       CHECK:   scf.for
//       CHECK:     tensor.insert
//       CHECK:   kernel.yield
func.func @scan(%a: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %0 = graph.scan sum %a axis 1 {exclusive = false, reverse = false} : (tensor<3x4xf32>) -> tensor<3x4xf32>
  return %0 : tensor<3x4xf32>
}
