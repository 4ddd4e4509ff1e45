// RUN: nacre-opt %s --graph-to-linalg | FileCheck %s

// CHECK-DAG: #[[$LHS:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>
// CHECK-DAG: #[[$RHS:.*]] = affine_map<(d0, d1, d2, d3) -> (d3, d2)>
// CHECK-DAG: #[[$IN:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d4, d2 * 2 + d5, d3 * 2 + d6 * 3)>
// CHECK-DAG: #[[$POINT:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d4, d2, d3)>
// CHECK-DAG: #[[$DEPTH:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d2 + d4, d3 + d5)>

// Weights are projected, not repeated; products may contract to FMA.
// CHECK-LABEL: func @matmul
//       CHECK: linalg.generic {indexing_maps = [#[[$LHS]], #[[$RHS]], #{{.*}}], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
//       CHECK:   arith.mulf {{.*}} fastmath<contract>
//       CHECK:   arith.addf {{.*}} fastmath<contract>
func.func @matmul(%a: tensor<?x3x4xf32>, %b: tensor<4x5xf32>) -> tensor<?x3x5xf32> {
  %0 = graph.matmul %a, %b : (tensor<?x3x4xf32>, tensor<4x5xf32>) -> tensor<?x3x5xf32>
  return %0 : tensor<?x3x5xf32>
}

// Halves are summed in f32 and rounded once.
// CHECK-LABEL: func @halves
//       CHECK: linalg.fill {{.*}} outs(%{{.*}} : tensor<3x5xf32>)
//       CHECK: linalg.generic
//       CHECK:   arith.extf {{.*}} : f16 to f32
//       CHECK: linalg.generic
//       CHECK:   arith.truncf {{.*}} : f32 to f16
func.func @halves(%a: tensor<3x4xf16>, %b: tensor<4x5xf16>) -> tensor<3x5xf16> {
  %0 = graph.matmul %a, %b : (tensor<3x4xf16>, tensor<4x5xf16>) -> tensor<3x5xf16>
  return %0 : tensor<3x5xf16>
}

// Bytes widen by their own signs.
// CHECK-LABEL: func @bytes
//       CHECK: arith.extui {{.*}} : i8 to i32
//       CHECK: arith.extsi {{.*}} : i8 to i32
func.func @bytes(%a: tensor<3x4xui8>, %b: tensor<4x5xi8>) -> tensor<3x5xi32> {
  %0 = graph.matmul %a, %b : (tensor<3x4xui8>, tensor<4x5xi8>) -> tensor<3x5xi32>
  return %0 : tensor<3x5xi32>
}

// CHECK-LABEL: func @conv
//       CHECK: tensor.pad %{{.*}} low[0, 0, 1, 0] high[0, 0, 1, 2]
//       CHECK: linalg.generic {indexing_maps = [#[[$IN]],
func.func @conv(%x: tensor<1x3x8x8xf32>, %w: tensor<4x3x3x3xf32>) -> tensor<1x4x4x2xf32> {
  %0 = graph.conv %x, %w {strides = array<i64: 2, 2>, dilations = array<i64: 1, 3>, pads = array<i64: 1, 0, 1, 2>, groups = 1 : i64} : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x4x2xf32>
  return %0 : tensor<1x4x4x2xf32>
}

// A window of one element has no loops, and without padding there is no pad.
// CHECK-LABEL: func @pointwise
//   CHECK-NOT: tensor.pad
//       CHECK: linalg.generic {indexing_maps = [#[[$POINT]],
func.func @pointwise(%x: tensor<1x3x8x8xf32>, %w: tensor<4x3x1x1xf32>) -> tensor<1x4x8x8xf32> {
  %0 = graph.conv %x, %w {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, groups = 1 : i64} : (tensor<1x3x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<1x4x8x8xf32>
  return %0 : tensor<1x4x8x8xf32>
}

// A channel of its own per group: no loop over channels.
// CHECK-LABEL: func @depthwise
//       CHECK: linalg.generic {indexing_maps = [#[[$DEPTH]],
func.func @depthwise(%x: tensor<1x3x8x8xf32>, %w: tensor<3x1x3x3xf32>) -> tensor<1x3x6x6xf32> {
  %0 = graph.conv %x, %w {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, groups = 3 : i64} : (tensor<1x3x8x8xf32>, tensor<3x1x3x3xf32>) -> tensor<1x3x6x6xf32>
  return %0 : tensor<1x3x6x6xf32>
}

// Windows that do not overlap: one contraction, then a view.
// CHECK-LABEL: func @conv_transpose_without_overlap
//       CHECK: %[[SUM:.*]] = linalg.generic
//  CHECK-SAME:   iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel", "parallel", "reduction"]
//       CHECK: tensor.collapse_shape %[[SUM]] {{\[\[}}0], [1], [2, 3], [4, 5]]
func.func @conv_transpose_without_overlap(%x: tensor<1x3x4x4xf32>, %w: tensor<3x5x2x2xf32>) -> tensor<1x5x8x8xf32> {
  %0 = graph.conv_transpose %x, %w {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, output_padding = array<i64: 0, 0>, groups = 1 : i64} : (tensor<1x3x4x4xf32>, tensor<3x5x2x2xf32>) -> tensor<1x5x8x8xf32>
  return %0 : tensor<1x5x8x8xf32>
}
