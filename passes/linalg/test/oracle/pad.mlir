// RUN: nacre-tensor-oracle %s

func.func @zeros(%a: tensor<?x3xf32> {test.dims = [2, 3]}) -> tensor<?x6xf32> {
  %p = graph.constant dense<[1, 2, 0, 1]> : tensor<4xi64>
  %v = graph.constant dense<0.0> : tensor<f32>
  %0 = graph.pad constant %a by %p, %v : (tensor<?x3xf32>, tensor<4xi64>, tensor<f32>) -> tensor<?x6xf32>
  return %0 : tensor<?x6xf32>
}
func.func @value_from_data(%a: tensor<2x3xi32>, %v: tensor<i32>) -> tensor<4x4xi32> {
  %p = graph.constant dense<[1, 0, 1, 1]> : tensor<4xi64>
  %0 = graph.pad constant %a by %p, %v : (tensor<2x3xi32>, tensor<4xi64>, tensor<i32>) -> tensor<4x4xi32>
  return %0 : tensor<4x4xi32>
}
func.func @negative(%a: tensor<5x4xf32>) -> tensor<5x4xf32> {
  %p = graph.constant dense<[-1, 2, 1, -2]> : tensor<4xi64>
  %v = graph.constant dense<7.0> : tensor<f32>
  %0 = graph.pad constant %a by %p, %v : (tensor<5x4xf32>, tensor<4xi64>, tensor<f32>) -> tensor<5x4xf32>
  return %0 : tensor<5x4xf32>
}
func.func @by_data(%a: tensor<2x3xf32>, %p: tensor<4xi64> {test.range = [0, 3]}) -> tensor<?x?xf32> {
  %v = graph.constant dense<7.0> : tensor<f32>
  %0 = graph.pad constant %a by %p, %v : (tensor<2x3xf32>, tensor<4xi64>, tensor<f32>) -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}
func.func @modes(%a: tensor<3x4xf32>) -> (tensor<6x9xf32>, tensor<6x9xf32>, tensor<6x9xf32>) {
  %p = graph.constant dense<[2, 3, 1, 2]> : tensor<4xi64>
  %v = graph.constant dense<0.0> : tensor<f32>
  %0 = graph.pad edge %a by %p, %v : (tensor<3x4xf32>, tensor<4xi64>, tensor<f32>) -> tensor<6x9xf32>
  %1 = graph.pad reflect %a by %p, %v : (tensor<3x4xf32>, tensor<4xi64>, tensor<f32>) -> tensor<6x9xf32>
  %2 = graph.pad wrap %a by %p, %v : (tensor<3x4xf32>, tensor<4xi64>, tensor<f32>) -> tensor<6x9xf32>
  return %0, %1, %2 : tensor<6x9xf32>, tensor<6x9xf32>, tensor<6x9xf32>
}
func.func @empty_by_data(%a: tensor<?xf32> {test.dims = [0]}, %p: tensor<2xi64> {test.range = [2, 2]}, %v: tensor<f32>) -> tensor<?xf32> {
  %0 = graph.pad constant %a by %p, %v : (tensor<?xf32>, tensor<2xi64>, tensor<f32>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}
// What a negative pad removes is not repeated.
func.func @modes_of_what_is_left(%a: tensor<?x5xf32> {test.dims = [4, 5]}) -> (tensor<?x6xf32>, tensor<?x6xf32>, tensor<?x6xf32>) {
  %p = graph.constant dense<[2, -1, -1, 2]> : tensor<4xi64>
  %v = graph.constant dense<0.0> : tensor<f32>
  %0 = graph.pad edge %a by %p, %v : (tensor<?x5xf32>, tensor<4xi64>, tensor<f32>) -> tensor<?x6xf32>
  %1 = graph.pad reflect %a by %p, %v : (tensor<?x5xf32>, tensor<4xi64>, tensor<f32>) -> tensor<?x6xf32>
  %2 = graph.pad wrap %a by %p, %v : (tensor<?x5xf32>, tensor<4xi64>, tensor<f32>) -> tensor<?x6xf32>
  return %0, %1, %2 : tensor<?x6xf32>, tensor<?x6xf32>, tensor<?x6xf32>
}
// An empty dim that stays empty needs nothing to repeat.
func.func @empty_stays(%a: tensor<?x3xf32> {test.dims = [0, 3]}) -> tensor<?x4xf32> {
  %p = graph.constant dense<[0, 1, 0, 0]> : tensor<4xi64>
  %v = graph.constant dense<0.0> : tensor<f32>
  %0 = graph.pad wrap %a by %p, %v : (tensor<?x3xf32>, tensor<4xi64>, tensor<f32>) -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}
