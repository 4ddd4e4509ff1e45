// RUN: nacre-opt %s -codegen-check-bounds -verify-diagnostics

func.func @chooses(%x: memref<4xf32>, %y: memref<4xf32>, %which: i1, %i: index) -> f32 {
  %z = arith.select %which, %x, %y : memref<4xf32>
  // expected-error@+1 {{cannot be checked: it is not known which buffer is accessed}}
  %v = memref.load %z[%i] : memref<4xf32>
  return %v : f32
}
