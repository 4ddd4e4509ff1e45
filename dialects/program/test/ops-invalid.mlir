// RUN: nacre-opt %s -split-input-file -verify-diagnostics

func.func @slice_e1(%a: memref<?xi8>, %n: index) {
  // expected-error@+1 {{has 0 dims; its buffer has 1 dynamic dims}}
  %s = program.slice %a[%n] : memref<?xi8> -> memref<?xf32>
  return
}

// -----

func.func @alloc_e1(%n: index) {
  // expected-error@+1 {{has 1 dims; its buffer has 0 dynamic dims}}
  %s = program.alloc dims(%n) : memref<4xf32>
  return
}

// -----

func.func @output_e1(%n: index) {
  // expected-error@+1 {{has 1 dims; its buffer has 2 dynamic dims}}
  %s = program.output 0 dims(%n) : memref<?x?xf32>
  return
}
