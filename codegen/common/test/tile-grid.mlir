// RUN: nacre-opt %s -codegen-open-kernel -codegen-fuse-elementwise -codegen-tile-grid | FileCheck %s

#i2 = affine_map<(i, j) -> (i, j)>
#r = affine_map<(i, j) -> (i)>

// One loop over grid points; the last tile of 10 columns is shorter.
// CHECK-LABEL: func.func @two_dims
//  CHECK-SAME:   %[[BEGIN:[a-z0-9]+]]: index, %[[END:[a-z0-9]+]]: index, %{{[a-z0-9]+}}: memref<?xi8>)
//  CHECK-NOT:   codegen.single_point
// CHECK:     scf.for %[[P:.*]] = %[[BEGIN]] to %[[END]]
// CHECK:       %[[AT:.*]]:2 = affine.delinearize_index %[[P]] into (4, 3)
// CHECK:       affine.min {{.*}}(%[[AT]]#1)
// CHECK:       linalg.generic
kernel.func @two_dims(%x: tensor<8x26xf32>, %b: tensor<8xf32>, %o: tensor<8x26xf32>) -> tensor<8x26xf32>
    attributes {num_outputs = 1 : i64, schedule = #kernel.schedule<"mlir", grid = [2, 10]>} {
  %e = tensor.empty() : tensor<8x26xf32>
  %y = linalg.generic {indexing_maps = [#i2, #r, #i2], iterator_types = ["parallel", "parallel"]}
      ins(%x, %b : tensor<8x26xf32>, tensor<8xf32>) outs(%e : tensor<8x26xf32>) {
  ^bb0(%a: f32, %c: f32, %old: f32):
    %q = arith.addf %a, %c : f32
    linalg.yield %q : f32
  } -> tensor<8x26xf32>
  kernel.return %y : tensor<8x26xf32>
}

// The first dim of the order is the slowest: points go down a column of tiles.
// CHECK-LABEL: func.func @columns_first
// CHECK:       %[[AT:.*]]:2 = affine.delinearize_index %{{.*}} into (3, 4)
// CHECK:       affine.min {{.*}}(%[[AT]]#0)
kernel.func @columns_first(%x: tensor<8x26xf32>, %b: tensor<8xf32>, %o: tensor<8x26xf32>) -> tensor<8x26xf32>
    attributes {num_outputs = 1 : i64, schedule = #kernel.schedule<"mlir", grid = [2, 10], order = [1, 0]>} {
  %e = tensor.empty() : tensor<8x26xf32>
  %y = linalg.generic {indexing_maps = [#i2, #r, #i2], iterator_types = ["parallel", "parallel"]}
      ins(%x, %b : tensor<8x26xf32>, tensor<8xf32>) outs(%e : tensor<8x26xf32>) {
  ^bb0(%a: f32, %c: f32, %old: f32):
    %q = arith.addf %a, %c : f32
    linalg.yield %q : f32
  } -> tensor<8x26xf32>
  kernel.return %y : tensor<8x26xf32>
}

// NEGATIVE: the second output is computed by an op that the first does not read:
// point 0 does everything.
// CHECK-LABEL: func.func @unrelated_outputs
//  CHECK-SAME:   codegen.single_point
kernel.func @unrelated_outputs(%x: tensor<8x26xf32>, %o: tensor<8x26xf32>, %o2: tensor<8xf32>) -> (tensor<8x26xf32>, tensor<8xf32>)
    attributes {num_outputs = 2 : i64, schedule = #kernel.schedule<"mlir", grid = [2, 0]>} {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8x26xf32>
  %y = linalg.generic {indexing_maps = [#i2, #i2], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<8x26xf32>) outs(%e : tensor<8x26xf32>) {
  ^bb0(%a: f32, %old: f32):
    %q = arith.addf %a, %a : f32
    linalg.yield %q : f32
  } -> tensor<8x26xf32>
  %e2 = tensor.empty() : tensor<8xf32>
  %f = linalg.fill ins(%z : f32) outs(%e2 : tensor<8xf32>) -> tensor<8xf32>
  %s = linalg.generic {indexing_maps = [#i2, #r], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<8x26xf32>) outs(%f : tensor<8xf32>) {
  ^bb0(%a: f32, %old: f32):
    %q = arith.addf %a, %old : f32
    linalg.yield %q : f32
  } -> tensor<8xf32>
  kernel.return %y, %s : tensor<8x26xf32>, tensor<8xf32>
}

// Merged loops still follow the grid: one row of 26 is one tile of 26.
// CHECK-LABEL: func.func @merged
// CHECK:     memref.collapse_shape {{.*}} : memref<8x26xf32> into memref<208xf32>
// CHECK:     tensor.extract_slice {{.*}} [52] [1] : tensor<208xf32>
kernel.func @merged(%x: tensor<8x26xf32>, %o: tensor<8x26xf32>) -> tensor<8x26xf32>
    attributes {num_outputs = 1 : i64, schedule = #kernel.schedule<"mlir", grid = [2, 0]>} {
  %e = tensor.empty() : tensor<8x26xf32>
  %y = linalg.generic {indexing_maps = [#i2, #i2], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<8x26xf32>) outs(%e : tensor<8x26xf32>) {
  ^bb0(%a: f32, %old: f32):
    %q = arith.addf %a, %a : f32
    linalg.yield %q : f32
  } -> tensor<8x26xf32>
  kernel.return %y : tensor<8x26xf32>
}

// A border around what is computed: tiles are counted by the 10 rows of the output,
// so the last one may have no rows; point 0 writes the border.
// CHECK-LABEL: func.func @border
// CHECK:     scf.for %[[P:.*]] = %arg2 to %arg3
// CHECK:       %[[FIRST:.*]] = arith.cmpi eq, %[[P]]
// CHECK:       scf.if %[[FIRST]] {
// CHECK-NEXT:    linalg.fill
// CHECK-NEXT:    linalg.fill
// CHECK-NEXT:  }
// CHECK:       affine.min
// CHECK:       linalg.generic
// CHECK-NOT: tensor.pad
// CHECK:     %[[IN:.*]] = memref.subview %arg1[1, 0] [8, 26] [1, 1]
// CHECK:     materialize_in_destination {{.*}} %[[IN]]
kernel.func @border(%x: tensor<8x26xf32>, %o: tensor<10x26xf32>) -> tensor<10x26xf32>
    attributes {num_outputs = 1 : i64, schedule = #kernel.schedule<"mlir", grid = [4, 0]>} {
  %v = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8x26xf32>
  %y = linalg.generic {indexing_maps = [#i2, #i2], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<8x26xf32>) outs(%e : tensor<8x26xf32>) {
  ^bb0(%a: f32, %old: f32):
    %q = arith.addf %a, %a : f32
    linalg.yield %q : f32
  } -> tensor<8x26xf32>
  %p = tensor.pad %y low[1, 0] high[1, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %v : f32
  } : tensor<8x26xf32> to tensor<10x26xf32>
  %r = linalg.generic {indexing_maps = [#i2, #i2], iterator_types = ["parallel", "parallel"]}
      ins(%p : tensor<10x26xf32>) outs(%o : tensor<10x26xf32>) {
  ^bb0(%a: f32, %old: f32):
    linalg.yield %a : f32
  } -> tensor<10x26xf32>
  kernel.return %r : tensor<10x26xf32>
}
