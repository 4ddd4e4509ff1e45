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

// -----

func.func @host_e1(%x: memref<2xi64>) {
  // expected-error@+1 {{has 1 types; expected 2, one per input and output}}
  %y = program.host "retype" [] [i64](%x) : (memref<2xi64>) -> memref<2xi64>
  return
}
