#include "tools/nacre/execute/Executable.h"
#include "tools/nacre/io/Element.h"

#include <algorithm>

using namespace nacre;
using namespace nacre::execute;
using io::ElementKind;

namespace {

/// splitmix64: short, and the same on every machine.
class Random {
public:
  explicit Random(uint64_t seed) : state(seed) {}
  uint64_t next() {
    uint64_t z = (state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  uint64_t below(uint64_t limit) { return next() % limit; }
  double unit() { return double(next() >> 11) * 0x1p-53; }

private:
  uint64_t state;
};

} // namespace

static void fillElement(uint32_t dtype, Random &random, uint8_t *element) {
  switch (io::elementKind(dtype)) {
  case ElementKind::Bool:
    *element = uint8_t(random.below(2));
    return;
  case ElementKind::Signed:
  case ElementKind::Unsigned:
    // Small and never negative: many integers are indices. 2 bits hold 0 and 1
    // with either sign.
    *element = uint8_t(random.below(io::packedBits(dtype) == 2 ? 2 : 4));
    return;
  case ElementKind::Complex: {
    uint32_t part = dtype == NACRE_C64 ? NACRE_F32 : NACRE_F64;
    fillElement(part, random, element);
    fillElement(part, random, element + io::elementBytes(part));
    return;
  }
  case ElementKind::Float:
    // Narrow floats: bits of small finite values, in all formats.
    if (io::elementBytes(dtype) == 1)
      *element = uint8_t(random.below(dtype == NACRE_F4E2M1 ? 16 : 0x40));
    else
      io::storeFloat(dtype, 2 * random.unit() - 1, element);
    return;
  case ElementKind::Other:
    return;
  }
}

/// More is a mistake in the model sooner than something to test with.
static constexpr uint64_t kMaxRandomBytes = uint64_t(4) << 30;

/// A few short words, so that some are equal.
static std::string randomText(Random &random) {
  static constexpr const char *words[] = {"", "a", "b", "ab", "a b", "7"};
  return words[random.below(std::size(words))];
}

/// Elements for a tensor whose dims are known, or items for a container. False
/// if that is too much.
static bool fill(const Value &value, Random &random, io::Tensor &tensor) {
  if (io::isContainer(value.dtype)) {
    size_t count = value.dtype == NACRE_SEQUENCE ? 3
                   : value.dtype == NACRE_MAP    ? 2
                                                 : random.below(2);
    for (size_t i = 0; i < count; ++i) {
      const Value &held = value.content[value.dtype == NACRE_MAP ? i : 0];
      io::Tensor &item = tensor.items.emplace_back();
      item.dtype = held.dtype;
      for (int64_t dim : held.dims)
        item.dims.push_back(dim < 0 ? 2 : dim);
      if (value.dtype == NACRE_MAP)
        item.dims = {2};
      if (!fill(held, random, item))
        return false;
    }
    return true;
  }
  uint64_t count = 0;
  size_t width = io::elementBytes(tensor.dtype);
  if (!io::countElements(tensor.dims, count) ||
      count > kMaxRandomBytes / (width ? width : sizeof(std::string)))
    return false;
  if (tensor.dtype == NACRE_STRING)
    for (uint64_t i = 0; i < count; ++i)
      tensor.strings.push_back(randomText(random));
  tensor.data.resize(count * width);
  for (uint64_t i = 0; width && i < count; ++i)
    fillElement(tensor.dtype, random, &tensor.data[i * width]);
  return true;
}

bool execute::randomInputs(const Signature &signature, uint64_t seed,
                           std::map<std::string, int64_t> sizes,
                           std::vector<io::Tensor> &tensors, std::string &error,
                           int64_t least, int64_t most) {
  Random random(seed);
  tensors.clear();
  for (const Value &value : signature.inputs) {
    io::Tensor tensor;
    tensor.dtype = value.dtype;
    tensor.name = value.name;
    for (size_t i = 0; i < value.dims.size(); ++i) {
      int64_t dim = value.dims[i];
      if (dim < 0) {
        std::string symbol = value.symbols[i].empty()
                                 ? value.name + "." + std::to_string(i)
                                 : value.symbols[i];
        int64_t size = least + int64_t(random.below(uint64_t(most - least + 1)));
        dim = sizes.emplace(symbol, size).first->second;
      }
      tensor.dims.push_back(dim);
    }
    if (!fill(value, random, tensor)) {
      error = "input '" + tensor.name + "' is " +
              io::describe(tensor.dtype, tensor.dims) +
              "; expected at most 4 GiB for random elements";
      return false;
    }
    tensors.push_back(std::move(tensor));
  }
  return true;
}

static bool fits(const Value &value, const io::Tensor &tensor) {
  if (value.dtype != tensor.dtype || value.dims.size() != tensor.dims.size())
    return false;
  for (size_t i = 0; i < value.dims.size(); ++i)
    if (value.dims[i] >= 0 && value.dims[i] != tensor.dims[i])
      return false;
  return true;
}

bool execute::matchInputs(const Signature &signature,
                          const std::vector<std::string> &names,
                          std::vector<io::Tensor> &tensors,
                          std::string &error) {
  const std::vector<Value> &inputs = signature.inputs;
  std::vector<io::Tensor> ordered(inputs.size());
  std::vector<bool> given(inputs.size());
  for (size_t i = 0; i < tensors.size(); ++i) {
    size_t at = i;
    if (i < names.size())
      at = size_t(std::find_if(inputs.begin(), inputs.end(),
                               [&](const Value &value) {
                                 return value.name == names[i];
                               }) -
                  inputs.begin());
    if (at >= inputs.size()) {
      error = i < names.size()
                  ? "the model has no input '" + names[i] + "'"
                  : "got " + std::to_string(tensors.size()) +
                        " inputs; the model takes " +
                        std::to_string(inputs.size());
      return false;
    }
    if (given[at]) {
      error = "input '" + inputs[at].name + "' is given twice";
      return false;
    }
    if (!fits(inputs[at], tensors[i])) {
      error = "input '" + inputs[at].name + "' is " +
              io::describe(tensors[i].dtype, tensors[i].dims) +
              "; the model takes " + inputs[at].type();
      return false;
    }
    given[at] = true;
    ordered[at] = std::move(tensors[i]);
  }
  for (size_t i = 0; i < inputs.size(); ++i)
    if (!given[i]) {
      error = "input '" + inputs[i].name + "' (" + inputs[i].type() +
              ") is not given";
      return false;
    }
  tensors = std::move(ordered);
  return true;
}
