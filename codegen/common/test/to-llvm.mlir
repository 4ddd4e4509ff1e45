// RUN: nacre-opt %s --codegen-to-llvm | FileCheck %s

// 16-bit floats go to and from memory as bits.
// CHECK-LABEL: llvm.func @masked
// CHECK: %[[BITS:.*]] = llvm.intr.masked.load {{.*}} : (!llvm.ptr, vector<8xi1>, vector<8xi16>) -> vector<8xi16>
// CHECK: %[[FLOATS:.*]] = llvm.bitcast %[[BITS]] : vector<8xi16> to vector<8xbf16>
// CHECK: %[[SUM:.*]] = llvm.fadd %[[FLOATS]], %[[FLOATS]] : vector<8xbf16>
// CHECK: %[[OUT:.*]] = llvm.bitcast %[[SUM]] : vector<8xbf16> to vector<8xi16>
// CHECK: llvm.intr.masked.store %[[OUT]]
func.func @masked(%buffer: memref<?xbf16>, %mask: vector<8xi1>, %none: vector<8xbf16>) {
  %c0 = arith.constant 0 : index
  %0 = vector.maskedload %buffer[%c0], %mask, %none : memref<?xbf16>, vector<8xi1>, vector<8xbf16> into vector<8xbf16>
  %1 = arith.addf %0, %0 : vector<8xbf16>
  vector.maskedstore %buffer[%c0], %mask, %1 : memref<?xbf16>, vector<8xi1>, vector<8xbf16>
  return
}

// CHECK-LABEL: llvm.func @scalar
// CHECK: %[[BITS:.*]] = llvm.load %{{.*}} : !llvm.ptr -> i16
// CHECK: llvm.bitcast %[[BITS]] : i16 to f16
func.func @scalar(%buffer: memref<?xf16>, %i: index) -> f16 {
  %0 = memref.load %buffer[%i] : memref<?xf16>
  return %0 : f16
}

// CHECK-LABEL: llvm.func @wide
// CHECK: llvm.load %{{.*}} : !llvm.ptr -> f32
func.func @wide(%buffer: memref<?xf32>, %i: index) -> f32 {
  %0 = memref.load %buffer[%i] : memref<?xf32>
  return %0 : f32
}

// Two open sizes made of one.
// CHECK-LABEL: llvm.func @split
// CHECK: llvm.getelementptr
// CHECK: llvm.load %{{.*}} : !llvm.ptr -> f32
func.func @split(%buffer: memref<?xf32>, %m: index, %n: index, %i: index) -> f32 {
  %e = memref.expand_shape %buffer [[0, 1]] output_shape [%m, %n] : memref<?xf32> into memref<?x?xf32>
  %0 = memref.load %e[%i, %i] : memref<?x?xf32>
  return %0 : f32
}
