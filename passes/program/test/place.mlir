// RUN: nacre-opt %s -program-place | FileCheck %s
// RUN: nacre-opt %s -program-place -remark-format=emitRemark -remarks-filter-analyse=program-place -remarks-filter-missed=program-place -o /dev/null 2>&1 \
// RUN:   | FileCheck %s --check-prefix=REMARK

kernel.func @twice(%a: tensor<?xf32>, %o: tensor<?xf32>, %n: index) -> tensor<?xf32>
    attributes {num_outputs = 1, arg_dims = array<i64: 0, 0>} {
  kernel.return %o : tensor<?xf32>
}

// Of three values in a chain the first and the last share bytes.
// CHECK-LABEL: func @shares_bytes
func.func @shares_bytes(%x: memref<32xf32>) {
  // CHECK: %[[ALL:.*]] = arith.constant 256 : index
  // CHECK: %[[ARENA:.*]] = program.arena %[[ALL]]
  // CHECK: %[[AT0:.*]] = arith.constant 0 : index
  // CHECK: %[[AT128:.*]] = arith.constant 128 : index
  // CHECK: %[[AGAIN0:.*]] = arith.constant 0 : index
  // REMARK: arena{{.*}}bytes=256, dynamic-values=0, lower-bound=256, percent-of-bound=100
  %n = arith.constant 32 : index
  // CHECK: program.slice %[[ARENA]][%[[AT0]]]
  %a = memref.alloc() : memref<32xf32>
  kernel.call @twice ins(%x : memref<32xf32>) outs(%a : memref<32xf32>) dims(%n)
  // CHECK: program.slice %[[ARENA]][%[[AT128]]]
  %b = memref.alloc() : memref<32xf32>
  kernel.call @twice ins(%a : memref<32xf32>) outs(%b : memref<32xf32>) dims(%n)
  // CHECK: program.slice %[[ARENA]][%[[AGAIN0]]]
  %c = memref.alloc() : memref<32xf32>
  kernel.call @twice ins(%b : memref<32xf32>) outs(%c : memref<32xf32>) dims(%n)
  return
}

// Sizes and offsets are computed at entry, before the first launch, and checked.
// CHECK-LABEL: func @computes_slots
//  CHECK-SAME:   (%[[X:.*]]: memref<?xf32>)
func.func @computes_slots(%x: memref<?xf32>) {
  // CHECK: %[[N:.*]] = memref.dim %[[X]]
  // CHECK: %[[M:.*]] = arith.addi %[[N]], %[[N]]
  // CHECK: %[[LOW:.*]], %[[HIGH:.*]] = arith.mului_extended %{{.*}}, %[[M]]
  // CHECK: program.check %{{.*}}, "the size of an intermediate tensor is negative or larger than 2^48 bytes"
  // CHECK: program.arena
  // CHECK: program.slice %{{.*}} dims(%[[N]])
  // CHECK: kernel.call
  // CHECK: program.slice %{{.*}} dims(%[[M]])
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %a = memref.alloc(%n) : memref<?xf32>
  kernel.call @twice ins(%x : memref<?xf32>) outs(%a : memref<?xf32>) dims(%n)
  %m = arith.addi %n, %n : index
  %b = memref.alloc(%m) : memref<?xf32>
  kernel.call @twice ins(%a : memref<?xf32>) outs(%b : memref<?xf32>) dims(%m)
  return
}

// A buffer of a loop's body uses the same bytes in every iteration.
// CHECK-LABEL: func @places_loop_buffer
func.func @places_loop_buffer(%x: memref<32xf32>, %t: memref<i64>) {
  // CHECK: program.arena
  // CHECK: scf.for
  // CHECK: program.slice
  // CHECK-NOT: program.alloc
  // CHECK-NOT: program.free
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  scf.for %i = %c0 to %c32 step %c1 {
    %a = memref.alloc() : memref<32xf32>
    kernel.call @twice ins(%x : memref<32xf32>) outs(%a : memref<32xf32>) dims(%c32)
    kernel.call @twice ins(%a : memref<32xf32>) outs(%x : memref<32xf32>) dims(%c32)
  }
  return
}

// NEGATIVE: a size that a kernel computes is not known at entry.
// CHECK-LABEL: func @allocates_late_size
func.func @allocates_late_size(%x: memref<1xi64>, %y: memref<?xf32>) {
  // CHECK: %[[M:.*]] = arith.index_cast
  // CHECK: %[[P:.*]] = program.alloc dims(%[[M]])
  // CHECK: kernel.call {{.*}} outs(%[[P]]
  // CHECK-NEXT: program.free %[[P]]
  // REMARK: late-size
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %s = memref.alloc() : memref<1xi64>
  kernel.call @twice ins(%x : memref<1xi64>) outs(%s : memref<1xi64>) dims(%c1)
  %v = memref.load %s[%c0] : memref<1xi64>
  %m = arith.index_cast %v : i64 to index
  %a = memref.alloc(%m) : memref<?xf32>
  kernel.call @twice ins(%y : memref<?xf32>) outs(%a : memref<?xf32>) dims(%m)
  return
}

// NEGATIVE: host code stores without a wait, so its bytes are shared with nobody.
// CHECK-LABEL: func @keeps_host_buffer_apart
func.func @keeps_host_buffer_apart(%x: memref<1xi64>) {
  // CHECK: %[[ALL:.*]] = arith.constant 128
  // CHECK: program.arena %[[ALL]]
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %v = arith.constant 7 : i64
  %a = memref.alloc() : memref<1xi64>
  kernel.call @twice ins(%x : memref<1xi64>) outs(%a : memref<1xi64>) dims(%c1)
  %b = memref.alloc() : memref<1xi64>
  memref.store %v, %b[%c0] : memref<1xi64>
  kernel.call @twice ins(%b : memref<1xi64>) outs(%x : memref<1xi64>) dims(%c1)
  return
}
