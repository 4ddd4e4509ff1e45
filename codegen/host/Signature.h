#ifndef NACRE_CODEGEN_HOST_SIGNATURE_H
#define NACRE_CODEGEN_HOST_SIGNATURE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <optional>
#include <string>
#include <vector>

namespace nacre::codegen {

/// An input or output as nacre_value says it.
struct SignatureValue {
  std::string name;
  uint32_t dtype = 0;
  std::vector<int64_t> dims;
  bool isRanked = true;
  /// What a sequence or optional holds; key and value of a map.
  std::vector<SignatureValue> content;
};

/// What nacre_entry says about an entry.
struct Signature {
  std::vector<SignatureValue> inputs, outputs;
  std::vector<std::string> symbols;
};

/// The nacre_dtype of an element type; signless integers are ONNX's signed
/// ones.
std::optional<uint32_t> dtypeOf(mlir::Type element);

/// Reads the signature of an entry of stage `program`; reports what the ABI
/// cannot say.
mlir::FailureOr<Signature> readSignature(mlir::func::FuncOp entry);

} // namespace nacre::codegen

#endif // NACRE_CODEGEN_HOST_SIGNATURE_H
