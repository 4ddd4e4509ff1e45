// RUN: nacre-tensor-oracle %s

func.func @transpose(%a: tensor<?x3x4xf32> {test.dims = [2, 3, 4]}) -> tensor<4x?x3xf32> {
  %0 = graph.transpose %a perm [2, 0, 1] : (tensor<?x3x4xf32>) -> tensor<4x?x3xf32>
  return %0 : tensor<4x?x3xf32>
}
func.func @transpose_of_unit_dims(%a: tensor<1x3x1x4xf32>) -> tensor<3x1x4x1xf32> {
  %0 = graph.transpose %a perm [1, 0, 3, 2] : (tensor<1x3x1x4xf32>) -> tensor<3x1x4x1xf32>
  return %0 : tensor<3x1x4x1xf32>
}
func.func @concat(%a: tensor<2x?xf32> {test.dims = [2, 3]}, %b: tensor<2x?xf32> {test.dims = [2, 1]}, %c: tensor<2x4xf32>) -> tensor<2x?xf32> {
  %0 = graph.concat %a, %b, %c axis 1 : (tensor<2x?xf32>, tensor<2x?xf32>, tensor<2x4xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}
func.func @concat_mismatch(%a: tensor<?x2xf32> {test.dims = [2, 2]}, %b: tensor<?x2xf32> {test.dims = [3, 2]}) -> tensor<?x4xf32>
    attributes {test.fails} {
  %0 = graph.concat %a, %b axis 1 : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}
func.func @slice(%a: tensor<?x10xf32> {test.dims = [5, 10]}) -> (tensor<?x4xf32>, tensor<?x5xf32>, tensor<?x4xf32>) {
  %s0 = graph.constant dense<[-3, 1]> : tensor<2xi64>
  %e0 = graph.constant dense<[100, 5]> : tensor<2xi64>
  %0 = graph.slice %a from %s0 to %e0 axes [0, 1] steps [1, 1] : (tensor<?x10xf32>, tensor<2xi64>, tensor<2xi64>) -> tensor<?x4xf32>
  %s1 = graph.constant dense<[1]> : tensor<1xi64>
  %e1 = graph.constant dense<[10]> : tensor<1xi64>
  %1 = graph.slice %a from %s1 to %e1 axes [1] steps [2] : (tensor<?x10xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x5xf32>
  %s2 = graph.constant dense<[-1]> : tensor<1xi64>
  %e2 = graph.constant dense<[-100]> : tensor<1xi64>
  %2 = graph.slice %a from %s2 to %e2 axes [1] steps [-3] : (tensor<?x10xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x4xf32>
  return %0, %1, %2 : tensor<?x4xf32>, tensor<?x5xf32>, tensor<?x4xf32>
}
func.func @slice_by_data(%a: tensor<10xf32>, %s: tensor<1xi64> {test.range = [-7, -7]}, %e: tensor<1xi64> {test.range = [8, 8]}) -> tensor<?xf32> {
  %0 = graph.slice %a from %s to %e axes [0] steps [1] : (tensor<10xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}
func.func @slice_backwards_by_data(%a: tensor<10xf32>, %s: tensor<1xi64> {test.range = [50, 50]}, %e: tensor<1xi64> {test.range = [2, 2]}) -> tensor<?xf32> {
  %0 = graph.slice %a from %s to %e axes [0] steps [-2] : (tensor<10xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}
func.func @empty_slice(%a: tensor<?xf32> {test.dims = [3]}) -> tensor<?xf32> {
  %s = graph.constant dense<[2]> : tensor<1xi64>
  %e = graph.constant dense<[1]> : tensor<1xi64>
  %0 = graph.slice %a from %s to %e axes [0] steps [1] : (tensor<?xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}
func.func @tile(%a: tensor<?x3xf32> {test.dims = [2, 3]}) -> tensor<?x6xf32> {
  %r = graph.constant dense<[3, 2]> : tensor<2xi64>
  %0 = graph.tile %a by %r : (tensor<?x3xf32>, tensor<2xi64>) -> tensor<?x6xf32>
  return %0 : tensor<?x6xf32>
}
func.func @tile_by_data(%a: tensor<2x3xf32>, %r: tensor<2xi64> {test.range = [2, 2]}) -> tensor<?x?xf32> {
  %0 = graph.tile %a by %r : (tensor<2x3xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}
func.func @broadcast(%a: tensor<3x1xf32>) -> tensor<2x3x4xf32> {
  %s = graph.constant dense<[2, 1, 4]> : tensor<3xi64>
  %0 = graph.broadcast %a to %s : (tensor<3x1xf32>, tensor<3xi64>) -> tensor<2x3x4xf32>
  return %0 : tensor<2x3x4xf32>
}
func.func @broadcast_by_data(%a: tensor<?xf32> {test.dims = [1]}, %s: tensor<2xi64> {test.range = [4, 4]}) -> tensor<?x?xf32> {
  %0 = graph.broadcast %a to %s : (tensor<?xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}
func.func @broadcast_mismatch(%a: tensor<?xf32> {test.dims = [3]}, %s: tensor<1xi64> {test.range = [4, 4]}) -> tensor<?xf32>
    attributes {test.fails} {
  %0 = graph.broadcast %a to %s : (tensor<?xf32>, tensor<1xi64>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}
func.func @bitcast(%a: tensor<3xf32>, %b: tensor<3xui8>) -> (tensor<3xi32>, tensor<3xi8>) {
  %0 = graph.bitcast %a {to = i32} : (tensor<3xf32>) -> tensor<3xi32>
  %1 = graph.bitcast %b {to = i8} : (tensor<3xui8>) -> tensor<3xi8>
  return %0, %1 : tensor<3xi32>, tensor<3xi8>
}
// Steps beyond every dim.
func.func @slice_far(%a: tensor<?x10xf32> {test.dims = [5, 10]}) -> (tensor<?x1xf32>, tensor<?x1xf32>) {
  %s = graph.constant dense<[3, 4]> : tensor<2xi64>
  %e = graph.constant dense<[5, 9]> : tensor<2xi64>
  %0 = graph.slice %a from %s to %e axes [0, 1] steps [9223372036854775807, 9223372036854775807] : (tensor<?x10xf32>, tensor<2xi64>, tensor<2xi64>) -> tensor<?x1xf32>
  %1 = graph.slice %a from %e to %s axes [0, 1] steps [-9223372036854775808, -9223372036854775808] : (tensor<?x10xf32>, tensor<2xi64>, tensor<2xi64>) -> tensor<?x1xf32>
  return %0, %1 : tensor<?x1xf32>, tensor<?x1xf32>
}
func.func @slice_to_the_end_by_data(%a: tensor<?xf32> {test.dims = [7]}, %far: tensor<1xi64> {test.range = [4611686018427387904, 4611686018427387904]}) -> (tensor<?xf32>, tensor<?xf32>) {
  %s = graph.constant dense<1> : tensor<1xi64>
  %0 = graph.slice %a from %s to %far axes [0] steps [2] : (tensor<?xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf32>
  %1 = graph.slice %a from %far to %s axes [0] steps [-2] : (tensor<?xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf32>
  return %0, %1 : tensor<?xf32>, tensor<?xf32>
}
// Nothing of anything: the other dims stay what they are.
func.func @tile_to_nothing(%a: tensor<4x?x1xf32> {test.dims = [4, 6, 1]}) -> tensor<0x?x1xf32> {
  %r = graph.constant dense<[0, 1, 1]> : tensor<3xi64>
  %0 = graph.tile %a by %r : (tensor<4x?x1xf32>, tensor<3xi64>) -> tensor<0x?x1xf32>
  return %0 : tensor<0x?x1xf32>
}
