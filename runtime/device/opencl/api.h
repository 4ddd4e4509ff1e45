/// The part of OpenCL 1.2 that the device uses, found in libOpenCL.so.1 at run
/// time: neither its headers nor its library are needed to build.
#ifndef NACRE_DEVICE_OPENCL_API_H
#define NACRE_DEVICE_OPENCL_API_H

#include <cstddef>
#include <cstdint>

namespace nacre::runtime::opencl {

using Platform = struct PlatformObject *;
using Device = struct DeviceObject *;
using Context = struct ContextObject *;
using Queue = struct QueueObject *;
using Memory = struct MemoryObject *;
using Program = struct ProgramObject *;
using Kernel = struct KernelObject *;
using Event = struct EventObject *;

// Names and values are those of the specification.
enum : int32_t {
  kOutOfDeviceMemory = -4, // CL_MEM_OBJECT_ALLOCATION_FAILURE
  kOutOfResources = -5,
  kOutOfHostMemory = -6,
  kInvalidBufferSize = -61,
};
constexpr uint64_t kDeviceTypes[] = {/*GPU*/ 4, /*ACCELERATOR*/ 8, /*CPU*/ 2};
constexpr uint32_t kDeviceSingleFpConfig = 0x101B;
constexpr uint64_t kCorrectlyRoundedDivide = 1 << 7;
constexpr uint32_t kDeviceMaxAllocation = 0x1010;
constexpr uint32_t kDeviceName = 0x102B;
constexpr uint32_t kProgramBuildLog = 0x1183;
constexpr uint32_t kKernelCompiledGroup = 0x11B1;
constexpr uint64_t kReadWrite = 1;

/// One row per function: result, name without "cl", parameters.
#define NACRE_OPENCL_FUNCTIONS(F)                                              \
  F(int32_t, GetPlatformIDs, (uint32_t, Platform *, uint32_t *))               \
  F(int32_t, GetDeviceIDs,                                                     \
    (Platform, uint64_t, uint32_t, Device *, uint32_t *))                      \
  F(int32_t, GetDeviceInfo, (Device, uint32_t, size_t, void *, size_t *))      \
  F(Context, CreateContext,                                                    \
    (const intptr_t *, uint32_t, const Device *, void *, void *, int32_t *))   \
  F(int32_t, ReleaseContext, (Context))                                        \
  F(Queue, CreateCommandQueue, (Context, Device, uint64_t, int32_t *))         \
  F(int32_t, ReleaseCommandQueue, (Queue))                                     \
  F(Memory, CreateBuffer, (Context, uint64_t, size_t, void *, int32_t *))      \
  F(int32_t, ReleaseMemObject, (Memory))                                       \
  F(Program, CreateProgramWithSource,                                          \
    (Context, uint32_t, const char **, const size_t *, int32_t *))             \
  F(int32_t, BuildProgram,                                                     \
    (Program, uint32_t, const Device *, const char *, void *, void *))         \
  F(int32_t, GetProgramBuildInfo,                                              \
    (Program, Device, uint32_t, size_t, void *, size_t *))                     \
  F(int32_t, ReleaseProgram, (Program))                                        \
  F(Kernel, CreateKernel, (Program, const char *, int32_t *))                  \
  F(int32_t, GetKernelWorkGroupInfo,                                           \
    (Kernel, Device, uint32_t, size_t, void *, size_t *))                      \
  F(int32_t, ReleaseKernel, (Kernel))                                          \
  F(int32_t, SetKernelArg, (Kernel, uint32_t, size_t, const void *))           \
  F(int32_t, EnqueueNDRangeKernel,                                             \
    (Queue, Kernel, uint32_t, const size_t *, const size_t *, const size_t *,  \
     uint32_t, const Event *, Event *))                                        \
  F(int32_t, EnqueueWriteBuffer,                                               \
    (Queue, Memory, uint32_t, size_t, size_t, const void *, uint32_t,          \
     const Event *, Event *))                                                  \
  F(int32_t, EnqueueReadBuffer,                                                \
    (Queue, Memory, uint32_t, size_t, size_t, void *, uint32_t, const Event *, \
     Event *))                                                                 \
  F(int32_t, EnqueueCopyBuffer,                                                \
    (Queue, Memory, Memory, size_t, size_t, size_t, uint32_t, const Event *,   \
     Event *))                                                                 \
  F(int32_t, Finish, (Queue))

struct Api {
#define NACRE_OPENCL_MEMBER(result, name, parameters) result(*name) parameters;
  NACRE_OPENCL_FUNCTIONS(NACRE_OPENCL_MEMBER)
#undef NACRE_OPENCL_MEMBER
};

/// The library's functions, opened once and never closed: drivers do not all
/// survive that. Null, with the reason given to `refuse`, if it is not there.
const Api *open_api();

} // namespace nacre::runtime::opencl

#endif // NACRE_DEVICE_OPENCL_API_H
