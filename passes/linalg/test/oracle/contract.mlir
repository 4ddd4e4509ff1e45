// RUN: nacre-tensor-oracle %s

func.func @matmul_batch(%a: tensor<2x1x3x4xf32>, %b: tensor<5x4x6xf32>) -> tensor<2x5x3x6xf32> {
  %0 = graph.matmul %a, %b : (tensor<2x1x3x4xf32>, tensor<5x4x6xf32>) -> tensor<2x5x3x6xf32>
  return %0 : tensor<2x5x3x6xf32>
}
func.func @matmul_weights(%a: tensor<?x?x4xf32> {test.dims = [2, 3, 4]}, %b: tensor<4x6xf32>) -> tensor<?x?x6xf32> {
  %0 = graph.matmul %a, %b : (tensor<?x?x4xf32>, tensor<4x6xf32>) -> tensor<?x?x6xf32>
  return %0 : tensor<?x?x6xf32>
}
func.func @matmul_unknown_batch(%a: tensor<?x3x4xf32> {test.dims = [1, 3, 4]}, %b: tensor<?x4x2xf32> {test.dims = [5, 4, 2]}) -> tensor<?x3x2xf32> {
  %0 = graph.matmul %a, %b : (tensor<?x3x4xf32>, tensor<?x4x2xf32>) -> tensor<?x3x2xf32>
  return %0 : tensor<?x3x2xf32>
}
func.func @matmul_unknown_k(%a: tensor<3x?xf32> {test.dims = [3, 4]}, %b: tensor<?x2xf32> {test.dims = [4, 2]}) -> tensor<3x2xf32> {
  %0 = graph.matmul %a, %b : (tensor<3x?xf32>, tensor<?x2xf32>) -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}
func.func @matmul_k_differs(%a: tensor<3x?xf32> {test.dims = [3, 4]}, %b: tensor<?x2xf32> {test.dims = [5, 2]}) -> tensor<3x2xf32> attributes {test.fails} {
  %0 = graph.matmul %a, %b : (tensor<3x?xf32>, tensor<?x2xf32>) -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}
func.func @matmul_of_nothing(%a: tensor<3x0xf32>, %b: tensor<0x2xf32>) -> tensor<3x2xf32> {
  %0 = graph.matmul %a, %b : (tensor<3x0xf32>, tensor<0x2xf32>) -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}
