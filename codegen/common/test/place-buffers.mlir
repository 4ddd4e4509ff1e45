// RUN: nacre-opt %s -codegen-place-buffers -split-input-file -verify-diagnostics | FileCheck %s

// Small ones on the stack, in the entry block; large ones one behind the other in
// scratch memory, a bounded one at its greatest size.
// CHECK-LABEL: func.func @places
//  CHECK-SAME:   codegen.scratch_bytes = 92032
// CHECK-NEXT:  memref.alloca() {alignment = 64 : i64} : memref<16xf32>
// CHECK:       %[[ZERO:.*]] = arith.constant 0 : index
// CHECK:       memref.view %{{.*}}[%[[ZERO]]][] : memref<?xi8> to memref<20000xf32>
// CHECK:       %[[NEXT:.*]] = arith.constant 80000 : index
// CHECK:       memref.view %{{.*}}[%[[NEXT]]][%{{.*}}] : memref<?xi8> to memref<?x100xf32>
func.func @places(%a: memref<8xf32>, %n: index, %begin: index, %end: index, %scratch: memref<?xi8>) -> i32
    attributes {codegen.num_outputs = 1 : i64, codegen.arg_dims = array<i64>} {
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  scf.for %i = %begin to %end step %c1 {
    %small = memref.alloc() : memref<16xf32>
    memref.store %zero, %small[%begin] : memref<16xf32>
    %large = memref.alloc() : memref<20000xf32>
    memref.store %zero, %large[%begin] : memref<20000xf32>
    %size = affine.min affine_map<(d0)[s0] -> (s0 - d0, 30)>(%i)[%n]
    %bounded = memref.alloc(%size) : memref<?x100xf32>
    memref.store %zero, %bounded[%begin, %begin] : memref<?x100xf32>
  }
  %ok = arith.constant 0 : i32
  return %ok : i32
}

// -----

// Sizes that only a launch knows: a function of the index arguments says the
// bytes, and the temporaries follow each other. What is bounded comes first.
// CHECK-LABEL: func.func private @open.scratch
//  CHECK-SAME:   (%[[N:.*]]: index, %[[M:.*]]: index) -> index
//       CHECK:   %[[FIRST:.*]] = arith.constant 80000 : index
//       CHECK:   arith.divui
//       CHECK:   %[[SECOND:.*]] = arith.addi %[[FIRST]]
//       CHECK:   arith.muli %[[N]], %[[M]]
//       CHECK:   %[[ALL:.*]] = arith.addi %[[SECOND]]
//       CHECK:   return %[[ALL]]
// CHECK-LABEL: func.func @open(
//  CHECK-SAME:   codegen.open_scratch = "open.scratch"
//   CHECK-NOT:   memref.alloc
func.func @open(%a: memref<8xf32>, %n: index, %m: index, %begin: index, %end: index, %scratch: memref<?xi8>) -> i32
    attributes {codegen.num_outputs = 1 : i64, codegen.arg_dims = array<i64>} {
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %large = memref.alloc() : memref<20000xf32>
  memref.store %zero, %large[%begin] : memref<20000xf32>
  scf.for %i = %c1 to %n step %c1 {
    // At most n, whatever i is.
    %rest = affine.apply affine_map<(d0)[s0] -> (s0 - d0)>(%i)[%n]
    %row = memref.alloc(%rest) : memref<?xf32>
    memref.store %zero, %row[%c1] : memref<?xf32>
    %product = arith.muli %n, %m : index
    %all = memref.alloc(%product) : memref<?xf32>
    memref.store %zero, %all[%c1] : memref<?xf32>
  }
  %ok = arith.constant 0 : i32
  return %ok : i32
}

// -----

// NEGATIVE: the size is read from a buffer.
func.func @unbounded(%a: memref<8xindex>, %begin: index, %end: index, %scratch: memref<?xi8>) -> i32
    attributes {codegen.num_outputs = 1 : i64, codegen.arg_dims = array<i64>} {
  %n = memref.load %a[%begin] : memref<8xindex>
  // expected-error@+1 {{needs a temporary of type 'memref<?xf32>' whose size depends on data}}
  %temporary = memref.alloc(%n) : memref<?xf32>
  %zero = arith.constant 0.0 : f32
  memref.store %zero, %temporary[%begin] : memref<?xf32>
  %ok = arith.constant 0 : i32
  return %ok : i32
}
