// RUN: nacre-tensor-oracle %s

func.func @max(%x: tensor<?x2x?x7xf32> {test.dims = [2, 2, 6, 7]}, %y: tensor<1x1x6xi8>, %z: tensor<1x1x6xui8>) -> (tensor<?x2x?x4xf32>, tensor<1x1x4xi8>, tensor<1x1x4xui8>) {
  %0 = graph.pool max %x {window = array<i64: 3, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 0>, ceil_mode = false} : (tensor<?x2x?x7xf32>) -> tensor<?x2x?x4xf32>
  %1 = graph.pool max %y {window = array<i64: 3>, strides = array<i64: 2>, dilations = array<i64: 1>, pads = array<i64: 1, 1>, ceil_mode = true} : (tensor<1x1x6xi8>) -> tensor<1x1x4xi8>
  %2 = graph.pool max %z {window = array<i64: 3>, strides = array<i64: 2>, dilations = array<i64: 1>, pads = array<i64: 1, 1>, ceil_mode = true} : (tensor<1x1x6xui8>) -> tensor<1x1x4xui8>
  return %0, %1, %2 : tensor<?x2x?x4xf32>, tensor<1x1x4xi8>, tensor<1x1x4xui8>
}
func.func @max_dilated_ceil(%x: tensor<1x2x?x8xf32> {test.dims = [1, 2, 9, 8]}) -> tensor<1x2x?x3xf32> {
  %0 = graph.pool max %x {window = array<i64: 2, 3>, strides = array<i64: 3, 3>, dilations = array<i64: 3, 1>, pads = array<i64: 0, 0, 0, 0>, ceil_mode = true} : (tensor<1x2x?x8xf32>) -> tensor<1x2x?x3xf32>
  return %0 : tensor<1x2x?x3xf32>
}
// A window that would start in the padding behind the input is left out.
func.func @max_ceil_less_than_padding(%x: tensor<2x1x1xf64>, %y: tensor<2x1x?xf32> {test.dims = [2, 1, 3]}) -> (tensor<2x1x2xf64>, tensor<2x1x?xf32>) {
  %0 = graph.pool max %x {window = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 2>, pads = array<i64: 0, 2>, ceil_mode = true} : (tensor<2x1x1xf64>) -> tensor<2x1x2xf64>
  %1 = graph.pool max %y {window = array<i64: 1>, strides = array<i64: 2>, dilations = array<i64: 1>, pads = array<i64: 1, 3>, ceil_mode = true} : (tensor<2x1x?xf32>) -> tensor<2x1x?xf32>
  return %0, %1 : tensor<2x1x2xf64>, tensor<2x1x?xf32>
}
func.func @averages(%x: tensor<1x2x?x7xf32> {test.dims = [1, 2, 6, 7]}) -> (tensor<1x2x?x4xf32>, tensor<1x2x?x4xf32>, tensor<1x2x?x3xf32>) {
  %0 = graph.pool avg %x {window = array<i64: 3, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 0>, ceil_mode = false} : (tensor<1x2x?x7xf32>) -> tensor<1x2x?x4xf32>
  %1 = graph.pool avg_include_pad %x {window = array<i64: 3, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 0>, ceil_mode = true} : (tensor<1x2x?x7xf32>) -> tensor<1x2x?x4xf32>
  %2 = graph.pool avg %x {window = array<i64: 2, 3>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, ceil_mode = false} : (tensor<1x2x?x7xf32>) -> tensor<1x2x?x3xf32>
  return %0, %1, %2 : tensor<1x2x?x4xf32>, tensor<1x2x?x4xf32>, tensor<1x2x?x3xf32>
}
func.func @average_ceil(%x: tensor<1x1x5x5xf16>) -> (tensor<1x1x3x3xf16>, tensor<1x1x2x2xf16>) {
  %0 = graph.pool avg %x {window = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, ceil_mode = true} : (tensor<1x1x5x5xf16>) -> tensor<1x1x3x3xf16>
  %1 = graph.pool avg %x {window = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, ceil_mode = false} : (tensor<1x1x5x5xf16>) -> tensor<1x1x2x2xf16>
  return %0, %1 : tensor<1x1x3x3xf16>, tensor<1x1x2x2xf16>
}
func.func @sum(%x: tensor<1x2x6xf32>) -> tensor<1x2x3xf32> {
  %0 = graph.pool sum %x {window = array<i64: 3>, strides = array<i64: 2>, dilations = array<i64: 1>, pads = array<i64: 1, 0>, ceil_mode = false} : (tensor<1x2x6xf32>) -> tensor<1x2x3xf32>
  return %0 : tensor<1x2x3xf32>
}
func.func @indices(%x: tensor<2x2x6x?xi32> {test.dims = [2, 2, 6, 7], test.range = [0, 3]}) -> (tensor<2x2x3x?xi64>, tensor<2x2x3x?xi64>) {
  %0 = graph.pool_indices %x {window = array<i64: 3, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 0>, ceil_mode = false, column_major = false} : (tensor<2x2x6x?xi32>) -> tensor<2x2x3x?xi64>
  %1 = graph.pool_indices %x {window = array<i64: 3, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 0>, ceil_mode = false, column_major = true} : (tensor<2x2x6x?xi32>) -> tensor<2x2x3x?xi64>
  return %0, %1 : tensor<2x2x3x?xi64>, tensor<2x2x3x?xi64>
}
// Windows that lie in the padding.
func.func @indices_of_padding(%x: tensor<2x2x6xf32>) -> tensor<2x2x4xi64> {
  %0 = graph.pool_indices %x {window = array<i64: 1>, strides = array<i64: 2>, dilations = array<i64: 1>, pads = array<i64: 2, 0>, ceil_mode = false, column_major = false} : (tensor<2x2x6xf32>) -> tensor<2x2x4xi64>
  return %0 : tensor<2x2x4xi64>
}
// The only window is larger than the padded input: it hangs over.
func.func @overhang(%x: tensor<1x2x1x5xf32>) -> tensor<1x2x1x2xf32> {
  %0 = graph.pool avg_include_pad %x {window = array<i64: 2, 3>, strides = array<i64: 2, 3>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, ceil_mode = true} : (tensor<1x2x1x5xf32>) -> tensor<1x2x1x2xf32>
  return %0 : tensor<1x2x1x2xf32>
}
// Of several windows that start behind the input only the last is dropped.
func.func @far_padding(%x: tensor<2x4x?xf32> {test.dims = [2, 4, 1]}) -> tensor<2x4x?xi64> {
  %0 = graph.pool_indices %x {window = array<i64: 2>, strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 3>, ceil_mode = true, column_major = false} : (tensor<2x4x?xf32>) -> tensor<2x4x?xi64>
  return %0 : tensor<2x4x?xi64>
}
