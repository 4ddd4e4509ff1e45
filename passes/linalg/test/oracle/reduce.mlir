// RUN: nacre-tensor-oracle %s

func.func @sums(%a: tensor<?x3x4xf32> {test.dims = [2, 3, 4]}) -> (tensor<?x4xf32>, tensor<1x3x1xf32>, tensor<f32>) {
  %0 = graph.reduce sum %a axes [1] {keep_dims = false} : (tensor<?x3x4xf32>) -> tensor<?x4xf32>
  %1 = graph.reduce prod %a axes [0, 2] {keep_dims = true} : (tensor<?x3x4xf32>) -> tensor<1x3x1xf32>
  %2 = graph.reduce sum %a axes [0, 1, 2] {keep_dims = false} : (tensor<?x3x4xf32>) -> tensor<f32>
  return %0, %1, %2 : tensor<?x4xf32>, tensor<1x3x1xf32>, tensor<f32>
}
func.func @extremes(%a: tensor<3x4xf16>, %b: tensor<3x4xui8>, %c: tensor<3x4xi8>) -> (tensor<3x1xf16>, tensor<4xui8>, tensor<4xi8>) {
  %0 = graph.reduce max %a axes [1] {keep_dims = true} : (tensor<3x4xf16>) -> tensor<3x1xf16>
  %1 = graph.reduce min %b axes [0] {keep_dims = false} : (tensor<3x4xui8>) -> tensor<4xui8>
  %2 = graph.reduce max %c axes [0] {keep_dims = false} : (tensor<3x4xi8>) -> tensor<4xi8>
  return %0, %1, %2 : tensor<3x1xf16>, tensor<4xui8>, tensor<4xi8>
}
func.func @bools(%a: tensor<3x4xi1>) -> (tensor<3xi1>, tensor<4xi1>) {
  %0 = graph.reduce any %a axes [1] {keep_dims = false} : (tensor<3x4xi1>) -> tensor<3xi1>
  %1 = graph.reduce all %a axes [0] {keep_dims = false} : (tensor<3x4xi1>) -> tensor<4xi1>
  return %0, %1 : tensor<3xi1>, tensor<4xi1>
}
func.func @nan_wins() -> (tensor<2xf32>, tensor<2xf32>) {
  %a = graph.constant dense<[[1.0, 0x7FC00000, 3.0], [1.0, 2.0, 3.0]]> : tensor<2x3xf32>
  %0 = graph.reduce max %a axes [1] {keep_dims = false} : (tensor<2x3xf32>) -> tensor<2xf32>
  %1 = graph.reduce min %a axes [1] {keep_dims = false} : (tensor<2x3xf32>) -> tensor<2xf32>
  return %0, %1 : tensor<2xf32>, tensor<2xf32>
}
func.func @of_nothing(%a: tensor<2x0xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  %0 = graph.reduce sum %a axes [1] {keep_dims = false} : (tensor<2x0xf32>) -> tensor<2xf32>
  %1 = graph.reduce max %a axes [1] {keep_dims = false} : (tensor<2x0xf32>) -> tensor<2xf32>
  return %0, %1 : tensor<2xf32>, tensor<2xf32>
}
func.func @half_sums(%a: tensor<2x600xf16>) -> tensor<2xf16> {
  %0 = graph.reduce sum %a axes [1] {keep_dims = false} : (tensor<2x600xf16>) -> tensor<2xf16>
  return %0 : tensor<2xf16>
}
func.func @softmax(%a: tensor<?x5x3xf32> {test.dims = [2, 5, 3]}, %b: tensor<3x4xf16>) -> (tensor<?x5x3xf32>, tensor<?x5x3xf32>, tensor<3x4xf16>) {
  %0 = graph.softmax %a axis 2 : (tensor<?x5x3xf32>) -> tensor<?x5x3xf32>
  %1 = graph.softmax %a axis 1 {log = true} : (tensor<?x5x3xf32>) -> tensor<?x5x3xf32>
  %2 = graph.softmax %b axis 1 : (tensor<3x4xf16>) -> tensor<3x4xf16>
  return %0, %1, %2 : tensor<?x5x3xf32>, tensor<?x5x3xf32>, tensor<3x4xf16>
}
func.func @arg(%a: tensor<?x6xi32> {test.dims = [4, 6], test.range = [0, 3]}) -> (tensor<?xi64>, tensor<?xi64>, tensor<?x1xi64>, tensor<1x6xi64>) {
  %0 = graph.arg_reduce %a {axis = 1 : i64, largest = true, select_last = false, keep_dims = false} : (tensor<?x6xi32>) -> tensor<?xi64>
  %1 = graph.arg_reduce %a {axis = 1 : i64, largest = true, select_last = true, keep_dims = false} : (tensor<?x6xi32>) -> tensor<?xi64>
  %2 = graph.arg_reduce %a {axis = 1 : i64, largest = false, select_last = true, keep_dims = true} : (tensor<?x6xi32>) -> tensor<?x1xi64>
  %3 = graph.arg_reduce %a {axis = 0 : i64, largest = false, select_last = false, keep_dims = true} : (tensor<?x6xi32>) -> tensor<1x6xi64>
  return %0, %1, %2, %3 : tensor<?xi64>, tensor<?xi64>, tensor<?x1xi64>, tensor<1x6xi64>
}
func.func @arg_nan() -> (tensor<3xi64>, tensor<3xi64>) {
  %a = graph.constant dense<[[1.0, 0x7FC00000, 3.0, 0x7FC00000], [1.0, 2.0, 2.0, 1.0], [0xFF800000, 0xFF800000, 0xFF800000, 0xFF800000]]> : tensor<3x4xf32>
  %0 = graph.arg_reduce %a {axis = 1 : i64, largest = true, select_last = false, keep_dims = false} : (tensor<3x4xf32>) -> tensor<3xi64>
  %1 = graph.arg_reduce %a {axis = 1 : i64, largest = false, select_last = true, keep_dims = false} : (tensor<3x4xf32>) -> tensor<3xi64>
  return %0, %1 : tensor<3xi64>, tensor<3xi64>
}
func.func @scan(%a: tensor<2x5xf32>, %b: tensor<?x3xi32> {test.dims = [4, 3]}) -> (tensor<2x5xf32>, tensor<2x5xf32>, tensor<?x3xi32>, tensor<?x3xi32>) {
  %0 = graph.scan sum %a axis 1 {exclusive = false, reverse = false} : (tensor<2x5xf32>) -> tensor<2x5xf32>
  %1 = graph.scan prod %a axis 1 {exclusive = true, reverse = true} : (tensor<2x5xf32>) -> tensor<2x5xf32>
  %2 = graph.scan sum %b axis 0 {exclusive = true, reverse = false} : (tensor<?x3xi32>) -> tensor<?x3xi32>
  %3 = graph.scan sum %b axis 0 {exclusive = false, reverse = true} : (tensor<?x3xi32>) -> tensor<?x3xi32>
  return %0, %1, %2, %3 : tensor<2x5xf32>, tensor<2x5xf32>, tensor<?x3xi32>, tensor<?x3xi32>
}
func.func @topk(%a: tensor<3x8xi32> {test.range = [0, 4]}, %k: tensor<i64> {test.range = [3, 3]}) -> (tensor<3x?xi32>, tensor<3x?xi64>, tensor<2x8xi32>, tensor<2x8xi64>) {
  %0:2 = graph.topk %a, %k {axis = 1 : i64, largest = true} : (tensor<3x8xi32>, tensor<i64>) -> (tensor<3x?xi32>, tensor<3x?xi64>)
  %two = graph.constant dense<2> : tensor<i64>
  %1:2 = graph.topk %a, %two {axis = 0 : i64, largest = false} : (tensor<3x8xi32>, tensor<i64>) -> (tensor<2x8xi32>, tensor<2x8xi64>)
  return %0#0, %0#1, %1#0, %1#1 : tensor<3x?xi32>, tensor<3x?xi64>, tensor<2x8xi32>, tensor<2x8xi64>
}
func.func @topk_nan() -> (tensor<3xf32>, tensor<3xi64>, tensor<4xf32>, tensor<4xi64>) {
  %a = graph.constant dense<[1.0, 0x7FC00000, 3.0, 0x7FC00000]> : tensor<4xf32>
  %three = graph.constant dense<3> : tensor<i64>
  %four = graph.constant dense<4> : tensor<i64>
  %0:2 = graph.topk %a, %three {axis = 0 : i64, largest = true} : (tensor<4xf32>, tensor<i64>) -> (tensor<3xf32>, tensor<3xi64>)
  %1:2 = graph.topk %a, %four {axis = 0 : i64, largest = false} : (tensor<4xf32>, tensor<i64>) -> (tensor<4xf32>, tensor<4xi64>)
  return %0#0, %0#1, %1#0, %1#1 : tensor<3xf32>, tensor<3xi64>, tensor<4xf32>, tensor<4xi64>
}
func.func @topk_out_of_range(%a: tensor<3xf32>, %k: tensor<i64> {test.range = [4, 4]}) -> (tensor<?xf32>, tensor<?xi64>) attributes {test.fails} {
  %0:2 = graph.topk %a, %k {axis = 0 : i64, largest = true} : (tensor<3xf32>, tensor<i64>) -> (tensor<?xf32>, tensor<?xi64>)
  return %0#0, %0#1 : tensor<?xf32>, tensor<?xi64>
}
func.func @non_zero(%a: tensor<?x4xi32> {test.dims = [3, 4], test.range = [0, 1]}, %b: tensor<f32>) -> (tensor<2x?xi64>, tensor<1x?xi64>) {
  %0 = graph.non_zero %a : (tensor<?x4xi32>) -> tensor<2x?xi64>
  %1 = graph.non_zero %b : (tensor<f32>) -> tensor<1x?xi64>
  return %0, %1 : tensor<2x?xi64>, tensor<1x?xi64>
}
func.func @topk_of_many(%a: tensor<2x200xf32>, %b: tensor<2x300xi8>) -> (tensor<2x17xf32>, tensor<2x17xi64>, tensor<2x300xi8>, tensor<2x300xi64>) {
  %k = graph.constant dense<17> : tensor<i64>
  %0:2 = graph.topk %a, %k {axis = 1 : i64, largest = false} : (tensor<2x200xf32>, tensor<i64>) -> (tensor<2x17xf32>, tensor<2x17xi64>)
  %n = graph.constant dense<300> : tensor<i64>
  %1:2 = graph.topk %b, %n {axis = 1 : i64, largest = true} : (tensor<2x300xi8>, tensor<i64>) -> (tensor<2x300xi8>, tensor<2x300xi64>)
  return %0#0, %0#1, %1#0, %1#1 : tensor<2x17xf32>, tensor<2x17xi64>, tensor<2x300xi8>, tensor<2x300xi64>
}
func.func @topk_of_none(%a: tensor<3xf32>, %k: tensor<i64> {test.range = [0, 0]}) -> (tensor<?xf32>, tensor<?xi64>) {
  %0:2 = graph.topk %a, %k {axis = 0 : i64, largest = true} : (tensor<3xf32>, tensor<i64>) -> (tensor<?xf32>, tensor<?xi64>)
  return %0#0, %0#1 : tensor<?xf32>, tensor<?xi64>
}
