// RUN: nacre-opt %s --graph-to-linalg | FileCheck %s

// An index is turned, checked, clamped, used.
// CHECK-LABEL: func @gather
//       CHECK: linalg.generic
//       CHECK:   %[[AT:.*]] = arith.select
//       CHECK:   %[[OK:.*]] = arith.cmpi ult, %[[AT]]
//       CHECK:   kernel.check %[[OK]], "index out of range"
//       CHECK:   %[[LOW:.*]] = arith.minsi %[[AT]]
//       CHECK:   %[[SAFE:.*]] = arith.maxsi %[[LOW]]
//       CHECK:   tensor.extract %{{.*}}[%[[SAFE]], %{{.*}}]
func.func @gather(%a: tensor<5x3xf32>, %i: tensor<4xi64>) -> tensor<4x3xf32> {
  %0 = graph.gather %a, %i {axis = 0 : i64} : (tensor<5x3xf32>, tensor<4xi64>) -> tensor<4x3xf32>
  return %0 : tensor<4x3xf32>
}

// A constant index takes a slice, checked by the host where that is needed.
// CHECK-LABEL: func @gather_constant
//   CHECK-NOT: kernel.check
//       CHECK: tensor.extract_slice %{{.*}}[0, 2] [%{{.*}}, 1] [1, 1]
func.func @gather_constant(%a: tensor<?x3xf32>) -> tensor<?xf32> {
  %i = graph.constant dense<-1> : tensor<i64>
  %0 = graph.gather %a, %i {axis = 1 : i64} : (tensor<?x3xf32>, tensor<i64>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// NEGATIVE: an empty dim has no safe index, so the host refuses it.
// CHECK-LABEL: func @gather_dynamic
//       CHECK: program.check %{{.*}}, "index out of range"
//       CHECK: linalg.generic
func.func @gather_dynamic(%a: tensor<?xf32>, %i: tensor<4xi64>) -> tensor<4xf32> {
  %0 = graph.gather %a, %i {axis = 0 : i64} : (tensor<?xf32>, tensor<4xi64>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func @scatter
//       CHECK: kernel.group
//       CHECK:   %[[COPY:.*]] = linalg.copy
//       CHECK:   scf.for {{.*}} iter_args(%{{.*}} = %[[COPY]])
//       CHECK:     kernel.check
//       CHECK:     tensor.insert
func.func @scatter(%a: tensor<4xf32>, %i: tensor<3xi64>, %u: tensor<3xf32>) -> tensor<4xf32> {
  %0 = graph.scatter_elements %a, %i, %u {axis = 0 : i64, kind = 0 : i32} : (tensor<4xf32>, tensor<3xi64>, tensor<3xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// The host reads the count before the indices are written.
// CHECK-LABEL: func @non_zero
//       CHECK: %[[COUNT:.*]] = linalg.generic
//       CHECK: %[[SCALAR:.*]] = tensor.extract %[[COUNT]][]
//       CHECK: %[[N:.*]] = arith.index_cast %[[SCALAR]]
//       CHECK: kernel.group dims(%[[N]])
func.func @non_zero(%a: tensor<4xi32>) -> tensor<1x?xi64> {
  %0 = graph.non_zero %a : (tensor<4xi32>) -> tensor<1x?xi64>
  return %0 : tensor<1x?xi64>
}
