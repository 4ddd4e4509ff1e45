#ifndef NACRE_CORE_FLOAT_ENVIRONMENT_H
#define NACRE_CORE_FLOAT_ENVIRONMENT_H

#include <cstdint>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace nacre::runtime {

/// Sets rounding and denormals to IEEE's defaults while it lives. A host
/// program built with -ffast-math flushes denormals on its own thread but not
/// on the workers; results would then depend on the number of threads.
class FloatEnvironment {
public:
#if defined(__x86_64__)
  FloatEnvironment() : saved(_mm_getcsr()) {
    if ((saved & ~kFlags) != kDefault)
      _mm_setcsr(kDefault);
  }
  ~FloatEnvironment() {
    if ((saved & ~kFlags) != kDefault)
      _mm_setcsr(saved);
  }

private:
  static constexpr uint32_t kFlags = 0x3f; // sticky exception flags
  static constexpr uint32_t kDefault = 0x1f80;
  uint32_t saved;
#elif defined(__aarch64__)
  FloatEnvironment() {
    asm volatile("mrs %0, fpcr" : "=r"(saved));
    if (saved != 0)
      asm volatile("msr fpcr, %0" : : "r"(uint64_t(0)));
  }
  ~FloatEnvironment() {
    if (saved != 0)
      asm volatile("msr fpcr, %0" : : "r"(saved));
  }

private:
  uint64_t saved;
#else
  FloatEnvironment() {}
  ~FloatEnvironment() {}
#endif
};

} // namespace nacre::runtime

#endif // NACRE_CORE_FLOAT_ENVIRONMENT_H
