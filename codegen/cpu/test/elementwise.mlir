// RUN: nacre-kernel-run %s --emit=asm --cpu=x86-64-v4 | FileCheck %s
// RUN: nacre-kernel-run %s | FileCheck %s --check-prefix=DATA
// RUN: nacre-kernel-run %s --cpu=x86-64 | FileCheck %s --check-prefix=DATA

#v = affine_map<(i) -> (i)>

// 37 elements: whole vectors, then five lanes under a mask.
// CHECK-LABEL: gelu:
// CHECK: vfmadd{{.*}}%zmm
// CHECK: {%k{{[0-9]}}}
// CHECK-NOT: call{{.*}}erf
// DATA: ok gelu status 0
kernel.func @gelu(%x: tensor<37xf32>, %o: tensor<37xf32>) -> tensor<37xf32> attributes {num_outputs = 1 : i64} {
  %half = arith.constant 0.5 : f32
  %one = arith.constant 1.0 : f32
  %c = arith.constant 0.70710678 : f32
  %e = tensor.empty() : tensor<37xf32>
  %r = linalg.generic {indexing_maps = [#v, #v], iterator_types = ["parallel"]} ins(%x : tensor<37xf32>) outs(%e : tensor<37xf32>) {
  ^bb0(%a: f32, %old: f32):
    %1 = arith.mulf %a, %c : f32
    %2 = math.erf %1 : f32
    %3 = arith.addf %2, %one : f32
    %4 = arith.mulf %a, %half : f32
    %5 = arith.mulf %3, %4 : f32
    linalg.yield %5 : f32
  } -> tensor<37xf32>
  kernel.return %r : tensor<37xf32>
}

// Narrow elements are bytes in memory; conversions call nothing.
// CHECK-LABEL: narrow:
// CHECK-NOT: call{{.*}}trunc
// CHECK-NOT: call{{.*}}extend
// DATA: ok narrow status 0
kernel.func @narrow(%f: tensor<100xf32>, %d: tensor<100xf64>, %h: tensor<100xf16>, %q: tensor<100xf8E4M3FN>, %m: tensor<100xi1>, %n: tensor<100xi4>,
    %o1: tensor<100xf8E5M2>, %o2: tensor<100xbf16>, %o3: tensor<100xf16>, %o4: tensor<100xf32>, %o5: tensor<100xi1>, %o6: tensor<100xi4>)
    -> (tensor<100xf8E5M2>, tensor<100xbf16>, tensor<100xf16>, tensor<100xf32>, tensor<100xi1>, tensor<100xi4>) attributes {num_outputs = 6 : i64} {
  %zero = arith.constant 0.0 : f32
  %e1 = tensor.empty() : tensor<100xf8E5M2>
  %e2 = tensor.empty() : tensor<100xbf16>
  %e3 = tensor.empty() : tensor<100xf16>
  %e4 = tensor.empty() : tensor<100xf32>
  %e5 = tensor.empty() : tensor<100xi1>
  %e6 = tensor.empty() : tensor<100xi4>
  %r:6 = linalg.generic {indexing_maps = [#v, #v, #v, #v, #v, #v, #v, #v, #v, #v, #v, #v], iterator_types = ["parallel"]}
      ins(%f, %d, %h, %q, %m, %n : tensor<100xf32>, tensor<100xf64>, tensor<100xf16>, tensor<100xf8E4M3FN>, tensor<100xi1>, tensor<100xi4>)
      outs(%e1, %e2, %e3, %e4, %e5, %e6 : tensor<100xf8E5M2>, tensor<100xbf16>, tensor<100xf16>, tensor<100xf32>, tensor<100xi1>, tensor<100xi4>) {
  ^bb0(%a: f32, %b: f64, %c: f16, %u: f8E4M3FN, %k: i1, %l: i4, %x1: f8E5M2, %x2: bf16, %x3: f16, %x4: f32, %x5: i1, %x6: i4):
    %1 = arith.truncf %a : f32 to f8E5M2
    %2 = arith.truncf %b : f64 to bf16
    %3 = arith.addf %c, %c : f16
    %4 = arith.extf %u : f8E4M3FN to f32
    %5 = arith.cmpf ogt, %a, %zero : f32
    %6 = arith.xori %5, %k : i1
    %7 = arith.addi %l, %l : i4
    linalg.yield %1, %2, %3, %4, %6, %7 : f8E5M2, bf16, f16, f32, i1, i4
  } -> (tensor<100xf8E5M2>, tensor<100xbf16>, tensor<100xf16>, tensor<100xf32>, tensor<100xi1>, tensor<100xi4>)
  kernel.return %r#0, %r#1, %r#2, %r#3, %r#4, %r#5 : tensor<100xf8E5M2>, tensor<100xbf16>, tensor<100xf16>, tensor<100xf32>, tensor<100xi1>, tensor<100xi4>
}
