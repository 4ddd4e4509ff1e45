// RUN: nacre-tensor-oracle %s

func.func @det(%a: tensor<2x3x5x5xf32>, %b: tensor<?x?xf64> {test.dims = [4, 4]}) -> (tensor<2x3xf32>, tensor<f64>) attributes {test.tolerance = 1.0e-4} {
  %0 = graph.det %a : (tensor<2x3x5x5xf32>) -> tensor<2x3xf32>
  %1 = graph.det %b : (tensor<?x?xf64>) -> tensor<f64>
  return %0, %1 : tensor<2x3xf32>, tensor<f64>
}
// A zero where the first pivot would be, equal rows, nothing.
func.func @det_special(%c: tensor<2x0x0xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  %a = graph.constant dense<[[[0.0, 1.0], [2.0, 3.0]], [[1.0, 2.0], [1.0, 2.0]]]> : tensor<2x2x2xf32>
  %0 = graph.det %a : (tensor<2x2x2xf32>) -> tensor<2xf32>
  %1 = graph.det %c : (tensor<2x0x0xf32>) -> tensor<2xf32>
  return %0, %1 : tensor<2xf32>, tensor<2xf32>
}
func.func @det_not_square(%a: tensor<?x?xf32> {test.dims = [2, 3]}) -> tensor<f32> attributes {test.fails} {
  %0 = graph.det %a : (tensor<?x?xf32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func @inverse(%a: tensor<3x4x4xf32>, %b: tensor<?x?x?xf64> {test.dims = [2, 3, 3]}) -> (tensor<3x4x4xf32>, tensor<?x?x?xf64>) attributes {test.tolerance = 1.0e-3} {
  %0 = graph.inverse %a : (tensor<3x4x4xf32>) -> tensor<3x4x4xf32>
  %1 = graph.inverse %b : (tensor<?x?x?xf64>) -> tensor<?x?x?xf64>
  return %0, %1 : tensor<3x4x4xf32>, tensor<?x?x?xf64>
}
