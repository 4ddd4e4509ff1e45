// RUN: nacre-opt %s -split-input-file -kernel-schedule | FileCheck %s

#map = affine_map<(d0, d1) -> (d0, d1)>

// Large: the rows are split, the innermost dim is not.
// CHECK-LABEL: kernel.func @splits_rows
//  CHECK-SAME: schedule = #kernel.schedule<"mlir", grid = [{{[1-9][0-9]*}}, 0]>
kernel.func @splits_rows(%a: tensor<4096x512xf32>, %o: tensor<4096x512xf32>) -> tensor<4096x512xf32> attributes {num_outputs = 1 : i64} {
  %r = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%a : tensor<4096x512xf32>) outs(%o : tensor<4096x512xf32>) {
  ^bb0(%p: f32, %q: f32):
    %s = math.absf %p : f32
    linalg.yield %s : f32
  } -> tensor<4096x512xf32>
  kernel.return %r : tensor<4096x512xf32>
}

// -----

#map = affine_map<(d0, d1) -> (d0, d1)>

// NEGATIVE: small: a second worker would cost more than it saves.
// CHECK-LABEL: kernel.func @keeps_small
//  CHECK-SAME: schedule = #kernel.schedule<"mlir">
kernel.func @keeps_small(%a: tensor<4x16xf32>, %o: tensor<4x16xf32>) -> tensor<4x16xf32> attributes {num_outputs = 1 : i64} {
  %r = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%a : tensor<4x16xf32>) outs(%o : tensor<4x16xf32>) {
  ^bb0(%p: f32, %q: f32):
    %s = math.absf %p : f32
    linalg.yield %s : f32
  } -> tensor<4x16xf32>
  kernel.return %r : tensor<4x16xf32>
}

// -----

#map = affine_map<(d0, d1, d2) -> (d0, d1, d2)>

// An outermost dim that is open is a batch: one by one, and the rows are split.
// CHECK-LABEL: kernel.func @splits_behind_batch
//  CHECK-SAME: schedule = #kernel.schedule<"mlir", grid = [1, {{[1-9][0-9]*}}, 0]>
kernel.func @splits_behind_batch(%a: tensor<?x4096x512xf32>, %o: tensor<?x4096x512xf32>, %n: index) -> tensor<?x4096x512xf32>
    attributes {num_outputs = 1 : i64, arg_dims = array<i64: 0, 0>} {
  %r = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%a : tensor<?x4096x512xf32>) outs(%o : tensor<?x4096x512xf32>) {
  ^bb0(%p: f32, %q: f32):
    %s = math.absf %p : f32
    linalg.yield %s : f32
  } -> tensor<?x4096x512xf32>
  kernel.return %r : tensor<?x4096x512xf32>
}

// -----

#a = affine_map<(m, n, i, k) -> (m, k)>
#b = affine_map<(m, n, i, k) -> (n, k, i)>
#c = affine_map<(m, n, i, k) -> (m, n, i)>

// Few rows by a large matrix in panels: points of a row each would read the
// matrix eight times, so panels are split.
// CHECK-LABEL: kernel.func @splits_panels
//  CHECK-SAME: schedule = #kernel.schedule<"mlir", grid = [0, {{[1-9][0-9]*}}, 0]>
kernel.func @splits_panels(%a: tensor<8x4096xf32>, %b: tensor<128x4096x32xf32>, %o: tensor<8x128x32xf32>) -> tensor<8x128x32xf32>
    attributes {num_outputs = 1 : i64} {
  %r = linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<8x4096xf32>, tensor<128x4096x32xf32>) outs(%o : tensor<8x128x32xf32>) {
  ^bb0(%p: f32, %q: f32, %s: f32):
    %t = arith.mulf %p, %q : f32
    %u = arith.addf %s, %t : f32
    linalg.yield %u : f32
  } -> tensor<8x128x32xf32>
  kernel.return %r : tensor<8x128x32xf32>
}

// -----

#a = affine_map<(m, n, i, k) -> (m, k)>
#b = affine_map<(m, n, i, k) -> (n, k, i)>
#c = affine_map<(m, n, i, k) -> (m, n, i)>

