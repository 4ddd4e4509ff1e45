// Loads a compiled model, feeds every input with ones, runs it and prints the
// beginning of every output. For a model that you know, the input is one line:
//
//   context.run({nacre::tensor(pixels, {1, 3, 224, 224})});
#include "nacre/runtime.hpp"

#include <cstdio>

int main(int argc, char **argv) try {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s model.so\n", argv[0]);
    return 2;
  }
  nacre::Model model(argv[1]);
  nacre::Context context(model);

  const nacre_entry *entry = nacre_model_entry(model.get(), 0);
  std::vector<std::vector<float>> data(entry->num_inputs);
  std::vector<nacre::Tensor> inputs;
  for (uint32_t i = 0; i < entry->num_inputs; ++i) {
    const nacre_value *value = nacre_entry_input(entry, i);
    std::vector<int64_t> shape(value->dims, value->dims + value->rank);
    size_t count = 1;
    for (int64_t &dim : shape)
      count *= size_t(dim = dim < 0 ? 1 : dim);
    data[i].assign(count, 1);
    inputs.push_back(nacre::tensor(data[i], shape));
  }

  auto &outputs = context.run(inputs);

  for (size_t i = 0; i < outputs.size(); ++i) {
    std::printf("%s:", nacre_entry_output(entry, i)->name);
    nacre::Values<float> values = nacre::values<float>(outputs[i]);
    for (size_t k = 0; k < values.size() && k < 8; ++k)
      std::printf(" %g", values[k]);
    std::printf("\n");
  }
  return 0;
} catch (const nacre::Error &error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
