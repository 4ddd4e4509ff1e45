// RUN: nacre-opt %s -split-input-file -kernel-form | FileCheck %s
// RUN: nacre-opt %s -split-input-file -kernel-form=fuse=false | FileCheck %s --check-prefix=APART

#map = affine_map<(d0, d1) -> (d0, d1)>
#column = affine_map<(d0, d1) -> (d1)>
#row = affine_map<(d0, d1) -> (d0)>

// An elementwise chain, a sum along rows and the division by it share rows: one
// group, whatever the number of rows.
// CHECK-LABEL: func @groups_rows
//       CHECK: kernel.group
//       CHECK:   arith.addf
//       CHECK:   math.exp
//       CHECK:   iterator_types = ["parallel", "reduction"]
//       CHECK:   arith.divf
//       CHECK:   kernel.yield
//   CHECK-NOT: kernel.group
// APART-LABEL: func @groups_rows
// APART-COUNT-3: kernel.group
func.func @groups_rows(%a: tensor<?x64xf32>, %b: tensor<64xf32>) -> tensor<?x64xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %a, %c0 : tensor<?x64xf32>
  %e = tensor.empty(%n) : tensor<?x64xf32>
  %x = linalg.generic {indexing_maps = [#map, #column, #map], iterator_types = ["parallel", "parallel"]}
      ins(%a, %b : tensor<?x64xf32>, tensor<64xf32>) outs(%e : tensor<?x64xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %s = arith.addf %p, %q : f32
    %t = math.exp %s : f32
    linalg.yield %t : f32
  } -> tensor<?x64xf32>
  %er = tensor.empty(%n) : tensor<?xf32>
  %f = linalg.fill ins(%zero : f32) outs(%er : tensor<?xf32>) -> tensor<?xf32>
  %sum = linalg.generic {indexing_maps = [#map, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<?x64xf32>) outs(%f : tensor<?xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = arith.addf %p, %o : f32
    linalg.yield %s : f32
  } -> tensor<?xf32>
  %z = linalg.generic {indexing_maps = [#map, #row, #map], iterator_types = ["parallel", "parallel"]}
      ins(%x, %sum : tensor<?x64xf32>, tensor<?xf32>) outs(%e : tensor<?x64xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %s = arith.divf %p, %q : f32
    linalg.yield %s : f32
  } -> tensor<?x64xf32>
  return %z : tensor<?x64xf32>
}

// -----

#map = affine_map<(d0, d1) -> (d0, d1)>

// The epilogue of a contraction joins it.
// CHECK-LABEL: func @groups_epilogue
//       CHECK: kernel.group
//       CHECK:   linalg.fill
//       CHECK:   linalg.matmul
//       CHECK:   math.tanh
//   CHECK-NOT: kernel.group
func.func @groups_epilogue(%a: tensor<8x64xf32>, %w: tensor<64x32xf32>) -> tensor<8x32xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8x32xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<8x32xf32>) -> tensor<8x32xf32>
  %m = linalg.matmul ins(%a, %w : tensor<8x64xf32>, tensor<64x32xf32>) outs(%f : tensor<8x32xf32>) -> tensor<8x32xf32>
  %r = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%m : tensor<8x32xf32>) outs(%e : tensor<8x32xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = math.tanh %p : f32
    linalg.yield %s : f32
  } -> tensor<8x32xf32>
  return %r : tensor<8x32xf32>
}

// -----

// NEGATIVE: two contractions never share a group; each reads elements of the
// other several times.
// CHECK-LABEL: func @keeps_two_contractions
// CHECK-COUNT-2: kernel.group
func.func @keeps_two_contractions(%a: tensor<8x8xf32>, %w: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8x8xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  %m = linalg.matmul ins(%a, %w : tensor<8x8xf32>, tensor<8x8xf32>) outs(%f : tensor<8x8xf32>) -> tensor<8x8xf32>
  %n = linalg.matmul ins(%m, %w : tensor<8x8xf32>, tensor<8x8xf32>) outs(%f : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %n : tensor<8x8xf32>
}

// -----

#map = affine_map<(d0) -> (d0)>

// NEGATIVE: a value that two groups read is written once.
// CHECK-LABEL: func @keeps_multi_use
// CHECK-COUNT-3: kernel.group
func.func @keeps_multi_use(%a: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %e = tensor.empty() : tensor<8xf32>
  %x = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]}
      ins(%a : tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = math.exp %p : f32
    linalg.yield %s : f32
  } -> tensor<8xf32>
  %y = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]}
      ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = math.sin %p : f32
    linalg.yield %s : f32
  } -> tensor<8xf32>
  %z = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]}
      ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = math.cos %p : f32
    linalg.yield %s : f32
  } -> tensor<8xf32>
  return %y, %z : tensor<8xf32>, tensor<8xf32>
}

