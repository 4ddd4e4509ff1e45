#include "runtime/test/device_programs.h"

#include <cstring>

namespace {

int32_t fill(const nacre_word *args, int64_t begin, int64_t end, void *) {
  for (int64_t i = begin; i < end; ++i)
    static_cast<int32_t *>(args[0].pointer)[i] += int32_t(args[1].scalar + i);
  return 0;
}

int32_t reject(const nacre_word *, int64_t begin, int64_t, void *) {
  return begin == 0 ? 2 : 1;
}

/// Nobody else may touch the scratch.
int32_t use_scratch(const nacre_word *args, int64_t begin, int64_t end,
                    void *scratch) {
  size_t bytes = size_t(args[1].scalar);
  for (int64_t i = begin; i < end; ++i) {
    std::memset(scratch, int(i + 1), bytes);
    static_cast<unsigned char *>(args[0].pointer)[i] =
        static_cast<unsigned char *>(scratch)[bytes - 1];
  }
  return reinterpret_cast<uintptr_t>(scratch) % 64 ? 1 : 0;
}

} // namespace

void nacre_test_program_cpu(nacre_test_program program, nacre_kernel *kernel) {
  static constexpr nacre_kernel_fn functions[] = {fill, reject, use_scratch};
  kernel->run = functions[program];
}