// NEGATIVE: a matrix that stays in the cache is read again for nothing: rows.
// CHECK-LABEL: kernel.func @splits_rows_of_product
//  CHECK-SAME: schedule = #kernel.schedule<"mlir", grid = [{{[1-9][0-9]*}}, 0, 0]>
kernel.func @splits_rows_of_product(%a: tensor<4096x64xf32>, %b: tensor<8x64x32xf32>, %o: tensor<4096x8x32xf32>) -> tensor<4096x8x32xf32>
    attributes {num_outputs = 1 : i64} {
  %r = linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<4096x64xf32>, tensor<8x64x32xf32>) outs(%o : tensor<4096x8x32xf32>) {
  ^bb0(%p: f32, %q: f32, %s: f32):
    %t = arith.mulf %p, %q : f32
    %u = arith.addf %s, %t : f32
    linalg.yield %u : f32
  } -> tensor<4096x8x32xf32>
  kernel.return %r : tensor<4096x8x32xf32>
}

// -----

#a = affine_map<(n, o, h, w, i, c, k) -> (n, c, h, w, k)>
#b = affine_map<(n, o, h, w, i, c, k) -> (o, c, k, i)>
#c = affine_map<(n, o, h, w, i, c, k) -> (n, o, h, w, i)>

// Open sizes may be small: the known blocks of channels are split too, without
// a rest and innermost, for they read the same pixels.
// CHECK-LABEL: kernel.func @splits_known_dim_too
//  CHECK-SAME: schedule = #kernel.schedule<"mlir", grid = [1, 6, {{[1-9][0-9]*}}, 0, 0], order = [0, 2, 1]>
kernel.func @splits_known_dim_too(%a: tensor<?x30x?x?x16xf32>, %b: tensor<12x30x16x16xf32>, %o: tensor<?x12x?x?x16xf32>, %n: index, %h: index, %w: index)
    -> tensor<?x12x?x?x16xf32> attributes {num_outputs = 1 : i64, arg_dims = array<i64: 0, 1, 2, 0, 1, 2>} {
  %r = linalg.generic {indexing_maps = [#a, #b, #c],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel", "reduction", "reduction"]}
      ins(%a, %b : tensor<?x30x?x?x16xf32>, tensor<12x30x16x16xf32>) outs(%o : tensor<?x12x?x?x16xf32>) {
  ^bb0(%p: f32, %q: f32, %s: f32):
    %t = arith.mulf %p, %q : f32
    %u = arith.addf %s, %t : f32
    linalg.yield %u : f32
  } -> tensor<?x12x?x?x16xf32>
  kernel.return %r : tensor<?x12x?x?x16xf32>
}

// -----

// NEGATIVE: a schedule that is given stays.
// CHECK-LABEL: kernel.func @keeps_given
//  CHECK-SAME: schedule = #kernel.schedule<"loops", grid = [7]>
kernel.func @keeps_given(%a: tensor<65536xf32>, %o: tensor<65536xf32>) -> tensor<65536xf32>
    attributes {num_outputs = 1 : i64, schedule = #kernel.schedule<"loops", grid = [7]>} {
  %r = linalg.copy ins(%a : tensor<65536xf32>) outs(%o : tensor<65536xf32>) -> tensor<65536xf32>
  kernel.return %r : tensor<65536xf32>
}

// -----

#a = affine_map<(m, n, i, k) -> (m, k)>
#b = affine_map<(m, n, i, k) -> (n, k, i)>
#c = affine_map<(m, n, i, k) -> (m, n, i)>

// A panel per point would be enough work, but three of them share what is broadcast.
// CHECK-LABEL: kernel.func @keeps_three_panels
//  CHECK-SAME: schedule = #kernel.schedule<"mlir", grid = [{{[0-9]+}}, 3, 0]
kernel.func @keeps_three_panels(%a: tensor<64x4096xf32>, %b: tensor<9x4096x8xf32>, %o: tensor<64x9x8xf32>) -> tensor<64x9x8xf32>
    attributes {num_outputs = 1 : i64} {
  %r = linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<64x4096xf32>, tensor<9x4096x8xf32>) outs(%o : tensor<64x9x8xf32>) {
  ^bb0(%p: f32, %q: f32, %s: f32):
    %t = arith.mulf %p, %q : f32
    %u = arith.addf %s, %t : f32
    linalg.yield %u : f32
  } -> tensor<64x9x8xf32>
  kernel.return %r : tensor<64x9x8xf32>
}
