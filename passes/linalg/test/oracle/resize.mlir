// RUN: nacre-tensor-oracle %s

func.func @twice(%x: tensor<?x2x?x3xf32> {test.dims = [1, 2, 4, 3]}) -> tensor<?x2x?x6xf32> {
  %shape = graph.shape %x : (tensor<?x2x?x3xf32>) -> tensor<4xi64>
  %factor = graph.constant dense<[1, 1, 2, 2]> : tensor<4xi64>
  %sizes = graph.mul %shape, %factor : (tensor<4xi64>, tensor<4xi64>) -> tensor<4xi64>
  %scales = graph.constant dense<[1.0, 1.0, 2.0, 2.0]> : tensor<4xf32>
  %roi = graph.constant dense<> : tensor<0xf32>
  %0 = graph.resize nearest %x to %sizes, %scales, %roi {coord = 4 : i32, nearest = 2 : i32, cubic_a = -0.75 : f64, exclude_outside = false, antialias = false, extrapolation = 0.0 : f64} : (tensor<?x2x?x3xf32>, tensor<4xi64>, tensor<4xf32>, tensor<0xf32>) -> tensor<?x2x?x6xf32>
  return %0 : tensor<?x2x?x6xf32>
}
func.func @nearest_0(%x: tensor<1x1x4x5xf32>) -> tensor<1x1x7x3xf32> {
  %sizes = graph.constant dense<[1, 1, 7, 3]> : tensor<4xi64>
  %scales = graph.constant dense<[1.0, 1.0, 1.75, 0.6]> : tensor<4xf32>
  %roi = graph.constant dense<> : tensor<0xf32>
  %0 = graph.resize nearest %x to %sizes, %scales, %roi {coord = 0 : i32, nearest = 0 : i32, cubic_a = -0.75 : f64, exclude_outside = false, antialias = false, extrapolation = 10.0 : f64} : (tensor<1x1x4x5xf32>, tensor<4xi64>, tensor<4xf32>, tensor<0xf32>) -> tensor<1x1x7x3xf32>
  return %0 : tensor<1x1x7x3xf32>
}
func.func @nearest_1(%x: tensor<1x1x4x5xf32>) -> tensor<1x1x7x3xf32> {
  %sizes = graph.constant dense<[1, 1, 7, 3]> : tensor<4xi64>
  %scales = graph.constant dense<[1.0, 1.0, 1.75, 0.6]> : tensor<4xf32>
  %roi = graph.constant dense<> : tensor<0xf32>
  %0 = graph.resize nearest %x to %sizes, %scales, %roi {coord = 0 : i32, nearest = 1 : i32, cubic_a = -0.75 : f64, exclude_outside = false, antialias = false, extrapolation = 10.0 : f64} : (tensor<1x1x4x5xf32>, tensor<4xi64>, tensor<4xf32>, tensor<0xf32>) -> tensor<1x1x7x3xf32>
  return %0 : tensor<1x1x7x3xf32>
}
func.func @nearest_2(%x: tensor<1x1x4x5xf32>) -> tensor<1x1x7x3xf32> {
  %sizes = graph.constant dense<[1, 1, 7, 3]> : tensor<4xi64>
  %scales = graph.constant dense<[1.0, 1.0, 1.75, 0.6]> : tensor<4xf32>
  %roi = graph.constant dense<> : tensor<0xf32>
  %0 = graph.resize nearest %x to %sizes, %scales, %roi {coord = 0 : i32, nearest = 2 : i32, cubic_a = -0.75 : f64, exclude_outside = false, antialias = false, extrapolation = 10.0 : f64} : (tensor<1x1x4x5xf32>, tensor<4xi64>, tensor<4xf32>, tensor<0xf32>) -> tensor<1x1x7x3xf32>
  return %0 : tensor<1x1x7x3xf32>
}
func.func @nearest_3(%x: tensor<1x1x4x5xf32>) -> tensor<1x1x7x3xf32> {
  %sizes = graph.constant dense<[1, 1, 7, 3]> : tensor<4xi64>
  %scales = graph.constant dense<[1.0, 1.0, 1.75, 0.6]> : tensor<4xf32>
  %roi = graph.constant dense<> : tensor<0xf32>
  %0 = graph.resize nearest %x to %sizes, %scales, %roi {coord = 0 : i32, nearest = 3 : i32, cubic_a = -0.75 : f64, exclude_outside = false, antialias = false, extrapolation = 10.0 : f64} : (tensor<1x1x4x5xf32>, tensor<4xi64>, tensor<4xf32>, tensor<0xf32>) -> tensor<1x1x7x3xf32>
  return %0 : tensor<1x1x7x3xf32>
}
func.func @nearest_half_pixel_symmetric(%x: tensor<1x1x4x5xf32>) -> tensor<1x1x8x3xf32> {
  %sizes = graph.constant dense<[1, 1, 8, 3]> : tensor<4xi64>
  %scales = graph.constant dense<[1.0, 1.0, 2.0, 0.6]> : tensor<4xf32>
  %roi = graph.constant dense<> : tensor<0xf32>
  %0 = graph.resize nearest %x to %sizes, %scales, %roi {coord = 1 : i32, nearest = 0 : i32, cubic_a = -0.75 : f64, exclude_outside = false, antialias = false, extrapolation = 10.0 : f64} : (tensor<1x1x4x5xf32>, tensor<4xi64>, tensor<4xf32>, tensor<0xf32>) -> tensor<1x1x8x3xf32>
  return %0 : tensor<1x1x8x3xf32>
}
func.func @nearest_pytorch_half_pixel(%x: tensor<1x1x4x5xf32>) -> tensor<1x1x8x3xf32> {
  %sizes = graph.constant dense<[1, 1, 8, 3]> : tensor<4xi64>
  %scales = graph.constant dense<[1.0, 1.0, 2.0, 0.6]> : tensor<4xf32>
  %roi = graph.constant dense<> : tensor<0xf32>
  %0 = graph.resize nearest %x to %sizes, %scales, %roi {coord = 2 : i32, nearest = 0 : i32, cubic_a = -0.75 : f64, exclude_outside = false, antialias = false, extrapolation = 10.0 : f64} : (tensor<1x1x4x5xf32>, tensor<4xi64>, tensor<4xf32>, tensor<0xf32>) -> tensor<1x1x8x3xf32>
  return %0 : tensor<1x1x8x3xf32>
}
func.func @nearest_align_corners(%x: tensor<1x1x4x5xf32>) -> tensor<1x1x8x3xf32> {
  %sizes = graph.constant dense<[1, 1, 8, 3]> : tensor<4xi64>
  %scales = graph.constant dense<[1.0, 1.0, 2.0, 0.6]> : tensor<4xf32>
  %roi = graph.constant dense<> : tensor<0xf32>
  %0 = graph.resize nearest %x to %sizes, %scales, %roi {coord = 3 : i32, nearest = 0 : i32, cubic_a = -0.75 : f64, exclude_outside = false, antialias = false, extrapolation = 10.0 : f64} : (tensor<1x1x4x5xf32>, tensor<4xi64>, tensor<4xf32>, tensor<0xf32>) -> tensor<1x1x8x3xf32>
  return %0 : tensor<1x1x8x3xf32>
}
func.func @nearest_asymmetric(%x: tensor<1x1x4x5xf32>) -> tensor<1x1x8x3xf32> {
  %sizes = graph.constant dense<[1, 1, 8, 3]> : tensor<4xi64>
  %scales = graph.constant dense<[1.0, 1.0, 2.0, 0.6]> : tensor<4xf32>
  %roi = graph.constant dense<> : tensor<0xf32>
  %0 = graph.resize nearest %x to %sizes, %scales, %roi {coord = 4 : i32, nearest = 0 : i32, cubic_a = -0.75 : f64, exclude_outside = false, antialias = false, extrapolation = 10.0 : f64} : (tensor<1x1x4x5xf32>, tensor<4xi64>, tensor<4xf32>, tensor<0xf32>) -> tensor<1x1x8x3xf32>
  return %0 : tensor<1x1x8x3xf32>
}
func.func @nearest_tf_half_pixel_for_nn(%x: tensor<1x1x4x5xf32>) -> tensor<1x1x8x3xf32> {
  %sizes = graph.constant dense<[1, 1, 8, 3]> : tensor<4xi64>
  %scales = graph.constant dense<[1.0, 1.0, 2.0, 0.6]> : tensor<4xf32>
  %roi = graph.constant dense<> : tensor<0xf32>
  %0 = graph.resize nearest %x to %sizes, %scales, %roi {coord = 5 : i32, nearest = 0 : i32, cubic_a = -0.75 : f64, exclude_outside = false, antialias = false, extrapolation = 10.0 : f64} : (tensor<1x1x4x5xf32>, tensor<4xi64>, tensor<4xf32>, tensor<0xf32>) -> tensor<1x1x8x3xf32>
  return %0 : tensor<1x1x8x3xf32>
}
func.func @nearest_repeats(%x: tensor<2x3xf32>) -> tensor<4x9xf32> {
  %sizes = graph.constant dense<[4, 9]> : tensor<2xi64>
  %scales = graph.constant dense<[2.0, 3.0]> : tensor<2xf32>
  %roi = graph.constant dense<> : tensor<0xf32>
  %0 = graph.resize nearest %x to %sizes, %scales, %roi {coord = 0 : i32, nearest = 0 : i32, cubic_a = -0.75 : f64, exclude_outside = false, antialias = false, extrapolation = 10.0 : f64} : (tensor<2x3xf32>, tensor<2xi64>, tensor<2xf32>, tensor<0xf32>) -> tensor<4x9xf32>
  return %0 : tensor<4x9xf32>
}
func.func @linear_half_pixel(%x: tensor<1x2x4x5xf32>) -> tensor<1x2x7x3xf32> {
  %sizes = graph.constant dense<[1, 2, 7, 3]> : tensor<4xi64>
  %scales = graph.constant dense<[1.0, 1.0, 1.75, 0.6]> : tensor<4xf32>
  %roi = graph.constant dense<> : tensor<0xf32>
  %0 = graph.resize linear %x to %sizes, %scales, %roi {coord = 0 : i32, nearest = 0 : i32, cubic_a = -0.75 : f64, exclude_outside = false, antialias = false, extrapolation = 10.0 : f64} : (tensor<1x2x4x5xf32>, tensor<4xi64>, tensor<4xf32>, tensor<0xf32>) -> tensor<1x2x7x3xf32>
  return %0 : tensor<1x2x7x3xf32>
}
func.func @linear_half_pixel_symmetric(%x: tensor<1x2x4x5xf32>) -> tensor<1x2x7x3xf32> {
  %sizes = graph.constant dense<[1, 2, 7, 3]> : tensor<4xi64>
  %scales = graph.constant dense<[1.0, 1.0, 1.75, 0.6]> : tensor<4xf32>
  %roi = graph.constant dense<> : tensor<0xf32>
  %0 = graph.resize linear %x to %sizes, %scales, %roi {coord = 1 : i32, nearest = 0 : i32, cubic_a = -0.75 : f64, exclude_outside = false, antialias = false, extrapolation = 10.0 : f64} : (tensor<1x2x4x5xf32>, tensor<4xi64>, tensor<4xf32>, tensor<0xf32>) -> tensor<1x2x7x3xf32>
  return %0 : tensor<1x2x7x3xf32>
}
func.func @linear_pytorch_half_pixel(%x: tensor<1x2x4x5xf32>) -> tensor<1x2x7x3xf32> {
  %sizes = graph.constant dense<[1, 2, 7, 3]> : tensor<4xi64>
  %scales = graph.constant dense<[1.0, 1.0, 1.75, 0.6]> : tensor<4xf32>
  %roi = graph.constant dense<> : tensor<0xf32>
  %0 = graph.resize linear %x to %sizes, %scales, %roi {coord = 2 : i32, nearest = 0 : i32, cubic_a = -0.75 : f64, exclude_outside = false, antialias = false, extrapolation = 10.0 : f64} : (tensor<1x2x4x5xf32>, tensor<4xi64>, tensor<4xf32>, tensor<0xf32>) -> tensor<1x2x7x3xf32>
  return %0 : tensor<1x2x7x3xf32>
}
func.func @linear_align_corners(%x: tensor<1x2x4x5xf32>) -> tensor<1x2x7x3xf32> {
  %sizes = graph.constant dense<[1, 2, 7, 3]> : tensor<4xi64>
  %scales = graph.constant dense<[1.0, 1.0, 1.75, 0.6]> : tensor<4xf32>
  %roi = graph.constant dense<> : tensor<0xf32>
  %0 = graph.resize linear %x to %sizes, %scales, %roi {coord = 3 : i32, nearest = 0 : i32, cubic_a = -0.75 : f64, exclude_outside = false, antialias = false, extrapolation = 10.0 : f64} : (tensor<1x2x4x5xf32>, tensor<4xi64>, tensor<4xf32>, tensor<0xf32>) -> tensor<1x2x7x3xf32>
  return %0 : tensor<1x2x7x3xf32>
}
func.func @linear_asymmetric(%x: tensor<1x2x4x5xf32>) -> tensor<1x2x7x3xf32> {
  %sizes = graph.constant dense<[1, 2, 7, 3]> : tensor<4xi64>
  %scales = graph.constant dense<[1.0, 1.0, 1.75, 0.6]> : tensor<4xf32>
  %roi = graph.constant dense<> : tensor<0xf32>
  %0 = graph.resize linear %x to %sizes, %scales, %roi {coord = 4 : i32, nearest = 0 : i32, cubic_a = -0.75 : f64, exclude_outside = false, antialias = false, extrapolation = 10.0 : f64} : (tensor<1x2x4x5xf32>, tensor<4xi64>, tensor<4xf32>, tensor<0xf32>) -> tensor<1x2x7x3xf32>
  return %0 : tensor<1x2x7x3xf32>
}
func.func @linear_odd_scale(%x: tensor<1x2x4x5xf32>) -> tensor<1x2x7x3xf32> {
  %sizes = graph.constant dense<[1, 2, 7, 3]> : tensor<4xi64>
  %scales = graph.constant dense<[1.0, 1.0, 1.8, 0.7]> : tensor<4xf32>
  %roi = graph.constant dense<> : tensor<0xf32>
  %0 = graph.resize linear %x to %sizes, %scales, %roi {coord = 0 : i32, nearest = 0 : i32, cubic_a = -0.75 : f64, exclude_outside = false, antialias = false, extrapolation = 10.0 : f64} : (tensor<1x2x4x5xf32>, tensor<4xi64>, tensor<4xf32>, tensor<0xf32>) -> tensor<1x2x7x3xf32>
  return %0 : tensor<1x2x7x3xf32>
}
func.func @linear_dynamic(%x: tensor<?x?x?x?xf32> {test.dims = [1, 2, 4, 5]}) -> tensor<1x2x7x3xf32> {
  %sizes = graph.constant dense<[1, 2, 7, 3]> : tensor<4xi64>
  %scales = graph.constant dense<[1.0, 1.0, 1.75, 0.6]> : tensor<4xf32>
  %roi = graph.constant dense<> : tensor<0xf32>
  %0 = graph.resize linear %x to %sizes, %scales, %roi {coord = 0 : i32, nearest = 0 : i32, cubic_a = -0.75 : f64, exclude_outside = false, antialias = false, extrapolation = 10.0 : f64} : (tensor<?x?x?x?xf32>, tensor<4xi64>, tensor<4xf32>, tensor<0xf32>) -> tensor<1x2x7x3xf32>
  return %0 : tensor<1x2x7x3xf32>
}
func.func @linear_bytes(%x: tensor<4x5xui8> {test.range = [0, 255]}) -> tensor<7x3xui8> {
  %sizes = graph.constant dense<[7, 3]> : tensor<2xi64>
  %scales = graph.constant dense<[1.75, 0.6]> : tensor<2xf32>
  %roi = graph.constant dense<> : tensor<0xf32>
  %0 = graph.resize linear %x to %sizes, %scales, %roi {coord = 0 : i32, nearest = 0 : i32, cubic_a = -0.75 : f64, exclude_outside = false, antialias = false, extrapolation = 10.0 : f64} : (tensor<4x5xui8>, tensor<2xi64>, tensor<2xf32>, tensor<0xf32>) -> tensor<7x3xui8>
  return %0 : tensor<7x3xui8>
}
func.func @cubic(%x: tensor<1x2x4x5xf32>) -> tensor<1x2x7x3xf32> {
  %sizes = graph.constant dense<[1, 2, 7, 3]> : tensor<4xi64>
  %scales = graph.constant dense<[1.0, 1.0, 1.75, 0.6]> : tensor<4xf32>
  %roi = graph.constant dense<> : tensor<0xf32>
  %0 = graph.resize cubic %x to %sizes, %scales, %roi {coord = 0 : i32, nearest = 0 : i32, cubic_a = -0.75 : f64, exclude_outside = false, antialias = false, extrapolation = 10.0 : f64} : (tensor<1x2x4x5xf32>, tensor<4xi64>, tensor<4xf32>, tensor<0xf32>) -> tensor<1x2x7x3xf32>
  return %0 : tensor<1x2x7x3xf32>
}
func.func @cubic_exclude(%x: tensor<4x5xf32>) -> tensor<7x3xf32> {
  %sizes = graph.constant dense<[7, 3]> : tensor<2xi64>
  %scales = graph.constant dense<[1.75, 0.6]> : tensor<2xf32>
  %roi = graph.constant dense<> : tensor<0xf32>
  %0 = graph.resize cubic %x to %sizes, %scales, %roi {coord = 0 : i32, nearest = 0 : i32, cubic_a = -0.75 : f64, exclude_outside = true, antialias = false, extrapolation = 10.0 : f64} : (tensor<4x5xf32>, tensor<2xi64>, tensor<2xf32>, tensor<0xf32>) -> tensor<7x3xf32>
  return %0 : tensor<7x3xf32>
}
func.func @linear_antialias(%x: tensor<9x10xf32>) -> tensor<4x3xf32> {
  %sizes = graph.constant dense<[4, 3]> : tensor<2xi64>
  %scales = graph.constant dense<[0.4444444444444444, 0.3]> : tensor<2xf32>
  %roi = graph.constant dense<> : tensor<0xf32>
  %0 = graph.resize linear %x to %sizes, %scales, %roi {coord = 0 : i32, nearest = 0 : i32, cubic_a = -0.75 : f64, exclude_outside = false, antialias = true, extrapolation = 10.0 : f64} : (tensor<9x10xf32>, tensor<2xi64>, tensor<2xf32>, tensor<0xf32>) -> tensor<4x3xf32>
  return %0 : tensor<4x3xf32>
}
func.func @cubic_antialias(%x: tensor<9x10xf32>) -> tensor<4x13xf32> {
  %sizes = graph.constant dense<[4, 13]> : tensor<2xi64>
  %scales = graph.constant dense<[0.4444444444444444, 1.3]> : tensor<2xf32>
  %roi = graph.constant dense<> : tensor<0xf32>
  %0 = graph.resize cubic %x to %sizes, %scales, %roi {coord = 0 : i32, nearest = 0 : i32, cubic_a = -0.75 : f64, exclude_outside = true, antialias = true, extrapolation = 10.0 : f64} : (tensor<9x10xf32>, tensor<2xi64>, tensor<2xf32>, tensor<0xf32>) -> tensor<4x13xf32>
  return %0 : tensor<4x13xf32>
}
func.func @crop(%x: tensor<1x1x4x5xf32>) -> tensor<1x1x3x3xf32> {
  %sizes = graph.constant dense<[1, 1, 3, 3]> : tensor<4xi64>
  %scales = graph.constant dense<[1.0, 1.0, 0.75, 0.6]> : tensor<4xf32>
  %roi = graph.constant dense<[0.0, 0.0, 0.4, 0.6, 1.0, 1.0, 0.6, 1.8]> : tensor<8xf32>
  %0 = graph.resize linear %x to %sizes, %scales, %roi {coord = 6 : i32, nearest = 0 : i32, cubic_a = -0.75 : f64, exclude_outside = false, antialias = false, extrapolation = 10.0 : f64} : (tensor<1x1x4x5xf32>, tensor<4xi64>, tensor<4xf32>, tensor<8xf32>) -> tensor<1x1x3x3xf32>
  return %0 : tensor<1x1x3x3xf32>
}
func.func @crop_nearest(%x: tensor<1x1x4x5xf32>) -> tensor<1x1x3x3xf32> {
  %sizes = graph.constant dense<[1, 1, 3, 3]> : tensor<4xi64>
  %scales = graph.constant dense<[1.0, 1.0, 0.75, 0.6]> : tensor<4xf32>
  %roi = graph.constant dense<[0.0, 0.0, 0.4, 0.6, 1.0, 1.0, 0.6, 1.8]> : tensor<8xf32>
  %0 = graph.resize nearest %x to %sizes, %scales, %roi {coord = 6 : i32, nearest = 0 : i32, cubic_a = -0.75 : f64, exclude_outside = false, antialias = false, extrapolation = 10.0 : f64} : (tensor<1x1x4x5xf32>, tensor<4xi64>, tensor<4xf32>, tensor<8xf32>) -> tensor<1x1x3x3xf32>
  return %0 : tensor<1x1x3x3xf32>
}
// A dim that only the run knows to stay as it is: no half pixel is added.
func.func @same_by_data(%x: tensor<?x3xf32> {test.dims = [4, 3]}, %scales: tensor<2xf32> {test.range = [1, 1]}) -> (tensor<4x3xf32>, tensor<4x3xf32>) {
  %sizes = graph.constant dense<[4, 3]> : tensor<2xi64>
  %roi = graph.constant dense<> : tensor<0xf32>
  %0 = graph.resize cubic %x to %sizes, %scales, %roi {coord = 5 : i32, nearest = 0 : i32, cubic_a = -0.75 : f64, exclude_outside = false, antialias = false, extrapolation = 10.0 : f64} : (tensor<?x3xf32>, tensor<2xi64>, tensor<2xf32>, tensor<0xf32>) -> tensor<4x3xf32>
  %1 = graph.resize nearest %x to %sizes, %scales, %roi {coord = 5 : i32, nearest = 3 : i32, cubic_a = -0.75 : f64, exclude_outside = false, antialias = false, extrapolation = 10.0 : f64} : (tensor<?x3xf32>, tensor<2xi64>, tensor<2xf32>, tensor<0xf32>) -> tensor<4x3xf32>
  return %0, %1 : tensor<4x3xf32>, tensor<4x3xf32>
}
func.func @nothing_of_nothing(%x: tensor<?x3xf32> {test.dims = [0, 3]}) -> tensor<0x7xf32> {
  %sizes = graph.constant dense<[0, 7]> : tensor<2xi64>
  %scales = graph.constant dense<[1.0, 2.3333333]> : tensor<2xf32>
  %roi = graph.constant dense<> : tensor<0xf32>
  %0 = graph.resize cubic %x to %sizes, %scales, %roi {coord = 0 : i32, nearest = 0 : i32, cubic_a = -0.75 : f64, exclude_outside = false, antialias = false, extrapolation = 10.0 : f64} : (tensor<?x3xf32>, tensor<2xi64>, tensor<2xf32>, tensor<0xf32>) -> tensor<0x7xf32>
  return %0 : tensor<0x7xf32>
}
