// RUN: nacre-opt %s -program-plan -program-bufferize | FileCheck %s

kernel.func @twice(%a: tensor<?xf32>, %o: tensor<?xf32>, %n: index) -> tensor<?xf32>
    attributes {num_outputs = 1, arg_dims = array<i64: 0, 0>} {
  kernel.return %o : tensor<?xf32>
}

// State of a loop whose shape stays is one buffer, written by the kernel that
// makes the next state; the loop carries nothing.
// CHECK-LABEL: func @carries_in_place
//  CHECK-SAME:   (%[[X:.*]]: memref<4xf32>)
func.func @carries_in_place(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: %[[STATE:.*]] = memref.alloc() {{.*}}: memref<4xf32>
  // CHECK: memref.copy %[[X]], %[[STATE]]
  // CHECK: scf.for {{.*}} {
  // CHECK:   %[[T:.*]] = memref.alloc()
  // CHECK:   kernel.call @twice ins(%[[STATE]] : memref<4xf32>) outs(%[[T]] : memref<4xf32>)
  // CHECK:   kernel.call @twice ins(%[[T]] : memref<4xf32>) outs(%[[STATE]] : memref<4xf32>)
  // CHECK: }
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %r = scf.for %i = %c0 to %c4 step %c1 iter_args(%t = %x) -> tensor<4xf32> {
    %e = tensor.empty() : tensor<4xf32>
    %0 = kernel.call @twice ins(%t : tensor<4xf32>) outs(%e : tensor<4xf32>) dims(%c4) -> tensor<4xf32>
    %1 = kernel.call @twice ins(%0 : tensor<4xf32>) outs(%e : tensor<4xf32>) dims(%c4) -> tensor<4xf32>
    scf.yield %1 : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// NEGATIVE: a buffer that grows is owned by a flag, and freed by it.
// CHECK-LABEL: func @frees_growing_buffer
func.func @frees_growing_buffer(%x: tensor<?xf32>) -> tensor<?xf32> {
  // CHECK: scf.for {{.*}} iter_args(%[[T:.*]] = %{{.*}}, %[[OWNED:.*]] = %{{.*}}) -> (memref<?xf32>, i1)
  // CHECK:   scf.if %[[OWNED]]
  // CHECK:     memref.dealloc
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %r = scf.for %i = %c0 to %c4 step %c1 iter_args(%t = %x) -> tensor<?xf32> {
    %n = tensor.dim %t, %c0 : tensor<?xf32>
    %m = arith.addi %n, %c1 : index
    %e = tensor.empty(%m) : tensor<?xf32>
    %0 = kernel.call @twice ins(%t : tensor<?xf32>) outs(%e : tensor<?xf32>) dims(%m) -> tensor<?xf32>
    scf.yield %0 : tensor<?xf32>
  }
  return %r : tensor<?xf32>
}

// A row of a scan is written where it belongs; no copy.
// CHECK-LABEL: func @writes_row_in_place
func.func @writes_row_in_place(%x: tensor<8x4xf32>) -> tensor<8x4xf32> {
  // CHECK: %[[Y:.*]] = program.output 0
  // CHECK: scf.for
  // CHECK:   %[[ROW:.*]] = memref.subview %[[Y]]
  // CHECK:   kernel.call @twice {{.*}} outs(%[[ROW]]
  // CHECK-NOT: memref.copy
  // CHECK: return
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %y0 = tensor.empty() : tensor<8x4xf32>
  %r = scf.for %i = %c0 to %c8 step %c1 iter_args(%y = %y0) -> tensor<8x4xf32> {
    %e = tensor.empty() : tensor<4xf32>
    %xi = tensor.extract_slice %x[%i, 0] [1, 4] [1, 1] : tensor<8x4xf32> to tensor<4xf32>
    %s = kernel.call @twice ins(%xi : tensor<4xf32>) outs(%e : tensor<4xf32>) dims(%c4) -> tensor<4xf32>
    %ys = tensor.insert_slice %s into %y[%i, 0] [1, 4] [1, 1] : tensor<4xf32> into tensor<8x4xf32>
    scf.yield %ys : tensor<8x4xf32>
  }
  return %r : tensor<8x4xf32>
}

// What a host function gives is not written: it may be a part of a sequence.
// CHECK-LABEL: func @copies_what_the_host_keeps
func.func @copies_what_the_host_keeps(%s: tensor<i64>, %k: tensor<i64>) -> (tensor<4xf32>, tensor<4xf32>) {
  // CHECK: %[[Y:.*]] = program.host "sequence_at" {{.*}} -> memref<4xf32>
  // CHECK: memref.copy %[[Y]], %[[NEW:.*]] :
  // CHECK: memref.store %{{.*}}, %[[NEW]]
  %y = program.host "sequence_at" [] [i64, i64, f32](%s, %k) : (tensor<i64>, tensor<i64>) -> tensor<4xf32>
  %v0 = arith.constant 1.0 : f32
  %c0 = arith.constant 0 : index
  %z = tensor.insert %v0 into %y[%c0] : tensor<4xf32>
  return %z, %y : tensor<4xf32>, tensor<4xf32>
}
