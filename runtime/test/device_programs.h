/// What the conformance suite runs on every device: a device's folder has these
/// programs in the form that the device loads, as a function
/// `nacre_test_program_<device>` that sets the code of a kernel.
#ifndef NACRE_TEST_DEVICE_PROGRAMS_H
#define NACRE_TEST_DEVICE_PROGRAMS_H

#include "runtime/device/device.h"

enum nacre_test_program {
  /// data (i32), addend: data[i] += addend + i at each point i.
  NACRE_TEST_FILL,
  /// data (i32): check 2 fails at point 0, check 1 at others.
  NACRE_TEST_REJECT,
  /// data (u8), bytes: fills `bytes` of scratch with i + 1 at each point i, and
  /// data[i] with the last one. `bytes` is what open_scratch says.
  NACRE_TEST_SCRATCH,
  NACRE_TEST_PROGRAMS
};

#endif // NACRE_TEST_DEVICE_PROGRAMS_H
