// RUN: nacre-opt %s -split-input-file -verify-diagnostics

// E1 is one rule for all elementwise ops; E2 is a rule per op: @<op>_e2.

func.func @ceil_e2(%x0: tensor<2xi32>) {
  // expected-error@+1 {{element types are 'i32'; expected f16, bf16, f32 or f64, the same for all}}
  %0 = graph.ceil %x0 : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @floor_e2(%x0: tensor<2xi32>) {
  // expected-error@+1 {{element types are 'i32'; expected f16, bf16, f32 or f64, the same for all}}
  %0 = graph.floor %x0 : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @round_e2(%x0: tensor<2xi32>) {
  // expected-error@+1 {{element types are 'i32'; expected f16, bf16, f32 or f64, the same for all}}
  %0 = graph.round %x0 : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @sqrt_e2(%x0: tensor<2xi32>) {
  // expected-error@+1 {{element types are 'i32'; expected f16, bf16, f32 or f64, the same for all}}
  %0 = graph.sqrt %x0 : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @rsqrt_e2(%x0: tensor<2xi32>) {
  // expected-error@+1 {{element types are 'i32'; expected f16, bf16, f32 or f64, the same for all}}
  %0 = graph.rsqrt %x0 : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @reciprocal_e2(%x0: tensor<2xi32>) {
  // expected-error@+1 {{element types are 'i32'; expected f16, bf16, f32 or f64, the same for all}}
  %0 = graph.reciprocal %x0 : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @exp_e2(%x0: tensor<2xi32>) {
  // expected-error@+1 {{element types are 'i32'; expected f16, bf16, f32 or f64, the same for all}}
  %0 = graph.exp %x0 : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @log_e2(%x0: tensor<2xi32>) {
  // expected-error@+1 {{element types are 'i32'; expected f16, bf16, f32 or f64, the same for all}}
  %0 = graph.log %x0 : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @erf_e2(%x0: tensor<2xi32>) {
  // expected-error@+1 {{element types are 'i32'; expected f16, bf16, f32 or f64, the same for all}}
  %0 = graph.erf %x0 : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @sin_e2(%x0: tensor<2xi32>) {
  // expected-error@+1 {{element types are 'i32'; expected f16, bf16, f32 or f64, the same for all}}
  %0 = graph.sin %x0 : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @cos_e2(%x0: tensor<2xi32>) {
  // expected-error@+1 {{element types are 'i32'; expected f16, bf16, f32 or f64, the same for all}}
  %0 = graph.cos %x0 : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @tan_e2(%x0: tensor<2xi32>) {
  // expected-error@+1 {{element types are 'i32'; expected f16, bf16, f32 or f64, the same for all}}
  %0 = graph.tan %x0 : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @asin_e2(%x0: tensor<2xi32>) {
  // expected-error@+1 {{element types are 'i32'; expected f16, bf16, f32 or f64, the same for all}}
  %0 = graph.asin %x0 : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @acos_e2(%x0: tensor<2xi32>) {
  // expected-error@+1 {{element types are 'i32'; expected f16, bf16, f32 or f64, the same for all}}
  %0 = graph.acos %x0 : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @atan_e2(%x0: tensor<2xi32>) {
  // expected-error@+1 {{element types are 'i32'; expected f16, bf16, f32 or f64, the same for all}}
  %0 = graph.atan %x0 : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @sinh_e2(%x0: tensor<2xi32>) {
  // expected-error@+1 {{element types are 'i32'; expected f16, bf16, f32 or f64, the same for all}}
  %0 = graph.sinh %x0 : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @cosh_e2(%x0: tensor<2xi32>) {
  // expected-error@+1 {{element types are 'i32'; expected f16, bf16, f32 or f64, the same for all}}
  %0 = graph.cosh %x0 : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @tanh_e2(%x0: tensor<2xi32>) {
  // expected-error@+1 {{element types are 'i32'; expected f16, bf16, f32 or f64, the same for all}}
  %0 = graph.tanh %x0 : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @asinh_e2(%x0: tensor<2xi32>) {
  // expected-error@+1 {{element types are 'i32'; expected f16, bf16, f32 or f64, the same for all}}
  %0 = graph.asinh %x0 : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @acosh_e2(%x0: tensor<2xi32>) {
  // expected-error@+1 {{element types are 'i32'; expected f16, bf16, f32 or f64, the same for all}}
  %0 = graph.acosh %x0 : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @atanh_e2(%x0: tensor<2xi32>) {
  // expected-error@+1 {{element types are 'i32'; expected f16, bf16, f32 or f64, the same for all}}
  %0 = graph.atanh %x0 : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @sigmoid_e2(%x0: tensor<2xi32>) {
  // expected-error@+1 {{element types are 'i32'; expected f16, bf16, f32 or f64, the same for all}}
  %0 = graph.sigmoid %x0 : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @abs_e2(%x0: tensor<2xi1>) {
  // expected-error@+1 {{element types are 'i1'; expected a float or an integer, the same for all}}
  %0 = graph.abs %x0 : (tensor<2xi1>) -> tensor<2xi1>
  return
}

// -----

func.func @neg_e2(%x0: tensor<2xi1>) {
  // expected-error@+1 {{element types are 'i1'; expected a float or an integer, the same for all}}
  %0 = graph.neg %x0 : (tensor<2xi1>) -> tensor<2xi1>
  return
}

// -----

func.func @sign_e2(%x0: tensor<2xi1>) {
  // expected-error@+1 {{element types are 'i1'; expected a float or an integer, the same for all}}
  %0 = graph.sign %x0 : (tensor<2xi1>) -> tensor<2xi1>
  return
}

// -----

func.func @relu_e2(%x0: tensor<2xi1>) {
  // expected-error@+1 {{element types are 'i1'; expected a float or an integer, the same for all}}
  %0 = graph.relu %x0 : (tensor<2xi1>) -> tensor<2xi1>
  return
}

// -----

func.func @add_e2(%x0: tensor<2xf32>, %x1: tensor<2xf16>) {
  // expected-error@+1 {{element types are 'f32', 'f16'; expected a float or an integer, the same for all}}
  %0 = graph.add %x0, %x1 : (tensor<2xf32>, tensor<2xf16>) -> tensor<2xf32>
  return
}

// -----

func.func @sub_e2(%x0: tensor<2xf32>, %x1: tensor<2xf16>) {
  // expected-error@+1 {{element types are 'f32', 'f16'; expected a float or an integer, the same for all}}
  %0 = graph.sub %x0, %x1 : (tensor<2xf32>, tensor<2xf16>) -> tensor<2xf32>
  return
}

// -----

func.func @mul_e2(%x0: tensor<2xf32>, %x1: tensor<2xf16>) {
  // expected-error@+1 {{element types are 'f32', 'f16'; expected a float or an integer, the same for all}}
  %0 = graph.mul %x0, %x1 : (tensor<2xf32>, tensor<2xf16>) -> tensor<2xf32>
  return
}

// -----

func.func @div_e2(%x0: tensor<2xf32>, %x1: tensor<2xf16>) {
  // expected-error@+1 {{element types are 'f32', 'f16'; expected a float or an integer, the same for all}}
  %0 = graph.div %x0, %x1 : (tensor<2xf32>, tensor<2xf16>) -> tensor<2xf32>
  return
}

// -----

func.func @max_e2(%x0: tensor<2xf32>, %x1: tensor<2xf16>) {
  // expected-error@+1 {{element types are 'f32', 'f16'; expected a float or an integer, the same for all}}
  %0 = graph.max %x0, %x1 : (tensor<2xf32>, tensor<2xf16>) -> tensor<2xf32>
  return
}

// -----

func.func @min_e2(%x0: tensor<2xf32>, %x1: tensor<2xf16>) {
  // expected-error@+1 {{element types are 'f32', 'f16'; expected a float or an integer, the same for all}}
  %0 = graph.min %x0, %x1 : (tensor<2xf32>, tensor<2xf16>) -> tensor<2xf32>
  return
}

// -----

func.func @mod_e2(%x0: tensor<2xi1>, %x1: tensor<2xi1>) {
  // expected-error@+1 {{element types are 'i1', 'i1'; expected a float or an integer, the same for all}}
  %0 = graph.mod %x0, %x1 {fmod = false} : (tensor<2xi1>, tensor<2xi1>) -> tensor<2xi1>
  return
}

// -----

func.func @not_e2(%x0: tensor<2xi8>) {
  // expected-error@+1 {{element types are 'i8'; expected i1}}
  %0 = graph.not %x0 : (tensor<2xi8>) -> tensor<2xi8>
  return
}

// -----

func.func @and_e2(%x0: tensor<2xi1>, %x1: tensor<2xi8>) {
  // expected-error@+1 {{element types are 'i1', 'i8'; expected i1}}
  %0 = graph.and %x0, %x1 : (tensor<2xi1>, tensor<2xi8>) -> tensor<2xi1>
  return
}

// -----

func.func @or_e2(%x0: tensor<2xi1>, %x1: tensor<2xi8>) {
  // expected-error@+1 {{element types are 'i1', 'i8'; expected i1}}
  %0 = graph.or %x0, %x1 : (tensor<2xi1>, tensor<2xi8>) -> tensor<2xi1>
  return
}

// -----

func.func @xor_e2(%x0: tensor<2xi1>, %x1: tensor<2xi8>) {
  // expected-error@+1 {{element types are 'i1', 'i8'; expected i1}}
  %0 = graph.xor %x0, %x1 : (tensor<2xi1>, tensor<2xi8>) -> tensor<2xi1>
  return
}

// -----

func.func @bit_not_e2(%x0: tensor<2xi1>) {
  // expected-error@+1 {{element types are 'i1'; expected an integer, the same for all}}
  %0 = graph.bit_not %x0 : (tensor<2xi1>) -> tensor<2xi1>
  return
}

// -----

func.func @bit_and_e2(%x0: tensor<2xi8>, %x1: tensor<2xui8>) {
  // expected-error@+1 {{element types are 'i8', 'ui8'; expected an integer, the same for all}}
  %0 = graph.bit_and %x0, %x1 : (tensor<2xi8>, tensor<2xui8>) -> tensor<2xi8>
  return
}

// -----

func.func @bit_or_e2(%x0: tensor<2xi8>, %x1: tensor<2xui8>) {
  // expected-error@+1 {{element types are 'i8', 'ui8'; expected an integer, the same for all}}
  %0 = graph.bit_or %x0, %x1 : (tensor<2xi8>, tensor<2xui8>) -> tensor<2xi8>
  return
}

// -----

func.func @bit_xor_e2(%x0: tensor<2xi8>, %x1: tensor<2xui8>) {
  // expected-error@+1 {{element types are 'i8', 'ui8'; expected an integer, the same for all}}
  %0 = graph.bit_xor %x0, %x1 : (tensor<2xi8>, tensor<2xui8>) -> tensor<2xi8>
  return
}

// -----

func.func @shift_left_e2(%x0: tensor<2xi8>, %x1: tensor<2xui8>) {
  // expected-error@+1 {{element types are 'i8', 'ui8'; expected an integer, the same for all}}
  %0 = graph.shift_left %x0, %x1 : (tensor<2xi8>, tensor<2xui8>) -> tensor<2xi8>
  return
}

// -----

func.func @shift_right_e2(%x0: tensor<2xi8>, %x1: tensor<2xui8>) {
  // expected-error@+1 {{element types are 'i8', 'ui8'; expected an integer, the same for all}}
  %0 = graph.shift_right %x0, %x1 : (tensor<2xi8>, tensor<2xui8>) -> tensor<2xi8>
  return
}

// -----

func.func @is_nan_e2(%x0: tensor<2xi8>) {
  // expected-error@+1 {{element types are 'i8'; expected f16, bf16, f32, f64 or a smaller float}}
  %0 = graph.is_nan %x0 : (tensor<2xi8>) -> tensor<2xi1>
  return
}

// -----

func.func @is_inf_e2(%x0: tensor<2xi8>) {
  // expected-error@+1 {{element types are 'i8'; expected f16, bf16, f32, f64 or a smaller float}}
  %0 = graph.is_inf %x0 {negative = true, positive = true} : (tensor<2xi8>) -> tensor<2xi1>
  return
}

// -----

func.func @cast_e2(%x0: tensor<2xindex>) {
  // expected-error@+1 {{element types are 'index'; expected a number or i1, also for `to`}}
  %0 = graph.cast %x0 {to = i32} : (tensor<2xindex>) -> tensor<2xi32>
  return
}

// -----

func.func @pow_e2(%x0: tensor<2xf32>, %x1: tensor<2xi1>) {
  // expected-error@+1 {{element types are 'f32', 'i1'; expected numbers}}
  %0 = graph.pow %x0, %x1 : (tensor<2xf32>, tensor<2xi1>) -> tensor<2xf32>
  return
}

// -----

func.func @compare_e2(%x0: tensor<2xf32>, %x1: tensor<2xf16>) {
  // expected-error@+1 {{element types are 'f32', 'f16'; expected the same for both}}
  %0 = graph.compare eq %x0, %x1 : (tensor<2xf32>, tensor<2xf16>) -> tensor<2xi1>
  return
}

// -----

func.func @select_e2(%x0: tensor<2xi1>, %x1: tensor<2xf16>, %x2: tensor<2xf32>) {
  // expected-error@+1 {{element types are 'i1', 'f16', 'f32'; expected i1 and twice the same}}
  %0 = graph.select %x0, %x1, %x2 : (tensor<2xi1>, tensor<2xf16>, tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @quantize_e2(%x0: tensor<2xf32>, %x1: tensor<2xf32>, %x2: tensor<2xi32>) {
  // expected-error@+1 {{element types are 'f32', 'f32', 'i32'; expected floats, and integers of at most 16 or floats of at most 8 bits as zero point}}
  %0 = graph.quantize %x0, %x1, %x2 : (tensor<2xf32>, tensor<2xf32>, tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @dequantize_e2(%x0: tensor<2xi8>, %x1: tensor<2xf32>, %x2: tensor<2xui8>) {
  // expected-error@+1 {{element types are 'i8', 'f32', 'ui8'; expected a quantized type, a float and again the first}}
  %0 = graph.dequantize %x0, %x1, %x2 : (tensor<2xi8>, tensor<2xf32>, tensor<2xui8>) -> tensor<2xf32>
  return
}

// -----

func.func @add_e1(%x: tensor<2x3xf32>, %y: tensor<4xf32>) {
  // expected-error@+1 {{operand of shape [4] does not broadcast to [2, 3]}}
  %0 = graph.add %x, %y : (tensor<2x3xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @select_e1(%c: tensor<2xi1>, %x: tensor<f32>, %y: tensor<3xf32>) {
  // expected-error@+1 {{operand of shape [3] does not broadcast to [2]}}
  %0 = graph.select %c, %x, %y : (tensor<2xi1>, tensor<f32>, tensor<3xf32>) -> tensor<3xf32>
  return
}
