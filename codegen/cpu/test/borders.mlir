// RUN: nacre-kernel-run %s --dims=7,10,13,15,1 | FileCheck %s
// RUN: nacre-kernel-run %s --dims=8,12,1,3,2 --check-bounds | FileCheck %s

#m = affine_map<(i, j) -> (i, j)>

// Rows and columns are tiled, as many as the output has: the last tiles of rows
// have none inside of the border. Widths differ on all sides.
// CHECK: ok tiles status 0
kernel.func @tiles(%x: tensor<?x?xf32>, %o: tensor<?x?xf32>, %h: index, %oh: index, %w: index, %ow: index, %one: index) -> tensor<?x?xf32>
    attributes {num_outputs = 1 : i64, arg_dims = array<i64: 0, 2, 1, 3>, schedule = #kernel.schedule<"mlir", grid = [2, 4]>} {
  %v = arith.constant 7.0 : f32
  %e = tensor.empty(%h, %w) : tensor<?x?xf32>
  %y = linalg.generic {indexing_maps = [#m, #m], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<?x?xf32>) outs(%e : tensor<?x?xf32>) {
  ^bb0(%a: f32, %old: f32):
    %q = arith.addf %a, %a : f32
    linalg.yield %q : f32
  } -> tensor<?x?xf32>
  %high = arith.subi %oh, %h : index
  %under = arith.subi %high, %one : index
  %p = tensor.pad %y low[%one, 2] high[%under, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %v : f32
  } : tensor<?x?xf32> to tensor<?x?xf32>
  %r = linalg.copy ins(%p : tensor<?x?xf32>) outs(%o : tensor<?x?xf32>) -> tensor<?x?xf32>
  kernel.return %r : tensor<?x?xf32>
}

// All sizes are known; a reduction is inside of the border, its rows are tiled.
// CHECK: ok sums status 0
kernel.func @sums(%x: tensor<9x33x21xf32>, %o: tensor<14x24xf32>, %a: index, %b: index, %c: index, %d: index, %f: index) -> tensor<14x24xf32>
    attributes {num_outputs = 1 : i64, schedule = #kernel.schedule<"mlir", grid = [3, 0]>} {
  %v = arith.constant -1.0 : f32
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<9x21xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<9x21xf32>) -> tensor<9x21xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, k, j)>, affine_map<(i, j, k) -> (i, j)>], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x : tensor<9x33x21xf32>) outs(%z : tensor<9x21xf32>) {
  ^bb0(%p: f32, %old: f32):
    %q = arith.addf %old, %p : f32
    linalg.yield %q : f32
  } -> tensor<9x21xf32>
  %p = tensor.pad %y low[5, 1] high[0, 2] {
  ^bb0(%i: index, %j: index):
    tensor.yield %v : f32
  } : tensor<9x21xf32> to tensor<14x24xf32>
  %r = linalg.copy ins(%p : tensor<14x24xf32>) outs(%o : tensor<14x24xf32>) -> tensor<14x24xf32>
  kernel.return %r : tensor<14x24xf32>
}

// No grid: one point does all.
// CHECK: ok whole status 0
kernel.func @whole(%x: tensor<5x6xf32>, %o: tensor<7x6xf32>, %a: index, %b: index, %c: index, %d: index, %f: index) -> tensor<7x6xf32>
    attributes {num_outputs = 1 : i64} {
  %v = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<5x6xf32>
  %y = linalg.generic {indexing_maps = [#m, #m], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<5x6xf32>) outs(%e : tensor<5x6xf32>) {
  ^bb0(%p: f32, %old: f32):
    %q = math.absf %p : f32
    linalg.yield %q : f32
  } -> tensor<5x6xf32>
  %p = tensor.pad %y low[1, 0] high[1, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %v : f32
  } : tensor<5x6xf32> to tensor<7x6xf32>
  %r = linalg.copy ins(%p : tensor<7x6xf32>) outs(%o : tensor<7x6xf32>) -> tensor<7x6xf32>
  kernel.return %r : tensor<7x6xf32>
}
