// RUN: nacre-opt %s | nacre-opt | FileCheck %s

// CHECK-LABEL: @sequences
func.func @sequences(%x: tensor<?x3xf32>, %k: tensor<i64>) -> (tensor<?x3xf32>, tensor<i64>) {
  // CHECK: graph.sequence_make %{{.*}} {type = !graph.seq<tensor<?x3xf32>>}
  %s = graph.sequence_make %x, %x {type = !graph.seq<tensor<?x3xf32>>}
      : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<!graph.seq<tensor<?x3xf32>>>
  // CHECK: graph.sequence_insert
  %t = graph.sequence_insert %s, %k, %x
      : (tensor<!graph.seq<tensor<?x3xf32>>>, tensor<i64>, tensor<?x3xf32>) -> tensor<!graph.seq<tensor<?x3xf32>>>
  // CHECK: graph.sequence_erase
  %u = graph.sequence_erase %t, %k
      : (tensor<!graph.seq<tensor<?x3xf32>>>, tensor<i64>) -> tensor<!graph.seq<tensor<?x3xf32>>>
  // CHECK: graph.sequence_at
  %y = graph.sequence_at %u, %k : (tensor<!graph.seq<tensor<?x3xf32>>>, tensor<i64>) -> tensor<?x3xf32>
  // CHECK: graph.sequence_length
  %n = graph.sequence_length %u : (tensor<!graph.seq<tensor<?x3xf32>>>) -> tensor<i64>
  return %y, %n : tensor<?x3xf32>, tensor<i64>
}

// Nothing is known of the tensors of an empty sequence, and less of all after
// ranks have met.
// CHECK-LABEL: @widens
func.func @widens(%x: tensor<2xf32>, %y: tensor<2x2xf32>, %k: tensor<i64>) -> tensor<!graph.seq<tensor<*xf32>>> {
  %s = graph.sequence_make {type = !graph.seq<f32>} : () -> tensor<!graph.seq<f32>>
  // CHECK: graph.sequence_insert {{.*}} -> tensor<!graph.seq<tensor<2xf32>>>
  %t = graph.sequence_insert %s, %k, %x : (tensor<!graph.seq<f32>>, tensor<i64>, tensor<2xf32>) -> tensor<!graph.seq<tensor<2xf32>>>
  // CHECK: graph.sequence_insert {{.*}} -> tensor<!graph.seq<tensor<*xf32>>>
  %u = graph.sequence_insert %t, %k, %y
      : (tensor<!graph.seq<tensor<2xf32>>>, tensor<i64>, tensor<2x2xf32>) -> tensor<!graph.seq<tensor<*xf32>>>
  return %u : tensor<!graph.seq<tensor<*xf32>>>
}

// CHECK-LABEL: @splits_and_joins
func.func @splits_and_joins(%x: tensor<6x4xf32>, %two: tensor<i64>) -> (tensor<?x4xf32>, tensor<?x?x4xf32>) {
  // CHECK: graph.sequence_split
  %s = graph.sequence_split %x, %two {axis = 0 : i64, keep_dims = true}
      : (tensor<6x4xf32>, tensor<i64>) -> tensor<!graph.seq<tensor<?x4xf32>>>
  // CHECK: graph.sequence_concat
  %y = graph.sequence_concat %s {axis = 0 : i64, new_axis = false}
      : (tensor<!graph.seq<tensor<?x4xf32>>>) -> tensor<?x4xf32>
  %z = graph.sequence_concat %s {axis = 0 : i64, new_axis = true}
      : (tensor<!graph.seq<tensor<?x4xf32>>>) -> tensor<?x?x4xf32>
  return %y, %z : tensor<?x4xf32>, tensor<?x?x4xf32>
}

// CHECK-LABEL: @optionals
func.func @optionals(%x: tensor<4xf32>) -> (tensor<?xf32>, tensor<i1>) {
  // CHECK: graph.optional_make
  %o = graph.optional_make %x {type = !graph.opt<tensor<4xf32>>} : (tensor<4xf32>) -> tensor<!graph.opt<tensor<4xf32>>>
  // CHECK: graph.retype
  %p = graph.retype %o {to = !graph.opt<tensor<?xf32>>} : (tensor<!graph.opt<tensor<4xf32>>>) -> tensor<!graph.opt<tensor<?xf32>>>
  // CHECK: graph.optional_has
  %has = graph.optional_has %p : (tensor<!graph.opt<tensor<?xf32>>>) -> tensor<i1>
  // CHECK: graph.optional_get
  %y = graph.optional_get %p : (tensor<!graph.opt<tensor<?xf32>>>) -> tensor<?xf32>
  return %y, %has : tensor<?xf32>, tensor<i1>
}

