/// Devices of OpenCL drivers. A kernel comes as source text, is built when its
/// model is loaded, and runs one work item per grid point, or per some of them
/// where its scratch asks for that.

#include "runtime/core/error.h"
#include "runtime/core/memory.h"
#include "runtime/device/items.h"
#include "runtime/device/opencl/api.h"

#include <atomic>
#include <cstring>

using namespace nacre::runtime;
using namespace nacre::runtime::opencl;

extern "C" const nacre_device nacre_device_opencl;

namespace {

/// What all queues of one open device share.
struct Shared {
  const Api *api;
  Device device;
  Context context;
  uint64_t max_allocation;
  const char *options;
};

} // namespace

struct nacre_queue {
  Shared *shared;
  bool is_first;
  Queue commands;
  ItemQueue items;
  /// The first failure of a command.
  nacre_status status;
};

struct nacre_code {
  const nacre_kernel *kernel;
  Program program;
  Kernel function;
  size_t group;
  /// Arguments are a state of the function, which several queues launch.
  std::atomic_flag busy;
};

namespace {

nacre_status status_of(int32_t code) {
  switch (code) {
  case 0:
    return NACRE_OK;
  case kOutOfDeviceMemory:
  case kOutOfResources:
  case kOutOfHostMemory:
  case kInvalidBufferSize:
    return NACRE_OUT_OF_MEMORY;
  }
  return refuse(NACRE_DEVICE_LOST, "OpenCL error %d", code);
}

//===----------------------------------------------------------------------===//
// Devices
//===----------------------------------------------------------------------===//

constexpr uint32_t kMaxPlatforms = 16, kMaxDevices = 64;

/// Device `ordinal` of all drivers, GPUs first.
Device find_device(const Api &api, uint32_t ordinal) {
  Platform platforms[kMaxPlatforms];
  Device devices[kMaxDevices];
  uint32_t num_platforms = 0;
  if (api.GetPlatformIDs(kMaxPlatforms, platforms, &num_platforms) != 0)
    num_platforms = 0;
  if (num_platforms > kMaxPlatforms)
    num_platforms = kMaxPlatforms;
  for (uint64_t type : kDeviceTypes)
    for (uint32_t i = 0; i < num_platforms; ++i) {
      uint32_t count = 0;
      if (api.GetDeviceIDs(platforms[i], type, kMaxDevices, devices, &count))
        continue;
      if (ordinal < count && ordinal < kMaxDevices)
        return devices[ordinal];
      ordinal -= count < ordinal ? count : ordinal;
    }
  refuse(NACRE_INCOMPATIBLE,
         "no OpenCL driver has such a device; install a driver, or compile the "
         "model for another --target");
  return nullptr;
}

nacre_status open_shared(uint32_t ordinal, Shared &shared) {
  shared.api = open_api();
  if (!shared.api)
    return NACRE_INCOMPATIBLE;
  const Api &api = *shared.api;
  shared.device = find_device(api, ordinal);
  if (!shared.device)
    return NACRE_INCOMPATIBLE;
  int32_t code = 0;
  shared.context =
      api.CreateContext(nullptr, 1, &shared.device, nullptr, nullptr, &code);
  if (code)
    return status_of(code);
  uint64_t floats = 0;
  api.GetDeviceInfo(shared.device, kDeviceMaxAllocation,
                    sizeof(shared.max_allocation), &shared.max_allocation,
                    nullptr);
  api.GetDeviceInfo(shared.device, kDeviceSingleFpConfig, sizeof(floats),
                    &floats, nullptr);
  shared.options = floats & kCorrectlyRoundedDivide
                       ? "-cl-fp32-correctly-rounded-divide-sqrt"
                       : "";
  return NACRE_OK;
}

void opencl_close(nacre_queue *queue) {
  Shared *shared = queue->shared;
  const Api *api = shared ? shared->api : nullptr;
  if (queue->commands) {
    api->Finish(queue->commands);
    queue->items.destroy();
    api->ReleaseCommandQueue(queue->commands);
  }
  if (queue->is_first && shared) {
    if (shared->context)
      api->ReleaseContext(shared->context);
    std::free(shared);
  }
  std::free(queue);
}

nacre_status opencl_open(uint32_t ordinal, const nacre_workers *,
                         nacre_queue *shared, nacre_queue **result) {
  auto *queue = allocate<nacre_queue>(1);
  if (!queue)
    return NACRE_OUT_OF_MEMORY;
  queue->is_first = !shared;
  queue->shared = shared ? shared->shared : allocate<Shared>(1);
  nacre_status status = NACRE_OUT_OF_MEMORY;
  if (queue->shared)
    status = shared ? NACRE_OK : open_shared(ordinal, *queue->shared);
  int32_t code = 0;
  if (!status) {
    queue->commands = queue->shared->api->CreateCommandQueue(
        queue->shared->context, queue->shared->device, 0, &code);
    status = status_of(code);
  }
  if (status) {
    opencl_close(queue);
    return status;
  }
  queue->items.init(&nacre_device_opencl, queue, queue->shared->max_allocation);
  *result = queue;
  return NACRE_OK;
}

nacre_status opencl_info(uint32_t ordinal, nacre_device_info *info) {
  const Api *api = open_api();
  Device device = api ? find_device(*api, ordinal) : nullptr;
  if (!device)
    return NACRE_INCOMPATIBLE;
  info->alignment = 64;
  info->host_visible = 0;
  api->GetDeviceInfo(device, kDeviceName, sizeof(info->name) - 1, info->name,
                     nullptr);
  return NACRE_OK;
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

nacre_status opencl_alloc(nacre_queue *queue, uint64_t bytes, void **block) {
  const Shared &shared = *queue->shared;
  *block = nullptr;
  if (bytes > shared.max_allocation)
    return NACRE_OUT_OF_MEMORY;
  int32_t code = 0;
  *block = shared.api->CreateBuffer(shared.context, kReadWrite, bytes, nullptr,
                                    &code);
  return status_of(code);
}

void opencl_free(nacre_queue *queue, void *block) {
  if (block)
    queue->shared->api->ReleaseMemObject(static_cast<Memory>(block));
}

/// Keeps the first failure of a command for `wait` too.
nacre_status note(nacre_queue *queue, int32_t code) {
  nacre_status status = status_of(code);
  if (!queue->status)
    queue->status = status;
  return status;
}

nacre_status opencl_upload(nacre_queue *queue, nacre_place to, const void *from,
                           uint64_t bytes) {
  if (bytes == 0)
    return NACRE_OK;
  return note(queue, queue->shared->api->EnqueueWriteBuffer(
                         queue->commands, static_cast<Memory>(to.block), 0,
                         to.offset, bytes, from, 0, nullptr, nullptr));
}

nacre_status opencl_download(nacre_queue *queue, void *to, nacre_place from,
                             uint64_t bytes) {
  if (bytes == 0)
    return NACRE_OK;
  return note(queue, queue->shared->api->EnqueueReadBuffer(
                         queue->commands, static_cast<Memory>(from.block), 0,
                         from.offset, bytes, to, 0, nullptr, nullptr));
}

nacre_status opencl_copy(nacre_queue *queue, nacre_place to, nacre_place from,
                         uint64_t bytes) {
  if (bytes == 0)
    return NACRE_OK;
  return note(queue, queue->shared->api->EnqueueCopyBuffer(
                         queue->commands, static_cast<Memory>(from.block),
                         static_cast<Memory>(to.block), from.offset, to.offset,
                         bytes, 0, nullptr, nullptr));
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

void opencl_unload(nacre_queue *queue, nacre_code *code) {
  const Api &api = *queue->shared->api;
  if (code->function)
    api.ReleaseKernel(code->function);
  if (code->program)
    api.ReleaseProgram(code->program);
  std::free(code);
}

/// Gives the first line of what the driver's compiler said to `refuse`.
nacre_status report_build(const Shared &shared, Program program) {
  char name[64] = "", log[400] = "";
  shared.api->GetDeviceInfo(shared.device, kDeviceName, sizeof(name) - 1, name,
                            nullptr);
  size_t size = 0;
  shared.api->GetProgramBuildInfo(program, shared.device, kProgramBuildLog, 0,
                                  nullptr, &size);
  char *all = allocate<char>(size + 1);
  if (all) {
    shared.api->GetProgramBuildInfo(program, shared.device, kProgramBuildLog,
                                    size, all, nullptr);
    const char *error = std::strstr(all, "error");
    std::strncpy(log, error ? error : all, sizeof(log) - 1);
    std::free(all);
  }
  if (char *end = std::strchr(log, '\n'))
    *end = 0;
  return refuse(NACRE_INCOMPATIBLE, "the driver of '%s' refuses its source: %s",
                name, log);
}

nacre_status build(const Shared &shared, nacre_code &code) {
  const Api &api = *shared.api;
  auto *source = static_cast<const char *>(code.kernel->code);
  size_t length = code.kernel->code_bytes;
  int32_t result = 0;
  code.program =
      api.CreateProgramWithSource(shared.context, 1, &source, &length, &result);
  if (result)
    return status_of(result);
  if (api.BuildProgram(code.program, 1, &shared.device, shared.options, nullptr,
                       nullptr))
    return report_build(shared, code.program);
  code.function = api.CreateKernel(code.program, "kernel_main", &result);
  size_t group[3] = {};
  if (!result)
    result = api.GetKernelWorkGroupInfo(code.function, shared.device,
                                        kKernelCompiledGroup, sizeof(group),
                                        group, nullptr);
  code.group = group[0] ? group[0] : 1;
  return status_of(result);
}

nacre_status opencl_load(nacre_queue *queue, const nacre_kernel *kernel,
                         nacre_code **result) {
  *result = nullptr;
  if (!kernel->code)
    return refuse(NACRE_INCOMPATIBLE, "it holds no source");
  auto *code = allocate<nacre_code>(1);
  if (!code)
    return NACRE_OUT_OF_MEMORY;
  code->kernel = kernel;
  nacre_status status = build(*queue->shared, *code);
  if (status)
    opencl_unload(queue, code);
  else
    *result = code;
  return status;
}

//===----------------------------------------------------------------------===//
// Launches
//===----------------------------------------------------------------------===//

/// Sets the arguments of a kernel in the order in which they are declared.
class Arguments {
public:
  Arguments(const Api &api, Kernel function) : api(api), function(function) {}

  template <typename T>
  void add(T value) {
    int32_t result = api.SetKernelArg(function, index++, sizeof(value), &value);
    code = code ? code : result;
  }
  int32_t code = 0;

private:
  const Api &api;
  Kernel function;
  uint32_t index = 0;
};

/// The arguments that codegen-map-items lists.
int32_t enqueue(nacre_queue *queue, nacre_code *code, const nacre_word *args,
                const nacre_place *places, const ItemLaunch &launch) {
  const nacre_kernel &kernel = *code->kernel;
  Arguments arguments(*queue->shared->api, code->function);
  for (uint32_t i = 0; i < kernel.num_tensors; ++i)
    arguments.add(static_cast<Memory>(places[i].block));
  for (uint32_t i = 0; i < kernel.num_tensors; ++i)
    arguments.add(int64_t(places[i].offset));
  for (uint32_t i = kernel.num_tensors; i < kernel.num_args; ++i)
    arguments.add(args[i].scalar);
  arguments.add(static_cast<Memory>(launch.scratch));
  arguments.add(int64_t(launch.stride));
  arguments.add(static_cast<Memory>(launch.record));
  arguments.add(launch.number);
  arguments.add(launch.grid);
  arguments.add(launch.each);
  if (arguments.code)
    return arguments.code;
  size_t items = size_t(launch.items());
  items = (items + code->group - 1) / code->group * code->group;
  return queue->shared->api->EnqueueNDRangeKernel(
      queue->commands, code->function, 1, nullptr, &items, &code->group, 0,
      nullptr, nullptr);
}

nacre_status opencl_launch(nacre_queue *queue, nacre_code *code,
                           const nacre_word *args, const nacre_place *places,
                           int64_t grid) {
  if (queue->status)
    return queue->status;
  ItemLaunch launch;
  if (nacre_status status =
          queue->items.prepare(*code->kernel, args, grid, &launch))
    return status;
  while (code->busy.test_and_set(std::memory_order_acquire)) {
  }
  int32_t result = enqueue(queue, code, args, places, launch);
  code->busy.clear(std::memory_order_release);
  return note(queue, result);
}

nacre_status opencl_wait(nacre_queue *queue, nacre_fault *fault) {
  nacre_status status = queue->items.begin_wait();
  nacre_status done = status_of(queue->shared->api->Finish(queue->commands));
  status = status ? status : done;
  status = queue->status ? queue->status : status;
  queue->status = NACRE_OK;
  nacre_status failure = queue->items.end_wait(fault);
  return status ? status : failure;
}

} // namespace

extern "C" const nacre_device nacre_device_opencl = {
    sizeof(nacre_device), NACRE_DEVICE_VERSION, "opencl",    opencl_open,
    opencl_close,
    opencl_info, //
    opencl_alloc,         opencl_free,          opencl_load, opencl_unload,
    opencl_upload,        opencl_download,      opencl_copy,
    opencl_launch, //
    opencl_wait};
