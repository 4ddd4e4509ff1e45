// RUN: nacre-opt %s -codegen-check-bounds | FileCheck %s

// CHECK-LABEL: func.func @load
//  CHECK-SAME:   (%[[X:.*]]: memref<4x8xf32>, %[[I:.*]]: index)
func.func @load(%x: memref<4x8xf32>, %i: index) -> f32 {
  // CHECK: %[[SIZE:.*]] = arith.constant 32 : index
  // CHECK: %[[END:.*]] = arith.cmpi slt, %{{.*}}, %[[SIZE]]
  // CHECK: %[[OK:.*]] = arith.andi %{{.*}}, %[[END]]
  // CHECK: kernel.check %[[OK]], "kernel 'load' reads out of the bounds of input 0 (memref<4x8xf32>)"
  // CHECK: scf.if %[[OK]] -> (f32) {
  // CHECK:   memref.load %[[X]]
  // CHECK: } else {
  // CHECK:   arith.constant 0.000000e+00
  %v = memref.load %x[%i, %i] : memref<4x8xf32>
  return %v : f32
}
