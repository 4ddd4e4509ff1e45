// RUN: nacre-opencl-print %s | FileCheck %s

// A whole kernel: each work item has its points, and nothing is left of tensors.
// CHECK: __kernel __attribute__((reqd_work_group_size(64, 1, 1))) void kernel_main(
// CHECK-SAME: __global float *restrict a0, __global float *restrict a1,
// CHECK: get_global_id(0)
// CHECK: if (
// CHECK: for (long
// CHECK: = a0[
// CHECK: mad(
// CHECK: a1[{{v[0-9]+}}] =
#v = affine_map<(i) -> (i)>
kernel.func @gelu(%x: tensor<?xf32>, %o: tensor<?xf32>, %n: index) -> tensor<?xf32>
    attributes {num_outputs = 1 : i64, arg_dims = array<i64: 0, 0>, schedule = #kernel.schedule<"mlir", grid = [1]>,
                target = #kernel.target<"t", {vector_bits = 32, group_items = 64}>} {
  %e = tensor.empty(%n) : tensor<?xf32>
  %r = linalg.generic {indexing_maps = [#v, #v], iterator_types = ["parallel"]} ins(%x : tensor<?xf32>) outs(%e : tensor<?xf32>) {
  ^bb0(%a: f32, %old: f32):
    %1 = math.erf %a : f32
    linalg.yield %1 : f32
  } -> tensor<?xf32>
  kernel.return %r : tensor<?xf32>
}
