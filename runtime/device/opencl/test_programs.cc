#include "runtime/test/device_programs.h"

#include <cstring>

/// What codegen/opencl writes, by hand.
#define PROGRAM(tensor, sizes, body)                                           \
  "__kernel __attribute__((reqd_work_group_size(8, 1, 1))) void kernel_main("  \
  "__global " tensor " *data, long offset, " sizes                             \
  "__global uchar *scratch, long stride, __global uint *record, uint launch, " \
  "long grid, long each) {\n"                                                  \
  "  long begin = get_global_id(0) * each;\n"                                  \
  "  long end = min(begin + each, grid);\n"                                    \
  "  data += offset / sizeof(" tensor ");\n" body "}\n"

static const char *const sources[] = {
    PROGRAM("int", "long addend, ",
            "  for (long i = begin; i < end; ++i)\n"
            "    data[i] += (int)(addend + i);\n"),
    PROGRAM("int", "",
            "  if (begin < end && record[0] >= launch) {\n"
            "    atomic_min(&record[0], launch);\n"
            "    atomic_min(&record[begin == 0 ? 2 : 1], (uint)begin);\n"
            "  }\n"),
    PROGRAM("uchar", "long bytes, ",
            "  scratch += get_global_id(0) * stride;\n"
            "  for (long i = begin; i < end; ++i) {\n"
            "    for (long k = 0; k < bytes; ++k)\n"
            "      scratch[k] = (uchar)(i + 1);\n"
            "    data[i] = scratch[bytes - 1];\n"
            "  }\n")};

void nacre_test_program_opencl(nacre_test_program program,
                               nacre_kernel *kernel) {
  kernel->code = sources[program];
  kernel->code_bytes = std::strlen(sources[program]);
}
