// RUN: nacre-tensor-oracle %s

func.func @unique_sorted(%a: tensor<?x?xi64> {test.dims = [37, 2], test.range = [-2, 2]}, %b: tensor<100x1xui8> {test.range = [0, 40]}) -> (tensor<?xi64>, tensor<?xi64>, tensor<?xi64>, tensor<100xi64>) {
  %0:2 = graph.unique %a {sorted = true} : (tensor<?x?xi64>) -> (tensor<?xi64>, tensor<?xi64>)
  %1:2 = graph.unique %b {sorted = true} : (tensor<100x1xui8>) -> (tensor<?xi64>, tensor<100xi64>)
  return %0#0, %0#1, %1#0, %1#1 : tensor<?xi64>, tensor<?xi64>, tensor<?xi64>, tensor<100xi64>
}
func.func @unique_by_place(%a: tensor<?x3xi1> {test.dims = [64, 3], test.range = [0, 1]}) -> (tensor<?xi64>, tensor<?xi64>) {
  %0:2 = graph.unique %a {sorted = false} : (tensor<?x3xi1>) -> (tensor<?xi64>, tensor<?xi64>)
  return %0#0, %0#1 : tensor<?xi64>, tensor<?xi64>
}
// Lengths around the powers of 2, where runs end early or there is one only.
func.func @unique_one(%a: tensor<1x1xf32>) -> (tensor<?xi64>, tensor<1xi64>) {
  %0:2 = graph.unique %a {sorted = true} : (tensor<1x1xf32>) -> (tensor<?xi64>, tensor<1xi64>)
  return %0#0, %0#1 : tensor<?xi64>, tensor<1xi64>
}
func.func @unique_two(%a: tensor<2x1xf16> {test.range = [0, 1]}) -> (tensor<?xi64>, tensor<2xi64>) {
  %0:2 = graph.unique %a {sorted = true} : (tensor<2x1xf16>) -> (tensor<?xi64>, tensor<2xi64>)
  return %0#0, %0#1 : tensor<?xi64>, tensor<2xi64>
}
func.func @unique_seventeen(%a: tensor<17x1xi8> {test.range = [-4, 3]}) -> (tensor<?xi64>, tensor<17xi64>) {
  %0:2 = graph.unique %a {sorted = true} : (tensor<17x1xi8>) -> (tensor<?xi64>, tensor<17xi64>)
  return %0#0, %0#1 : tensor<?xi64>, tensor<17xi64>
}
func.func @unique_of_nothing(%a: tensor<?x2xf32> {test.dims = [0, 2]}, %b: tensor<?x0xf32> {test.dims = [3, 0]}) -> (tensor<?xi64>, tensor<?xi64>, tensor<?xi64>) {
  %0:2 = graph.unique %a {sorted = true} : (tensor<?x2xf32>) -> (tensor<?xi64>, tensor<?xi64>)
  %1:2 = graph.unique %b {sorted = true} : (tensor<?x0xf32>) -> (tensor<?xi64>, tensor<?xi64>)
  return %0#0, %0#1, %1#0 : tensor<?xi64>, tensor<?xi64>, tensor<?xi64>
}
func.func @unique_nan() -> (tensor<?xi64>, tensor<5xi64>) {
  %a = graph.constant dense<[[0x7FC00000], [1.0], [0x7FC00000], [-0.0], [0.0]]> : tensor<5x1xf32>
  %0:2 = graph.unique %a {sorted = true} : (tensor<5x1xf32>) -> (tensor<?xi64>, tensor<5xi64>)
  return %0#0, %0#1 : tensor<?xi64>, tensor<5xi64>
}
func.func @suppress(%boxes: tensor<?x?x4xf32> {test.dims = [2, 50, 4], test.range = [0, 10]}, %scores: tensor<?x3x?xf32> {test.dims = [2, 3, 50], test.range = [0, 8]}, %k: tensor<i64> {test.range = [7, 7]}) -> (tensor<?x3x?xi64>, tensor<?x3x?xi64>) {
  %iou = graph.constant dense<2.500000e-01> : tensor<f32>
  %least = graph.constant dense<1.500000e+00> : tensor<f32>
  %0 = graph.non_max_suppression %boxes, %scores, %k, %iou, %least {centered = false} : (tensor<?x?x4xf32>, tensor<?x3x?xf32>, tensor<i64>, tensor<f32>, tensor<f32>) -> tensor<?x3x?xi64>
  %all = graph.constant dense<9223372036854775807> : tensor<i64>
  %1 = graph.non_max_suppression %boxes, %scores, %all, %iou, %least {centered = true} : (tensor<?x?x4xf32>, tensor<?x3x?xf32>, tensor<i64>, tensor<f32>, tensor<f32>) -> tensor<?x3x?xi64>
  return %0, %1 : tensor<?x3x?xi64>, tensor<?x3x?xi64>
}
func.func @suppress_nothing(%boxes: tensor<1x?x4xf32> {test.dims = [1, 0, 4]}, %scores: tensor<1x1x?xf32> {test.dims = [1, 1, 0]}) -> tensor<1x1x?xi64> {
  %iou = graph.constant dense<2.500000e-01> : tensor<f32>
  %k = graph.constant dense<-3> : tensor<i64>
  %0 = graph.non_max_suppression %boxes, %scores, %k, %iou, %iou {centered = false} : (tensor<1x?x4xf32>, tensor<1x1x?xf32>, tensor<i64>, tensor<f32>, tensor<f32>) -> tensor<1x1x?xi64>
  return %0 : tensor<1x1x?xi64>
}
func.func @trees(%x: tensor<?x3xf32> {test.dims = [20, 3], test.range = [-2, 2]}) -> (tensor<?x2xi64>, tensor<?x2xi64>) {
  %roots = graph.constant dense<[0, 2]> : tensor<2xi64>
  %feature = graph.constant dense<[0, 2, 1, 0, 0, 0]> : tensor<6xi64>
  %threshold = graph.constant dense<[0.0, 0.5, -1.0, 0.0, 0.0, 0.0]> : tensor<6xf32>
  %mode = graph.constant dense<[3, 5, 0, 4, 1, 2]> : tensor<6xi64>
  %yes = graph.constant dense<[1, 3, 3, 3, 4, 5]> : tensor<6xi64>
  %no = graph.constant dense<[4, 5, 1, 3, 4, 5]> : tensor<6xi64>
  %missing = graph.constant dense<[true, false, true, false, false, false]> : tensor<6xi1>
  %0 = graph.tree_leaves %x, %roots, %feature, %threshold, %mode, %yes, %no, %missing {depth = 2 : i64} : (tensor<?x3xf32>, tensor<2xi64>, tensor<6xi64>, tensor<6xf32>, tensor<6xi64>, tensor<6xi64>, tensor<6xi64>, tensor<6xi1>) -> tensor<?x2xi64>
  %one = graph.constant dense<1> : tensor<6xi64>
  %zero = graph.constant dense<0.0> : tensor<f32>
  %nans = graph.div %x, %zero : (tensor<?x3xf32>, tensor<f32>) -> tensor<?x3xf32>
  %1 = graph.tree_leaves %nans, %roots, %feature, %threshold, %one, %yes, %no, %missing {depth = 2 : i64} : (tensor<?x3xf32>, tensor<2xi64>, tensor<6xi64>, tensor<6xf32>, tensor<6xi64>, tensor<6xi64>, tensor<6xi64>, tensor<6xi1>) -> tensor<?x2xi64>
  return %0, %1 : tensor<?x2xi64>, tensor<?x2xi64>
}
func.func @tree_of_missing_feature(%x: tensor<?x?xf32> {test.dims = [2, 1]}) -> tensor<?x1xi64> attributes {test.fails} {
  %roots = graph.constant dense<0> : tensor<1xi64>
  %feature = graph.constant dense<[1, 0]> : tensor<2xi64>
  %threshold = graph.constant dense<0.0> : tensor<2xf32>
  %zero = graph.constant dense<0> : tensor<2xi64>
  %one = graph.constant dense<1> : tensor<2xi64>
  %missing = graph.constant dense<false> : tensor<2xi1>
  %0 = graph.tree_leaves %x, %roots, %feature, %threshold, %zero, %one, %one, %missing {depth = 1 : i64} : (tensor<?x?xf32>, tensor<1xi64>, tensor<2xi64>, tensor<2xf32>, tensor<2xi64>, tensor<2xi64>, tensor<2xi64>, tensor<2xi1>) -> tensor<?x1xi64>
  return %0 : tensor<?x1xi64>
}
