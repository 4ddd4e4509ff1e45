#include "runtime/device/opencl/api.h"

#include "runtime/core/error.h"

#include <atomic>
#include <dlfcn.h>

using namespace nacre::runtime;

const opencl::Api *opencl::open_api() {
  static Api api;
  static std::atomic<bool> is_open;
  if (is_open.load(std::memory_order_acquire))
    return &api;
  void *library = dlopen("libOpenCL.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    refuse(NACRE_INCOMPATIBLE,
           "libOpenCL.so.1 is not installed; install an OpenCL driver, or "
           "compile the model for another --target");
    return nullptr;
  }
  // Two threads that come here at once write the same values.
  Api found = {};
  const char *missing = nullptr;
#define NACRE_OPENCL_FIND(result, name, parameters)                            \
  found.name =                                                                 \
      reinterpret_cast<decltype(found.name)>(dlsym(library, "cl" #name));      \
  missing = found.name ? missing : "cl" #name;
  NACRE_OPENCL_FUNCTIONS(NACRE_OPENCL_FIND)
#undef NACRE_OPENCL_FIND
  if (missing) {
    refuse(NACRE_INCOMPATIBLE, "libOpenCL.so.1 has no function %s", missing);
    return nullptr;
  }
  api = found;
  is_open.store(true, std::memory_order_release);
  return &api;
}