func.func @matmul_types(%a: tensor<3x40xf16>, %b: tensor<40x2xf16>, %c: tensor<3x4xui8> {test.range = [0, 255]}, %d: tensor<4x2xi8> {test.range = [-128, 127]}, %e: tensor<3x4xbf16>, %f: tensor<4x2xbf16>) -> (tensor<3x2xf16>, tensor<3x2xi32>, tensor<3x2xbf16>) {
  %0 = graph.matmul %a, %b : (tensor<3x40xf16>, tensor<40x2xf16>) -> tensor<3x2xf16>
  %1 = graph.matmul %c, %d : (tensor<3x4xui8>, tensor<4x2xi8>) -> tensor<3x2xi32>
  %2 = graph.matmul %e, %f : (tensor<3x4xbf16>, tensor<4x2xbf16>) -> tensor<3x2xbf16>
  return %0, %1, %2 : tensor<3x2xf16>, tensor<3x2xi32>, tensor<3x2xbf16>
}
func.func @conv_padded(%x: tensor<?x3x?x?xf32> {test.dims = [2, 3, 9, 8]}, %w: tensor<4x3x3x2xf32>) -> tensor<?x4x?x?xf32> {
  %0 = graph.conv %x, %w {strides = array<i64: 2, 1>, dilations = array<i64: 1, 2>, pads = array<i64: 1, 0, 2, 1>, groups = 1 : i64} : (tensor<?x3x?x?xf32>, tensor<4x3x3x2xf32>) -> tensor<?x4x?x?xf32>
  return %0 : tensor<?x4x?x?xf32>
}
func.func @conv_pointwise(%x: tensor<1x3x4x5xf32>, %w: tensor<4x3x1x1xf32>) -> (tensor<1x4x4x5xf32>, tensor<1x4x2x3xf32>) {
  %0 = graph.conv %x, %w {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, groups = 1 : i64} : (tensor<1x3x4x5xf32>, tensor<4x3x1x1xf32>) -> tensor<1x4x4x5xf32>
  %1 = graph.conv %x, %w {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, groups = 1 : i64} : (tensor<1x3x4x5xf32>, tensor<4x3x1x1xf32>) -> tensor<1x4x2x3xf32>
  return %0, %1 : tensor<1x4x4x5xf32>, tensor<1x4x2x3xf32>
}
func.func @conv_groups(%x: tensor<1x4x6xf32>, %w: tensor<6x2x3xf32>, %d: tensor<4x1x3xf32>, %m: tensor<8x1x3xf32>) -> (tensor<1x6x4xf32>, tensor<1x4x4xf32>, tensor<1x8x4xf32>) {
  %0 = graph.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>, groups = 2 : i64} : (tensor<1x4x6xf32>, tensor<6x2x3xf32>) -> tensor<1x6x4xf32>
  %1 = graph.conv %x, %d {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>, groups = 4 : i64} : (tensor<1x4x6xf32>, tensor<4x1x3xf32>) -> tensor<1x4x4xf32>
  %2 = graph.conv %x, %m {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>, groups = 4 : i64} : (tensor<1x4x6xf32>, tensor<8x1x3xf32>) -> tensor<1x8x4xf32>
  return %0, %1, %2 : tensor<1x6x4xf32>, tensor<1x4x4xf32>, tensor<1x8x4xf32>
}
func.func @conv_3d_types(%x: tensor<1x2x3x4x4xf16>, %w: tensor<3x2x2x2x2xf16>, %y: tensor<1x2x5xui8> {test.range = [0, 255]}, %v: tensor<2x2x3xi8>) -> (tensor<1x3x2x3x3xf16>, tensor<1x2x3xi32>) {
  %0 = graph.conv %x, %w {strides = array<i64: 1, 1, 1>, dilations = array<i64: 1, 1, 1>, pads = array<i64: 0, 0, 0, 0, 0, 0>, groups = 1 : i64} : (tensor<1x2x3x4x4xf16>, tensor<3x2x2x2x2xf16>) -> tensor<1x3x2x3x3xf16>
  %1 = graph.conv %y, %v {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>, groups = 1 : i64} : (tensor<1x2x5xui8>, tensor<2x2x3xi8>) -> tensor<1x2x3xi32>
  return %0, %1 : tensor<1x3x2x3x3xf16>, tensor<1x2x3xi32>
}
func.func @conv_window_too_large(%x: tensor<1x1x?xf32> {test.dims = [1, 1, 2]}, %w: tensor<1x1x3xf32>) -> tensor<1x1x?xf32> attributes {test.fails} {
  %0 = graph.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>, groups = 1 : i64} : (tensor<1x1x?xf32>, tensor<1x1x3xf32>) -> tensor<1x1x?xf32>
  return %0 : tensor<1x1x?xf32>
}
func.func @conv_transpose_no_overlap(%x: tensor<?x3x?x4xf32> {test.dims = [2, 3, 5, 4]}, %w: tensor<3x4x2x2xf32>) -> tensor<?x4x?x8xf32> {
  %0 = graph.conv_transpose %x, %w {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, output_padding = array<i64: 0, 0>, groups = 1 : i64} : (tensor<?x3x?x4xf32>, tensor<3x4x2x2xf32>) -> tensor<?x4x?x8xf32>
  return %0 : tensor<?x4x?x8xf32>
}
func.func @conv_transpose_no_overlap_groups(%x: tensor<1x4x5xf32>, %w: tensor<4x3x2xf32>) -> tensor<1x6x10xf32> {
  %0 = graph.conv_transpose %x, %w {strides = array<i64: 2>, dilations = array<i64: 1>, pads = array<i64: 0, 0>, output_padding = array<i64: 0>, groups = 2 : i64} : (tensor<1x4x5xf32>, tensor<4x3x2xf32>) -> tensor<1x6x10xf32>
  return %0 : tensor<1x6x10xf32>
}
func.func @conv_transpose_overlap(%x: tensor<?x2x?x4xf32> {test.dims = [2, 2, 5, 4]}, %w: tensor<2x3x3x3xf32>) -> tensor<?x3x?x7xf32> {
  %0 = graph.conv_transpose %x, %w {strides = array<i64: 3, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 0, 1>, output_padding = array<i64: 1, 0>, groups = 1 : i64} : (tensor<?x2x?x4xf32>, tensor<2x3x3x3xf32>) -> tensor<?x3x?x7xf32>
  return %0 : tensor<?x3x?x7xf32>
}
func.func @conv_transpose_dilated_groups(%x: tensor<1x4x5xf32>, %w: tensor<4x3x2xf32>) -> tensor<1x6x8xf32> {
  %0 = graph.conv_transpose %x, %w {strides = array<i64: 2>, dilations = array<i64: 2>, pads = array<i64: 3, 0>, output_padding = array<i64: 0>, groups = 2 : i64} : (tensor<1x4x5xf32>, tensor<4x3x2xf32>) -> tensor<1x6x8xf32>
  return %0 : tensor<1x6x8xf32>
}
