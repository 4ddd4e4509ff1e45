// RUN: nacre-opt --canonicalize %s | FileCheck %s

// What was put in comes out without a sequence.
// CHECK-LABEL: @at_of_make
// CHECK-SAME: %[[X:.*]]: tensor<2xf32>, %[[Y:.*]]: tensor<2xf32>
func.func @at_of_make(%x: tensor<2xf32>, %y: tensor<2xf32>) -> tensor<2xf32> {
  %last = graph.constant dense<-1> : tensor<i64>
  %s = graph.sequence_make %x, %y {type = !graph.seq<tensor<2xf32>>} : (tensor<2xf32>, tensor<2xf32>) -> tensor<!graph.seq<tensor<2xf32>>>
  %z = graph.sequence_at %s, %last : (tensor<!graph.seq<tensor<2xf32>>>, tensor<i64>) -> tensor<2xf32>
  // CHECK: return %[[Y]]
  return %z : tensor<2xf32>
}

// NEGATIVE: the position is outside; the run says so.
// CHECK-LABEL: @keeps_at_outside
func.func @keeps_at_outside(%x: tensor<2xf32>) -> tensor<2xf32> {
  %one = graph.constant dense<1> : tensor<i64>
  %s = graph.sequence_make %x {type = !graph.seq<tensor<2xf32>>} : (tensor<2xf32>) -> tensor<!graph.seq<tensor<2xf32>>>
  // CHECK: graph.sequence_at
  %z = graph.sequence_at %s, %one : (tensor<!graph.seq<tensor<2xf32>>>, tensor<i64>) -> tensor<2xf32>
  return %z : tensor<2xf32>
}

// NEGATIVE: the sequence says less of its tensors than the tensor itself.
// CHECK-LABEL: @keeps_at_of_other_type
func.func @keeps_at_of_other_type(%x: tensor<2xf32>) -> tensor<?xf32> {
  %zero = graph.constant dense<0> : tensor<i64>
  %s = graph.sequence_make %x {type = !graph.seq<tensor<?xf32>>} : (tensor<2xf32>) -> tensor<!graph.seq<tensor<?xf32>>>
  // CHECK: graph.sequence_at
  %z = graph.sequence_at %s, %zero : (tensor<!graph.seq<tensor<?xf32>>>, tensor<i64>) -> tensor<?xf32>
  return %z : tensor<?xf32>
}

// CHECK-LABEL: @get_of_make
// CHECK-SAME: %[[X:.*]]: tensor<2xf32>
func.func @get_of_make(%x: tensor<2xf32>) -> tensor<2xf32> {
  %o = graph.optional_make %x {type = !graph.opt<tensor<2xf32>>} : (tensor<2xf32>) -> tensor<!graph.opt<tensor<2xf32>>>
  %p = graph.retype %o {to = !graph.opt<tensor<2xf32>>} : (tensor<!graph.opt<tensor<2xf32>>>) -> tensor<!graph.opt<tensor<2xf32>>>
  %y = graph.optional_get %p : (tensor<!graph.opt<tensor<2xf32>>>) -> tensor<2xf32>
  // CHECK: return %[[X]]
  return %y : tensor<2xf32>
}

// NEGATIVE: nothing is there to get.
// CHECK-LABEL: @keeps_get_of_none
func.func @keeps_get_of_none() -> tensor<2xf32> {
  %o = graph.optional_make {type = !graph.opt<tensor<2xf32>>} : () -> tensor<!graph.opt<tensor<2xf32>>>
  // CHECK: graph.optional_get
  %y = graph.optional_get %o : (tensor<!graph.opt<tensor<2xf32>>>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}
