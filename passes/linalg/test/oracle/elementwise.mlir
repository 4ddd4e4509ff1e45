// RUN: nacre-tensor-oracle %s

func.func @same_shape(%a: tensor<3x5xf32>, %b: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %0 = graph.mul %a, %b : (tensor<3x5xf32>, tensor<3x5xf32>) -> tensor<3x5xf32>
  %1 = graph.exp %0 : (tensor<3x5xf32>) -> tensor<3x5xf32>
  return %1 : tensor<3x5xf32>
}
func.func @static_broadcast(%a: tensor<2x1x4xf32>, %b: tensor<3x1xf32>) -> tensor<2x3x4xf32> {
  %0 = graph.sub %a, %b : (tensor<2x1x4xf32>, tensor<3x1xf32>) -> tensor<2x3x4xf32>
  return %0 : tensor<2x3x4xf32>
}
func.func @scalar_operand(%a: tensor<?x4xf32> {test.dims = [3, 4]}, %b: tensor<f32>) -> tensor<?x4xf32> {
  %0 = graph.add %a, %b : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}
func.func @same_symbol(%a: tensor<?x4xf32> {graph.dims = ["N", 4], test.dims = [3, 4]},
                       %b: tensor<?x1xf32> {graph.dims = ["N", 1], test.dims = [3, 1]}) -> tensor<?x4xf32> {
  %0 = graph.max %a, %b : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}
func.func @unknown_dims_equal(%a: tensor<?xf32> {test.dims = [3]}, %b: tensor<?xf32> {test.dims = [3]}) -> tensor<?xf32> {
  %0 = graph.div %a, %b : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}
func.func @unknown_dims_left_is_one(%a: tensor<?xf32> {test.dims = [1]}, %b: tensor<?xf32> {test.dims = [4]}) -> tensor<?xf32> {
  %0 = graph.sub %a, %b : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}
func.func @unknown_dims_right_is_one(%a: tensor<2x?xf32> {test.dims = [2, 4]}, %b: tensor<?xf32> {test.dims = [1]}) -> tensor<2x?xf32> {
  %0 = graph.sub %a, %b : (tensor<2x?xf32>, tensor<?xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}
func.func @unknown_dim_meets_constant(%a: tensor<?xf32> {test.dims = [1]}, %b: tensor<4xf32>) -> tensor<4xf32> {
  %0 = graph.sub %a, %b : (tensor<?xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func @dims_do_not_broadcast(%a: tensor<?xf32> {test.dims = [3]}, %b: tensor<?xf32> {test.dims = [5]}) -> tensor<?xf32>
    attributes {test.fails} {
  %0 = graph.sub %a, %b : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}
func.func @empty(%a: tensor<0x3xf32>, %b: tensor<3xf32>) -> tensor<0x3xf32> {
  %0 = graph.add %a, %b : (tensor<0x3xf32>, tensor<3xf32>) -> tensor<0x3xf32>
  return %0 : tensor<0x3xf32>
}
func.func @unsigned(%a: tensor<6xui8> {test.range = [0, 255]}, %b: tensor<6xui8> {test.range = [1, 255]}) -> (tensor<6xui8>, tensor<6xi1>) {
  %0 = graph.div %a, %b : (tensor<6xui8>, tensor<6xui8>) -> tensor<6xui8>
  %1 = graph.compare lt %a, %b : (tensor<6xui8>, tensor<6xui8>) -> tensor<6xi1>
  return %0, %1 : tensor<6xui8>, tensor<6xi1>
}
func.func @casts(%a: tensor<20xf32> {test.range = [-300, 300]}) -> (tensor<20xi32>, tensor<20xf16>, tensor<20xi1>, tensor<20xf8E4M3FN>) {
  %0 = graph.cast %a {to = i32} : (tensor<20xf32>) -> tensor<20xi32>
  %1 = graph.cast %a {to = f16} : (tensor<20xf32>) -> tensor<20xf16>
  %2 = graph.cast %a {to = i1} : (tensor<20xf32>) -> tensor<20xi1>
  %3 = graph.cast %a {to = f8E4M3FN} : (tensor<20xf32>) -> tensor<20xf8E4M3FN>
  return %0, %1, %2, %3 : tensor<20xi32>, tensor<20xf16>, tensor<20xi1>, tensor<20xf8E4M3FN>
}
func.func @select(%c: tensor<4x1xi1>, %a: tensor<3xbf16>, %b: tensor<bf16>) -> tensor<4x3xbf16> {
  %0 = graph.select %c, %a, %b : (tensor<4x1xi1>, tensor<3xbf16>, tensor<bf16>) -> tensor<4x3xbf16>
  return %0 : tensor<4x3xbf16>
}
func.func @quantize(%a: tensor<2x8xf32>, %s: tensor<2x1xf32> {test.range = [0.01, 0.1]}, %z: tensor<2x1xui8>) -> (tensor<2x8xui8>, tensor<2x8xf32>) {
  %0 = graph.quantize %a, %s, %z : (tensor<2x8xf32>, tensor<2x1xf32>, tensor<2x1xui8>) -> tensor<2x8xui8>
  %1 = graph.dequantize %0, %s, %z : (tensor<2x8xui8>, tensor<2x1xf32>, tensor<2x1xui8>) -> tensor<2x8xf32>
  return %0, %1 : tensor<2x8xui8>, tensor<2x8xf32>
}
