// RUN: not nacre-opt %s -codegen-check-bounds 2>&1 | FileCheck %s

// An access that cannot be checked ends the pass.
// CHECK: error: is an access of memory that cannot be checked; expected a load or a store
func.func @copies(%x: memref<4xf32>, %y: memref<4xf32>) {
  memref.copy %x, %y : memref<4xf32> to memref<4xf32>
  return
}
