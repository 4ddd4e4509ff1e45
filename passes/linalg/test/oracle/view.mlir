// RUN: nacre-tensor-oracle %s

func.func @reshape_static(%a: tensor<2x3x4xf32>) -> tensor<6x2x2xf32> {
  %s = graph.constant dense<[6, 2, 2]> : tensor<3xi64>
  %0 = graph.reshape %a to %s : (tensor<2x3x4xf32>, tensor<3xi64>) -> tensor<6x2x2xf32>
  return %0 : tensor<6x2x2xf32>
}
func.func @reshape_rest(%a: tensor<?x3x4xf32> {test.dims = [2, 3, 4]}) -> tensor<?x12xf32> {
  %s = graph.constant dense<[0, -1]> : tensor<2xi64>
  %0 = graph.reshape %a to %s : (tensor<?x3x4xf32>, tensor<2xi64>) -> tensor<?x12xf32>
  return %0 : tensor<?x12xf32>
}
func.func @reshape_splits_dynamic(%a: tensor<?xf32> {test.dims = [24]}) -> tensor<4x?xf32> {
  %s = graph.constant dense<[4, -1]> : tensor<2xi64>
  %0 = graph.reshape %a to %s : (tensor<?xf32>, tensor<2xi64>) -> tensor<4x?xf32>
  return %0 : tensor<4x?xf32>
}
func.func @reshape_does_not_divide(%a: tensor<?xf32> {test.dims = [25]}) -> tensor<4x?xf32> attributes {test.fails} {
  %s = graph.constant dense<[4, -1]> : tensor<2xi64>
  %0 = graph.reshape %a to %s : (tensor<?xf32>, tensor<2xi64>) -> tensor<4x?xf32>
  return %0 : tensor<4x?xf32>
}
func.func @reshape_by_data(%a: tensor<2x12xf32>, %s: tensor<2xi64> {test.range = [-1, -1]}, %t: tensor<1xi64> {test.range = [8, 8]}) -> tensor<?x?xf32> {
  %c0 = graph.constant dense<0> : tensor<1xi64>
  %c1 = graph.constant dense<1> : tensor<1xi64>
  %0 = graph.slice %s from %c0 to %c1 axes [0] steps [1] : (tensor<2xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  %1 = graph.concat %0, %t axis 0 : (tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
  %2 = graph.reshape %a to %1 : (tensor<2x12xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  return %2 : tensor<?x?xf32>
}
func.func @reshape_by_shape(%a: tensor<?x?x8xf32> {test.dims = [2, 5, 8]}) -> tensor<?x?x2x4xf32> {
  %shape = graph.shape %a : (tensor<?x?x8xf32>) -> tensor<3xi64>
  %c0 = graph.constant dense<0> : tensor<1xi64>
  %c2 = graph.constant dense<2> : tensor<1xi64>
  %two_four = graph.constant dense<[2, 4]> : tensor<2xi64>
  %0 = graph.slice %shape from %c0 to %c2 axes [0] steps [1] : (tensor<3xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
  %1 = graph.concat %0, %two_four axis 0 : (tensor<2xi64>, tensor<2xi64>) -> tensor<4xi64>
  %2 = graph.reshape %a to %1 : (tensor<?x?x8xf32>, tensor<4xi64>) -> tensor<?x?x2x4xf32>
  return %2 : tensor<?x?x2x4xf32>
}
func.func @to_and_from_scalar(%a: tensor<1x1xf32>) -> (tensor<f32>, tensor<1x1x1xf32>) {
  %0 = graph.squeeze %a axes [0, 1] : (tensor<1x1xf32>) -> tensor<f32>
  %1 = graph.unsqueeze %0 axes [0, 1, 2] : (tensor<f32>) -> tensor<1x1x1xf32>
  return %0, %1 : tensor<f32>, tensor<1x1x1xf32>
}
func.func @squeeze(%a: tensor<?x1x?x1xf32> {test.dims = [2, 1, 3, 1]}) -> tensor<?x?xf32> {
  %0 = graph.squeeze %a axes [1, 3] : (tensor<?x1x?x1xf32>) -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}
func.func @squeeze_to_scalar(%a: tensor<?xf32> {test.dims = [1]}) -> tensor<f32> {
  %0 = graph.squeeze %a axes [0] : (tensor<?xf32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func @squeeze_of_two(%a: tensor<?xf32> {test.dims = [2]}) -> tensor<f32> attributes {test.fails} {
  %0 = graph.squeeze %a axes [0] : (tensor<?xf32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func @collapse(%a: tensor<?x3x?x5xf32> {test.dims = [2, 3, 4, 5]}) -> tensor<?x?xf32> {
  %0 = graph.collapse %a starts [0, 2] : (tensor<?x3x?x5xf32>) -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}
func.func @constants() -> (tensor<2x3xui8>, tensor<2xi1>, tensor<4xf32>) {
  %0 = graph.constant dense<[[1, 2, 255], [4, 5, 6]]> : tensor<2x3xui8>
  %1 = graph.constant dense<[true, false]> : tensor<2xi1>
  %2 = graph.constant dense<2.5> : tensor<4xf32>
  return %0, %1, %2 : tensor<2x3xui8>, tensor<2xi1>, tensor<4xf32>
}
func.func @ranges(%a: tensor<i64> {test.range = [3, 3]}, %b: tensor<i64> {test.range = [20, 20]}, %c: tensor<i64> {test.range = [4, 4]},
                  %d: tensor<f32> {test.range = [0.5, 0.5]}, %e: tensor<f32> {test.range = [0.7, 0.7]}) -> (tensor<?xi64>, tensor<?xi64>, tensor<?xf32>, tensor<5xi32>) {
  %0 = graph.range %a, %b, %c : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %n = graph.neg %c : (tensor<i64>) -> tensor<i64>
  %1 = graph.range %b, %a, %n : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %f = graph.cast %b {to = f32} : (tensor<i64>) -> tensor<f32>
  %2 = graph.range %d, %f, %e : (tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<?xf32>
  %s = graph.constant dense<0> : tensor<i32>
  %l = graph.constant dense<10> : tensor<i32>
  %t = graph.constant dense<2> : tensor<i32>
  %3 = graph.range %s, %l, %t : (tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<5xi32>
  return %0, %1, %2, %3 : tensor<?xi64>, tensor<?xi64>, tensor<?xf32>, tensor<5xi32>
}
func.func @range_of_no_step(%a: tensor<i64>, %b: tensor<i64>, %c: tensor<i64> {test.range = [0, 0]}) -> tensor<?xi64> attributes {test.fails} {
  %0 = graph.range %a, %b, %c : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  return %0 : tensor<?xi64>
}
func.func @random() -> (tensor<3x4xf32>, tensor<3x4xf64>) {
  %s = graph.constant dense<[3, 4]> : tensor<2xi64>
  %0 = graph.random uniform %s {a = -1.0 : f64, b = 2.0 : f64, seed = 77 : i64, dtype = f32} : (tensor<2xi64>) -> tensor<3x4xf32>
  %1 = graph.random normal %s {a = 1.0 : f64, b = 2.0 : f64, seed = -5 : i64, dtype = f64} : (tensor<2xi64>) -> tensor<3x4xf64>
  return %0, %1 : tensor<3x4xf32>, tensor<3x4xf64>
}
