// RUN: nacre-opt %s -split-input-file -program-plan | FileCheck %s
// RUN: nacre-opt %s -split-input-file -program-plan -remark-format=emitRemark -remarks-filter-missed=program-plan -o /dev/null 2>&1 \
// RUN:   | FileCheck %s --check-prefix=MISSED

kernel.func @twice(%a: tensor<?xf32>, %o: tensor<?xf32>, %n: index) -> tensor<?xf32>
    attributes {num_outputs = 1, arg_dims = array<i64: 0, 0>} {
  kernel.return %o : tensor<?xf32>
}

// A kernel writes the caller's buffer through the shape that it knows.
// CHECK-LABEL: func @writes_output_in_place
//  CHECK-SAME:   (%[[X:.*]]: memref<?xf32> {graph.name = "x"})
//  CHECK-SAME:   program.outputs = [{graph.name = "y", type = tensor<?x1xf32>}]
func.func @writes_output_in_place(%x: tensor<?xf32> {graph.name = "x"}) -> (tensor<?x1xf32> {graph.name = "y"}) {
  // CHECK: %[[IN:.*]] = bufferization.to_tensor %[[X]] restrict :
  // CHECK: %[[N:.*]] = tensor.dim %[[IN]]
  // CHECK: %[[Y:.*]] = program.output 0 dims(%[[N]]) : memref<?x1xf32>
  // CHECK: %[[T:.*]] = bufferization.to_tensor %[[Y]] restrict writable
  // CHECK: %[[OUT:.*]] = tensor.collapse_shape %[[T]]
  // CHECK: kernel.call @twice ins(%[[IN]] : tensor<?xf32>) outs(%[[OUT]] : tensor<?xf32>)
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %0 = kernel.call @twice ins(%x : tensor<?xf32>) outs(%e : tensor<?xf32>) dims(%n) -> tensor<?xf32>
  %1 = tensor.expand_shape %0 [[0, 1]] output_shape [%n, 1] : tensor<?xf32> into tensor<?x1xf32>
  return %1 : tensor<?x1xf32>
}

// NEGATIVE: nothing makes an argument; it is copied.
// CHECK-LABEL: func @copies_argument
func.func @copies_argument(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: %[[Y:.*]] = program.output 0 : memref<4xf32>
  // CHECK: bufferization.materialize_in_destination {{.*}} in writable %[[Y]]
  // MISSED: copied-output
  return %x : tensor<4xf32>
}

// NEGATIVE: one buffer cannot be two outputs.
// CHECK-LABEL: func @copies_second_use
func.func @copies_second_use(%x: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  // CHECK: program.output 0
  // CHECK: kernel.call
  // CHECK: program.output 1
  // MISSED: copied-output
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %0 = kernel.call @twice ins(%x : tensor<?xf32>) outs(%e : tensor<?xf32>) dims(%n) -> tensor<?xf32>
  return %0, %0 : tensor<?xf32>, tensor<?xf32>
}

// -----

// Equal constants lie at one place, others 64-byte aligned behind it.
// CHECK: module attributes
// CHECK-SAME: program.weights = {{\[}}[0, dense<1.000000e+00> : tensor<3xf32>], [64, dense<[1, 2]> : tensor<2xi64>]]
// CHECK-SAME: program.weights_bytes = 128
module {
  // CHECK-LABEL: func @places_constants
  func.func @places_constants() -> (tensor<3xf32>, tensor<2xi64>, tensor<3xf32>) {
    // CHECK-DAG: program.weights 0 : memref<3xf32>
    // CHECK-DAG: program.weights 64 : memref<2xi64>
    // CHECK-NOT: program.weights
    // CHECK-NOT: arith.constant dense
    %0 = arith.constant dense<1.0> : tensor<3xf32>
    %1 = arith.constant dense<[1, 2]> : tensor<2xi64>
    %2 = arith.constant dense<1.0> : tensor<3xf32>
    return %0, %1, %2 : tensor<3xf32>, tensor<2xi64>, tensor<3xf32>
  }
}
