#include "runtime/core/features.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

using namespace nacre::runtime;

TEST(Features, UnknownIsNotMissing) {
  EXPECT_EQ(find_feature("no-such-feature"), Feature::unknown);
  EXPECT_EQ(find_feature(""), Feature::unknown);
}

#if defined(__x86_64__)
// The kernel's names of the same bits; it hides what it does not enable.
TEST(Features, AgreesWithTheKernel) {
  static const char *const names[][2] = {
      {"sse4.2", "sse4_2"},
      {"avx", "avx"},
      {"avx2", "avx2"},
      {"fma", "fma"},
      {"f16c", "f16c"},
      {"bmi2", "bmi2"},
      {"lzcnt", "abm"},
      {"avx512f", "avx512f"},
      {"avx512vl", "avx512vl"},
      {"avx512vnni", "avx512_vnni"},
      {"avx512bf16", "avx512_bf16"},
      {"avx512fp16", "avx512_fp16"},
      {"avx512vbmi2", "avx512_vbmi2"},
      {"avxvnni", "avx_vnni"},
      {"gfni", "gfni"},
      {"amx-tile", "amx_tile"},
      {"amx-int8", "amx_int8"},
      {"xsavec", "xsavec"},
  };
  std::ifstream info("/proc/cpuinfo");
  std::string line, flags;
  while (flags.empty() && std::getline(info, line))
    if (line.rfind("flags", 0) == 0)
      flags = line.substr(line.find(':') + 1) + " ";
  if (flags.empty())
    GTEST_SKIP() << "no /proc/cpuinfo";
  for (const auto &[llvm, kernel] : names) {
    bool listed =
        flags.find(" " + std::string(kernel) + " ") != std::string::npos;
    EXPECT_EQ(find_feature(llvm) == Feature::present, listed) << llvm;
  }
}
#endif
