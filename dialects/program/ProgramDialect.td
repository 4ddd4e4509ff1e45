#ifndef NACRE_DIALECTS_PROGRAM_PROGRAMDIALECT_TD
#define NACRE_DIALECTS_PROGRAM_PROGRAMDIALECT_TD

include "mlir/IR/OpBase.td"

def Program_Dialect : Dialect {
  let name = "program";
  let cppNamespace = "::nacre::program";
  let summary = "When, where, in which bytes";
  let description = [{
    `program` is the host side of a model: which bytes hold which value, and the
    order of launches. Each op is one call of the runtime's C ABI
    (`runtime/include/nacre/abi.h`); sizes and control flow are `arith` and `scf`.

    Enters from: `kernel` calls on tensors (`program-plan`). Leaves to: LLVM
    (`codegen/host`).
  }];
}

#endif // NACRE_DIALECTS_PROGRAM_PROGRAMDIALECT_TD
