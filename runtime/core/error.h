#ifndef NACRE_CORE_ERROR_H
#define NACRE_CORE_ERROR_H

#include "nacre/runtime.h"

#include <cstdarg>

namespace nacre::runtime {

/// One line of detail. A fixed buffer, so that reporting never allocates.
struct Message {
  char text[512];

  void clear() { text[0] = 0; }
  /// Names in it come from files: control characters are replaced, so that it
  /// stays one line.
  void format(const char *format, va_list args);
};

/// Sets nacre_last_error() of this thread and returns `status`.
[[gnu::format(printf, 2, 3)]] nacre_status fail(nacre_status status,
                                                const char *format, ...);

/// For a device that refuses a call: says why, and returns `status`.
[[gnu::format(printf, 2, 3)]] nacre_status refuse(nacre_status status,
                                                  const char *format, ...);

/// Around calls of a device.
class DeviceCall {
public:
  DeviceCall();
  /// ": " and what `refuse` was told since this was made, or nothing.
  Message reason() const;
};

} // namespace nacre::runtime

#endif // NACRE_CORE_ERROR_H
