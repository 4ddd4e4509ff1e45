// RUN: nacre-opt %s -canonicalize | FileCheck %s

// CHECK-LABEL: func @reshape_of_reshape(
//  CHECK-SAME: %[[X:.*]]: tensor<2x6xf32>)
func.func @reshape_of_reshape(%x: tensor<2x6xf32>) -> tensor<4x3xf32> {
  // CHECK: %[[S:.*]] = graph.constant dense<[4, -1]>
  // CHECK: %[[R:.*]] = graph.reshape %[[X]] to %[[S]]
  // CHECK-NEXT: return %[[R]]
  %a = graph.constant dense<[3, 4]> : tensor<2xi64>
  %b = graph.constant dense<[4, -1]> : tensor<2xi64>
  %0 = graph.reshape %x to %a : (tensor<2x6xf32>, tensor<2xi64>) -> tensor<3x4xf32>
  %1 = graph.reshape %0 to %b : (tensor<3x4xf32>, tensor<2xi64>) -> tensor<4x3xf32>
  return %1 : tensor<4x3xf32>
}

// NEGATIVE: a 0 copies a dim of what is between.
// CHECK-LABEL: func @reshape_copies(
func.func @reshape_copies(%x: tensor<2x6xf32>) -> tensor<3x4x1xf32> {
  // CHECK: graph.reshape
  // CHECK: graph.reshape
  %a = graph.constant dense<[3, 4]> : tensor<2xi64>
  %b = graph.constant dense<[0, 4, 1]> : tensor<3xi64>
  %0 = graph.reshape %x to %a : (tensor<2x6xf32>, tensor<2xi64>) -> tensor<3x4xf32>
  %1 = graph.reshape %0 to %b : (tensor<3x4xf32>, tensor<3xi64>) -> tensor<3x4x1xf32>
  return %1 : tensor<3x4x1xf32>
}

// CHECK-LABEL: func @reshape_to_itself(
//  CHECK-SAME: %[[X:.*]]: tensor<?x4xf32>
func.func @reshape_to_itself(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NEXT: return %[[X]]
  %a = graph.constant dense<[-1, 4]> : tensor<2xi64>
  %0 = graph.reshape %x to %a : (tensor<?x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// NEGATIVE: equal types, but two dims may have changed places.
// CHECK-LABEL: func @reshape_two_dynamic(
func.func @reshape_two_dynamic(%x: tensor<?x?xf32>, %s: tensor<2xi64>) -> tensor<?x?xf32> {
  // CHECK: graph.reshape
  %0 = graph.reshape %x to %s : (tensor<?x?xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// NEGATIVE: with a dim of 0 any other dim fits.
// CHECK-LABEL: func @reshape_empty(
func.func @reshape_empty(%x: tensor<?x0xf32>, %s: tensor<2xi64>) -> tensor<?x0xf32> {
  // CHECK: graph.reshape
  %0 = graph.reshape %x to %s : (tensor<?x0xf32>, tensor<2xi64>) -> tensor<?x0xf32>
  return %0 : tensor<?x0xf32>
}

// CHECK-LABEL: func @squeeze_pairs(
//  CHECK-SAME: %[[X:.*]]: tensor<?x4xf32>, %[[Y:.*]]: tensor<1x4xf32>
func.func @squeeze_pairs(%x: tensor<?x4xf32>, %y: tensor<1x4xf32>) -> (tensor<?x4xf32>, tensor<1x4xf32>) {
  // CHECK-NEXT: return %[[X]], %[[Y]]
  %0 = graph.unsqueeze %x axes [1] : (tensor<?x4xf32>) -> tensor<?x1x4xf32>
  %1 = graph.squeeze %0 axes [1] : (tensor<?x1x4xf32>) -> tensor<?x4xf32>
  %2 = graph.squeeze %y axes [0] : (tensor<1x4xf32>) -> tensor<4xf32>
  %3 = graph.unsqueeze %2 axes [0] : (tensor<4xf32>) -> tensor<1x4xf32>
  return %1, %3 : tensor<?x4xf32>, tensor<1x4xf32>
}

// NEGATIVE: other axes, and a type that would change.
// CHECK-LABEL: func @squeeze_others(
func.func @squeeze_others(%x: tensor<1x1xf32>, %y: tensor<?x4xf32>) -> (tensor<1x1xf32>, tensor<1x4xf32>) {
  // CHECK: graph.unsqueeze
  // CHECK: graph.squeeze
  // CHECK: graph.squeeze
  // CHECK: graph.unsqueeze
  %0 = graph.unsqueeze %x axes [1] : (tensor<1x1xf32>) -> tensor<1x1x1xf32>
  %1 = graph.squeeze %0 axes [0] : (tensor<1x1x1xf32>) -> tensor<1x1xf32>
  %2 = graph.squeeze %y axes [0] : (tensor<?x4xf32>) -> tensor<4xf32>
  %3 = graph.unsqueeze %2 axes [0] : (tensor<4xf32>) -> tensor<1x4xf32>
  return %1, %3 : tensor<1x1xf32>, tensor<1x4xf32>
}

// CHECK-LABEL: func @transposes(
//  CHECK-SAME: %[[X:.*]]: tensor<2x3x4xf32>
func.func @transposes(%x: tensor<2x3x4xf32>) -> (tensor<3x2x4xf32>, tensor<2x3x4xf32>) {
  // CHECK-NEXT: %[[T:.*]] = graph.transpose %[[X]] perm [1, 0, 2]
  // CHECK-NEXT: return %[[T]], %[[X]]
  %0 = graph.transpose %x perm [2, 0, 1] : (tensor<2x3x4xf32>) -> tensor<4x2x3xf32>
  %1 = graph.transpose %0 perm [2, 1, 0] : (tensor<4x2x3xf32>) -> tensor<3x2x4xf32>
  %2 = graph.transpose %0 perm [1, 2, 0] : (tensor<4x2x3xf32>) -> tensor<2x3x4xf32>
  return %1, %2 : tensor<3x2x4xf32>, tensor<2x3x4xf32>
}

// CHECK-LABEL: func @concat_of_one(
//  CHECK-SAME: %[[X:.*]]: tensor<2xf32>
func.func @concat_of_one(%x: tensor<2xf32>) -> tensor<2xf32> {
  // CHECK-NEXT: return %[[X]]
  %0 = graph.concat %x axis 0 : (tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
