// RUN: nacre-opt --graph-to-linalg %s | FileCheck %s

// A sequence is a handle; one call per op.
// CHECK-LABEL: @grows
// CHECK-SAME: (%[[S:.*]]: tensor<i64> {graph.dtype = !graph.seq<tensor<?xf32>>}, %[[X:.*]]: tensor<?xf32>
func.func @grows(%s: tensor<!graph.seq<tensor<?xf32>>>, %x: tensor<?xf32>) -> tensor<!graph.seq<tensor<?xf32>>> {
  // CHECK: %[[N:.*]] = program.host "sequence_length" [] [!graph.seq<tensor<?xf32>>, i64](%[[S]]) : (tensor<i64>) -> tensor<i64>
  %n = graph.sequence_length %s : (tensor<!graph.seq<tensor<?xf32>>>) -> tensor<i64>
  // CHECK: %[[R:.*]] = program.host "sequence_insert" [] [!graph.seq<tensor<?xf32>>, i64, f32, !graph.seq<tensor<?xf32>>](%[[S]], %[[N]], %[[X]])
  %r = graph.sequence_insert %s, %n, %x : (tensor<!graph.seq<tensor<?xf32>>>, tensor<i64>, tensor<?xf32>) -> tensor<!graph.seq<tensor<?xf32>>>
  // CHECK: return %[[R]]
  return %r : tensor<!graph.seq<tensor<?xf32>>>
}

// Integer attributes come in the order of their names, signs in the types.
// CHECK-LABEL: @splits
func.func @splits(%x: tensor<4x2xui8>, %n: tensor<i64>) -> tensor<!graph.seq<tensor<?x2xui8>>> {
  // CHECK: program.host "sequence_split" [0, 1] [ui8, i64, !graph.seq<tensor<?x2xui8>>]
  %s = graph.sequence_split %x, %n {axis = 0 : i64, keep_dims = true} : (tensor<4x2xui8>, tensor<i64>) -> tensor<!graph.seq<tensor<?x2xui8>>>
  return %s : tensor<!graph.seq<tensor<?x2xui8>>>
}

// A constant is the ends of its strings, then their text.
// CHECK-LABEL: @constant
func.func @constant() -> tensor<2x!graph.string> {
  // CHECK: %[[B:.*]] = arith.constant dense<[2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 97, 98, 99]> : tensor<19xi8>
  // CHECK: program.host "constant" [] [ui8, !graph.string](%[[B]]) : (tensor<19xi8>) -> tensor<2xi64>
  %c = graph.constant dense<["ab", "c"]> : tensor<2x!graph.string>
  return %c : tensor<2x!graph.string>
}

// Strings move as integers do.
// CHECK-LABEL: @moves
func.func @moves(%x: tensor<2x3x!graph.string>) -> tensor<3x2x!graph.string> {
  // CHECK: linalg.{{.*}} tensor<3x2xi64>
  // CHECK-NOT: program.host
  %y = graph.transpose %x perm [1, 0] : (tensor<2x3x!graph.string>) -> tensor<3x2x!graph.string>
  return %y : tensor<3x2x!graph.string>
}

// CHECK-LABEL: @carries
func.func @carries(%n: tensor<i64>, %go: tensor<i1>, %s: tensor<!graph.seq<tensor<2xf32>>>, %x: tensor<2xf32>) -> tensor<!graph.seq<tensor<2xf32>>> {
  // CHECK: scf.while {{.*}} : (i64, i1, tensor<i64>) -> (i64, i1, tensor<i64>)
  // CHECK: program.host "sequence_insert"
  %r = graph.loop %n, %go, %s {
  ^bb0(%i: tensor<i64>, %t: tensor<!graph.seq<tensor<2xf32>>>):
    %u = graph.sequence_insert %t, %i, %x : (tensor<!graph.seq<tensor<2xf32>>>, tensor<i64>, tensor<2xf32>) -> tensor<!graph.seq<tensor<2xf32>>>
    graph.yield %go, %u : tensor<i1>, tensor<!graph.seq<tensor<2xf32>>>
  } : (tensor<i64>, tensor<i1>, tensor<!graph.seq<tensor<2xf32>>>) -> tensor<!graph.seq<tensor<2xf32>>>
  return %r : tensor<!graph.seq<tensor<2xf32>>>
}
