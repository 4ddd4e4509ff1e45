// RUN: nacre-opt %s -split-input-file -verify-diagnostics

// Attributes of the borders of functions.

func.func @good(%x: tensor<?x3xf32> {graph.dims = ["N", 3], graph.name = "x"})
    -> (tensor<?x3xf32> {graph.dims = ["N", 3], graph.name = "y"}) {
  return %x : tensor<?x3xf32>
}

// -----

// expected-error@+1 {{graph.dims is ["N"] for type 'tensor<?x3xf32>'; expected an array with one entry per dim}}
func.func @dims_rank(%x: tensor<?x3xf32> {graph.dims = ["N"]}) {
  return
}

// -----

// expected-error@+1 {{graph.dims has 4 for dim 1 of size 3}}
func.func @dims_size(%x: tensor<?x3xf32> {graph.dims = ["N", 4]}) {
  return
}

// -----

// expected-error@+1 {{graph.dims has -1 for dim 0 of size ?}}
func.func @dims_negative(%x: tensor<?xf32> {graph.dims = [-1]}) {
  return
}

// -----

// expected-error@+1 {{graph.dims has 1.000000e+00 : f64 for dim 0; expected a name or an i64 size}}
func.func @dims_kind(%x: tensor<?xf32> {graph.dims = [1.0]}) {
  return
}

// -----

// expected-error@+1 {{graph.dims has an empty name for dim 0}}
func.func @dims_empty(%x: tensor<?xf32> {graph.dims = [""]}) {
  return
}

// -----

// expected-error@+1 {{graph.dims is "N" for type 'tensor<?xf32>'; expected an array with one entry per dim}}
func.func @result_dims(%x: tensor<?xf32>) -> (tensor<?xf32> {graph.dims = "N"}) {
  return %x : tensor<?xf32>
}

// -----

// expected-error@+1 {{graph.name is 3 : i64; expected a string}}
func.func @name(%x: tensor<?xf32> {graph.name = 3}) {
  return
}

// -----

func.func @on_op(%x: tensor<?xf32>) {
  // expected-error@+1 {{has attribute "graph.name"; expected it on arguments and results of functions only}}
  %0 = graph.neg %x {graph.name = "y"} : (tensor<?xf32>) -> tensor<?xf32>
  return
}
