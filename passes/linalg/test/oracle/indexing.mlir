// RUN: nacre-tensor-oracle %s

func.func @gather(%a: tensor<?x5x3xf32> {test.dims = [2, 5, 3]}, %i: tensor<4x2xi64> {test.range = [-5, 4]}, %j: tensor<2xi32> {test.range = [-2, 1]}) -> (tensor<?x4x2x3xf32>, tensor<2x5x3xf32>) {
  %0 = graph.gather %a, %i {axis = 1 : i64} : (tensor<?x5x3xf32>, tensor<4x2xi64>) -> tensor<?x4x2x3xf32>
  %1 = graph.gather %a, %j {axis = 0 : i64} : (tensor<?x5x3xf32>, tensor<2xi32>) -> tensor<2x5x3xf32>
  return %0, %1 : tensor<?x4x2x3xf32>, tensor<2x5x3xf32>
}
func.func @gather_constant(%a: tensor<?x5x?xf32> {test.dims = [2, 5, 3]}) -> (tensor<?x?xf32>, tensor<?x5x1x1xf32>) {
  %i = graph.constant dense<-2> : tensor<i64>
  %0 = graph.gather %a, %i {axis = 1 : i64} : (tensor<?x5x?xf32>, tensor<i64>) -> tensor<?x?xf32>
  %j = graph.constant dense<-1> : tensor<1x1xi64>
  %1 = graph.gather %a, %j {axis = 2 : i64} : (tensor<?x5x?xf32>, tensor<1x1xi64>) -> tensor<?x5x1x1xf32>
  return %0, %1 : tensor<?x?xf32>, tensor<?x5x1x1xf32>
}
func.func @gather_out_of_range(%a: tensor<5xf32>, %i: tensor<2xi64> {test.range = [5, 5]}) -> tensor<2xf32> attributes {test.fails} {
  %0 = graph.gather %a, %i {axis = 0 : i64} : (tensor<5xf32>, tensor<2xi64>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
func.func @gather_below_range(%a: tensor<5xf32>, %i: tensor<2xi64> {test.range = [-6, -6]}) -> tensor<2xf32> attributes {test.fails} {
  %0 = graph.gather %a, %i {axis = 0 : i64} : (tensor<5xf32>, tensor<2xi64>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
func.func @gather_from_nothing(%a: tensor<?xf32> {test.dims = [0]}, %i: tensor<?xi64> {test.dims = [1], test.range = [0, 0]}) -> tensor<?xf32> attributes {test.fails} {
  %0 = graph.gather %a, %i {axis = 0 : i64} : (tensor<?xf32>, tensor<?xi64>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}
func.func @gather_nothing_from_nothing(%a: tensor<?xf32> {test.dims = [0]}, %i: tensor<?xi64> {test.dims = [0]}) -> tensor<?xf32> {
  %0 = graph.gather %a, %i {axis = 0 : i64} : (tensor<?xf32>, tensor<?xi64>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}
func.func @gather_constant_out_of_range(%a: tensor<?xf32> {test.dims = [2]}) -> tensor<f32> attributes {test.fails} {
  %i = graph.constant dense<2> : tensor<i64>
  %0 = graph.gather %a, %i {axis = 0 : i64} : (tensor<?xf32>, tensor<i64>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func @gather_elements(%a: tensor<3x4xi8>, %i: tensor<2x6xi64> {test.range = [-4, 3]}) -> tensor<2x6xi8> {
  %0 = graph.gather_elements %a, %i {axis = 1 : i64} : (tensor<3x4xi8>, tensor<2x6xi64>) -> tensor<2x6xi8>
  return %0 : tensor<2x6xi8>
}
func.func @gather_nd(%a: tensor<2x3x4xf32>, %i: tensor<2x5x1xi64> {test.range = [-3, 2]}, %j: tensor<5x2xi64> {test.range = [-2, 1]}) -> (tensor<2x5x4xf32>, tensor<5x4xf32>) {
  %0 = graph.gather_nd %a, %i {batch_dims = 1 : i64} : (tensor<2x3x4xf32>, tensor<2x5x1xi64>) -> tensor<2x5x4xf32>
  %1 = graph.gather_nd %a, %j {batch_dims = 0 : i64} : (tensor<2x3x4xf32>, tensor<5x2xi64>) -> tensor<5x4xf32>
  return %0, %1 : tensor<2x5x4xf32>, tensor<5x4xf32>
}
func.func @scatter_elements(%a: tensor<?x5xf32> {test.dims = [4, 5]}, %i: tensor<3x4xi64> {test.range = [-5, 4]}, %u: tensor<3x4xf32>) -> (tensor<?x5xf32>, tensor<?x5xf32>, tensor<?x5xf32>, tensor<?x5xf32>, tensor<?x5xf32>) {
  %0 = graph.scatter_elements %a, %i, %u {axis = 1 : i64, kind = 0 : i32} : (tensor<?x5xf32>, tensor<3x4xi64>, tensor<3x4xf32>) -> tensor<?x5xf32>
  %1 = graph.scatter_elements %a, %i, %u {axis = 1 : i64, kind = 1 : i32} : (tensor<?x5xf32>, tensor<3x4xi64>, tensor<3x4xf32>) -> tensor<?x5xf32>
  %2 = graph.scatter_elements %a, %i, %u {axis = 1 : i64, kind = 2 : i32} : (tensor<?x5xf32>, tensor<3x4xi64>, tensor<3x4xf32>) -> tensor<?x5xf32>
  %3 = graph.scatter_elements %a, %i, %u {axis = 1 : i64, kind = 3 : i32} : (tensor<?x5xf32>, tensor<3x4xi64>, tensor<3x4xf32>) -> tensor<?x5xf32>
  %4 = graph.scatter_elements %a, %i, %u {axis = 1 : i64, kind = 4 : i32} : (tensor<?x5xf32>, tensor<3x4xi64>, tensor<3x4xf32>) -> tensor<?x5xf32>
  return %0, %1, %2, %3, %4 : tensor<?x5xf32>, tensor<?x5xf32>, tensor<?x5xf32>, tensor<?x5xf32>, tensor<?x5xf32>
}
func.func @scatter_out_of_range(%a: tensor<4xf32>, %i: tensor<3xi64> {test.range = [4, 4]}, %u: tensor<3xf32>) -> tensor<4xf32> attributes {test.fails} {
  %0 = graph.scatter_elements %a, %i, %u {axis = 0 : i64, kind = 0 : i32} : (tensor<4xf32>, tensor<3xi64>, tensor<3xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func @scatter_nd(%a: tensor<4x5x2xi32>, %i: tensor<3x2xi64> {test.range = [-4, 3]}, %u: tensor<3x2xi32>) -> (tensor<4x5x2xi32>, tensor<4x5x2xi32>) {
  %0 = graph.scatter_nd %a, %i, %u {kind = 0 : i32} : (tensor<4x5x2xi32>, tensor<3x2xi64>, tensor<3x2xi32>) -> tensor<4x5x2xi32>
  %1 = graph.scatter_nd %a, %i, %u {kind = 1 : i32} : (tensor<4x5x2xi32>, tensor<3x2xi64>, tensor<3x2xi32>) -> tensor<4x5x2xi32>
  return %0, %1 : tensor<4x5x2xi32>, tensor<4x5x2xi32>
}
// Bools are added by `or`: an index that occurs twice does not undo itself.
func.func @scatter_bools(%a: tensor<2x4xi1>, %i: tensor<2x3xi64> {test.range = [0, 1]}, %u: tensor<2x3xi1> {test.range = [1, 1]}) -> (tensor<2x4xi1>, tensor<2x4xi1>) {
  %0 = graph.scatter_elements %a, %i, %u {axis = 1 : i64, kind = 1 : i32} : (tensor<2x4xi1>, tensor<2x3xi64>, tensor<2x3xi1>) -> tensor<2x4xi1>
  %1 = graph.scatter_elements %a, %i, %u {axis = 1 : i64, kind = 2 : i32} : (tensor<2x4xi1>, tensor<2x3xi64>, tensor<2x3xi1>) -> tensor<2x4xi1>
  return %0, %1 : tensor<2x4xi1>, tensor<2x4xi1>
}
