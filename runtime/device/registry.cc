#include "runtime/device/device.h"

#include <cstring>

extern "C" {
#define NACRE_DEVICE(name) extern const nacre_device nacre_device_##name;
#include "Devices.def"
#undef NACRE_DEVICE
}

const nacre_device *nacre::runtime::find_device(const char *name) {
  static const nacre_device *const devices[] = {
#define NACRE_DEVICE(name) &nacre_device_##name,
#include "Devices.def"
#undef NACRE_DEVICE
  };
  for (const nacre_device *device : devices)
    if (std::strcmp(device->name, name) == 0)
      return device;
  return nullptr;
}
