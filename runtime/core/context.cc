#include "runtime/core/context.h"

#include <cstring>
#include <new>

using namespace nacre::runtime;

nacre_status nacre_context::fail(nacre_status failure, const char *format,
                                 ...) {
  if (status)
    return status;
  va_list args;
  va_start(args, format);
  message.format(format, args);
  va_end(args);
  return status = failure;
}

namespace {

nacre_status no_memory() {
  return fail(NACRE_OUT_OF_MEMORY, "no memory for a context");
}

/// The caller's options, with defaults for what its `size` does not cover.
nacre_context_options complete(const nacre_context_options *options) {
  nacre_context_options all = {};
  if (options)
    std::memcpy(&all, options,
                options->size < sizeof(all) ? options->size : sizeof(all));
  return all;
}

nacre_status check_options(const nacre_model &model,
                           const nacre_context_options &options) {
  if (options.entry >= model.descriptor->num_entries)
    return fail(NACRE_INVALID_ARGUMENT, "%s: there is no entry %u, it has %u",
                model.path, options.entry, model.descriptor->num_entries);
  if (options.num_threads > kMaxThreads)
    return fail(NACRE_INVALID_ARGUMENT,
                "num_threads is %u, expected at most %u", options.num_threads,
                kMaxThreads);
  return NACRE_OK;
}

nacre_status make_workers(nacre_context &context,
                          const nacre_context_options &options) {
  nacre_workers &workers = context.workers;
  workers.size = sizeof(workers);
  if (options.parallel_for) {
    workers.count =
        options.num_threads ? options.num_threads : available_cpus();
    workers.parallel_for = options.parallel_for;
    workers.user = options.parallel_user;
  } else {
    nacre_pool *pool = options.pool;
    if (!pool) {
      if (nacre_status status =
              nacre_pool_create(options.num_threads, &context.own_pool))
        return status;
      pool = context.own_pool;
    }
    workers.count = pool->num_threads;
    workers.parallel_for = nacre_pool::run;
    workers.user = pool;
  }
  // A cache line apart, so that workers do not share one.
  workers.stride = (context.model->scratch_bytes + 63) & ~uint64_t(63);
  void *scratch = nullptr;
  if (workers.stride &&
      context.host->alloc(context.host_queue, workers.count * workers.stride,
                          &scratch) != NACRE_OK)
    return no_memory();
  workers.scratch = static_cast<char *>(scratch);
  return NACRE_OK;
}

nacre_status make_tables(nacre_context &context, bool profile) {
  const nacre_entry &entry = *context.entry;
  context.inputs = allocate<const void *>(entry.num_inputs);
  context.dims = allocate<int64_t *>(entry.num_inputs);
  context.input_bytes = allocate<uint64_t>(entry.num_inputs);
  context.symbols = allocate<int64_t>(entry.num_symbols);
  context.outputs = allocate<Output>(entry.num_outputs);
  context.retired = allocate<void *>(entry.num_outputs);
  if (profile)
    context.profile = allocate<Profile>(context.model->descriptor->num_kernels);
  if (!context.inputs || !context.dims || !context.input_bytes ||
      !context.symbols || !context.outputs || !context.retired ||
      (profile && !context.profile))
    return no_memory();
  for (uint32_t i = 0; i < entry.num_inputs; ++i) {
    context.dims[i] = allocate<int64_t>(nacre_entry_input(&entry, i)->rank);
    if (!context.dims[i])
      return no_memory();
  }
  for (uint32_t i = 0; i < entry.num_outputs; ++i) {
    Output &output = context.outputs[i];
    output.value = nacre_entry_output(&entry, i);
    output.dims = allocate<int64_t>(output.value->rank);
    if (!output.dims)
      return no_memory();
  }
  return NACRE_OK;
}

nacre_status open_queues(nacre_context &context) {
  const nacre_model &model = *context.model;
  uint32_t count = model.descriptor->num_devices;
  context.queues = allocate<nacre_queue *>(count);
  if (!context.queues)
    return no_memory();
  DeviceCall call;
  for (uint32_t i = 0; i < count; ++i)
    if (nacre_status status = model.devices[i]->open(
            0, &context.workers, model.queues[i], &context.queues[i]))
      return fail(status, "device '%s' cannot be opened%s",
                  model.devices[i]->name, call.reason().text);
  return NACRE_OK;
}

nacre_status make_mirrors(nacre_context &context) {
  const nacre_model &model = *context.model;
  const nacre_descriptor &d = *model.descriptor;
  context.mirrors = allocate<Mirror>(d.num_devices);
  uint32_t most = 0;
  for (uint32_t i = 0; i < d.num_kernels; ++i) {
    uint32_t count = element(d.kernels, i)->num_args;
    most = count > most ? count : most;
  }
  context.places = allocate<nacre_place>(most);
  if (!context.mirrors || !context.places)
    return no_memory();
  for (uint32_t i = 0; i < d.num_devices; ++i) {
    context.mirrors[i].init(model.devices[i], context.queues[i]);
    if (model.weight_blocks[i] &&
        !context.mirrors[i].bind(model.weights, d.weights_bytes, Mirror::Stays,
                                 model.weight_blocks[i]))
      return no_memory();
  }
  return NACRE_OK;
}

nacre_status make(nacre_context &context,
                  const nacre_context_options &options) {
  context.entry = nacre_model_entry(context.model, options.entry);
  context.host = find_device("cpu");
  if (context.host->open(0, nullptr, nullptr, &context.host_queue) != NACRE_OK)
    return no_memory();
  context.blocks.init(context.host, context.host_queue);
  nacre_status status = make_workers(context, options);
  if (!status)
    status = make_tables(context, options.profile != 0);
  if (!status)
    status = open_queues(context);
  return status ? status : make_mirrors(context);
}

} // namespace

