//===- Executable.h - Something that maps tensors to tensors ----*- C++ -*-===//
//
// Needs no LLVM: an executable made of a model runs it with this code too.
//
//===----------------------------------------------------------------------===//
#ifndef NACRE_TOOLS_NACRE_EXECUTE_EXECUTABLE_H
#define NACRE_TOOLS_NACRE_EXECUTE_EXECUTABLE_H

#include "tools/nacre/io/Tensor.h"

#include "nacre/runtime.h"

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace nacre::execute {

/// An input or output. `dims[i]` is -1 if it is not known before the run; then
/// `symbols[i]` is its name, if it has one.
struct Value {
  std::string name;
  uint32_t dtype = 0;
  std::vector<int64_t> dims;
  std::vector<std::string> symbols;
  /// What a sequence or optional holds; key and value of a map. Its `dims` are
  /// a hint; of any rank they are [-1].
  std::vector<Value> content;

  /// "float[N, 3]"
  std::string type() const;
};

struct Signature {
  std::vector<Value> inputs, outputs;
};

class Executable {
public:
  virtual ~Executable() = default;
  const Signature &signature() const { return values; }

  /// False with one line in `error` if the inputs or the data are refused.
  virtual bool run(const std::vector<io::Tensor> &inputs,
                   std::vector<io::Tensor> &outputs, std::string &error) = 0;

protected:
  Signature values;
};

/// A compiled model, through the runtime's C API.
class Compiled : public Executable {
public:
  static std::unique_ptr<Compiled> load(const std::string &path,
                                        unsigned threads, std::string &error);
  /// `descriptor` must outlive the result.
  static std::unique_ptr<Compiled> from(const nacre_descriptor *descriptor,
                                        unsigned threads, std::string &error);
  ~Compiled() override;

  bool run(const std::vector<io::Tensor> &inputs,
           std::vector<io::Tensor> &outputs, std::string &error) override;

  /// The steps of `run`, to measure the second alone. `inputs` must outlive it.
  void feed(const std::vector<io::Tensor> &inputs);
  bool invoke(std::string &error);
  std::vector<io::Tensor> results() const;

  const nacre_model *model() const { return handle; }

private:
  Compiled() = default;
  bool open(unsigned threads, std::string &error);

  nacre_model *handle = nullptr;
  nacre_context *context = nullptr;
  nacre_tensor lend(const io::Tensor &input);

  std::vector<nacre_tensor> in, out;
  /// What tensors in `in` point to.
  struct Lent {
    std::vector<nacre_string> strings;
    std::vector<nacre_tensor> tensors;
    std::vector<const nacre_tensor *> items;
    nacre_list list;
  };
  std::deque<Lent> lent;
};

/// Inputs for `signature`, the same for the same `seed`: floats in [-1, 1),
/// integers from 0 to 3. Open dims take their size from `sizes` by name, else a
/// random one from `least` to `most`. Fails if an input is larger than 4 GiB.
bool randomInputs(const Signature &signature, uint64_t seed,
                  std::map<std::string, int64_t> sizes,
                  std::vector<io::Tensor> &tensors, std::string &error,
                  int64_t least = 1, int64_t most = 5);

/// Orders tensors as the signature's inputs, by `names` (empty: they are in
/// order), and checks types and shapes.
bool matchInputs(const Signature &signature,
                 const std::vector<std::string> &names,
                 std::vector<io::Tensor> &tensors, std::string &error);

} // namespace nacre::execute

#endif // NACRE_TOOLS_NACRE_EXECUTE_EXECUTABLE_H
