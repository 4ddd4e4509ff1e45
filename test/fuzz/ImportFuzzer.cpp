//===- ImportFuzzer.cpp - Any bytes through the importer ------------------===//
//
// libFuzzer. What is imported has to verify; what is not has to say why. Half
// of the changes are libFuzzer's own, of bytes; half keep the model readable.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Import.h"
#include "test/fuzz/ModelMutator.h"

#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace nacre;

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t maxSize);

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size,
                                          size_t maxSize, unsigned seed) {
  proto::ModelProto model;
  if (seed % 2 || !model.ParseFromArray(data, int(size)))
    return LLVMFuzzerMutate(data, size, maxSize);
  fuzz::ModelMutator mutator(seed);
  for (unsigned i = 0; i <= seed / 2 % 3; ++i)
    mutator.mutate(model);
  size_t length = model.ByteSizeLong();
  if (length > maxSize)
    return LLVMFuzzerMutate(data, size, maxSize);
  model.SerializeToArray(data, int(length));
  return length;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  size_t messages = 0;
  context.getDiagEngine().registerHandler([&](Diagnostic &diagnostic) {
    messages += diagnostic.getSeverity() == DiagnosticSeverity::Error;
  });
  StringRef bytes(reinterpret_cast<const char *>(data), size);
  OwningOpRef<ModuleOp> module =
      onnx::importModel(bytes, "fuzzed", "", {}, context);
  if (module ? failed(verify(*module)) : messages == 0)
    abort(); // invalid IR, or a refusal without a word
  return 0;
}
