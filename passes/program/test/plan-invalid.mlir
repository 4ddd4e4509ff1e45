// RUN: nacre-opt %s -split-input-file -verify-diagnostics -program-plan

// expected-error@+1 {{has 2 blocks; an entry has one, control flow is scf}}
func.func @blocks(%x: tensor<4xf32>) -> tensor<4xf32> {
  cf.br ^bb1
^bb1:
  return %x : tensor<4xf32>
}

// -----

// expected-error@+1 {{takes or returns 'f32'; an entry's values are ranked tensors}}
func.func @scalar(%x: f32) -> f32 {
  return %x : f32
}
