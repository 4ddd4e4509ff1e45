#include "tools/nacre/execute/Executable.h"

#include <cstring>

using namespace nacre;
using namespace nacre::execute;

std::string Value::type() const {
  std::string text = io::dtypeName(dtype) + "[";
  for (size_t i = 0; i < dims.size(); ++i) {
    text += i ? ", " : "";
    if (dims[i] >= 0)
      text += std::to_string(dims[i]);
    else
      text += symbols[i].empty() ? "?" : symbols[i];
  }
  return text + "]";
}

/// Element `i` of an array whose elements say their size.
static const nacre_value &at(const nacre_value *values, size_t i) {
  return *reinterpret_cast<const nacre_value *>(
      reinterpret_cast<const char *>(values) + i * values->size);
}

static Value valueOf(const nacre_entry *entry, const nacre_value &from) {
  Value value;
  value.name = from.name ? from.name : "";
  value.dtype = from.dtype;
  if (io::isContainer(from.dtype))
    for (size_t i = 0; i < (from.dtype == NACRE_MAP ? 2 : 1); ++i)
      value.content.push_back(valueOf(entry, at(from.content, i)));
  if (from.rank == NACRE_ANY_RANK) {
    value.dims = {-1};
    value.symbols = {""};
    return value;
  }
  for (uint32_t i = 0; i < from.rank; ++i) {
    const char *symbol = nacre_entry_symbol(entry, from.dims[i]);
    value.dims.push_back(from.dims[i] >= 0 ? from.dims[i] : -1);
    value.symbols.push_back(symbol ? symbol : "");
  }
  return value;
}

std::unique_ptr<Compiled> Compiled::load(const std::string &path,
                                         unsigned threads, std::string &error) {
  std::unique_ptr<Compiled> result(new Compiled);
  if (nacre_model_load(path.c_str(), nullptr, &result->handle) != NACRE_OK) {
    error = nacre_last_error();
    return nullptr;
  }
  return result->open(threads, error) ? std::move(result) : nullptr;
}

std::unique_ptr<Compiled> Compiled::from(const nacre_descriptor *descriptor,
                                         unsigned threads, std::string &error) {
  std::unique_ptr<Compiled> result(new Compiled);
  if (nacre_model_from_descriptor(descriptor, nullptr, &result->handle) !=
      NACRE_OK) {
    error = nacre_last_error();
    return nullptr;
  }
  return result->open(threads, error) ? std::move(result) : nullptr;
}

bool Compiled::open(unsigned threads, std::string &error) {
  nacre_context_options options = {};
  options.size = sizeof(options);
  options.num_threads = threads;
  const nacre_entry *entry = nacre_model_entry(handle, 0);
  if (!entry ||
      nacre_context_create(handle, &options, &context) != NACRE_OK) {
    error = entry ? nacre_last_error() : "the model has no entry";
    return false;
  }
  for (uint32_t i = 0; i < entry->num_inputs; ++i)
    values.inputs.push_back(valueOf(entry, *nacre_entry_input(entry, i)));
  for (uint32_t i = 0; i < entry->num_outputs; ++i)
    values.outputs.push_back(valueOf(entry, *nacre_entry_output(entry, i)));
  return true;
}

Compiled::~Compiled() {
  nacre_context_destroy(context);
  nacre_model_destroy(handle);
}

/// The runtime's view of a tensor, which must stay; what it needs beyond that is
/// in `lent`.
nacre_tensor Compiled::lend(const io::Tensor &input) {
  nacre_tensor tensor = {};
  tensor.size = sizeof(tensor);
  tensor.dtype = input.dtype;
  tensor.rank = uint32_t(input.dims.size());
  tensor.dims = input.dims.data();
  // The runtime does not write to inputs.
  tensor.data = const_cast<uint8_t *>(input.data.data());
  tensor.capacity = input.data.size();
  if (input.dtype == NACRE_STRING) {
    Lent &extra = lent.emplace_back();
    for (const std::string &text : input.strings)
      extra.strings.push_back({text.data(), text.size()});
    tensor.data = extra.strings.data();
    tensor.capacity = extra.strings.size() * sizeof(nacre_string);
  } else if (io::isContainer(input.dtype)) {
    std::vector<nacre_tensor> tensors;
    for (const io::Tensor &item : input.items)
      tensors.push_back(lend(item));
    Lent &extra = lent.emplace_back();
    extra.tensors = std::move(tensors);
    for (const nacre_tensor &item : extra.tensors)
      extra.items.push_back(&item);
    extra.list = {extra.items.size(), extra.items.data()};
    tensor.data = &extra.list;
    tensor.capacity = sizeof(nacre_list);
  }
  return tensor;
}

void Compiled::feed(const std::vector<io::Tensor> &inputs) {
  in.clear();
  lent.clear();
  for (const io::Tensor &input : inputs)
    in.push_back(lend(input));
  nacre_tensor empty = {};
  empty.size = sizeof(empty);
  out.assign(values.outputs.size(), empty);
}

bool Compiled::invoke(std::string &error) {
  std::vector<const nacre_tensor *> inputs;
  std::vector<nacre_tensor *> outputs;
  for (const nacre_tensor &tensor : in)
    inputs.push_back(&tensor);
  for (nacre_tensor &tensor : out)
    outputs.push_back(&tensor);
  nacre_status status = nacre_context_run(
      context, inputs.data(), inputs.size(), outputs.data(), outputs.size());
  if (status == NACRE_OK)
    return true;
  error = std::string(nacre_status_string(status)) + ": " +
          nacre_context_error(context);
  return false;
}

/// A copy of what the runtime gave.
static io::Tensor copy(const nacre_tensor &from) {
  io::Tensor tensor;
  tensor.dtype = from.dtype;
  tensor.dims.assign(from.dims, from.dims + from.rank);
  uint64_t count = 0;
  io::countElements(tensor.dims, count);
  if (io::isContainer(from.dtype)) {
    auto *list = static_cast<const nacre_list *>(from.data);
    for (uint64_t i = 0; i < list->count; ++i)
      tensor.items.push_back(copy(*list->items[i]));
    return tensor;
  }
  auto *strings = static_cast<const nacre_string *>(from.data);
  for (uint64_t i = 0; from.dtype == NACRE_STRING && i < count; ++i)
    tensor.strings.emplace_back(strings[i].data, strings[i].size);
  tensor.data.resize(count * io::elementBytes(tensor.dtype));
  if (!tensor.data.empty())
    std::memcpy(tensor.data.data(), from.data, tensor.data.size());
  return tensor;
}

std::vector<io::Tensor> Compiled::results() const {
  std::vector<io::Tensor> tensors;
  for (size_t i = 0; i < out.size(); ++i) {
    io::Tensor tensor = copy(out[i]);
    tensor.name = values.outputs[i].name;
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

bool Compiled::run(const std::vector<io::Tensor> &inputs,
                   std::vector<io::Tensor> &outputs, std::string &error) {
  feed(inputs);
  if (!invoke(error))
    return false;
  outputs = results();
  return true;
}
