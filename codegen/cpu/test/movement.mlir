// RUN: nacre-kernel-run %s --emit=asm --cpu=x86-64-v4 --dims=9 | FileCheck %s
// RUN: nacre-kernel-run %s --dims=9 --low=0 | FileCheck %s --check-prefix=DATA
// RUN: nacre-kernel-run %s --dims=9 --low=-2 | FileCheck %s --check-prefix=BAD

// 16 rows of 16 are transposed in registers.
// CHECK-LABEL: transpose:
// CHECK-COUNT-32: vpermt2ps{{.*}}%zmm
// DATA: ok transpose status 0
// BAD: ok transpose status 0
kernel.func @transpose(%x: tensor<50x67xf32>, %o: tensor<67x50xf32>) -> tensor<67x50xf32> attributes {num_outputs = 1 : i64} {
  %e = tensor.empty() : tensor<67x50xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<50x67xf32>) outs(%e : tensor<67x50xf32>) {
  ^bb0(%a: f32, %old: f32):
    linalg.yield %a : f32
  } -> tensor<67x50xf32>
  kernel.return %r : tensor<67x50xf32>
}

// An index out of range is noted with its node; nothing is read there.
// CHECK-LABEL: gather:
// CHECK: # check 'lookup': index out of range
// DATA: ok gather status 0
// BAD: ok gather status 1
kernel.func @gather(%table: tensor<?x40xf32>, %index: tensor<6xi64>, %o: tensor<6x40xf32>, %n: index) -> tensor<6x40xf32>
    attributes {num_outputs = 1 : i64, arg_dims = array<i64: 0>, schedule = #kernel.schedule<"mlir", grid = [2, 0]>} {
  %zero = arith.constant 0 : index
  %e = tensor.empty() : tensor<6x40xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%index : tensor<6xi64>) outs(%e : tensor<6x40xf32>) {
  ^bb0(%i: i64, %old: f32):
    %j = linalg.index 1 : index
    %at = arith.index_cast %i : i64 to index
    %low = arith.cmpi sge, %at, %zero : index
    %high = arith.cmpi slt, %at, %n : index
    %ok = arith.andi %low, %high : i1
    kernel.check %ok, "index out of range" loc("lookup")
    %safe = arith.select %ok, %at, %zero : index
    %v = tensor.extract %table[%safe, %j] : tensor<?x40xf32>
    linalg.yield %v : f32
  } -> tensor<6x40xf32>
  kernel.return %r : tensor<6x40xf32>
}
