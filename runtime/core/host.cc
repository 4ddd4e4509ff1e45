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
  c.unbind(c.arena);
  c.host->free(c.host_queue, c.arena);
  c.arena = nullptr;
  c.arena_bytes = 0;
  if (c.host->alloc(c.host_queue, bytes ? bytes : 1, &c.arena) != NACRE_OK) {
    c.fail(NACRE_OUT_OF_MEMORY, "no memory for an arena of %llu bytes",
           static_cast<unsigned long long>(bytes));
    return nullptr;
  }
  c.arena_bytes = bytes;
  return c.bind(c.arena, bytes, Mirror::Stays) ? nullptr : c.arena;
}

void *take_block(nacre_context *context, uint64_t bytes) {
  void *block = context->blocks.take(bytes);
  if (!block)
    context->fail(NACRE_OUT_OF_MEMORY, "no memory for a tensor of %llu bytes",
                  static_cast<unsigned long long>(bytes));
  if (block && context->bind(block, bytes, Mirror::Run))
    return nullptr;
  return block;
}

void give_block(nacre_context *context, void *block) {
  context->unbind(block);
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
    if (nacre_status status = c.bind(output.tensor->data, bytes, Mirror::Run))
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

/// Work is in order per device only: the last one finishes what the next may
/// depend on.
nacre_status turn_to(nacre_context &c, uint32_t device) {
  if (device == c.last_device)
    return NACRE_OK;
  nacre_status status = c.wait(c.last_device);
  c.last_device = device;
  return status;
}

/// Finds the tensors of a launch in the memory of a device; null, with the
/// failure recorded, if they have no place there.
const nacre_place *find_places(nacre_context &c, const nacre_kernel &kernel,
                               const nacre_word *args) {
  for (uint32_t i = 0; i < kernel.num_tensors; ++i)
    if (!c.mirrors[kernel.device].find(args[i].pointer, &c.places[i])) {
      c.fail(NACRE_OUT_OF_MEMORY,
             "device '%s' has no memory for the tensors of kernel '%s'; run "
             "smaller inputs or compile for another --target",
             c.model->devices[kernel.device]->name, kernel.name);
      return nullptr;
    }
  return c.places;
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
  const nacre_kernel &kernel = *element(model.descriptor->kernels, index);
  uint32_t device = kernel.device;
  if (nacre_status status = turn_to(c, device))
    return status;
  const nacre_place *places = nullptr;
  if (model.is_remote[device]) {
    places = find_places(c, kernel, args);
    if (!places)
      return c.status;
  }
  uint64_t begin = c.profile ? now() : 0;
  nacre_status status = model.devices[device]->launch(
      c.queues[device], model.codes[index], args, places, grid);
  if (status) {
    if (nacre_status fault = c.wait(device))
      return fault;
    return c.fail(status, "kernel '%s' cannot be launched: %s", kernel.name,
                  status == NACRE_OUT_OF_MEMORY ? "no memory for what it needs"
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
  return context->host->copy(context->host_queue, {to, 0},
                             {const_cast<void *>(from), 0}, bytes);
}

/// The bytes of device `device` that stand for the host's; null block where
/// there is nothing to move. Blocks that the runtime's own functions made are
/// not known before.
nacre_status find_place(nacre_context &c, uint32_t device, const void *data,
                        uint64_t bytes, nacre_place *place) {
  *place = {nullptr, 0};
  if (device >= c.model->descriptor->num_devices)
    return c.fail(NACRE_INTERNAL, "the model moves data to device %u", device);
  if (!c.model->is_remote[device] || bytes == 0)
    return NACRE_OK;
  Mirror &mirror = c.mirrors[device];
  if ((mirror.covers(data, bytes) || mirror.bind(data, bytes, Mirror::Run)) &&
      mirror.find(data, place))
    return turn_to(c, device);
  return c.fail(NACRE_OUT_OF_MEMORY,
                "device '%s' has no memory for a tensor of %llu bytes",
                c.model->devices[device]->name,
                static_cast<unsigned long long>(bytes));
}

/// What a device returned for a copy.
int32_t moved(nacre_context &c, uint32_t device, nacre_status status) {
  if (!status)
    return NACRE_OK;
  if (nacre_status fault = c.wait(device))
    return fault;
  return c.fail(status, "device '%s' cannot copy data",
                c.model->devices[device]->name);
}

int32_t upload(nacre_context *context, uint32_t device, const void *data,
               uint64_t bytes) {
  nacre_context &c = *context;
  nacre_place place;
  nacre_status status = find_place(c, device, data, bytes, &place);
  if (status || !place.block)
    return status;
  return moved(
      c, device,
      c.model->devices[device]->upload(c.queues[device], place, data, bytes));
}

int32_t download(nacre_context *context, uint32_t device, void *data,
                 uint64_t bytes) {
  nacre_context &c = *context;
  nacre_place place;
  nacre_status status = find_place(c, device, data, bytes, &place);
  if (status || !place.block)
    return status;
  return moved(
      c, device,
      c.model->devices[device]->download(c.queues[device], data, place, bytes));
}

int32_t copy_on(nacre_context *context, uint32_t device, void *to,
                const void *from, uint64_t bytes) {
  nacre_context &c = *context;
  nacre_place source, target;
  nacre_status status = find_place(c, device, from, bytes, &source);
  if (!status)
    status = find_place(c, device, to, bytes, &target);
  if (status || !target.block)
    return status;
  return moved(
      c, device,
      c.model->devices[device]->copy(c.queues[device], target, source, bytes));
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
                                               call_host,
                                               upload,
                                               download,
                                               copy_on};

nacre_status nacre_context::bind(const void *data, uint64_t bytes,
                                 Mirror::Life life) {
  if (bytes == 0)
    return NACRE_OK;
  for (uint32_t i = 0; i < model->descriptor->num_devices; ++i)
    if (model->is_remote[i] && !mirrors[i].bind(data, bytes, life))
      return fail(NACRE_OUT_OF_MEMORY, "no memory for a list of blocks");
  return NACRE_OK;
}

void nacre_context::unbind(const void *data) {
  for (uint32_t i = 0; i < model->descriptor->num_devices; ++i)
    if (model->is_remote[i])
      mirrors[i].unbind(data);
}

nacre_status nacre_context::wait(uint32_t device) {
  nacre_fault fault = {sizeof(nacre_fault), 0, nullptr};
  DeviceCall call;
  nacre_status failure = model->devices[device]->wait(queues[device], &fault);
  if (!failure)
    return NACRE_OK;
  if (!fault.kernel)
    return fail(failure, "device '%s' failed%s", model->devices[device]->name,
                call.reason().text);
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
