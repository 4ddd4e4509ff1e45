// RUN: nacre-opt %s --codegen-to-llvm | FileCheck %s

// f16 goes to and from memory as bits.
// CHECK-LABEL: llvm.func @masked
// CHECK: %[[BITS:.*]] = llvm.intr.masked.load {{.*}} : (!llvm.ptr, vector<8xi1>, vector<8xi16>) -> vector<8xi16>
// CHECK: %[[FLOATS:.*]] = llvm.bitcast %[[BITS]] : vector<8xi16> to vector<8xf16>
// CHECK: %[[SUM:.*]] = llvm.fadd %[[FLOATS]], %[[FLOATS]] : vector<8xf16>
// CHECK: %[[OUT:.*]] = llvm.bitcast %[[SUM]] : vector<8xf16> to vector<8xi16>
// CHECK: llvm.intr.masked.store %[[OUT]]
func.func @masked(%buffer: memref<?xf16>, %mask: vector<8xi1>, %none: vector<8xf16>) {
  %c0 = arith.constant 0 : index
  %0 = vector.maskedload %buffer[%c0], %mask, %none : memref<?xf16>, vector<8xi1>, vector<8xf16> into vector<8xf16>
  %1 = arith.addf %0, %0 : vector<8xf16>
  vector.maskedstore %buffer[%c0], %mask, %1 : memref<?xf16>, vector<8xi1>, vector<8xf16>
  return
}

// bf16 is its bits everywhere: in constants, between blocks, in a choice.
// CHECK-LABEL: llvm.func @carried
//   CHECK-NOT: bf16
//       CHECK: dense<16256> : vector<8xi16>
//   CHECK-NOT: bf16
//       CHECK: llvm.select {{.*}} vector<8xi16>
//   CHECK-NOT: bf16
//       CHECK: llvm.store {{.*}} vector<8xi16>
func.func @carried(%buffer: memref<8xbf16>, %mask: vector<8xi1>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = arith.constant dense<1.0> : vector<8xbf16>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%v = %one) -> vector<8xbf16> {
    %0 = vector.load %buffer[%c0] : memref<8xbf16>, vector<8xbf16>
    %1 = arith.select %mask, %0, %v : vector<8xi1>, vector<8xbf16>
    scf.yield %1 : vector<8xbf16>
  }
  vector.store %r, %buffer[%c0] : memref<8xbf16>, vector<8xbf16>
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

// Which zero is the greater one is nobody's business.
// CHECK-LABEL: llvm.func @greatest
//       CHECK: llvm.intr.maximum({{.*}}) {fastmathFlags = #llvm.fastmath<nsz>}
func.func @greatest(%a: vector<8xf32>, %b: vector<8xf32>) -> vector<8xf32> {
  %0 = arith.maximumf %a, %b : vector<8xf32>
  return %0 : vector<8xf32>
}
