// RUN: nacre-opt %s | nacre-opt | FileCheck %s

kernel.func @k(%a: tensor<?xf32>, %o: tensor<?xf32>, %n: index) -> tensor<?xf32>
    attributes {num_outputs = 1, arg_dims = array<i64: 0, 0>} {
  kernel.return %o : tensor<?xf32>
}

// CHECK-LABEL: func @all_ops
//  CHECK-SAME:   (%[[X:.*]]: memref<?xf32>, %[[N:.*]]: index, %[[C:.*]]: i1)
func.func @all_ops(%x: memref<?xf32>, %n: index, %c: i1) {
  // CHECK: %[[W:.*]] = program.weights 64 : memref<4xf32>
  %w = program.weights 64 : memref<4xf32>
  // CHECK: %[[A:.*]] = program.arena %[[N]] : memref<?xi8>
  %a = program.arena %n : memref<?xi8>
  // CHECK: %[[S:.*]] = program.slice %[[A]][%[[N]]] dims(%[[N]]) : memref<?xi8> -> memref<?xf32>
  %s = program.slice %a[%n] dims(%n) : memref<?xi8> -> memref<?xf32>
  // CHECK: %[[P:.*]] = program.alloc dims(%[[N]]) : memref<?xf32>
  %p = program.alloc dims(%n) : memref<?xf32>
  // CHECK: program.check %[[C]], "too many"
  program.check %c, "too many"
  // CHECK: program.launch @k grid(%[[N]]) ins(%[[X]] : memref<?xf32>) outs(%[[P]] : memref<?xf32>) scalars(%[[N]])
  program.launch @k grid(%n) ins(%x : memref<?xf32>) outs(%p : memref<?xf32>) scalars(%n)
  // CHECK: program.wait
  program.wait
  // CHECK: %[[O:.*]] = program.output 0 dims(%[[N]]) : memref<?xf32>
  %o = program.output 0 dims(%n) : memref<?xf32>
  // CHECK: program.copy %[[P]] to %[[O]] : memref<?xf32> to memref<?xf32>
  program.copy %p to %o : memref<?xf32> to memref<?xf32>
  // CHECK: program.free %[[P]] : memref<?xf32>
  program.free %p : memref<?xf32>
  return
}

// CHECK-LABEL: func @host
func.func @host(%x: memref<2xi64>, %k: memref<i64>) {
  // CHECK: program.host "sequence_at" [1, 2] [!graph.seq<tensor<?xf32>>, i64, f32](%{{.*}}, %{{.*}}) : (memref<2xi64>, memref<i64>) -> memref<?xf32>
  %y = program.host "sequence_at" [1, 2] [!graph.seq<tensor<?xf32>>, i64, f32](%x, %k) : (memref<2xi64>, memref<i64>) -> memref<?xf32>
  return
}
