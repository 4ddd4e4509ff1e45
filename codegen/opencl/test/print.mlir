// RUN: nacre-opencl-print %s | FileCheck %s

// Integers wrap, so they are unsigned; signed operations cast.
// CHECK-LABEL: void integers(__global uint *restrict a0, const long a1)
gpu.module @integers {
  gpu.func @integers(%x: memref<?xi32>, %i: index) kernel {
    // CHECK: const uint [[A:v[0-9]+]] = a0[a1];
    %a = memref.load %x[%i] : memref<?xi32>
    // CHECK: const uint [[S:v[0-9]+]] = [[A]] + 4294967295u;
    %c = arith.constant -1 : i32
    %s = arith.addi %a, %c : i32
    // CHECK: const uint [[D:v[0-9]+]] = (int)[[A]] / (int)[[S]];
    %d = arith.divsi %a, %s : i32
    // CHECK: const bool [[B:v[0-9]+]] = (int)[[A]] < (int)[[D]];
    %b = arith.cmpi slt, %a, %d : i32
    // CHECK: const ulong [[W:v[0-9]+]] = (int)[[D]];
    %w = arith.extsi %d : i32 to i64
    // CHECK: const ulong [[Q:v[0-9]+]] = [[W]] * [[W]];
    // CHECK-NEXT: const ulong [[H:v[0-9]+]] = mul_hi([[W]], [[W]]);
    %q, %h = arith.mului_extended %w, %w : i64
    // CHECK: const uint [[N:v[0-9]+]] = [[H]];
    %n = arith.trunci %h : i64 to i32
    // CHECK: const uint [[R:v[0-9]+]] = [[B]] ? [[N]] : [[D]];
    %r = arith.select %b, %n, %d : i32
    // CHECK: a0[a1] = [[R]];
    memref.store %r, %x[%i] : memref<?xi32>
    gpu.return
  }
}

// An integer of four bits has zeros above, and its sign is extended by hand.
// CHECK-LABEL: void nibbles(
gpu.module @nibbles {
  gpu.func @nibbles(%x: memref<?xi8>, %y: memref<?xi32>, %i: index) kernel {
    // CHECK: const uchar [[B:v[0-9]+]] = a0[a2];
    %b = memref.load %x[%i] : memref<?xi8>
    // CHECK: const uchar [[N:v[0-9]+]] = ([[B]]) & 15ul;
    %n = arith.trunci %b : i8 to i4
    // CHECK: const uint [[W:v[0-9]+]] = ((char)([[N]] << 4) >> 4);
    %w = arith.extsi %n : i4 to i32
    memref.store %w, %y[%i] : memref<?xi32>
    gpu.return
  }
}

// Comparisons keep what they say of NaN; bits stay bits.
// CHECK-LABEL: void floats(
gpu.module @floats {
  gpu.func @floats(%x: memref<?xf32>, %h: memref<?xf16>, %i: index) kernel {
    %a = memref.load %x[%i] : memref<?xf32>
    // CHECK: const bool {{.*}} = !([[A:v[0-9]+]] <= (1.500000000e+00f));
    %c = arith.constant 1.5 : f32
    %b = arith.cmpf ugt, %a, %c : f32
    // CHECK: as_float(2143289344u)
    %nan = arith.constant 0x7FC00000 : f32
    %s = arith.select %b, %a, %nan : f32
    // A sum is fused only where it may be.
    // CHECK: const float [[P:v[0-9]+]] = [[A]] * [[A]];
    // CHECK: const float {{.*}} = [[P]] + [[A]];
    %p = arith.mulf %a, %a : f32
    %q = arith.addf %p, %a : f32
    // CHECK-NEXT: mad([[A]], [[A]], {{v[0-9]+}})
    %t = arith.mulf %a, %a fastmath<contract> : f32
    %u = arith.addf %t, %s fastmath<contract> : f32
    // CHECK: as_uint(
    %k = arith.bitcast %u : f32 to i32
    // CHECK: sqrt(
    %r = math.sqrt %q : f32
    // CHECK: const ushort [[H:v[0-9]+]] = a1[a2];
    // CHECK-NEXT: const ushort [[G:v[0-9]+]] = [[H]];
    %v = memref.load %h[%i] : memref<?xf16>
    %g = arith.bitcast %v : f16 to i16
    memref.store %r, %x[%i] : memref<?xf32>
    gpu.return
  }
}