nacre_status nacre_context_create(nacre_model *model,
                                  const nacre_context_options *options,
                                  nacre_context **result) {
  if (!result)
    return fail(NACRE_INVALID_ARGUMENT, "context is null");
  *result = nullptr;
  if (!model)
    return fail(NACRE_INVALID_ARGUMENT, "model is null");
  nacre_context_options all = complete(options);
  if (nacre_status status = check_options(*model, all))
    return status;
  void *memory = allocate<nacre_context>(1);
  if (!memory)
    return no_memory();
  auto *context = new (memory) nacre_context{};
  context->model = model;
  context->store = &context->stores[0];
  model->retain();
  nacre_status status = make(*context, all);
  if (status)
    nacre_context_destroy(context);
  else
    *result = context;
  return status;
}

void nacre_context_destroy(nacre_context *context) {
  if (!context)
    return;
  nacre_model *model = context->model;
  for (uint32_t i = 0; context->queues && i < model->descriptor->num_devices;
       ++i) {
    if (!context->queues[i])
      continue;
    if (context->mirrors)
      context->mirrors[i].destroy();
    model->devices[i]->close(context->queues[i]);
  }
  if (context->host_queue) {
    context->blocks.destroy();
    context->host->free(context->host_queue, context->arena);
    context->host->free(context->host_queue, context->workers.scratch);
    context->host->close(context->host_queue);
  }
  for (Store &store : context->stores)
    store.destroy();
  nacre_pool_destroy(context->own_pool);
  for (uint32_t i = 0; context->dims && i < context->entry->num_inputs; ++i)
    std::free(context->dims[i]);
  for (uint32_t i = 0; context->outputs && i < context->entry->num_outputs; ++i)
    std::free(context->outputs[i].dims);
  std::free(context->queues);
  std::free(context->mirrors);
  std::free(context->places);
  std::free(context->inputs);
  std::free(context->dims);
  std::free(context->input_bytes);
  std::free(context->symbols);
  std::free(context->outputs);
  std::free(context->retired);
  std::free(context->profile);
  std::free(context);
  model->release();
}

const char *nacre_context_error(const nacre_context *context) {
  return context->message.text;
}

uint64_t nacre_context_memory(const nacre_context *context) {
  uint64_t mirrored = 0;
  for (uint32_t i = 0; i < context->model->descriptor->num_devices; ++i)
    mirrored += context->mirrors[i].bytes();
  return context->arena_bytes + context->blocks.bytes() + mirrored +
         context->stores[0].bytes() + context->stores[1].bytes() +
         context->workers.count * context->workers.stride;
}

nacre_status nacre_context_profile(const nacre_context *context, size_t index,
                                   uint64_t *launches, uint64_t *nanoseconds) {
  if (!context || !context->profile ||
      index >= context->model->descriptor->num_kernels)
    return fail(NACRE_INVALID_ARGUMENT,
                "no such kernel, or the context was made without profile");
  if (launches)
    *launches = context->profile[index].launches;
  if (nanoseconds)
    *nanoseconds = context->profile[index].nanoseconds;
  return NACRE_OK;
}
