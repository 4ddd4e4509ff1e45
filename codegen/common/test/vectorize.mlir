// RUN: nacre-opt %s -codegen-vectorize | FileCheck %s
// RUN: nacre-opt %s -codegen-vectorize -remark-format=emitRemark -remarks-filter-missed=codegen-vectorize -o /dev/null 2>&1 | FileCheck %s --check-prefix=MISSED

#v = affine_map<(i) -> (i)>

// 21 elements of a target with four lanes: two vectors at once, one, and one lane.
// CHECK-LABEL: func.func @rest_is_masked
// CHECK:     scf.for
// CHECK-COUNT-2: vector.transfer_write {{.*}} : vector<4xf32>
// CHECK:     vector.transfer_write {{.*}} : vector<4xf32>
// CHECK:     %[[MASK:.*]] = vector.constant_mask [1] : vector<4xi1>
// CHECK:     vector.transfer_write {{.*}}, %[[MASK]]
func.func @rest_is_masked(%x: tensor<21xf32>, %o: tensor<21xf32>) -> tensor<21xf32> {
  %r = linalg.generic {indexing_maps = [#v, #v], iterator_types = ["parallel"]} ins(%x : tensor<21xf32>) outs(%o : tensor<21xf32>) {
  ^bb0(%a: f32, %old: f32):
    %q = arith.addf %a, %a : f32
    linalg.yield %q : f32
  } -> tensor<21xf32>
  return %r : tensor<21xf32>
}

// Lanes are added up after the loop, with the value that was there.
// CHECK-LABEL: func.func @across_lanes
// CHECK:     scf.for {{.*}} -> (vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>)
// CHECK:     vector.reduction <add>, %{{.*}} fastmath<reassoc>
// CHECK:     tensor.insert
func.func @across_lanes(%x: tensor<5x?xf32>, %o: tensor<5xf32>) -> tensor<5xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<5x?xf32>) outs(%o : tensor<5xf32>) {
  ^bb0(%a: f32, %old: f32):
    %q = arith.addf %a, %old : f32
    linalg.yield %q : f32
  } -> tensor<5xf32>
  return %r : tensor<5xf32>
}

// NEGATIVE: a division of integers may trap in a lane that is masked off.
// CHECK-LABEL: func.func @keeps_division
// CHECK:     linalg.generic
// MISSED: body{{.*}}codegen-vectorize
func.func @keeps_division(%x: tensor<21xi32>, %o: tensor<21xi32>) -> tensor<21xi32> {
  %r = linalg.generic {indexing_maps = [#v, #v], iterator_types = ["parallel"]} ins(%x : tensor<21xi32>) outs(%o : tensor<21xi32>) {
  ^bb0(%a: i32, %old: i32):
    %c = arith.constant 7 : i32
    %q = arith.divsi %c, %a : i32
    linalg.yield %q : i32
  } -> tensor<21xi32>
  return %r : tensor<21xi32>
}

// A product of three blocks of four channels: a row of all three is summed at once,
// so that what is broadcast serves three multiply-adds (16 registers: 12 sums).
// CHECK-LABEL: func.func @shares_broadcasts
// CHECK:     scf.for {{.*}} -> (vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>)
// CHECK:       vector.transfer_read
// CHECK:       %[[A:.*]] = vector.broadcast
// CHECK:       arith.mulf %[[A]]
// CHECK:       vector.transfer_read
// CHECK:       arith.mulf %[[A]]
// CHECK:       vector.transfer_read
// CHECK:       arith.mulf %[[A]]
// CHECK:       vector.broadcast
func.func @shares_broadcasts(%x: tensor<8x64xf32>, %w: tensor<3x64x4xf32>, %o: tensor<3x8x4xf32>) -> tensor<3x8x4xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(b, i, c, k) -> (i, k)>, affine_map<(b, i, c, k) -> (b, k, c)>, affine_map<(b, i, c, k) -> (b, i, c)>],
                       iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<8x64xf32>, tensor<3x64x4xf32>) outs(%o : tensor<3x8x4xf32>) {
  ^bb0(%a: f32, %b: f32, %old: f32):
    %p = arith.mulf %a, %b : f32
    %q = arith.addf %old, %p : f32
    linalg.yield %q : f32
  } -> tensor<3x8x4xf32>
  return %r : tensor<3x8x4xf32>
}
