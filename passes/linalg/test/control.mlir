// RUN: nacre-opt %s --graph-to-linalg | FileCheck %s

// CHECK-LABEL: func @branches
//       CHECK: %[[C:.*]] = tensor.extract %{{.*}}[] : tensor<i1>
//       CHECK: %[[R:.*]] = scf.if %[[C]] -> (tensor<?xf32>)
//       CHECK: %[[DIM:.*]] = tensor.dim %[[R]]
//       CHECK: tensor.empty(%[[DIM]])
func.func @branches(%c: tensor<i1>, %a: tensor<?xf32>) -> tensor<?xf32> {
  %0 = graph.if %c then {
    graph.yield %a : tensor<?xf32>
  } else {
    %1 = graph.concat %a, %a axis 0 : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
    graph.yield %1 : tensor<?xf32>
  } : (tensor<i1>) -> tensor<?xf32>
  %2 = graph.exp %0 : (tensor<?xf32>) -> tensor<?xf32>
  return %2 : tensor<?xf32>
}

// Counter and condition are scalars; a stack grows by a row.
// CHECK-LABEL: func @loop
//       CHECK: scf.while {{.*}} : (i64, i1, tensor<3xf32>, tensor<?x3xf32>)
//       CHECK:   scf.condition
//       CHECK: do
//       CHECK:   linalg.generic
//       CHECK:   scf.yield
func.func @loop(%n: tensor<i64>, %x: tensor<3xf32>) -> (tensor<3xf32>, tensor<?x3xf32>) {
  %true = graph.constant dense<true> : tensor<i1>
  %r:2 = graph.loop %n, %true, %x {
  ^bb0(%i: tensor<i64>, %c: tensor<3xf32>):
    %s = graph.exp %c : (tensor<3xf32>) -> tensor<3xf32>
    %go = graph.constant dense<true> : tensor<i1>
    graph.yield %go, %s, %c : tensor<i1>, tensor<3xf32>, tensor<3xf32>
  } : (tensor<i64>, tensor<i1>, tensor<3xf32>) -> (tensor<3xf32>, tensor<?x3xf32>)
  return %r#0, %r#1 : tensor<3xf32>, tensor<?x3xf32>
}
