// RUN: nacre-opt %s -codegen-flatten-buffers -split-input-file -verify-diagnostics | FileCheck %s

// A part of a buffer of open size: strides are products of sizes.
// CHECK-LABEL: func @subview
//  CHECK-SAME:   (%[[X:.*]]: memref<?xf32>, %[[Y:.*]]: memref<?xf32>, %[[N:.*]]: index, %[[I:.*]]: index, %{{.*}}: index, %{{.*}}: memref<?xi8>)
func.func @subview(%x: memref<4x?xf32>, %y: memref<4xf32>, %n: index, %i: index, %end: index, %scratch: memref<?xi8>) -> i32
    attributes {codegen.num_outputs = 1 : i64, codegen.arg_dims = array<i64: 0>} {
  // CHECK-DAG: %[[C2:.*]] = arith.constant 2 : index
  // CHECK-DAG: %[[ROW:.*]] = arith.muli %[[N]], %[[C2]]
  // CHECK: %[[AT:.*]] = arith.addi
  // CHECK: %[[V:.*]] = memref.load %[[X]][%[[AT]]] : memref<?xf32>
  // CHECK: memref.store %[[V]], %[[Y]][%[[I]]] : memref<?xf32>
  %c0 = arith.constant 0 : index
  %part = memref.subview %x[2, 0] [1, %n] [1, 1] : memref<4x?xf32> to memref<1x?xf32, strided<[?, 1], offset: ?>>
  %v = memref.load %part[%c0, %i] : memref<1x?xf32, strided<[?, 1], offset: ?>>
  memref.store %v, %y[%i] : memref<4xf32>
  %ok = arith.constant 0 : i32
  return %ok : i32
}

// -----

// The size of a part is one that it was made with.
// CHECK-LABEL: func @size_of_part
//  CHECK-SAME:   (%{{[a-z0-9]+}}: memref<?xf32>, %[[Y:[a-z0-9]+]]: memref<?xindex>, %[[N:[a-z0-9]+]]: index,
//   CHECK-NOT:   memref.dim
//       CHECK:   memref.store %[[N]], %[[Y]]
func.func @size_of_part(%x: memref<8xf32>, %y: memref<1xindex>, %n: index, %i: index, %end: index, %scratch: memref<?xi8>) -> i32
    attributes {codegen.num_outputs = 1 : i64, codegen.arg_dims = array<i64>} {
  %c0 = arith.constant 0 : index
  %part = memref.reinterpret_cast %x to offset: [0], sizes: [%n], strides: [1] : memref<8xf32> to memref<?xf32>
  %size = memref.dim %part, %c0 : memref<?xf32>
  memref.store %size, %y[%c0] : memref<1xindex>
  %ok = arith.constant 0 : i32
  return %ok : i32
}

// -----

// Temporaries become rows.
// CHECK-LABEL: func @temporaries
func.func @temporaries(%y: memref<2x3xf32>, %i: index, %end: index, %scratch: memref<?xi8>) -> i32
    attributes {codegen.num_outputs = 1 : i64, codegen.arg_dims = array<i64>} {
  // CHECK-DAG: %[[SLOT:.*]] = memref.alloca() : memref<6xf32>
  // CHECK-DAG: %[[VIEW:.*]] = memref.view %{{.*}}[%{{.*}}][] : memref<?xi8> to memref<6xf32>
  // CHECK: memref.load %[[SLOT]][%{{.*}}]
  // CHECK: memref.store %{{.*}}, %[[VIEW]][%{{.*}}]
  // CHECK: memref.load %[[VIEW]][%{{.*}}]
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %slot = memref.alloca() : memref<2x3xf32>
  %view = memref.view %scratch[%c64][] : memref<?xi8> to memref<2x3xf32>
  %v = memref.load %slot[%c1, %i] : memref<2x3xf32>
  memref.store %v, %view[%i, %c1] : memref<2x3xf32>
  %w = memref.load %view[%c1, %c1] : memref<2x3xf32>
  memref.store %w, %y[%c1, %c1] : memref<2x3xf32>
  %ok = arith.constant 0 : i32
  return %ok : i32
}

// -----

// A constant is its value.
// CHECK-LABEL: func @constant
memref.global "private" constant @ones : memref<2x3xf32> = dense<1.0>
func.func @constant(%y: memref<2x3xf32>, %i: index, %end: index, %scratch: memref<?xi8>) -> i32
    attributes {codegen.num_outputs = 1 : i64, codegen.arg_dims = array<i64>} {
  // CHECK: %[[ONE:.*]] = arith.constant 1.000000e+00 : f32
  // CHECK-NOT: memref.get_global
  // CHECK: memref.store %[[ONE]]
  %ones = memref.get_global @ones : memref<2x3xf32>
  %v = memref.load %ones[%i, %i] : memref<2x3xf32>
  memref.store %v, %y[%i, %i] : memref<2x3xf32>
  %ok = arith.constant 0 : i32
  return %ok : i32
}

// -----

func.func @chosen(%x: memref<4xf32>, %y: memref<4xf32>, %i: index, %end: index, %scratch: memref<?xi8>) -> i32
    attributes {codegen.num_outputs = 1 : i64, codegen.arg_dims = array<i64>} {
  %c = arith.cmpi eq, %i, %end : index
  %z = arith.select %c, %x, %y : memref<4xf32>
  // expected-error@+1 {{accesses a buffer of type 'memref<4xf32>' whose place is chosen at run time}}
  %v = memref.load %z[%i] : memref<4xf32>
  memref.store %v, %y[%i] : memref<4xf32>
  %ok = arith.constant 0 : i32
  return %ok : i32
}
