// RUN: nacre-kernel-run %s --dims=5,100 --check-bounds | FileCheck %s
// RUN: nacre-kernel-run %s --emit=llvm --check-bounds | FileCheck %s --check-prefix=TEXT

#i = affine_map<(i) -> (i)>

// The last index is one too large for its tensor.
// CHECK: ok off_by_one status 1
// TEXT: # check '{{.*}}': kernel 'off_by_one' reads out of the bounds of input 0 (memref<?xf32>)
kernel.func @off_by_one(%x: tensor<?xf32>, %o: tensor<?xf32>, %m: index, %n: index) -> tensor<?xf32> attributes {num_outputs = 1 : i64, arg_dims = array<i64: 0, 0>} {
  %one = arith.constant 1 : index
  %r = linalg.generic {indexing_maps=[#i],iterator_types=["parallel"]} outs(%o: tensor<?xf32>) { ^bb0(%c: f32):
    %k = linalg.index 0 : index
    %next = arith.addi %k, %one : index
    %v = tensor.extract %x[%next] : tensor<?xf32>
    linalg.yield %v : f32 } -> tensor<?xf32>
  kernel.return %r : tensor<?xf32>
}

// NEGATIVE: an index that is kept inside.
// CHECK: ok inside status 0
kernel.func @inside(%x: tensor<?xf32>, %o: tensor<?xf32>, %m: index, %n: index) -> tensor<?xf32> attributes {num_outputs = 1 : i64, arg_dims = array<i64: 0, 0>} {
  %one = arith.constant 1 : index
  %last = arith.subi %m, %one : index
  %r = linalg.generic {indexing_maps=[#i],iterator_types=["parallel"]} outs(%o: tensor<?xf32>) { ^bb0(%c: f32):
    %k = linalg.index 0 : index
    %next = arith.addi %k, %one : index
    %at = arith.minsi %next, %last : index
    %v = tensor.extract %x[%at] : tensor<?xf32>
    linalg.yield %v : f32 } -> tensor<?xf32>
  kernel.return %r : tensor<?xf32>
}

// NEGATIVE: vectors whose last lanes are masked.
// CHECK: ok vectors status 0
kernel.func @vectors(%x: tensor<?xf32>, %o: tensor<?xf32>, %m: index, %n: index) -> tensor<?xf32> attributes {num_outputs = 1 : i64, arg_dims = array<i64: 1, 1>} {
  %r = linalg.generic {indexing_maps=[#i,#i],iterator_types=["parallel"]} ins(%x: tensor<?xf32>) outs(%o: tensor<?xf32>) { ^bb0(%a: f32, %c: f32):
    %v = arith.addf %a, %a : f32
    linalg.yield %v : f32 } -> tensor<?xf32>
  kernel.return %r : tensor<?xf32>
}

// NEGATIVE: lanes that are masked off would read in front of the tensor.
// CHECK: ok backwards status 0
kernel.func @backwards(%x: tensor<?xf32>, %o: tensor<?xf32>, %m: index, %n: index) -> tensor<?xf32> attributes {num_outputs = 1 : i64, arg_dims = array<i64: 0, 0>} {
  %one = arith.constant 1 : index
  %last = arith.subi %m, %one : index
  %r = linalg.generic {indexing_maps=[#i],iterator_types=["parallel"]} outs(%o: tensor<?xf32>) { ^bb0(%c: f32):
    %k = linalg.index 0 : index
    %at = arith.subi %last, %k : index
    %v = tensor.extract %x[%at] : tensor<?xf32>
    linalg.yield %v : f32 } -> tensor<?xf32>
  kernel.return %r : tensor<?xf32>
}
