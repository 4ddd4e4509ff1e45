// RUN: nacre-opt %s | nacre-opt | FileCheck %s
// RUN: nacre-opt %s -emit-bytecode | nacre-opt | FileCheck %s

// Every op once: its text form and its types survive printing and parsing.

// CHECK-LABEL: func @abs(
func.func @abs(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  // CHECK: graph.abs %{{.*}} : (tensor<2x?xf32>) -> tensor<2x?xf32>
  %0 = graph.abs %x : (tensor<2x?xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @neg(
func.func @neg(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  // CHECK: graph.neg %{{.*}} : (tensor<2x?xf32>) -> tensor<2x?xf32>
  %0 = graph.neg %x : (tensor<2x?xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @sign(
func.func @sign(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  // CHECK: graph.sign %{{.*}} : (tensor<2x?xf32>) -> tensor<2x?xf32>
  %0 = graph.sign %x : (tensor<2x?xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @relu(
func.func @relu(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  // CHECK: graph.relu %{{.*}} : (tensor<2x?xf32>) -> tensor<2x?xf32>
  %0 = graph.relu %x : (tensor<2x?xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @ceil(
func.func @ceil(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  // CHECK: graph.ceil %{{.*}} : (tensor<2x?xf32>) -> tensor<2x?xf32>
  %0 = graph.ceil %x : (tensor<2x?xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @floor(
func.func @floor(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  // CHECK: graph.floor %{{.*}} : (tensor<2x?xf32>) -> tensor<2x?xf32>
  %0 = graph.floor %x : (tensor<2x?xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @round(
func.func @round(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  // CHECK: graph.round %{{.*}} : (tensor<2x?xf32>) -> tensor<2x?xf32>
  %0 = graph.round %x : (tensor<2x?xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @sqrt(
func.func @sqrt(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  // CHECK: graph.sqrt %{{.*}} : (tensor<2x?xf32>) -> tensor<2x?xf32>
  %0 = graph.sqrt %x : (tensor<2x?xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @rsqrt(
func.func @rsqrt(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  // CHECK: graph.rsqrt %{{.*}} : (tensor<2x?xf32>) -> tensor<2x?xf32>
  %0 = graph.rsqrt %x : (tensor<2x?xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @reciprocal(
func.func @reciprocal(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  // CHECK: graph.reciprocal %{{.*}} : (tensor<2x?xf32>) -> tensor<2x?xf32>
  %0 = graph.reciprocal %x : (tensor<2x?xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @exp(
func.func @exp(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  // CHECK: graph.exp %{{.*}} : (tensor<2x?xf32>) -> tensor<2x?xf32>
  %0 = graph.exp %x : (tensor<2x?xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @log(
func.func @log(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  // CHECK: graph.log %{{.*}} : (tensor<2x?xf32>) -> tensor<2x?xf32>
  %0 = graph.log %x : (tensor<2x?xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @erf(
func.func @erf(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  // CHECK: graph.erf %{{.*}} : (tensor<2x?xf32>) -> tensor<2x?xf32>
  %0 = graph.erf %x : (tensor<2x?xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @sin(
func.func @sin(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  // CHECK: graph.sin %{{.*}} : (tensor<2x?xf32>) -> tensor<2x?xf32>
  %0 = graph.sin %x : (tensor<2x?xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @cos(
func.func @cos(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  // CHECK: graph.cos %{{.*}} : (tensor<2x?xf32>) -> tensor<2x?xf32>
  %0 = graph.cos %x : (tensor<2x?xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @tan(
func.func @tan(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  // CHECK: graph.tan %{{.*}} : (tensor<2x?xf32>) -> tensor<2x?xf32>
  %0 = graph.tan %x : (tensor<2x?xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @asin(
func.func @asin(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  // CHECK: graph.asin %{{.*}} : (tensor<2x?xf32>) -> tensor<2x?xf32>
  %0 = graph.asin %x : (tensor<2x?xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @acos(
func.func @acos(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  // CHECK: graph.acos %{{.*}} : (tensor<2x?xf32>) -> tensor<2x?xf32>
  %0 = graph.acos %x : (tensor<2x?xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @atan(
func.func @atan(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  // CHECK: graph.atan %{{.*}} : (tensor<2x?xf32>) -> tensor<2x?xf32>
  %0 = graph.atan %x : (tensor<2x?xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @sinh(
func.func @sinh(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  // CHECK: graph.sinh %{{.*}} : (tensor<2x?xf32>) -> tensor<2x?xf32>
  %0 = graph.sinh %x : (tensor<2x?xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @cosh(
func.func @cosh(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  // CHECK: graph.cosh %{{.*}} : (tensor<2x?xf32>) -> tensor<2x?xf32>
  %0 = graph.cosh %x : (tensor<2x?xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @tanh(
func.func @tanh(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  // CHECK: graph.tanh %{{.*}} : (tensor<2x?xf32>) -> tensor<2x?xf32>
  %0 = graph.tanh %x : (tensor<2x?xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @asinh(
func.func @asinh(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  // CHECK: graph.asinh %{{.*}} : (tensor<2x?xf32>) -> tensor<2x?xf32>
  %0 = graph.asinh %x : (tensor<2x?xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @acosh(
func.func @acosh(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  // CHECK: graph.acosh %{{.*}} : (tensor<2x?xf32>) -> tensor<2x?xf32>
  %0 = graph.acosh %x : (tensor<2x?xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @atanh(
func.func @atanh(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  // CHECK: graph.atanh %{{.*}} : (tensor<2x?xf32>) -> tensor<2x?xf32>
  %0 = graph.atanh %x : (tensor<2x?xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @sigmoid(
func.func @sigmoid(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  // CHECK: graph.sigmoid %{{.*}} : (tensor<2x?xf32>) -> tensor<2x?xf32>
  %0 = graph.sigmoid %x : (tensor<2x?xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @not(
func.func @not(%x: tensor<2x?xi1>) -> tensor<2x?xi1> {
  // CHECK: graph.not %{{.*}} : (tensor<2x?xi1>) -> tensor<2x?xi1>
  %0 = graph.not %x : (tensor<2x?xi1>) -> tensor<2x?xi1>
  return %0 : tensor<2x?xi1>
}

// CHECK-LABEL: func @bit_not(
func.func @bit_not(%x: tensor<2xui8>) -> tensor<2xui8> {
  // CHECK: graph.bit_not %{{.*}} : (tensor<2xui8>) -> tensor<2xui8>
  %0 = graph.bit_not %x : (tensor<2xui8>) -> tensor<2xui8>
  return %0 : tensor<2xui8>
}

// CHECK-LABEL: func @is_nan(
func.func @is_nan(%x: tensor<2x?xf32>) -> tensor<2x?xi1> {
  // CHECK: graph.is_nan %{{.*}} : (tensor<2x?xf32>) -> tensor<2x?xi1>
  %0 = graph.is_nan %x : (tensor<2x?xf32>) -> tensor<2x?xi1>
  return %0 : tensor<2x?xi1>
}

// CHECK-LABEL: func @is_inf(
func.func @is_inf(%x: tensor<2x?xf32>) -> tensor<2x?xi1> {
  // CHECK: graph.is_inf %{{.*}} {negative = true, positive = false} : (tensor<2x?xf32>) -> tensor<2x?xi1>
  %0 = graph.is_inf %x {negative = true, positive = false} : (tensor<2x?xf32>) -> tensor<2x?xi1>
  return %0 : tensor<2x?xi1>
}

// CHECK-LABEL: func @cast(
func.func @cast(%x: tensor<2x?xf32>) -> tensor<2x?xf8E4M3FN> {
  // CHECK: graph.cast %{{.*}} {to = f8E4M3FN} : (tensor<2x?xf32>) -> tensor<2x?xf8E4M3FN>
  %0 = graph.cast %x {to = f8E4M3FN} : (tensor<2x?xf32>) -> tensor<2x?xf8E4M3FN>
  return %0 : tensor<2x?xf8E4M3FN>
}

// CHECK-LABEL: func @add(
func.func @add(%x: tensor<2x1xf32>, %y: tensor<5x1x4xf32>) -> tensor<5x2x4xf32> {
  // CHECK: graph.add %{{.*}}, %{{.*}} : (tensor<2x1xf32>, tensor<5x1x4xf32>) -> tensor<5x2x4xf32>
  %0 = graph.add %x, %y : (tensor<2x1xf32>, tensor<5x1x4xf32>) -> tensor<5x2x4xf32>
  return %0 : tensor<5x2x4xf32>
}

// CHECK-LABEL: func @sub(
func.func @sub(%x: tensor<2x1xf32>, %y: tensor<5x1x4xf32>) -> tensor<5x2x4xf32> {
  // CHECK: graph.sub %{{.*}}, %{{.*}} : (tensor<2x1xf32>, tensor<5x1x4xf32>) -> tensor<5x2x4xf32>
  %0 = graph.sub %x, %y : (tensor<2x1xf32>, tensor<5x1x4xf32>) -> tensor<5x2x4xf32>
  return %0 : tensor<5x2x4xf32>
}

// CHECK-LABEL: func @mul(
func.func @mul(%x: tensor<2x1xf32>, %y: tensor<5x1x4xf32>) -> tensor<5x2x4xf32> {
  // CHECK: graph.mul %{{.*}}, %{{.*}} : (tensor<2x1xf32>, tensor<5x1x4xf32>) -> tensor<5x2x4xf32>
  %0 = graph.mul %x, %y : (tensor<2x1xf32>, tensor<5x1x4xf32>) -> tensor<5x2x4xf32>
  return %0 : tensor<5x2x4xf32>
}

// CHECK-LABEL: func @div(
func.func @div(%x: tensor<2x1xf32>, %y: tensor<5x1x4xf32>) -> tensor<5x2x4xf32> {
  // CHECK: graph.div %{{.*}}, %{{.*}} : (tensor<2x1xf32>, tensor<5x1x4xf32>) -> tensor<5x2x4xf32>
  %0 = graph.div %x, %y : (tensor<2x1xf32>, tensor<5x1x4xf32>) -> tensor<5x2x4xf32>
  return %0 : tensor<5x2x4xf32>
}

// CHECK-LABEL: func @max(
func.func @max(%x: tensor<2x1xf32>, %y: tensor<5x1x4xf32>) -> tensor<5x2x4xf32> {
  // CHECK: graph.max %{{.*}}, %{{.*}} : (tensor<2x1xf32>, tensor<5x1x4xf32>) -> tensor<5x2x4xf32>
  %0 = graph.max %x, %y : (tensor<2x1xf32>, tensor<5x1x4xf32>) -> tensor<5x2x4xf32>
  return %0 : tensor<5x2x4xf32>
}

// CHECK-LABEL: func @min(
func.func @min(%x: tensor<2x1xf32>, %y: tensor<5x1x4xf32>) -> tensor<5x2x4xf32> {
  // CHECK: graph.min %{{.*}}, %{{.*}} : (tensor<2x1xf32>, tensor<5x1x4xf32>) -> tensor<5x2x4xf32>
  %0 = graph.min %x, %y : (tensor<2x1xf32>, tensor<5x1x4xf32>) -> tensor<5x2x4xf32>
  return %0 : tensor<5x2x4xf32>
}

// CHECK-LABEL: func @pow(
func.func @pow(%x: tensor<2x?xf32>, %y: tensor<i64>) -> tensor<2x?xf32> {
  // CHECK: graph.pow %{{.*}}, %{{.*}} : (tensor<2x?xf32>, tensor<i64>) -> tensor<2x?xf32>
  %0 = graph.pow %x, %y : (tensor<2x?xf32>, tensor<i64>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @and(
func.func @and(%x: tensor<2x?xi1>, %y: tensor<2x?xi1>) -> tensor<2x?xi1> {
  // CHECK: graph.and %{{.*}}, %{{.*}} : (tensor<2x?xi1>, tensor<2x?xi1>) -> tensor<2x?xi1>
  %0 = graph.and %x, %y : (tensor<2x?xi1>, tensor<2x?xi1>) -> tensor<2x?xi1>
  return %0 : tensor<2x?xi1>
}

// CHECK-LABEL: func @or(
func.func @or(%x: tensor<2x?xi1>, %y: tensor<2x?xi1>) -> tensor<2x?xi1> {
  // CHECK: graph.or %{{.*}}, %{{.*}} : (tensor<2x?xi1>, tensor<2x?xi1>) -> tensor<2x?xi1>
  %0 = graph.or %x, %y : (tensor<2x?xi1>, tensor<2x?xi1>) -> tensor<2x?xi1>
  return %0 : tensor<2x?xi1>
}

// CHECK-LABEL: func @xor(
func.func @xor(%x: tensor<2x?xi1>, %y: tensor<2x?xi1>) -> tensor<2x?xi1> {
  // CHECK: graph.xor %{{.*}}, %{{.*}} : (tensor<2x?xi1>, tensor<2x?xi1>) -> tensor<2x?xi1>
  %0 = graph.xor %x, %y : (tensor<2x?xi1>, tensor<2x?xi1>) -> tensor<2x?xi1>
  return %0 : tensor<2x?xi1>
}

// CHECK-LABEL: func @bit_and(
func.func @bit_and(%x: tensor<2xui16>, %y: tensor<2xui16>) -> tensor<2xui16> {
  // CHECK: graph.bit_and %{{.*}}, %{{.*}} : (tensor<2xui16>, tensor<2xui16>) -> tensor<2xui16>
  %0 = graph.bit_and %x, %y : (tensor<2xui16>, tensor<2xui16>) -> tensor<2xui16>
  return %0 : tensor<2xui16>
}

// CHECK-LABEL: func @bit_or(
func.func @bit_or(%x: tensor<2xui16>, %y: tensor<2xui16>) -> tensor<2xui16> {
  // CHECK: graph.bit_or %{{.*}}, %{{.*}} : (tensor<2xui16>, tensor<2xui16>) -> tensor<2xui16>
  %0 = graph.bit_or %x, %y : (tensor<2xui16>, tensor<2xui16>) -> tensor<2xui16>
  return %0 : tensor<2xui16>
}

// CHECK-LABEL: func @bit_xor(
func.func @bit_xor(%x: tensor<2xui16>, %y: tensor<2xui16>) -> tensor<2xui16> {
  // CHECK: graph.bit_xor %{{.*}}, %{{.*}} : (tensor<2xui16>, tensor<2xui16>) -> tensor<2xui16>
  %0 = graph.bit_xor %x, %y : (tensor<2xui16>, tensor<2xui16>) -> tensor<2xui16>
  return %0 : tensor<2xui16>
}

// CHECK-LABEL: func @shift_left(
func.func @shift_left(%x: tensor<2xui16>, %y: tensor<2xui16>) -> tensor<2xui16> {
  // CHECK: graph.shift_left %{{.*}}, %{{.*}} : (tensor<2xui16>, tensor<2xui16>) -> tensor<2xui16>
  %0 = graph.shift_left %x, %y : (tensor<2xui16>, tensor<2xui16>) -> tensor<2xui16>
  return %0 : tensor<2xui16>
}

// CHECK-LABEL: func @shift_right(
func.func @shift_right(%x: tensor<2xui16>, %y: tensor<2xui16>) -> tensor<2xui16> {
  // CHECK: graph.shift_right %{{.*}}, %{{.*}} : (tensor<2xui16>, tensor<2xui16>) -> tensor<2xui16>
  %0 = graph.shift_right %x, %y : (tensor<2xui16>, tensor<2xui16>) -> tensor<2xui16>
  return %0 : tensor<2xui16>
}

// CHECK-LABEL: func @mod(
func.func @mod(%x: tensor<2x?xi32>, %y: tensor<i32>) -> tensor<2x?xi32> {
  // CHECK: graph.mod %{{.*}}, %{{.*}} {fmod = false} : (tensor<2x?xi32>, tensor<i32>) -> tensor<2x?xi32>
  %0 = graph.mod %x, %y {fmod = false} : (tensor<2x?xi32>, tensor<i32>) -> tensor<2x?xi32>
  return %0 : tensor<2x?xi32>
}

// CHECK-LABEL: func @compare(
func.func @compare(%x: tensor<2x?xi32>, %y: tensor<i32>) -> tensor<2x?xi1> {
  // CHECK: graph.compare le %{{.*}}, %{{.*}} : (tensor<2x?xi32>, tensor<i32>) -> tensor<2x?xi1>
  %0 = graph.compare le %x, %y : (tensor<2x?xi32>, tensor<i32>) -> tensor<2x?xi1>
  return %0 : tensor<2x?xi1>
}

// CHECK-LABEL: func @select(
func.func @select(%c: tensor<2x1xi1>, %x: tensor<f32>, %y: tensor<3xf32>) -> tensor<2x3xf32> {
  // CHECK: graph.select %{{.*}}, %{{.*}}, %{{.*}} : (tensor<2x1xi1>, tensor<f32>, tensor<3xf32>) -> tensor<2x3xf32>
  %0 = graph.select %c, %x, %y : (tensor<2x1xi1>, tensor<f32>, tensor<3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// CHECK-LABEL: func @quantize(
func.func @quantize(%x: tensor<2x3xf32>, %s: tensor<2x1xf32>, %z: tensor<2x1xui8>) -> tensor<2x3xui8> {
  // CHECK: graph.quantize %{{.*}}, %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<2x1xf32>, tensor<2x1xui8>) -> tensor<2x3xui8>
  %0 = graph.quantize %x, %s, %z : (tensor<2x3xf32>, tensor<2x1xf32>, tensor<2x1xui8>) -> tensor<2x3xui8>
  return %0 : tensor<2x3xui8>
}

// CHECK-LABEL: func @dequantize(
func.func @dequantize(%x: tensor<2x3xi4>, %s: tensor<f16>, %z: tensor<i4>) -> tensor<2x3xf16> {
  // CHECK: graph.dequantize %{{.*}}, %{{.*}}, %{{.*}} : (tensor<2x3xi4>, tensor<f16>, tensor<i4>) -> tensor<2x3xf16>
  %0 = graph.dequantize %x, %s, %z : (tensor<2x3xi4>, tensor<f16>, tensor<i4>) -> tensor<2x3xf16>
  return %0 : tensor<2x3xf16>
}

// CHECK-LABEL: func @constant(
func.func @constant() -> tensor<2x2xui8> {
  // CHECK: graph.constant dense<{{\[\[}}1, 2], [3, 255]]> : tensor<2x2xui8>
  %0 = graph.constant dense<[[1, 2], [3, 255]]> : tensor<2x2xui8>
  return %0 : tensor<2x2xui8>
}

// CHECK-LABEL: func @shape(
func.func @shape(%x: tensor<?x4xf32>) -> tensor<2xi64> {
  // CHECK: graph.shape %{{.*}} : (tensor<?x4xf32>) -> tensor<2xi64>
  %0 = graph.shape %x : (tensor<?x4xf32>) -> tensor<2xi64>
  return %0 : tensor<2xi64>
}

// CHECK-LABEL: func @range(
func.func @range(%a: tensor<i64>, %b: tensor<i64>, %c: tensor<i64>) -> tensor<?xi64> {
  // CHECK: graph.range %{{.*}}, %{{.*}}, %{{.*}} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %0 = graph.range %a, %b, %c : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  return %0 : tensor<?xi64>
}

// CHECK-LABEL: func @random(
func.func @random(%s: tensor<2xi64>) -> tensor<?x?xf32> {
  // CHECK: graph.random uniform %{{.*}} {a = 0.000000e+00 : f64, b = 1.000000e+00 : f64, dtype = f32, seed = 7 : i64} : (tensor<2xi64>) -> tensor<?x?xf32>
  %0 = graph.random uniform %s {a = 0.000000e+00 : f64, b = 1.000000e+00 : f64, dtype = f32, seed = 7 : i64} : (tensor<2xi64>) -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// CHECK-LABEL: func @reshape(
func.func @reshape(%x: tensor<?x4xf32>, %s: tensor<3xi64>) -> tensor<?x?x?xf32> {
  // CHECK: graph.reshape %{{.*}} to %{{.*}} {allow_zero = true} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x?x?xf32>
  %0 = graph.reshape %x to %s {allow_zero = true} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x?x?xf32>
  return %0 : tensor<?x?x?xf32>
}

// CHECK-LABEL: func @collapse(
func.func @collapse(%x: tensor<2x3x4xf32>) -> tensor<6x4xf32> {
  // CHECK: graph.collapse %{{.*}} starts [0, 2] : (tensor<2x3x4xf32>) -> tensor<6x4xf32>
  %0 = graph.collapse %x starts [0, 2] : (tensor<2x3x4xf32>) -> tensor<6x4xf32>
  return %0 : tensor<6x4xf32>
}

// CHECK-LABEL: func @squeeze(
func.func @squeeze(%x: tensor<1x?x1x4xf32>) -> tensor<?x4xf32> {
  // CHECK: graph.squeeze %{{.*}} axes [0, 2] : (tensor<1x?x1x4xf32>) -> tensor<?x4xf32>
  %0 = graph.squeeze %x axes [0, 2] : (tensor<1x?x1x4xf32>) -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// CHECK-LABEL: func @unsqueeze(
func.func @unsqueeze(%x: tensor<?x4xf32>) -> tensor<?x1x4x1xf32> {
  // CHECK: graph.unsqueeze %{{.*}} axes [1, 3] : (tensor<?x4xf32>) -> tensor<?x1x4x1xf32>
  %0 = graph.unsqueeze %x axes [1, 3] : (tensor<?x4xf32>) -> tensor<?x1x4x1xf32>
  return %0 : tensor<?x1x4x1xf32>
}

// CHECK-LABEL: func @broadcast(
func.func @broadcast(%x: tensor<3x1xf32>, %s: tensor<3xi64>) -> tensor<?x3x?xf32> {
  // CHECK: graph.broadcast %{{.*}} to %{{.*}} : (tensor<3x1xf32>, tensor<3xi64>) -> tensor<?x3x?xf32>
  %0 = graph.broadcast %x to %s : (tensor<3x1xf32>, tensor<3xi64>) -> tensor<?x3x?xf32>
  return %0 : tensor<?x3x?xf32>
}

// CHECK-LABEL: func @transpose(
func.func @transpose(%x: tensor<?x4x5xf32>) -> tensor<5x?x4xf32> {
  // CHECK: graph.transpose %{{.*}} perm [2, 0, 1] : (tensor<?x4x5xf32>) -> tensor<5x?x4xf32>
  %0 = graph.transpose %x perm [2, 0, 1] : (tensor<?x4x5xf32>) -> tensor<5x?x4xf32>
  return %0 : tensor<5x?x4xf32>
}

// CHECK-LABEL: func @concat(
func.func @concat(%x: tensor<2x4xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK: graph.concat %{{.*}}, %{{.*}} axis 0 : (tensor<2x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %0 = graph.concat %x, %y axis 0 : (tensor<2x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// CHECK-LABEL: func @slice(
func.func @slice(%x: tensor<2x4xf32>, %a: tensor<1xi64>, %b: tensor<1xi64>) -> tensor<2x?xf32> {
  // CHECK: graph.slice %{{.*}} from %{{.*}} to %{{.*}} axes [1] steps [-2] : (tensor<2x4xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<2x?xf32>
  %0 = graph.slice %x from %a to %b axes [1] steps [-2] : (tensor<2x4xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @pad(
func.func @pad(%x: tensor<2x4xf32>, %p: tensor<4xi64>, %v: tensor<f32>) -> tensor<?x?xf32> {
  // CHECK: graph.pad reflect %{{.*}} by %{{.*}}, %{{.*}} : (tensor<2x4xf32>, tensor<4xi64>, tensor<f32>) -> tensor<?x?xf32>
  %0 = graph.pad reflect %x by %p, %v : (tensor<2x4xf32>, tensor<4xi64>, tensor<f32>) -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// CHECK-LABEL: func @tile(
func.func @tile(%x: tensor<2x4xf32>, %r: tensor<2xi64>) -> tensor<?x?xf32> {
  // CHECK: graph.tile %{{.*}} by %{{.*}} : (tensor<2x4xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  %0 = graph.tile %x by %r : (tensor<2x4xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// CHECK-LABEL: func @bitcast(
func.func @bitcast(%x: tensor<2x?xf32>) -> tensor<2x?xui32> {
  // CHECK: graph.bitcast %{{.*}} {to = ui32} : (tensor<2x?xf32>) -> tensor<2x?xui32>
  %0 = graph.bitcast %x {to = ui32} : (tensor<2x?xf32>) -> tensor<2x?xui32>
  return %0 : tensor<2x?xui32>
}

// CHECK-LABEL: func @gather(
func.func @gather(%x: tensor<2x3x4xf32>, %i: tensor<?x5xi32>) -> tensor<2x?x5x4xf32> {
  // CHECK: graph.gather %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<2x3x4xf32>, tensor<?x5xi32>) -> tensor<2x?x5x4xf32>
  %0 = graph.gather %x, %i {axis = 1 : i64} : (tensor<2x3x4xf32>, tensor<?x5xi32>) -> tensor<2x?x5x4xf32>
  return %0 : tensor<2x?x5x4xf32>
}

// CHECK-LABEL: func @gather_elements(
func.func @gather_elements(%x: tensor<2x3xf32>, %i: tensor<2x?xi64>) -> tensor<2x?xf32> {
  // CHECK: graph.gather_elements %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2x?xi64>) -> tensor<2x?xf32>
  %0 = graph.gather_elements %x, %i {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2x?xi64>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @gather_nd(
func.func @gather_nd(%x: tensor<2x3x4xf32>, %i: tensor<2x?x1xi64>) -> tensor<2x?x4xf32> {
  // CHECK: graph.gather_nd %{{.*}}, %{{.*}} {batch_dims = 1 : i64} : (tensor<2x3x4xf32>, tensor<2x?x1xi64>) -> tensor<2x?x4xf32>
  %0 = graph.gather_nd %x, %i {batch_dims = 1 : i64} : (tensor<2x3x4xf32>, tensor<2x?x1xi64>) -> tensor<2x?x4xf32>
  return %0 : tensor<2x?x4xf32>
}

// CHECK-LABEL: func @scatter_elements(
func.func @scatter_elements(%x: tensor<2x3xf32>, %i: tensor<2x?xi64>, %u: tensor<2x?xf32>) -> tensor<2x3xf32> {
  // CHECK: graph.scatter_elements %{{.*}}, %{{.*}}, %{{.*}} {axis = 1 : i64, kind = 1 : i32} : (tensor<2x3xf32>, tensor<2x?xi64>, tensor<2x?xf32>) -> tensor<2x3xf32>
  %0 = graph.scatter_elements %x, %i, %u {axis = 1 : i64, kind = 1 : i32} : (tensor<2x3xf32>, tensor<2x?xi64>, tensor<2x?xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// CHECK-LABEL: func @scatter_nd(
func.func @scatter_nd(%x: tensor<2x3x4xf32>, %i: tensor<?x1xi64>, %u: tensor<?x3x4xf32>) -> tensor<2x3x4xf32> {
  // CHECK: graph.scatter_nd %{{.*}}, %{{.*}}, %{{.*}} {kind = 0 : i32} : (tensor<2x3x4xf32>, tensor<?x1xi64>, tensor<?x3x4xf32>) -> tensor<2x3x4xf32>
  %0 = graph.scatter_nd %x, %i, %u {kind = 0 : i32} : (tensor<2x3x4xf32>, tensor<?x1xi64>, tensor<?x3x4xf32>) -> tensor<2x3x4xf32>
  return %0 : tensor<2x3x4xf32>
}

// CHECK-LABEL: func @non_zero(
func.func @non_zero(%x: tensor<2x3xi1>) -> tensor<2x?xi64> {
  // CHECK: graph.non_zero %{{.*}} : (tensor<2x3xi1>) -> tensor<2x?xi64>
  %0 = graph.non_zero %x : (tensor<2x3xi1>) -> tensor<2x?xi64>
  return %0 : tensor<2x?xi64>
}

// CHECK-LABEL: func @unique(
func.func @unique(%x: tensor<4x3xf32>) -> (tensor<?xi64>, tensor<4xi64>) {
  // CHECK: graph.unique %{{.*}} {sorted = true} : (tensor<4x3xf32>) -> (tensor<?xi64>, tensor<4xi64>)
  %0:2 = graph.unique %x {sorted = true} : (tensor<4x3xf32>) -> (tensor<?xi64>, tensor<4xi64>)
  return %0#0, %0#1 : tensor<?xi64>, tensor<4xi64>
}

// CHECK-LABEL: func @non_max_suppression(
func.func @non_max_suppression(%b: tensor<1x9x4xf32>, %s: tensor<1x2x9xf32>, %k: tensor<i64>, %t: tensor<f32>) -> tensor<1x2x?xi64> {
  // CHECK: graph.non_max_suppression %{{.*}} {centered = true} : {{.*}} -> tensor<1x2x?xi64>
  %0 = graph.non_max_suppression %b, %s, %k, %t, %t {centered = true} : (tensor<1x9x4xf32>, tensor<1x2x9xf32>, tensor<i64>, tensor<f32>, tensor<f32>) -> tensor<1x2x?xi64>
  return %0 : tensor<1x2x?xi64>
}

// CHECK-LABEL: func @tree_leaves(
func.func @tree_leaves(%x: tensor<?x3xf32>, %r: tensor<2xi64>, %i: tensor<5xi64>, %t: tensor<5xf32>, %m: tensor<5xi1>) -> tensor<?x2xi64> {
  // CHECK: graph.tree_leaves %{{.*}} {depth = 4 : i64} : {{.*}} -> tensor<?x2xi64>
  %0 = graph.tree_leaves %x, %r, %i, %t, %i, %i, %i, %m {depth = 4 : i64} : (tensor<?x3xf32>, tensor<2xi64>, tensor<5xi64>, tensor<5xf32>, tensor<5xi64>, tensor<5xi64>, tensor<5xi64>, tensor<5xi1>) -> tensor<?x2xi64>
  return %0 : tensor<?x2xi64>
}

// CHECK-LABEL: func @matrices(
func.func @matrices(%x: tensor<2x3x3xf32>) -> (tensor<2xf32>, tensor<2x3x3xf32>) {
  // CHECK: graph.det %{{.*}} : (tensor<2x3x3xf32>) -> tensor<2xf32>
  %0 = graph.det %x : (tensor<2x3x3xf32>) -> tensor<2xf32>
  // CHECK: graph.inverse %{{.*}} : (tensor<2x3x3xf32>) -> tensor<2x3x3xf32>
  %1 = graph.inverse %x : (tensor<2x3x3xf32>) -> tensor<2x3x3xf32>
  return %0, %1 : tensor<2xf32>, tensor<2x3x3xf32>
}

// CHECK-LABEL: func @topk(
func.func @topk(%x: tensor<2x9xf32>, %k: tensor<i64>) -> (tensor<2x?xf32>, tensor<2x?xi64>) {
  // CHECK: graph.topk %{{.*}}, %{{.*}} {axis = 1 : i64, largest = true} : (tensor<2x9xf32>, tensor<i64>) -> (tensor<2x?xf32>, tensor<2x?xi64>)
  %0:2 = graph.topk %x, %k {axis = 1 : i64, largest = true} : (tensor<2x9xf32>, tensor<i64>) -> (tensor<2x?xf32>, tensor<2x?xi64>)
  return %0#0, %0#1 : tensor<2x?xf32>, tensor<2x?xi64>
}

// CHECK-LABEL: func @reduce(
func.func @reduce(%x: tensor<2x?x4xf32>) -> tensor<2x1x1xf32> {
  // CHECK: graph.reduce sum %{{.*}} axes [1, 2] {keep_dims = true} : (tensor<2x?x4xf32>) -> tensor<2x1x1xf32>
  %0 = graph.reduce sum %x axes [1, 2] {keep_dims = true} : (tensor<2x?x4xf32>) -> tensor<2x1x1xf32>
  return %0 : tensor<2x1x1xf32>
}

// CHECK-LABEL: func @arg_reduce(
func.func @arg_reduce(%x: tensor<2x?x4xf32>) -> tensor<2x4xi64> {
  // CHECK: graph.arg_reduce %{{.*}} {axis = 1 : i64, keep_dims = false, largest = true, select_last = false} : (tensor<2x?x4xf32>) -> tensor<2x4xi64>
  %0 = graph.arg_reduce %x {axis = 1 : i64, keep_dims = false, largest = true, select_last = false} : (tensor<2x?x4xf32>) -> tensor<2x4xi64>
  return %0 : tensor<2x4xi64>
}

// CHECK-LABEL: func @softmax(
func.func @softmax(%x: tensor<2x?xf16>) -> tensor<2x?xf16> {
  // CHECK: graph.softmax %{{.*}} axis 1 {log = true} : (tensor<2x?xf16>) -> tensor<2x?xf16>
  %0 = graph.softmax %x axis 1 {log = true} : (tensor<2x?xf16>) -> tensor<2x?xf16>
  return %0 : tensor<2x?xf16>
}

// CHECK-LABEL: func @scan(
func.func @scan(%x: tensor<2x?xi32>) -> tensor<2x?xi32> {
  // CHECK: graph.scan prod %{{.*}} axis 1 {exclusive = true, reverse = false} : (tensor<2x?xi32>) -> tensor<2x?xi32>
  %0 = graph.scan prod %x axis 1 {exclusive = true, reverse = false} : (tensor<2x?xi32>) -> tensor<2x?xi32>
  return %0 : tensor<2x?xi32>
}

// CHECK-LABEL: func @matmul(
func.func @matmul(%x: tensor<1x7x2x?xui8>, %y: tensor<8x1x4x3xi8>) -> tensor<8x7x2x3xi32> {
  // CHECK: graph.matmul %{{.*}}, %{{.*}} : (tensor<1x7x2x?xui8>, tensor<8x1x4x3xi8>) -> tensor<8x7x2x3xi32>
  %0 = graph.matmul %x, %y : (tensor<1x7x2x?xui8>, tensor<8x1x4x3xi8>) -> tensor<8x7x2x3xi32>
  return %0 : tensor<8x7x2x3xi32>
}

// CHECK-LABEL: func @conv(
func.func @conv(%x: tensor<?x4x10x?xf32>, %w: tensor<6x2x3x3xf32>) -> tensor<?x6x5x?xf32> {
  // CHECK: graph.conv %{{.*}}, %{{.*}} {dilations = array<i64: 1, 1>, groups = 2 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>} : (tensor<?x4x10x?xf32>, tensor<6x2x3x3xf32>) -> tensor<?x6x5x?xf32>
  %0 = graph.conv %x, %w {dilations = array<i64: 1, 1>, groups = 2 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>} : (tensor<?x4x10x?xf32>, tensor<6x2x3x3xf32>) -> tensor<?x6x5x?xf32>
  return %0 : tensor<?x6x5x?xf32>
}

// CHECK-LABEL: func @conv_transpose(
func.func @conv_transpose(%x: tensor<1x4x5xf32>, %w: tensor<4x3x3xf32>) -> tensor<1x6x10xf32> {
  // CHECK: graph.conv_transpose %{{.*}}, %{{.*}} {dilations = array<i64: 1>, groups = 2 : i64, output_padding = array<i64: 1>, pads = array<i64: 1, 1>, strides = array<i64: 2>} : (tensor<1x4x5xf32>, tensor<4x3x3xf32>) -> tensor<1x6x10xf32>
  %0 = graph.conv_transpose %x, %w {dilations = array<i64: 1>, groups = 2 : i64, output_padding = array<i64: 1>, pads = array<i64: 1, 1>, strides = array<i64: 2>} : (tensor<1x4x5xf32>, tensor<4x3x3xf32>) -> tensor<1x6x10xf32>
  return %0 : tensor<1x6x10xf32>
}

// CHECK-LABEL: func @pool(
func.func @pool(%x: tensor<1x4x?x7xf32>) -> tensor<1x4x?x4xf32> {
  // CHECK: graph.pool avg %{{.*}} {ceil_mode = true, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>, window = array<i64: 2, 2>} : (tensor<1x4x?x7xf32>) -> tensor<1x4x?x4xf32>
  %0 = graph.pool avg %x {ceil_mode = true, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>, window = array<i64: 2, 2>} : (tensor<1x4x?x7xf32>) -> tensor<1x4x?x4xf32>
  return %0 : tensor<1x4x?x4xf32>
}

// CHECK-LABEL: func @pool_indices(
func.func @pool_indices(%x: tensor<1x4x7xf32>) -> tensor<1x4x3xi64> {
  // CHECK: graph.pool_indices %{{.*}} {ceil_mode = false, column_major = false, dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 2>, window = array<i64: 2>} : (tensor<1x4x7xf32>) -> tensor<1x4x3xi64>
  %0 = graph.pool_indices %x {ceil_mode = false, column_major = false, dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 2>, window = array<i64: 2>} : (tensor<1x4x7xf32>) -> tensor<1x4x3xi64>
  return %0 : tensor<1x4x3xi64>
}

// CHECK-LABEL: func @resize(
func.func @resize(%x: tensor<1x4x?x7xf32>, %s: tensor<4xi64>, %f: tensor<4xf32>, %r: tensor<0xf32>) -> tensor<?x?x?x?xf32> {
  // CHECK: graph.resize linear %{{.*}} to %{{.*}}, %{{.*}}, %{{.*}} {antialias = false, coord = 0 : i32, cubic_a = -7.500000e-01 : f64, exclude_outside = false, extrapolation = 0.000000e+00 : f64, nearest = 0 : i32} : (tensor<1x4x?x7xf32>, tensor<4xi64>, tensor<4xf32>, tensor<0xf32>) -> tensor<?x?x?x?xf32>
  %0 = graph.resize linear %x to %s, %f, %r {antialias = false, coord = 0 : i32, cubic_a = -7.500000e-01 : f64, exclude_outside = false, extrapolation = 0.000000e+00 : f64, nearest = 0 : i32} : (tensor<1x4x?x7xf32>, tensor<4xi64>, tensor<4xf32>, tensor<0xf32>) -> tensor<?x?x?x?xf32>
  return %0 : tensor<?x?x?x?xf32>
}

// CHECK-LABEL: func @if(
func.func @if(%c: tensor<i1>, %x: tensor<?x3xf32>, %y: tensor<?x3xf32>) -> tensor<?x3xf32> {
  // CHECK: graph.if %{{.*}} then {
  %0 = graph.if %c then {
  // CHECK: graph.neg %{{.*}} : (tensor<?x3xf32>) -> tensor<?x3xf32>
    %1 = graph.neg %x : (tensor<?x3xf32>) -> tensor<?x3xf32>
  // CHECK: graph.yield %{{.*}} : tensor<?x3xf32>
    graph.yield %1 : tensor<?x3xf32>
  } else {
  // CHECK: graph.yield %{{.*}} : tensor<?x3xf32>
    graph.yield %y : tensor<?x3xf32>
  } : (tensor<i1>) -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}

// CHECK-LABEL: func @loop(
func.func @loop(%n: tensor<i64>, %c: tensor<i1>, %x: tensor<3xf32>) -> (tensor<3xf32>, tensor<?x3xf32>) {
  // CHECK: graph.loop %{{.*}}, %{{.*}}, %{{.*}} {
  %0:2 = graph.loop %n, %c, %x {
  ^bb0(%i: tensor<i64>, %a: tensor<3xf32>):
  // CHECK: graph.add %{{.*}}, %{{.*}} : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
    %1 = graph.add %a, %a : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  // CHECK: graph.yield %{{.*}}, %{{.*}}, %{{.*}} : tensor<i1>, tensor<3xf32>, tensor<3xf32>
    graph.yield %c, %1, %a : tensor<i1>, tensor<3xf32>, tensor<3xf32>
  } : (tensor<i64>, tensor<i1>, tensor<3xf32>) -> (tensor<3xf32>, tensor<?x3xf32>)
  return %0#0, %0#1 : tensor<3xf32>, tensor<?x3xf32>
}
