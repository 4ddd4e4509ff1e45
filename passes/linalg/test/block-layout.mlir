// RUN: nacre-opt %s -split-input-file -linalg-block-layout | FileCheck %s
// RUN: nacre-opt %s -split-input-file -linalg-block-layout -remark-format=emitRemark -remarks-filter-missed=linalg-block-layout -o /dev/null 2>&1 \
// RUN:   | FileCheck %s --check-prefix=MISSED

#id = affine_map<(n, c, h, w) -> (n, c, h, w)>

// Two convolutions with an elementwise op between: channels go to blocks of 16 at
// the border, stay so, and come back at the border. The weights are blocked here.
// CHECK-LABEL: func @blocks_a_chain
//   CHECK-NOT: linalg.pack
//       CHECK: tensor.expand_shape {{.*}} output_shape [1, 2, 16, 9, 9]
//       CHECK: linalg.transpose
//       CHECK: linalg.generic {{.*}} tensor<4x2x3x3x16x16xf32>
//       CHECK: linalg.generic {{.*}} tensor<1x4x7x7x16xf32>
//       CHECK:   math.absf
//       CHECK: linalg.generic {{.*}} tensor<2x4x3x3x16x16xf32>
//       CHECK: linalg.transpose
//       CHECK: tensor.collapse_shape {{.*}} into tensor<1x32x5x5xf32>
//   CHECK-NOT: linalg.unpack
func.func @blocks_a_chain(%x: tensor<1x32x9x9xf32>) -> tensor<1x32x5x5xf32> {
  %w0 = arith.constant dense<0.5> : tensor<64x32x3x3xf32>
  %w1 = arith.constant dense<0.25> : tensor<32x64x3x3xf32>
  %zero = arith.constant 0.0 : f32
  %e0 = tensor.empty() : tensor<1x64x7x7xf32>
  %f0 = linalg.fill ins(%zero : f32) outs(%e0 : tensor<1x64x7x7xf32>) -> tensor<1x64x7x7xf32>
  %c0 = linalg.conv_2d_nchw_fchw ins(%x, %w0 : tensor<1x32x9x9xf32>, tensor<64x32x3x3xf32>) outs(%f0 : tensor<1x64x7x7xf32>) -> tensor<1x64x7x7xf32>
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%c0 : tensor<1x64x7x7xf32>) outs(%e0 : tensor<1x64x7x7xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = math.absf %p : f32
    linalg.yield %s : f32
  } -> tensor<1x64x7x7xf32>
  %e1 = tensor.empty() : tensor<1x32x5x5xf32>
  %f1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<1x32x5x5xf32>) -> tensor<1x32x5x5xf32>
  %c1 = linalg.conv_2d_nchw_fchw ins(%a, %w1 : tensor<1x64x7x7xf32>, tensor<32x64x3x3xf32>) outs(%f1 : tensor<1x32x5x5xf32>) -> tensor<1x32x5x5xf32>
  return %c1 : tensor<1x32x5x5xf32>
}

// -----

// Columns of a constant matrix go to panels of two vectors, a panel's rows one
// after the other; the result is only seen in panels.
// CHECK-LABEL: func @panels_of_a_matrix
//       CHECK: dense<"0x0000000001000000{{.*}}1F0000000000000001000000{{.*}}1F0000002000000021000000{{.*}}> : tensor<2x2x32xi32>
//       CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<4x2x32xi32>)
//       CHECK: tensor.collapse_shape {{.*}} : tensor<4x2x32xi32> into tensor<4x64xi32>
func.func @panels_of_a_matrix(%x: tensor<4x2xi32>) -> tensor<4x64xi32> {
  %w = arith.constant dense<[[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63],
                            [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63]]> : tensor<2x64xi32>
  %zero = arith.constant 0 : i32
  %e = tensor.empty() : tensor<4x64xi32>
  %f = linalg.fill ins(%zero : i32) outs(%e : tensor<4x64xi32>) -> tensor<4x64xi32>
  %m = linalg.matmul ins(%x, %w : tensor<4x2xi32>, tensor<2x64xi32>) outs(%f : tensor<4x64xi32>) -> tensor<4x64xi32>
  return %m : tensor<4x64xi32>
}

// -----

