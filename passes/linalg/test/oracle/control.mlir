// RUN: nacre-tensor-oracle %s

func.func @if_true(%c: tensor<i1> {test.range = [1, 1]}, %a: tensor<?xf32> {test.dims = [3]}) -> tensor<?xf32> {
  %0 = graph.if %c then {
    %1 = graph.add %a, %a : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
    graph.yield %1 : tensor<?xf32>
  } else {
    %2 = graph.concat %a, %a axis 0 : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
    graph.yield %2 : tensor<?xf32>
  } : (tensor<i1>) -> tensor<?xf32>
  %3 = graph.exp %0 : (tensor<?xf32>) -> tensor<?xf32>
  return %3 : tensor<?xf32>
}
func.func @if_false(%c: tensor<1xi1> {test.range = [0, 0]}, %a: tensor<?xf32> {test.dims = [3]}) -> tensor<?xf32> {
  %0 = graph.if %c then {
    graph.yield %a : tensor<?xf32>
  } else {
    %2 = graph.concat %a, %a axis 0 : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
    graph.yield %2 : tensor<?xf32>
  } : (tensor<1xi1>) -> tensor<?xf32>
  %3 = graph.exp %0 : (tensor<?xf32>) -> tensor<?xf32>
  return %3 : tensor<?xf32>
}
func.func @loop(%n: tensor<i64> {test.range = [5, 5]}, %x: tensor<3xf32>) -> (tensor<3xf32>, tensor<?x3xf32>) {
  %true = graph.constant dense<true> : tensor<i1>
  %r:2 = graph.loop %n, %true, %x {
  ^bb0(%i: tensor<i64>, %c: tensor<3xf32>):
    %f = graph.cast %i {to = f32} : (tensor<i64>) -> tensor<f32>
    %s = graph.add %c, %f : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
    %go = graph.constant dense<true> : tensor<i1>
    graph.yield %go, %s, %c : tensor<i1>, tensor<3xf32>, tensor<3xf32>
  } : (tensor<i64>, tensor<i1>, tensor<3xf32>) -> (tensor<3xf32>, tensor<?x3xf32>)
  return %r#0, %r#1 : tensor<3xf32>, tensor<?x3xf32>
}
func.func @loop_stops_by_condition(%x: tensor<f32> {test.range = [0.0, 0.0]}) -> (tensor<f32>, tensor<?xf32>) {
  %n = graph.constant dense<9223372036854775807> : tensor<i64>
  %true = graph.constant dense<true> : tensor<i1>
  %r:2 = graph.loop %n, %true, %x {
  ^bb0(%i: tensor<i64>, %c: tensor<f32>):
    %one = graph.constant dense<1.5> : tensor<f32>
    %seven = graph.constant dense<7.0> : tensor<f32>
    %s = graph.add %c, %one : (tensor<f32>, tensor<f32>) -> tensor<f32>
    %go = graph.compare lt %s, %seven : (tensor<f32>, tensor<f32>) -> tensor<i1>
    graph.yield %go, %s, %s : tensor<i1>, tensor<f32>, tensor<f32>
  } : (tensor<i64>, tensor<i1>, tensor<f32>) -> (tensor<f32>, tensor<?xf32>)
  return %r#0, %r#1 : tensor<f32>, tensor<?xf32>
}
func.func @loop_grows(%n: tensor<i64> {test.range = [3, 3]}, %x: tensor<?xf32> {test.dims = [2]}) -> tensor<?xf32> {
  %true = graph.constant dense<true> : tensor<i1>
  %r = graph.loop %n, %true, %x {
  ^bb0(%i: tensor<i64>, %c: tensor<?xf32>):
    %s = graph.concat %c, %c axis 0 : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
    %go = graph.constant dense<true> : tensor<i1>
    graph.yield %go, %s : tensor<i1>, tensor<?xf32>
  } : (tensor<i64>, tensor<i1>, tensor<?xf32>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}
func.func @loop_runs_never(%x: tensor<?xf32> {test.dims = [2]}) -> (tensor<?xf32>, tensor<0x4xf32>) {
  %n = graph.constant dense<0> : tensor<i64>
  %true = graph.constant dense<true> : tensor<i1>
  %r:2 = graph.loop %n, %true, %x {
  ^bb0(%i: tensor<i64>, %c: tensor<?xf32>):
    %s = graph.exp %c : (tensor<?xf32>) -> tensor<?xf32>
    %row = graph.constant dense<1.0> : tensor<4xf32>
    %go = graph.constant dense<true> : tensor<i1>
    graph.yield %go, %s, %row : tensor<i1>, tensor<?xf32>, tensor<4xf32>
  } : (tensor<i64>, tensor<i1>, tensor<?xf32>) -> (tensor<?xf32>, tensor<0x4xf32>)
  return %r#0, %r#1 : tensor<?xf32>, tensor<0x4xf32>
}
func.func @loop_stacks_dynamic_rows(%n: tensor<i64> {test.range = [3, 3]}, %x: tensor<?xf32> {test.dims = [2]}) -> tensor<?x?xf32> {
  %true = graph.constant dense<true> : tensor<i1>
  %r:2 = graph.loop %n, %true, %x {
  ^bb0(%i: tensor<i64>, %c: tensor<?xf32>):
    %s = graph.exp %c : (tensor<?xf32>) -> tensor<?xf32>
    %go = graph.constant dense<true> : tensor<i1>
    graph.yield %go, %s, %s : tensor<i1>, tensor<?xf32>, tensor<?xf32>
  } : (tensor<i64>, tensor<i1>, tensor<?xf32>) -> (tensor<?xf32>, tensor<?x?xf32>)
  return %r#1 : tensor<?x?xf32>
}
