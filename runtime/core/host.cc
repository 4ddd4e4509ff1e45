/// The functions that a model calls while it runs.

#include "runtime/core/context.h"
#include "runtime/host/call.h"

#include <ctime>

using namespace nacre::runtime;

namespace {

void *take_arena(nacre_context *context, uint64_t bytes) {
  nacre_context &c = *context;
  if (c.arena_taken) {
    c.fail(NACRE_INTERNAL, "the model asks for its arena twice");
    return nullptr;
  }
  c.arena_taken = true;
  if (c.arena && bytes <= c.arena_bytes)
    return c.arena;
  c.host->free(c.host_queue, c.arena);
  c.arena = nullptr;
  c.arena_bytes = 0;
  if (c.host->alloc(c.host_queue, bytes ? bytes : 1, &c.arena) != NACRE_OK) {
    c.fail(NACRE_OUT_OF_MEMORY, "no memory for an arena of %llu bytes",
           static_cast<unsigned long long>(bytes));
    return nullptr;
  }
  c.arena_bytes = bytes;
  return c.arena;
}

void *take_block(nacre_context *context, uint64_t bytes) {
  void *block = context->blocks.take(bytes);
  if (!block)
    context->fail(NACRE_OUT_OF_MEMORY, "no memory for a tensor of %llu bytes",
                  static_cast<unsigned long long>(bytes));
  return block;
}

void give_block(nacre_context *context, void *block) {
  if (block && !context->blocks.give(block))
    context->fail(NACRE_INTERNAL,
                  "the model frees a block that it does not have");
}

nacre_status fix_shape(nacre_context &c, Output &output, uint32_t rank,
                       const int64_t *dims, uint64_t *bytes) {
  const nacre_value &value = *output.value;
  if (output.is_set || rank != value.rank)
    return c.fail(NACRE_INTERNAL,
                  "output '%s': set twice, or with rank %u instead of %u",
                  value.name, rank, value.rank);
  for (uint32_t i = 0; i < rank; ++i) {
    if (dims[i] < 0 || (value.dims[i] >= 0 && dims[i] != value.dims[i]))
      return c.fail(NACRE_INTERNAL,
                    "output '%s': dimension %u is %lld, declared as %lld",
                    value.name, i, static_cast<long long>(dims[i]),
                    static_cast<long long>(value.dims[i]));
    output.dims[i] = dims[i];
  }
  output.is_set = true;
  output.tensor->dtype = value.dtype;
  output.tensor->rank = rank;
  output.tensor->dims = output.dims;
  if (!tensor_bytes(value.dtype, rank, dims, bytes))
    return c.fail(NACRE_OUT_OF_MEMORY, "output '%s': its size overflows",
                  value.name);
  return NACRE_OK;
}

/// The caller's buffer must not be read or written for another value while this
/// output is written.
nacre_status check_buffer(nacre_context &c, Output &output, uint64_t bytes) {
  const nacre_tensor &tensor = *output.tensor;
  const char *name = output.value->name;
  if (tensor.capacity < bytes)
    return c.fail(NACRE_BUFFER_TOO_SMALL,
                  "output '%s': capacity is %llu bytes, needed are %llu", name,
                  static_cast<unsigned long long>(tensor.capacity),
                  static_cast<unsigned long long>(bytes));
  for (uint32_t i = 0; i < c.entry->num_inputs; ++i) {
    bool in_place =
        output.value->tied_input == int64_t(i) && c.inputs[i] == tensor.data;
    if (!in_place && overlap(tensor.data, bytes, c.inputs[i], c.input_bytes[i]))
      return c.fail(NACRE_INVALID_ARGUMENT, "output '%s' overlaps input '%s'",
                    name, nacre_entry_input(c.entry, i)->name);
  }
  for (uint32_t i = 0; i < c.entry->num_outputs; ++i) {
    const Output &other = c.outputs[i];
    uint64_t other_bytes = 0;
    if (&other == &output || !other.is_set)
      continue;
    tensor_bytes(other.value->dtype, other.value->rank, other.dims,
                 &other_bytes);
    if (overlap(tensor.data, bytes, other.tensor->data, other_bytes))
      return c.fail(NACRE_INVALID_ARGUMENT, "output '%s' overlaps output '%s'",
                    name, other.value->name);
  }
  return NACRE_OK;
}

int32_t set_output(nacre_context *context, uint32_t index, uint32_t rank,
                   const int64_t *dims, void **data) {
  nacre_context &c = *context;
  *data = nullptr;
  if (index >= c.entry->num_outputs)
    return c.fail(NACRE_INTERNAL, "the model sets output %u of %u", index,
                  c.entry->num_outputs);
  Output &output = c.outputs[index];
  uint64_t bytes;
  if (nacre_status status = fix_shape(c, output, rank, dims, &bytes))
    return status;
  if (output.tensor->data) {
    if (nacre_status status = check_buffer(c, output, bytes))
      return status;
  } else {
    output.owned = take_block(context, bytes);
    output.owned_bytes = bytes;
    if (!output.owned)
      return c.status;
    output.tensor->data = output.owned;
    output.tensor->capacity = bytes;
  }
  *data = output.tensor->data;
  return NACRE_OK;
}

uint64_t now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return uint64_t(time.tv_sec) * 1000000000u + uint64_t(time.tv_nsec);
}

