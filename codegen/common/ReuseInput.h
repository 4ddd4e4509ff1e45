#ifndef NACRE_CODEGEN_COMMON_REUSEINPUT_H
#define NACRE_CODEGEN_COMMON_REUSEINPUT_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace nacre::codegen {

/// outs(x) -> outs(input), where the body does not read `outs` and the input is
/// a temporary that dies here and is read at the same place.
///
/// The result then overwrites the temporary, and if it is an output the
/// temporary is computed in the output's memory: no buffer is left between
/// them.
void reuseInput(mlir::linalg::GenericOp op);

} // namespace nacre::codegen

#endif // NACRE_CODEGEN_COMMON_REUSEINPUT_H