// -----

#map = affine_map<(d0, d1) -> (d0, d1)>

// NEGATIVE: behind a transpose a contraction could not write along its vectors.
// CHECK-LABEL: func @keeps_contraction_before_transpose
//       CHECK: kernel.group
//       CHECK:   linalg.matmul
//       CHECK: kernel.group
//       CHECK:   linalg.transpose
func.func @keeps_contraction_before_transpose(%a: tensor<8x64xf32>, %w: tensor<64x32xf32>) -> tensor<32x8xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8x32xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<8x32xf32>) -> tensor<8x32xf32>
  %m = linalg.matmul ins(%a, %w : tensor<8x64xf32>, tensor<64x32xf32>) outs(%f : tensor<8x32xf32>) -> tensor<8x32xf32>
  %t = tensor.empty() : tensor<32x8xf32>
  %r = linalg.transpose ins(%m : tensor<8x32xf32>) outs(%t : tensor<32x8xf32>) permutation = [1, 0]
  return %r : tensor<32x8xf32>
}

// -----

#map = affine_map<(d0) -> (d0)>

// NEGATIVE: a gather checks its indices once; a value of open size needs a buffer
// of the program, not of the kernel.
// CHECK-LABEL: func @keeps_checked_of_open_size
// CHECK-COUNT-2: kernel.group
func.func @keeps_checked_of_open_size(%a: tensor<8xf32>, %i: tensor<?xindex>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %c7 = arith.constant 7 : index
  %n = tensor.dim %i, %c0 : tensor<?xindex>
  %e = tensor.empty(%n) : tensor<?xf32>
  %g = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]}
      ins(%i : tensor<?xindex>) outs(%e : tensor<?xf32>) {
  ^bb0(%at: index, %o: f32):
    %ok = arith.cmpi ult, %at, %c8 : index
    kernel.check %ok, "index out of range"
    %clamped = arith.minui %at, %c7 : index
    %x = tensor.extract %a[%clamped] : tensor<8xf32>
    linalg.yield %x : f32
  } -> tensor<?xf32>
  %r = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]}
      ins(%g : tensor<?xf32>) outs(%e : tensor<?xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = math.absf %p : f32
    linalg.yield %s : f32
  } -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// -----

#map = affine_map<(d0) -> (d0)>

// A pad by a constant is a border around what is computed, if nothing else reads it.
// CHECK-LABEL: func @pulls_into_pad
//       CHECK:   kernel.group
//       CHECK:     math.absf
//       CHECK:     tensor.pad
//   CHECK-NOT:   kernel.group
func.func @pulls_into_pad(%a: tensor<8xf32>) -> tensor<11xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8xf32>
  %g = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]}
      ins(%a : tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = math.absf %p : f32
    linalg.yield %s : f32
  } -> tensor<8xf32>
  %r = tensor.pad %g low[1] high[2] {
  ^bb0(%i: index):
    tensor.yield %zero : f32
  } : tensor<8xf32> to tensor<11xf32>
  return %r : tensor<11xf32>
}

// -----

#map = affine_map<(d0) -> (d0)>

// NEGATIVE: what else is read has to be dense.
// CHECK-LABEL: func @keeps_pad_of_shared
// CHECK-COUNT-2: kernel.group
func.func @keeps_pad_of_shared(%a: tensor<8xf32>) -> (tensor<8xf32>, tensor<11xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8xf32>
  %g = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]}
      ins(%a : tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = math.absf %p : f32
    linalg.yield %s : f32
  } -> tensor<8xf32>
  %r = tensor.pad %g low[1] high[2] {
  ^bb0(%i: index):
    tensor.yield %zero : f32
  } : tensor<8xf32> to tensor<11xf32>
  return %g, %r : tensor<8xf32>, tensor<11xf32>
}
