//===- Oracle.h - The reference implementation of a model -------*- C++ -*-===//
#ifndef NACRE_TOOLS_NACRE_EXECUTE_ORACLE_H
#define NACRE_TOOLS_NACRE_EXECUTE_ORACLE_H

#include "dialects/graph/reference/Tensor.h"
#include "tools/nacre/execute/Executable.h"

#include "mlir/IR/BuiltinOps.h"

namespace nacre::execute {

/// The reference implementation of `main` in a module of stage `graph`, which
/// must outlive it. Null with `error` if the types are none of ONNX's.
std::unique_ptr<Executable> makeOracle(mlir::ModuleOp module,
                                       std::string &error);

/// A tensor of the reference implementation for the runtime and the other way
/// round; null if it holds what `elementType` does not. The bytes of `tensor`
/// must outlive what is made of them.
io::Tensor fromReference(const graph::reference::Tensor &tensor);
graph::reference::Tensor toReference(const io::Tensor &tensor,
                                     mlir::Type elementType);

} // namespace nacre::execute

#endif // NACRE_TOOLS_NACRE_EXECUTE_ORACLE_H
