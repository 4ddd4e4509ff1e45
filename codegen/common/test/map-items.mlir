// RUN: nacre-opt %s -codegen-map-items | FileCheck %s

// One work item per few points; tensors begin at their offsets, scratch is the
// item's own; a failed check is noted unless an earlier launch failed.
// CHECK-NOT: func.func @k
// CHECK: gpu.func @kernel_main(%[[Y:.*]]: memref<?xf32>, %[[YAT:.*]]: index, %[[N:.*]]: index, %[[SCRATCH:.*]]: memref<?xi8>,
// CHECK-SAME: %[[STRIDE:.*]]: index, %[[RECORD:.*]]: memref<?xi32>, %[[LAUNCH:.*]]: i32, %[[GRID:.*]]: index, %[[EACH:.*]]: index)
// CHECK-SAME: known_block_size = array<i32: 64, 1, 1>
func.func @k(%y: memref<?xf32>, %n: index, %begin: index, %end: index, %scratch: memref<?xi8>) -> i32
    attributes {codegen.num_outputs = 1 : i64, codegen.arg_dims = array<i64: 0>,
                codegen.checks = [["node", "text"]], codegen.scratch_bytes = 64 : i64,
                kernel.target = #kernel.target<"t", {group_items = 64}>} {
  // CHECK: %[[ITEM:.*]] = gpu.global_id x
  // CHECK: %[[BEGIN:.*]] = arith.muli %[[ITEM]], %[[EACH]]
  // CHECK: %[[NEXT:.*]] = arith.addi %[[BEGIN]], %[[EACH]]
  // CHECK: %[[END:.*]] = arith.minsi %[[NEXT]], %[[GRID]]
  // CHECK: %[[WORKS:.*]] = arith.cmpi slt, %[[BEGIN]], %[[GRID]]
  // CHECK: scf.if %[[WORKS]]
  // CHECK: %[[FIRST:.*]] = arith.divui %[[YAT]], %{{.*}}
  // CHECK: %[[OWN:.*]] = arith.muli %[[ITEM]], %[[STRIDE]]
  // CHECK: %[[SHIFT:.*]] = arith.addi %[[OWN]], %{{.*}}
  // CHECK: memref.view %[[SCRATCH]][%[[SHIFT]]]
  // CHECK: scf.for %[[I:.*]] = %[[BEGIN]] to %[[END]]
  // CHECK: %[[AT:.*]] = arith.addi %[[FIRST]], %[[I]]
  // CHECK: memref.store %{{.*}}, %[[Y]][%[[AT]]]
  // CHECK: scf.if
  // CHECK: %[[OLD:.*]] = memref.load %[[RECORD]]
  // CHECK: arith.cmpi uge, %[[OLD]], %[[LAUNCH]]
  // CHECK: memref.atomic_rmw minu %[[LAUNCH]], %[[RECORD]]
  // CHECK: memref.atomic_rmw minu %{{.*}}, %[[RECORD]]
  // CHECK: gpu.return
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %t = memref.view %scratch[%c0][] : memref<?xi8> to memref<16xf32>
  scf.for %i = %begin to %end step %c1 {
    %v = memref.load %t[%c0] : memref<16xf32>
    memref.store %v, %y[%i] : memref<?xf32>
  }
  %bad = arith.cmpi sgt, %end, %n : index
  %code = arith.select %bad, %one, %zero : i32
  return %code : i32
}
