// RUN: nacre-opt %s --graph-to-linalg --split-input-file --verify-diagnostics

// expected-error@+1 {{argument of type 'tensor<2xcomplex<f32>>' has no lowering to linalg; expected a ranked tensor of integers or floats}}
func.func @complex(%a: tensor<2xcomplex<f32>>) -> tensor<2xcomplex<f32>> {
  return %a : tensor<2xcomplex<f32>>
}

// -----

func.func @foreign(%a: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error@+1 {{'arith.negf' op has no lowering to linalg: there is no rule for this op; operand 'tensor<2xf32>'}}
  %0 = arith.negf %a : tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----

func.func @complex_constant(%a: tensor<2xf32>) -> tensor<2xcomplex<f32>> {
  // expected-error@+1 {{'graph.constant' op has no lowering to linalg: elements of a result are neither integers nor floats}}
  %0 = graph.constant dense<(1.0, 2.0)> : tensor<2xcomplex<f32>>
  return %0 : tensor<2xcomplex<f32>>
}
