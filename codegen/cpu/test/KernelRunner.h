#ifndef NACRE_CODEGEN_CPU_TEST_KERNELRUNNER_H
#define NACRE_CODEGEN_CPU_TEST_KERNELRUNNER_H

#include "codegen/target/Target.h"

namespace nacre::codegen::test {

struct RunOptions {
  std::vector<int64_t> dims;
  double rtol = 1e-5;
  double low = -2, high = 2;
  bool time = false;
  bool checkBounds = false;
  double flops = 0;
};

/// Runs `code`, in three parts of its grid, and a plain lowering of `kernel` on
/// the same data. Prints one line; returns 0 if the outputs agree and nothing
/// outside them was written.
int compareWithPlain(kernel::FuncOp kernel, const KernelCode &code,
                     const RunOptions &options);

} // namespace nacre::codegen::test

#endif // NACRE_CODEGEN_CPU_TEST_KERNELRUNNER_H
