// RUN: nacre-opt %s --split-input-file --verify-diagnostics --verify-stage=stage=kernel
// RUN: nacre-opt %s --split-input-file --nacre-to-program | FileCheck %s
// RUN: not nacre-opt %s --split-input-file --verify-stage=stage=nothing 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// UNKNOWN: error: verify-stage: unknown stage 'nothing'; expected graph, tensor, kernel or program

// What the model has at first is not what it may have later.
func.func @graph_in_kernel_stage(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{'graph.relu' op is of dialect 'graph', which stage 'kernel' does not have in functions; expected builtin, func}}
  %y = graph.relu %x : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// The pipeline leaves nothing behind that its stage does not have.
// CHECK-NOT: graph.relu
// CHECK: program.launch
