// RUN: nacre-kernel-run %s --dims=2,5 | FileCheck %s

#i3 = affine_map<(i, j, k) -> (i, j, k)>
#in = affine_map<(i, k, j) -> (i, j, k)>
#out = affine_map<(i, k, j) -> (i, k)>

// A sum over a window of one element, and the greatest of them: each sum starts
// from 0.
// CHECK: ok sum_of_one status 0
kernel.func @sum_of_one(%x: tensor<?x?x6xf32>, %o: tensor<?x6xf32>, %m: index, %n: index) -> tensor<?x6xf32> attributes {num_outputs = 1 : i64, arg_dims = array<i64: 0, 1, 0>, schedule = #kernel.schedule<"mlir", grid = [1, 0]>} {
  %zero = arith.constant 0.0 : f32
  %least = arith.constant 0xFF800000 : f32
  %e = tensor.empty(%m, %n) : tensor<?x?x6xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x?x6xf32>) -> tensor<?x?x6xf32>
  %s = linalg.generic {indexing_maps = [#i3, #i3], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x : tensor<?x?x6xf32>) outs(%f : tensor<?x?x6xf32>) { ^bb0(%a: f32, %b: f32):
    %t = arith.addf %b, %a : f32
    linalg.yield %t : f32 } -> tensor<?x?x6xf32>
  %g = linalg.fill ins(%least : f32) outs(%o : tensor<?x6xf32>) -> tensor<?x6xf32>
  %r = linalg.generic {indexing_maps = [#in, #out], iterator_types = ["parallel", "parallel", "reduction"]} ins(%s : tensor<?x?x6xf32>) outs(%g : tensor<?x6xf32>) { ^bb0(%a: f32, %b: f32):
    %t = arith.maximumf %b, %a : f32
    linalg.yield %t : f32 } -> tensor<?x6xf32>
  kernel.return %r : tensor<?x6xf32>
}