// Values that a loop carries change all at once.
// CHECK-LABEL: void swaps(
gpu.module @swaps {
  gpu.func @swaps(%x: memref<?xf32>, %n: index) kernel {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %a = memref.load %x[%c0] : memref<?xf32>
    %b = memref.load %x[%c1] : memref<?xf32>
    // CHECK: float [[P:v[0-9]+]] = v0;
    // CHECK-NEXT: float [[Q:v[0-9]+]] = v1;
    // CHECK-NEXT: for (long [[I:v[0-9]+]] = 0l; [[I]] < a1; [[I]] += 1l) {
    // CHECK-NEXT: const float [[S:v[0-9]+]] = [[Q]];
    // CHECK-NEXT: const float [[T:v[0-9]+]] = [[P]];
    // CHECK-NEXT: [[P]] = [[S]];
    // CHECK-NEXT: [[Q]] = [[T]];
    // CHECK-NEXT: }
    %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%p = %a, %q = %b) -> (f32, f32) {
      scf.yield %q, %p : f32, f32
    }
    // CHECK-NEXT: a0[0l] = [[P]];
    memref.store %r#0, %x[%c0] : memref<?xf32>
    gpu.return
  }
}

// A loop whose end depends on data; temporaries; the record of errors.
// CHECK-LABEL: void control(
gpu.module @control {
  gpu.func @control(%x: memref<?xi32>, %scratch: memref<?xi8>) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    // CHECK: const long [[ID:v[0-9]+]] = get_global_id(0);
    %id = gpu.global_id x
    // CHECK: float [[SLOT:v[0-9]+]][3];
    %slot = memref.alloca() : memref<3xf32>
    // CHECK: __global float *const [[VIEW:v[0-9]+]] = (__global float *)(a1 + [[ID]]);
    %view = memref.view %scratch[%id][] : memref<?xi8> to memref<4xf32>
    %f = memref.load %view[%id] : memref<4xf32>
    memref.store %f, %slot[%id] : memref<3xf32>
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    // CHECK: uint [[K:v[0-9]+]] = 0u;
    // CHECK-NEXT: uint [[R:v[0-9]+]];
    // CHECK-NEXT: for (;;) {
    // CHECK: [[R]] = [[K]];
    // CHECK-NEXT: if (!{{v[0-9]+}})
    // CHECK-NEXT: break;
    // CHECK: [[K]] = {{v[0-9]+}};
    %r = scf.while (%k = %c0) : (i32) -> i32 {
      %v = memref.load %x[%id] : memref<?xi32>
      %more = arith.cmpi slt, %k, %v : i32
      scf.condition(%more) %k : i32
    } do {
    ^bb0(%k: i32):
      %next = arith.addi %k, %c1 : i32
      scf.yield %next : i32
    }
    // CHECK: uint [[V:v[0-9]+]];
    // CHECK: if (
    // CHECK-NEXT: [[V]] = [[R]];
    // CHECK-NEXT: } else {
    // CHECK-NEXT: [[V]] = 1u;
    // CHECK-NEXT: }
    %b = arith.cmpi eq, %r, %c1 : i32
    %y = scf.if %b -> i32 {
      scf.yield %r : i32
    } else {
      scf.yield %c1 : i32
    }
    // CHECK: atomic_min(&a0[[[ID]]], [[V]]);
    %old = memref.atomic_rmw minu %y, %x[%id] : (i32, memref<?xi32>) -> i32
    gpu.return
  }
}