// NEGATIVE: 13 channels have no block.
// CHECK-LABEL: func @keeps_odd_channels
//       CHECK: linalg.conv_2d_nchw_fchw
func.func @keeps_odd_channels(%x: tensor<1x3x9x9xf32>) -> tensor<1x13x7x7xf32> {
  // MISSED: remainder{{.*}}linalg-block-layout
  %w = arith.constant dense<0.5> : tensor<13x3x3x3xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x13x7x7xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x13x7x7xf32>) -> tensor<1x13x7x7xf32>
  %c = linalg.conv_2d_nchw_fchw ins(%x, %w : tensor<1x3x9x9xf32>, tensor<13x3x3x3xf32>) outs(%f : tensor<1x13x7x7xf32>) -> tensor<1x13x7x7xf32>
  return %c : tensor<1x13x7x7xf32>
}

// -----

// NEGATIVE: weights that come at run time would have to be packed in every run.
// CHECK-LABEL: func @keeps_variable_weights
//       CHECK: linalg.matmul
func.func @keeps_variable_weights(%x: tensor<4x8xf32>, %w: tensor<8x64xf32>) -> tensor<4x64xf32> {
  // MISSED: weights{{.*}}linalg-block-layout
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x64xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<4x64xf32>) -> tensor<4x64xf32>
  %m = linalg.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x64xf32>) outs(%f : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %m : tensor<4x64xf32>
}

// -----

// x * |x|: both operands of the product stay in blocks, the bias goes there.
// CHECK-LABEL: func @blocks_what_meets
//       CHECK: linalg.generic {{.*}} tensor<2x4x3x3x16x16xf32>
//       CHECK:   math.absf
//       CHECK: linalg.transpose {{.*}} outs(%{{.*}} : tensor<2x1x1x16xf32>)
//   CHECK-NOT: linalg.transpose
//       CHECK: linalg.generic {{.*}} ins(%{{.*}}, %{{.*}}, %{{.*}} : tensor<1x2x5x5x16xf32>, tensor<1x2x5x5x16xf32>, tensor<2x1x1x16xf32>)
//       CHECK:   arith.mulf
//       CHECK: linalg.transpose
//   CHECK-NOT: linalg.transpose
#id = affine_map<(n, c, h, w) -> (n, c, h, w)>
#bias = affine_map<(n, c, h, w) -> (c, 0, 0)>
func.func @blocks_what_meets(%x: tensor<1x64x7x7xf32>, %b: tensor<32x1x1xf32>) -> tensor<1x32x5x5xf32> {
  %w = arith.constant dense<0.25> : tensor<32x64x3x3xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x32x5x5xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x32x5x5xf32>) -> tensor<1x32x5x5xf32>
  %c = linalg.conv_2d_nchw_fchw ins(%x, %w : tensor<1x64x7x7xf32>, tensor<32x64x3x3xf32>) outs(%f : tensor<1x32x5x5xf32>) -> tensor<1x32x5x5xf32>
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%c : tensor<1x32x5x5xf32>) outs(%e : tensor<1x32x5x5xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = math.absf %p : f32
    linalg.yield %s : f32
  } -> tensor<1x32x5x5xf32>
  %m = linalg.generic {indexing_maps = [#id, #id, #bias, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%c, %a, %b : tensor<1x32x5x5xf32>, tensor<1x32x5x5xf32>, tensor<32x1x1xf32>) outs(%e : tensor<1x32x5x5xf32>) {
  ^bb0(%p: f32, %q: f32, %r: f32, %o: f32):
    %s = arith.mulf %p, %q : f32
    %t = arith.addf %s, %r : f32
    linalg.yield %t : f32
  } -> tensor<1x32x5x5xf32>
  return %m : tensor<1x32x5x5xf32>
}

// -----