int32_t launch(nacre_context *context, uint32_t index, const nacre_word *args,
               int64_t grid) {
  nacre_context &c = *context;
  const nacre_model &model = *c.model;
  if (index >= model.descriptor->num_kernels || grid < 0)
    return c.fail(NACRE_INTERNAL,
                  "the model launches kernel %u of %u, grid %lld", index,
                  model.descriptor->num_kernels, static_cast<long long>(grid));
  if (grid == 0)
    return NACRE_OK;
  uint32_t device = element(model.descriptor->kernels, index)->device;
  uint64_t begin = c.profile ? now() : 0;
  nacre_status status = model.devices[device]->launch(
      c.queues[device], model.codes[index], args, grid);
  if (status) {
    if (nacre_status fault = c.wait(device))
      return fault;
    return c.fail(status, "kernel '%s' cannot be launched: %s",
                  element(model.descriptor->kernels, index)->name,
                  status == NACRE_OUT_OF_MEMORY ? "no memory for its scratch"
                                                : "the device refuses it");
  }
  if (c.profile) {
    status = c.wait(device);
    c.profile[index].nanoseconds += now() - begin;
    c.profile[index].launches += 1;
  }
  return status;
}

int32_t wait(nacre_context *context) { return context->wait(); }

// Blocks are the host's, so work on all devices must be done before.
int32_t copy(nacre_context *context, void *to, const void *from,
             uint64_t bytes) {
  if (nacre_status status = context->wait())
    return status;
  return context->host->copy(context->host_queue, to, from, bytes);
}

int32_t fail_data(nacre_context *context, const char *node, const char *text) {
  return context->fail(NACRE_DATA_ERROR, "%s%s%s", node ? node : "",
                       node ? ": " : "", text ? text : "failed");
}

const void *weights(nacre_context *context) { return context->model->weights; }

} // namespace

const nacre_host nacre::runtime::host_table = {sizeof(nacre_host),
                                               NACRE_ABI_VERSION,
                                               take_arena,
                                               take_block,
                                               give_block,
                                               set_output,
                                               launch,
                                               wait,
                                               copy,
                                               fail_data,
                                               weights,
                                               call_host};

nacre_status nacre_context::wait(uint32_t device) {
  nacre_fault fault = {sizeof(nacre_fault), 0, nullptr};
  nacre_status failure = model->devices[device]->wait(queues[device], &fault);
  if (!failure)
    return NACRE_OK;
  if (!fault.kernel)
    return fail(failure, "device '%s' failed", model->devices[device]->name);
  const nacre_kernel &kernel = *fault.kernel;
  if (fault.check < 1 || uint32_t(fault.check) > kernel.num_checks)
    return fail(NACRE_INTERNAL, "kernel '%s' fails with unknown check %d",
                kernel.name, fault.check);
  const nacre_check *check = element(kernel.checks, fault.check - 1);
  return fail(NACRE_DATA_ERROR, "%s: %s", check->node, check->text);
}

nacre_status nacre_context::wait() {
  nacre_status first = NACRE_OK;
  for (uint32_t i = 0; i < model->descriptor->num_devices; ++i) {
    nacre_status status = wait(i);
    if (!first)
      first = status;
  }
  return first;
}
