#ifndef NACRE_TEST_HOST_HOSTHARNESS_H
#define NACRE_TEST_HOST_HOSTHARNESS_H

#include "codegen/host/Host.h"
#include "codegen/host/Link.h"

#include "nacre/runtime.h"

#include "mlir/IR/OwningOpRef.h"

#include <memory>
#include <string>
#include <vector>

namespace nacre::test {

/// A kernel of the test: LLVM IR of `i32 @name(ptr args, i64 begin, i64 end,
/// ptr scratch)`, and how it may fail.
struct TestKernel {
  std::string name;
  std::string ir;
  std::vector<codegen::Check> checks;
};

/// Kernels that compute one element per grid point.
std::vector<TestKernel> elementKernels();

/// A module of `main` and the declarations of the kernels, whose bodies are not
/// looked at.
std::string moduleText(const std::string &main);

/// A stage `kernel` module compiled to objects.
class CompiledModule {
public:
  /// Reports failures on stderr; ok() is then false.
  explicit CompiledModule(const std::string &text,
                          const std::string &exportName = "nacre_model");
  ~CompiledModule();

  bool ok() const { return !objects.empty(); }
  std::vector<codegen::LinkObject> links() const;
  const codegen::Weights &weights() const { return *constants; }
  mlir::ModuleOp module() const { return *program; }
  std::string hostText(codegen::CodegenOptions::Emit emit) const;

private:
  codegen::HostModule describe(const std::string &exportName) const;

  std::unique_ptr<mlir::MLIRContext> context;
  mlir::OwningOpRef<mlir::ModuleOp> program;
  std::unique_ptr<codegen::Weights> constants;
  std::vector<std::pair<std::string, llvm::SmallVector<char, 0>>> objects;
};

/// A tensor of the test.
template <typename T>
struct Array {
  std::vector<int64_t> dims;
  std::vector<T> data;
  nacre_tensor tensor() {
    return {sizeof(nacre_tensor),
            dtype(),
            static_cast<uint32_t>(dims.size()),
            0,
            dims.data(),
            data.data(),
            data.size() * sizeof(T)};
  }
  static uint32_t dtype();
};
template <>
inline uint32_t Array<float>::dtype() {
  return NACRE_F32;
}
template <>
inline uint32_t Array<int64_t>::dtype() {
  return NACRE_I64;
}

/// A model with one context.
class Runner {
public:
  explicit Runner(const nacre_descriptor *descriptor);
  explicit Runner(const std::string &path);
  ~Runner();

  /// Runs with the outputs owned by the context.
  nacre_status run(std::vector<nacre_tensor> inputs, size_t numOutputs);
  template <typename T>
  Array<T> output(size_t i) const {
    const nacre_tensor &t = outputs[i];
    Array<T> array;
    size_t size = 1;
    for (uint32_t d = 0; d < t.rank; ++d) {
      array.dims.push_back(t.dims[d]);
      size *= t.dims[d];
    }
    const T *data = static_cast<const T *>(t.data);
    array.data.assign(data, data + size);
    return array;
  }
  std::string error() const;
  uint64_t memory() const { return nacre_context_memory(context); }

private:
  nacre_model *model = nullptr;
  nacre_context *context = nullptr;
  std::vector<nacre_tensor> outputs;
};

} // namespace nacre::test

#endif // NACRE_TEST_HOST_HOSTHARNESS_H
