// RUN: nacre-opt %s -codegen-lower-checks | FileCheck %s

// Equal checks share a number; the first that fails is returned.
// CHECK-LABEL: func.func @numbers
//  CHECK-SAME:   codegen.checks = {{\[}}["node a", "index out of range"], ["node b", "division by zero"]]
// CHECK:       %[[STATUS:.*]] = memref.alloca() : memref<i32>
// CHECK-COUNT-3: arith.select
// CHECK:       %[[CODE:.*]] = memref.load %[[STATUS]]
// CHECK:       return %[[CODE]]
func.func @numbers(%a: i1, %b: i1) -> i32 {
  kernel.check %a, "index out of range" loc("node a")
  kernel.check %b, "division by zero" loc("node b")
  kernel.check %b, "index out of range" loc("node a")
  %ok = arith.constant 0 : i32
  return %ok : i32
}
