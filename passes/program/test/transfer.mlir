// RUN: nacre-opt %s -program-launch -program-transfer -program-wait | FileCheck %s
// RUN: nacre-opt %s -program-launch -program-transfer -remark-format=emitRemark -remarks-filter-missed=program-transfer -o /dev/null 2>&1 \
// RUN:   | FileCheck %s --check-prefix=REMARK

#far = #kernel.target<"far", {own_memory = 1}>
module attributes {kernel.target = #far} {

kernel.func @far(%a: tensor<4xf32>, %o: tensor<4xf32>) -> tensor<4xf32>
    attributes {num_outputs = 1, arg_dims = array<i64>, target = #far} {
  kernel.return %o : tensor<4xf32>
}
kernel.func @near(%a: tensor<4xf32>, %o: tensor<4xf32>) -> tensor<4xf32>
    attributes {num_outputs = 1, arg_dims = array<i64>, target = #kernel.target<"near", {}>} {
  kernel.return %o : tensor<4xf32>
}

// An input goes there once, an output comes back at the end; what lies between
// and weights never move, and nobody waits.
// CHECK-LABEL: func @moves_borders
//  CHECK-SAME:   (%[[X:.*]]: memref<4xf32>)
func.func @moves_borders(%x: memref<4xf32>) {
  // CHECK-NEXT: program.upload %[[X]]
  // CHECK-NOT: program.upload
  // CHECK-NOT: program.download
  // CHECK-NOT: program.wait
  // CHECK: program.launch @far remote
  // CHECK: program.launch @far remote
  // CHECK: program.launch @far remote grid({{.*}} outs(%[[Y:.*]] : memref<4xf32>)
  // CHECK-NEXT: program.download %[[Y]]
  // CHECK-NEXT: return
  %c64 = arith.constant 64 : index
  %c0 = arith.constant 0 : index
  %arena = program.arena %c64 : memref<?xi8>
  %a = program.slice %arena[%c0] : memref<?xi8> -> memref<4xf32>
  %w = program.weights 0 : memref<4xf32>
  %y = program.output 0 : memref<4xf32>
  kernel.call @far ins(%x : memref<4xf32>) outs(%a : memref<4xf32>)
  kernel.call @far ins(%w : memref<4xf32>) outs(%a : memref<4xf32>)
  kernel.call @far ins(%a : memref<4xf32>) outs(%y : memref<4xf32>)
  return
}

// What host code reads comes back where it is written, and is waited for.
// CHECK-LABEL: func @downloads_what_host_reads
func.func @downloads_what_host_reads(%x: memref<4xf32>) -> f32 {
  // CHECK: program.launch @far remote grid({{.*}} outs(%[[A:.*]] : memref<4xf32>)
  // CHECK-NEXT: program.download %[[A]]
  // CHECK-NEXT: program.wait
  // CHECK-NEXT: memref.load %[[A]]
  // REMARK: shared{{.*}}program-transfer
  %c64 = arith.constant 64 : index
  %c0 = arith.constant 0 : index
  %arena = program.arena %c64 : memref<?xi8>
  %a = program.slice %arena[%c0] : memref<?xi8> -> memref<4xf32>
  kernel.call @far ins(%x : memref<4xf32>) outs(%a : memref<4xf32>)
  %v = memref.load %a[%c0] : memref<4xf32>
  return %v : f32
}

// Stores that follow each other go there together.
// CHECK-LABEL: func @uploads_what_host_writes
func.func @uploads_what_host_writes(%v: f32) {
  // CHECK: memref.store %{{.*}}, %[[A:.*]][
  // CHECK-NEXT: memref.store
  // CHECK-NEXT: program.upload %[[A]]
  // CHECK: program.launch @far remote
  %c64 = arith.constant 64 : index
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %arena = program.arena %c64 : memref<?xi8>
  %a = program.slice %arena[%c0] : memref<?xi8> -> memref<4xf32>
  %y = program.output 0 : memref<4xf32>
  memref.store %v, %a[%c0] : memref<4xf32>
  memref.store %v, %a[%c1] : memref<4xf32>
  kernel.call @far ins(%a : memref<4xf32>) outs(%y : memref<4xf32>)
  return
}

// A kernel of the host is host code.
// CHECK-LABEL: func @crosses_to_host_kernel
func.func @crosses_to_host_kernel(%x: memref<4xf32>) {
  // CHECK: program.launch @far remote grid({{.*}} outs(%[[A:.*]] : memref<4xf32>)
  // CHECK-NEXT: program.download %[[A]]
  // CHECK: program.launch @near grid
  // CHECK: return
  %c64 = arith.constant 64 : index
  %c0 = arith.constant 0 : index
  %arena = program.arena %c64 : memref<?xi8>
  %a = program.slice %arena[%c0] : memref<?xi8> -> memref<4xf32>
  %y = program.output 0 : memref<4xf32>
  kernel.call @far ins(%x : memref<4xf32>) outs(%a : memref<4xf32>)
  kernel.call @near ins(%a : memref<4xf32>) outs(%y : memref<4xf32>)
  return
}

// A copy of what the device has is made there.
// CHECK-LABEL: func @copies_on_device
func.func @copies_on_device(%x: memref<4xf32>) {
  // CHECK: program.launch @far remote
  // CHECK-NOT: program.download
  // CHECK: program.copy remote %{{.*}} to %[[Y:.*]] :
  // CHECK-NEXT: program.download %[[Y]]
  %c64 = arith.constant 64 : index
  %c0 = arith.constant 0 : index
  %arena = program.arena %c64 : memref<?xi8>
  %a = program.slice %arena[%c0] : memref<?xi8> -> memref<4xf32>
  %y = program.output 0 : memref<4xf32>
  kernel.call @far ins(%x : memref<4xf32>) outs(%a : memref<4xf32>)
  memref.copy %a, %y : memref<4xf32> to memref<4xf32>
  return
}

// NEGATIVE: what the device never touches stays where it is.
// CHECK-LABEL: func @keeps_host_data
func.func @keeps_host_data(%x: memref<4xf32>) {
  // CHECK-NOT: program.upload
  // CHECK-NOT: program.download
  // CHECK: program.copy %{{.*}} to
  // CHECK-NEXT: return
  %y = program.output 0 : memref<4xf32>
  memref.copy %x, %y : memref<4xf32> to memref<4xf32>
  return
}
}
