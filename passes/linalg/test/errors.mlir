// RUN: nacre-opt %s --graph-to-linalg --split-input-file --verify-diagnostics

// expected-error@+1 {{argument of type 'tensor<2xindex>' has no lowering to linalg; expected a ranked tensor of integers or floats}}
func.func @index(%a: tensor<2xindex>) -> tensor<2xindex> {
  return %a : tensor<2xindex>
}

// -----

func.func @foreign(%a: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error@+1 {{'arith.negf' op has no lowering to linalg: there is no rule for this op; operand 'tensor<2xf32>'}}
  %0 = arith.negf %a : tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----

func.func @index_constant(%a: tensor<2xf32>) -> tensor<2xindex> {
  // expected-error@+1 {{'graph.constant' op has no lowering to linalg: elements of a result are neither integers nor floats}}
  %0 = graph.constant dense<1> : tensor<2xindex>
  return %0 : tensor<2xindex>
}