// NEGATIVE: a sum over channels is not taken in blocks.
// CHECK-LABEL: func @keeps_sums_over_channels
//       CHECK: linalg.generic {{.*}} tensor<2x4x3x3x16x16xf32>
//       CHECK: linalg.transpose
//       CHECK: tensor.collapse_shape
//       CHECK: linalg.generic {{.*}} ins(%{{.*}} : tensor<1x32x5x5xf32>) outs(%{{.*}} : tensor<1x5x5xf32>)
#all = affine_map<(n, c, h, w) -> (n, c, h, w)>
#sum = affine_map<(n, c, h, w) -> (n, h, w)>
func.func @keeps_sums_over_channels(%x: tensor<1x64x7x7xf32>) -> tensor<1x5x5xf32> {
  %w = arith.constant dense<0.25> : tensor<32x64x3x3xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x32x5x5xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x32x5x5xf32>) -> tensor<1x32x5x5xf32>
  %c = linalg.conv_2d_nchw_fchw ins(%x, %w : tensor<1x64x7x7xf32>, tensor<32x64x3x3xf32>) outs(%f : tensor<1x32x5x5xf32>) -> tensor<1x32x5x5xf32>
  %e1 = tensor.empty() : tensor<1x5x5xf32>
  %f1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<1x5x5xf32>) -> tensor<1x5x5xf32>
  %s = linalg.generic {indexing_maps = [#all, #sum], iterator_types = ["parallel", "reduction", "parallel", "parallel"]}
      ins(%c : tensor<1x32x5x5xf32>) outs(%f1 : tensor<1x5x5xf32>) {
  ^bb0(%p: f32, %o: f32):
    %t = arith.addf %p, %o : f32
    linalg.yield %t : f32
  } -> tensor<1x5x5xf32>
  return %s : tensor<1x5x5xf32>
}

// -----

// Pixels repeated by a resize are joined in blocks, and both branches give
// blocks. What only the slow one reads is taken out of blocks there.
// CHECK-LABEL: func @blocks_leave_a_branch
//       CHECK: linalg.generic {{.*}} tensor<1x2x5x2x5x2x16xf32>
//       CHECK: tensor.collapse_shape {{.*}} : tensor<1x2x5x2x5x2x16xf32> into tensor<1x2x10x10x16xf32>
//   CHECK-NOT: linalg.transpose
//       CHECK: scf.if {{.*}} -> (tensor<1x2x10x10x16xf32>)
//   CHECK-NOT:   linalg.transpose
//       CHECK:   scf.yield
//       CHECK: } else {
//       CHECK:   linalg.transpose
//       CHECK:   tensor.extract
//       CHECK:   linalg.transpose
//       CHECK:   scf.yield
//       CHECK: }
//       CHECK: linalg.transpose
//   CHECK-NOT: linalg.transpose
#image = affine_map<(n, c, h, w) -> (n, c, h, w)>
#from = affine_map<(n, c, h, r, w, s) -> (n, c, h, w)>
#into = affine_map<(n, c, h, r, w, s) -> (n, c, h, r, w, s)>
func.func @blocks_leave_a_branch(%x: tensor<1x64x7x7xf32>, %same: i1) -> tensor<1x32x10x10xf32> {
  %w = arith.constant dense<0.25> : tensor<32x64x3x3xf32>
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %e = tensor.empty() : tensor<1x32x5x5xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x32x5x5xf32>) -> tensor<1x32x5x5xf32>
  %c = linalg.conv_2d_nchw_fchw ins(%x, %w : tensor<1x64x7x7xf32>, tensor<32x64x3x3xf32>) outs(%f : tensor<1x32x5x5xf32>) -> tensor<1x32x5x5xf32>
  %e1 = tensor.empty() : tensor<1x32x5x2x5x2xf32>
  %r = linalg.generic {indexing_maps = [#from, #into], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%c : tensor<1x32x5x5xf32>) outs(%e1 : tensor<1x32x5x2x5x2xf32>) {
  ^bb0(%p: f32, %o: f32):
    linalg.yield %p : f32
  } -> tensor<1x32x5x2x5x2xf32>
  %big = tensor.collapse_shape %r [[0], [1], [2, 3], [4, 5]] : tensor<1x32x5x2x5x2xf32> into tensor<1x32x10x10xf32>
  %e2 = tensor.empty() : tensor<1x32x10x10xf32>
  %y = scf.if %same -> tensor<1x32x10x10xf32> {
    %a = linalg.generic {indexing_maps = [#image, #image], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
        ins(%big : tensor<1x32x10x10xf32>) outs(%e2 : tensor<1x32x10x10xf32>) {
    ^bb0(%p: f32, %o: f32):
      %s = math.absf %p : f32
      linalg.yield %s : f32
    } -> tensor<1x32x10x10xf32>
    scf.yield %a : tensor<1x32x10x10xf32>
  } else {
    %a = linalg.generic {indexing_maps = [#image], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
        outs(%e2 : tensor<1x32x10x10xf32>) {
    ^bb0(%o: f32):
      %n = linalg.index 1 : index
      %h = linalg.index 2 : index
      %v = tensor.extract %big[%c0, %n, %h, %c0] : tensor<1x32x10x10xf32>
      %s = math.absf %v : f32
      linalg.yield %s : f32
    } -> tensor<1x32x10x10xf32>
    scf.yield %a : tensor<1x32x10x10xf32>
  }
  return %y : tensor<1x32x10x10xf32>
}

// -----

// A transposed convolution without overlap has pixels of its weights too.
// CHECK-LABEL: func @blocks_pixels_of_weights
//       CHECK: linalg.generic {{.*}} tensor<1x1x4x4x16xf32>, tensor<1x2x2x2x16x16xf32>) outs(%{{.*}} : tensor<1x2x4x2x4x2x16xf32>)
#x = affine_map<(n, o, h, r, w, s, c) -> (n, c, h, w)>
#w = affine_map<(n, o, h, r, w, s, c) -> (c, o, r, s)>
#y = affine_map<(n, o, h, r, w, s, c) -> (n, o, h, r, w, s)>
func.func @blocks_pixels_of_weights(%x: tensor<1x16x4x4xf32>) -> tensor<1x32x8x8xf32> {
  %w = arith.constant dense<0.25> : tensor<16x32x2x2xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x32x4x2x4x2xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x32x4x2x4x2xf32>) -> tensor<1x32x4x2x4x2xf32>
  %c = linalg.generic {indexing_maps = [#x, #w, #y],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<1x16x4x4xf32>, tensor<16x32x2x2xf32>) outs(%f : tensor<1x32x4x2x4x2xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %s = arith.mulf %p, %q : f32
    %t = arith.addf %s, %o : f32
    linalg.yield %t : f32
  } -> tensor<1x32x4x2x4x2xf32>
  %r = tensor.collapse_shape %c [[0], [1], [2, 3], [4, 5]] : tensor<1x32x4x2x4x2xf32> into tensor<1x32x8x8xf32>
  return %r : tensor<1x32x8x8xf32>
}

// -----

// NEGATIVE: within the body of a loop nest nothing moves into a branch.
// CHECK-LABEL: func @keeps_bodies
//       CHECK: linalg.index 0
//       CHECK: scf.if
//       CHECK:   tensor.extract
#v = affine_map<(i) -> (i)>
func.func @keeps_bodies(%x: tensor<8xf32>, %b: tensor<8xi1>) -> tensor<8xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8xf32>
  %y = linalg.generic {indexing_maps = [#v, #v], iterator_types = ["parallel"]}
      ins(%b : tensor<8xi1>) outs(%e : tensor<8xf32>) {
  ^bb0(%p: i1, %o: f32):
    %i = linalg.index 0 : index
    %r = scf.if %p -> f32 {
      %v = tensor.extract %x[%i] : tensor<8xf32>
      scf.yield %v : f32
    } else {
      scf.yield %zero : f32
    }
    linalg.yield %r : f32
  } -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// -----

// A bias is added in panels, and that is all: unpacking the last dim is a
// reshape.
// CHECK-LABEL: func @adds_bias_in_panels
//       CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<4x2x32xf32>)
//       CHECK: linalg.generic {{.*}} tensor<4x2x32xf32>, tensor<2x32xf32>)
//       CHECK: tensor.collapse_shape {{.*}} into tensor<4x64xf32>
#matrix = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
func.func @adds_bias_in_panels(%x: tensor<4x8xf32>) -> tensor<4x64xf32> {
  %w = arith.constant dense<0.5> : tensor<8x64xf32>
  %b = arith.constant dense<0.5> : tensor<64xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x64xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<4x64xf32>) -> tensor<4x64xf32>
  %m = linalg.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x64xf32>) outs(%f : tensor<4x64xf32>) -> tensor<4x64xf32>
  %a = linalg.generic {indexing_maps = [#matrix, #row, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%m, %b : tensor<4x64xf32>, tensor<64xf32>) outs(%e : tensor<4x64xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %s = arith.addf %p, %q : f32
    linalg.yield %s : f32
  } -> tensor<4x64xf32>
  return %a : tensor<4x64xf32>
}

// -----

// Two open dims of one: upstream's pattern cannot say their sizes, so blocks do not
// flow through.
// CHECK-LABEL: func @keeps_two_open_dims
//       CHECK: linalg.generic {{.*}} tensor<?x2x32xf32>)
//       CHECK: %[[ROWS:.*]] = tensor.collapse_shape {{.*}} into tensor<?x64xf32>
//       CHECK: tensor.expand_shape %[[ROWS]] {{\[\[}}0, 1], [2]] output_shape [%arg1, %arg2, 64]
func.func @keeps_two_open_dims(%x: tensor<?x8xf32>, %n: index, %m: index) -> tensor<?x?x64xf32> {
  %w = arith.constant dense<0.5> : tensor<8x64xf32>
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %rows = tensor.dim %x, %c0 : tensor<?x8xf32>
  %e = tensor.empty(%rows) : tensor<?x64xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x64xf32>) -> tensor<?x64xf32>
  %p = linalg.matmul ins(%x, %w : tensor<?x8xf32>, tensor<8x64xf32>) outs(%f : tensor<?x64xf32>) -> tensor<?x64xf32>
  %y = tensor.expand_shape %p [[0, 1], [2]] output_shape [%n, %m, 64] : tensor<?x64xf32> into tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// -----

// NEGATIVE: 12 channels are blocks of half a vector of 8: pixels are better lanes.
// CHECK-LABEL: func.func @keeps_half_of_eight
//       CHECK:   linalg.conv_2d_nchw_fchw
// MISSED: remainder{{.*}}linalg-block-layout
module attributes {kernel.target = #kernel.target<"cpu", {vector_bits = 256 : i64}>} {
  func.func @keeps_half_of_eight(%x: tensor<1x16x9x9xf32>) -> tensor<1x12x7x7xf32> {
    %w = arith.constant dense<0.5> : tensor<12x16x3x3xf32>
    %zero = arith.constant 0.0 : f32
    %e = tensor.empty() : tensor<1x12x7x7xf32>
    %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x12x7x7xf32>) -> tensor<1x12x7x7xf32>
    %c = linalg.conv_2d_nchw_fchw ins(%x, %w : tensor<1x16x9x9xf32>, tensor<12x16x3x3xf32>) outs(%f : tensor<1x12x7x7xf32>) -> tensor<1x12x7x7xf32>
    return %c : tensor<1x12x7x7xf32>
  }
}

// -----

// Blocks flow through a concatenation of channels.
// CHECK-LABEL: func @blocks_concat
//       CHECK:   tensor.concat dim(1) {{.*}} : (tensor<1x1x7x7x16xf32>, tensor<1x2x7x7x16xf32>) -> tensor<1x3x7x7x16xf32>
//       CHECK:   linalg.transpose
//       CHECK:   tensor.collapse_shape {{.*}} into tensor<1x48x7x7xf32>
//   CHECK-NOT:   linalg.transpose
func.func @blocks_concat(%x: tensor<1x16x9x9xf32>) -> tensor<1x48x7x7xf32> {
  %w0 = arith.constant dense<0.5> : tensor<16x16x3x3xf32>
  %w1 = arith.constant dense<0.5> : tensor<32x16x3x3xf32>
  %zero = arith.constant 0.0 : f32
  %e0 = tensor.empty() : tensor<1x16x7x7xf32>
  %f0 = linalg.fill ins(%zero : f32) outs(%e0 : tensor<1x16x7x7xf32>) -> tensor<1x16x7x7xf32>
  %c0 = linalg.conv_2d_nchw_fchw ins(%x, %w0 : tensor<1x16x9x9xf32>, tensor<16x16x3x3xf32>) outs(%f0 : tensor<1x16x7x7xf32>) -> tensor<1x16x7x7xf32>
  %e1 = tensor.empty() : tensor<1x32x7x7xf32>
  %f1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<1x32x7x7xf32>) -> tensor<1x32x7x7xf32>
  %c1 = linalg.conv_2d_nchw_fchw ins(%x, %w1 : tensor<1x16x9x9xf32>, tensor<32x16x3x3xf32>) outs(%f1 : tensor<1x32x7x7xf32>) -> tensor<1x32x7x7xf32>
  %r = tensor.concat dim(1) %c0, %c1 : (tensor<1x16x7x7xf32>, tensor<1x32x7x7xf32>) -> tensor<1x48x7x7xf32>
  return %r : tensor<1x48x7x7xf32>
}
