// RUN: nacre-opt %s -program-launch -program-wait | FileCheck %s

kernel.func @tiled(%a: tensor<?x8xf32>, %o: tensor<?x8xf32>, %n: index) -> tensor<?x8xf32>
    attributes {num_outputs = 1, arg_dims = array<i64: 0, 0>, schedule = #kernel.schedule<"loops", grid = [4, 0]>} {
  kernel.return %o : tensor<?x8xf32>
}
kernel.func @whole(%a: tensor<?x8xf32>, %o: tensor<?x8xf32>, %n: index) -> tensor<?x8xf32>
    attributes {num_outputs = 1, arg_dims = array<i64: 0, 0>} {
  kernel.return %o : tensor<?x8xf32>
}

// The grid counts tiles of the first output; a dim of tile 0 is not split.
// CHECK-LABEL: func @computes_grid
//  CHECK-SAME:   (%[[X:.*]]: memref<?x8xf32>, %[[Y:.*]]: memref<?x8xf32>, %[[N:.*]]: index)
func.func @computes_grid(%x: memref<?x8xf32>, %y: memref<?x8xf32>, %n: index) {
  // CHECK-DAG: %[[C1:.*]] = arith.constant 1 : index
  // CHECK-DAG: %[[C3:.*]] = arith.constant 3 : index
  // CHECK-DAG: %[[C4:.*]] = arith.constant 4 : index
  // CHECK: %[[D:.*]] = memref.dim %[[Y]]
  // CHECK: %[[P:.*]] = arith.addi %[[D]], %[[C3]]
  // CHECK: %[[G:.*]] = arith.divui %[[P]], %[[C4]]
  // CHECK: program.launch @tiled grid(%[[G]]) ins(%[[X]] : memref<?x8xf32>) outs(%[[Y]] : memref<?x8xf32>) scalars(%[[N]])
  kernel.call @tiled ins(%x : memref<?x8xf32>) outs(%y : memref<?x8xf32>) dims(%n)
  // CHECK: program.launch @whole grid(%[[C1]])
  kernel.call @whole ins(%x : memref<?x8xf32>) outs(%y : memref<?x8xf32>) dims(%n)
  return
}

// Host code waits before it reads what a kernel wrote, once.
// CHECK-LABEL: func @waits_before_load
func.func @waits_before_load(%x: memref<?x8xf32>, %y: memref<?x8xf32>, %n: index) -> f32 {
  // CHECK: program.launch
  // CHECK: memref.load %{{.*}}
  // CHECK: program.wait
  // CHECK: memref.load
  // CHECK-NOT: program.wait
  // CHECK: memref.load
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  kernel.call @tiled ins(%x : memref<?x8xf32>) outs(%y : memref<?x8xf32>) dims(%n)
  %0 = memref.load %x[%c0, %c0] : memref<?x8xf32>
  %1 = memref.load %y[%c0, %c0] : memref<?x8xf32>
  %2 = memref.load %y[%c1, %c0] : memref<?x8xf32>
  %3 = arith.addf %0, %1 : f32
  %4 = arith.addf %3, %2 : f32
  return %4 : f32
}

// A loop comes back to the load after its own launch.
// CHECK-LABEL: func @waits_in_loop
func.func @waits_in_loop(%x: memref<?x8xf32>, %y: memref<?x8xf32>, %n: index) {
  // CHECK: scf.for
  // CHECK: program.wait
  // CHECK: memref.load
  // CHECK: scf.if
  // CHECK: program.launch
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  scf.for %i = %c0 to %n step %c1 {
    %v = memref.load %y[%i, %c0] : memref<?x8xf32>
    %p = arith.cmpf oeq, %v, %zero : f32
    scf.if %p {
      kernel.call @tiled ins(%x : memref<?x8xf32>) outs(%y : memref<?x8xf32>) dims(%n)
    }
  }
  return
}

// A copy of a buffer to itself is none; one of a column is a loop.
// CHECK-LABEL: func @lowers_copies
//  CHECK-SAME:   (%[[X:.*]]: memref<4x8xf32>, %[[Y:.*]]: memref<4x8xf32>, %[[Z:.*]]: memref<4x2xf32>)
func.func @lowers_copies(%x: memref<4x8xf32>, %y: memref<4x8xf32>, %z: memref<4x2xf32>) {
  // CHECK-NEXT: arith.constant
  // CHECK: program.copy %[[X]] to %[[Y]]
  memref.copy %x, %y : memref<4x8xf32> to memref<4x8xf32>
  %v = memref.collapse_shape %x [[0, 1]] : memref<4x8xf32> into memref<32xf32>
  %w = memref.expand_shape %v [[0, 1]] output_shape [4, 8] : memref<32xf32> into memref<4x8xf32>
  // CHECK-NOT: program.copy
  memref.copy %w, %x : memref<4x8xf32> to memref<4x8xf32>
  %s = memref.subview %x[0, 2] [4, 2] [1, 1] : memref<4x8xf32> to memref<4x2xf32, strided<[8, 1], offset: 2>>
  // CHECK: scf.for
  // CHECK:   scf.for
  // CHECK:     memref.load
  // CHECK:     memref.store
  memref.copy %s, %z : memref<4x2xf32, strided<[8, 1], offset: 2>> to memref<4x2xf32>
  return
}

// A host function waits for the kernels that make its inputs, and no other.
kernel.func @copies(%a: tensor<4xi64>, %o: tensor<4xi64>) -> tensor<4xi64>
    attributes {num_outputs = 1, arg_dims = array<i64>} {
  kernel.return %o : tensor<4xi64>
}
// CHECK-LABEL: func @host_waits
func.func @host_waits(%x: memref<4xi64>, %o: memref<4xi64>) {
  // CHECK: program.launch @copies
  kernel.call @copies ins(%x : memref<4xi64>) outs(%o : memref<4xi64>)
  // CHECK-NEXT: program.host "string_equal"
  %a = program.host "string_equal" [] [i64, i64, i1](%x, %x) : (memref<4xi64>, memref<4xi64>) -> memref<4xi1>
  // CHECK-NEXT: program.wait
  // CHECK-NEXT: program.host "string_equal"
  %b = program.host "string_equal" [] [i64, i64, i1](%o, %x) : (memref<4xi64>, memref<4xi64>) -> memref<4xi1>
  return
}
