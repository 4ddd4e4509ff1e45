// RUN: nacre-opt %s -codegen-generalize | FileCheck %s

// A fill is read where the op that reads it stands.
// CHECK-LABEL: func @inlines_a_fill
//  CHECK-SAME:   %{{.*}}: tensor<4xf32>, %[[OUT:.*]]: tensor<4xf32>, %[[BY:.*]]: f32
func.func @inlines_a_fill(%x: tensor<4xf32>, %out: tensor<4xf32>, %by: f32) -> tensor<4xf32> {
  // CHECK: linalg.generic {{.*}} outs(%[[OUT]] : tensor<4xf32>)
  // CHECK:   arith.addf %{{.*}}, %[[BY]] : f32
  %filled = linalg.fill ins(%by : f32) outs(%out : tensor<4xf32>) -> tensor<4xf32>
  %sum = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>],
                         iterator_types = ["parallel"]}
      ins(%x : tensor<4xf32>) outs(%filled : tensor<4xf32>) {
  ^bb0(%a: f32, %b: f32):
    %c = arith.addf %a, %b : f32
    linalg.yield %c : f32
  } -> tensor<4xf32>
  return %sum : tensor<4xf32>
}
