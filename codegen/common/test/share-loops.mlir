// RUN: nacre-opt %s -codegen-share-loops | FileCheck %s

// A pad is a producer like others: what is copied is padded where it is read.
// CHECK-LABEL: func @copies_padded
func.func @copies_padded(%x: tensor<3x5xi8>, %out: tensor<5x8xi8>) -> tensor<5x8xi8> {
  %zero = arith.constant 0 : i8
  // CHECK: tensor.pad
  %padded = tensor.pad %x low[1, 2] high[1, 1] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : i8
  } : tensor<3x5xi8> to tensor<5x8xi8>
  // CHECK: linalg.copy
  %y = linalg.copy ins(%padded : tensor<5x8xi8>) outs(%out : tensor<5x8xi8>) -> tensor<5x8xi8>
  return %y : tensor<5x8xi8>
}

// NEGATIVE: loops that run over nothing are not cut.
// CHECK-LABEL: func @keeps_empty
func.func @keeps_empty(%x: tensor<0x5xi8>, %out: tensor<0x8xi8>) -> tensor<0x8xi8> {
  %zero = arith.constant 0 : i8
  // CHECK-NOT: scf.for
  %padded = tensor.pad %x low[0, 2] high[0, 1] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : i8
  } : tensor<0x5xi8> to tensor<0x8xi8>
  %y = linalg.copy ins(%padded : tensor<0x8xi8>) outs(%out : tensor<0x8xi8>) -> tensor<0x8xi8>
  return %y : tensor<0x8xi8>
}