// CHECK-LABEL: @maps
func.func @maps(%x: tensor<?x2xf32>, %m: tensor<!graph.map<!graph.string, f32>>) -> (tensor<!graph.seq<!graph.map<!graph.string, f32>>>, tensor<1x2xf32>) {
  // CHECK: graph.constant dense<["a", "b"]> : tensor<2x!graph.string>
  %keys = graph.constant dense<["a", "b"]> : tensor<2x!graph.string>
  // CHECK: graph.zip_map
  %z = graph.zip_map %x, %keys : (tensor<?x2xf32>, tensor<2x!graph.string>) -> tensor<!graph.seq<!graph.map<!graph.string, f32>>>
  // CHECK: graph.map_vector
  %v = graph.map_vector %m, %keys : (tensor<!graph.map<!graph.string, f32>>, tensor<2x!graph.string>) -> tensor<1x2xf32>
  return %z, %v : tensor<!graph.seq<!graph.map<!graph.string, f32>>>, tensor<1x2xf32>
}

// CHECK-LABEL: @strings
func.func @strings(%x: tensor<?x!graph.string>, %one: tensor<1x!graph.string>, %word: tensor<!graph.string>)
    -> (tensor<?x!graph.string>, tensor<?xi1>, tensor<?x?x!graph.string>, tensor<?xi1>, tensor<?x!graph.string>, tensor<?xf32>, tensor<?xi64>) {
  // CHECK: graph.string_concat
  %a = graph.string_concat %x, %one : (tensor<?x!graph.string>, tensor<1x!graph.string>) -> tensor<?x!graph.string>
  // CHECK: graph.string_equal
  %b = graph.string_equal %x, %one : (tensor<?x!graph.string>, tensor<1x!graph.string>) -> tensor<?xi1>
  // CHECK: graph.string_split
  %c, %counts = graph.string_split %x, %word {maxsplit = -1 : i64}
      : (tensor<?x!graph.string>, tensor<!graph.string>) -> (tensor<?x?x!graph.string>, tensor<?xi64>)
  // CHECK: graph.string_match
  %d = graph.string_match %x, %word : (tensor<?x!graph.string>, tensor<!graph.string>) -> tensor<?xi1>
  // CHECK: graph.string_normalize
  %e = graph.string_normalize %x, %one {case_change = 1 : i64, is_case_sensitive = false}
      : (tensor<?x!graph.string>, tensor<1x!graph.string>) -> tensor<?x!graph.string>
  // CHECK: graph.string_cast
  %f = graph.string_cast %x {to = f32} : (tensor<?x!graph.string>) -> tensor<?xf32>
  // CHECK: graph.string_find
  %g = graph.string_find %x, %one : (tensor<?x!graph.string>, tensor<1x!graph.string>) -> tensor<?xi64>
  return %a, %b, %c, %d, %e, %f, %g : tensor<?x!graph.string>, tensor<?xi1>, tensor<?x?x!graph.string>, tensor<?xi1>, tensor<?x!graph.string>, tensor<?xf32>, tensor<?xi64>
}

// Strings move as other elements do.
// CHECK-LABEL: @moves_strings
func.func @moves_strings(%x: tensor<2x3x!graph.string>, %i: tensor<2xi64>) -> tensor<2x2x!graph.string> {
  %t = graph.transpose %x perm [1, 0] : (tensor<2x3x!graph.string>) -> tensor<3x2x!graph.string>
  // CHECK: graph.gather {{.*}} -> tensor<2x2x!graph.string>
  %y = graph.gather %t, %i {axis = 0 : i64} : (tensor<3x2x!graph.string>, tensor<2xi64>) -> tensor<2x2x!graph.string>
  return %y : tensor<2x2x!graph.string>
}
