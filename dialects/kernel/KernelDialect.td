#ifndef NACRE_DIALECTS_KERNEL_KERNELDIALECT_TD
#define NACRE_DIALECTS_KERNEL_KERNELDIALECT_TD

include "mlir/IR/OpBase.td"

def Kernel_Dialect : Dialect {
  let name = "kernel";
  let cppNamespace = "::nacre::kernel";
  let summary = "What runs together, and how";
  let description = [{
    `kernel` holds the decisions between tensors and machine code: which
    structured ops share one loop nest (`kernel.group`, then `kernel.func`), and
    by what schedule they run (`#kernel.schedule`) on what device
    (`#kernel.target`). Ops that `linalg` cannot say well live here as structured
    ops too.

    Enters from: `graph-to-linalg` (loop nests that are a kernel of their own)
    and `kernel-form`. Leaves to: codegen (`kernel.func`) and `program`
    (`kernel.call`).
  }];
  let useDefaultAttributePrinterParser = 1;
}

#endif // NACRE_DIALECTS_KERNEL_KERNELDIALECT_TD
