// RUN: nacre-opt %s --graph-to-linalg | FileCheck %s

// A shape that the model computes is scalars of the host, and a reshape by it
// is a view: no kernel runs.
// CHECK-LABEL: func @shape_arithmetic
//  CHECK-SAME:   (%[[A:.*]]: tensor<?x?x8xf32>
//   CHECK-NOT: linalg
//   CHECK-NOT: program.check
//       CHECK: tensor.expand_shape %[[A]] {{\[\[}}0], [1], [2, 3]]
//  CHECK-NEXT: return
func.func @shape_arithmetic(%a: tensor<?x?x8xf32>) -> tensor<?x?x2x4xf32> {
  %shape = graph.shape %a : (tensor<?x?x8xf32>) -> tensor<3xi64>
  %from = graph.constant dense<0> : tensor<1xi64>
  %to = graph.constant dense<2> : tensor<1xi64>
  %tail = graph.constant dense<[2, 4]> : tensor<2xi64>
  %head = graph.slice %shape from %from to %to axes [0] steps [1] : (tensor<3xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
  %new = graph.concat %head, %tail axis 0 : (tensor<2xi64>, tensor<2xi64>) -> tensor<4xi64>
  %0 = graph.reshape %a to %new : (tensor<?x?x8xf32>, tensor<4xi64>) -> tensor<?x?x2x4xf32>
  return %0 : tensor<?x?x2x4xf32>
}

// CHECK-LABEL: func @shape_as_data
//       CHECK: %[[DIM:.*]] = tensor.dim
//       CHECK: %[[N:.*]] = arith.index_cast %[[DIM]] : index to i64
//       CHECK: tensor.from_elements %[[N]], %{{.*}} : tensor<2xi64>
func.func @shape_as_data(%a: tensor<?x3xf32>) -> tensor<2xi64> {
  %0 = graph.shape %a : (tensor<?x3xf32>) -> tensor<2xi64>
  return %0 : tensor<2xi64>
}

// What may not divide is checked; the view goes through one dim.
// CHECK-LABEL: func @reshape_rest
//       CHECK: program.check %{{.*}}, "cannot reshape to another number of elements"
//       CHECK: tensor.expand_shape
func.func @reshape_rest(%a: tensor<?xf32>) -> tensor<4x?xf32> {
  %s = graph.constant dense<[4, -1]> : tensor<2xi64>
  %0 = graph.reshape %a to %s : (tensor<?xf32>, tensor<2xi64>) -> tensor<4x?xf32>
  return %0 : tensor<4x?xf32>
}

// Views of constants are constants, also of blobs, which nobody copies.
// CHECK-LABEL: func @constant_view
//       CHECK: %[[C:.*]] = arith.constant dense_resource<blob> : tensor<3x2xi8>
//  CHECK-NEXT: return %[[C]]
func.func @constant_view() -> tensor<3x2xui8> {
  %c = graph.constant dense_resource<blob> : tensor<2x3xui8>
  %s = graph.constant dense<[3, 2]> : tensor<2xi64>
  %0 = graph.reshape %c to %s : (tensor<2x3xui8>, tensor<2xi64>) -> tensor<3x2xui8>
  return %0 : tensor<3x2xui8>
}

{-#
  dialect_resources: { builtin: { blob: "0x01000000010203040506" } }
#-}
