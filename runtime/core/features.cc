#include "runtime/core/features.h"

#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

using namespace nacre::runtime;

#if defined(__x86_64__)

const char *const nacre::runtime::host_arch = "x86_64";

namespace {

/// Registers that the operating system must save: bits of XCR0.
enum Saved : uint32_t {
  kNone = 0,
  kXsave = 1, // any: XCR0 can be read
  kAvx = 0x6,
  kAvx512 = 0xe6,
  kAmx = 0x60000
};
enum Register : uint8_t { eax, ebx, ecx, edx };

struct Row {
  const char *name;
  uint32_t leaf;
  uint8_t subleaf;
  Register reg;
  uint8_t bit;
  Saved saved;
};

constexpr uint32_t kExt = 0x80000001;
constexpr Row rows[] = {
    {"64bit", kExt, 0, edx, 29, kNone},
    {"x87", 1, 0, edx, 0, kNone},
    {"cx8", 1, 0, edx, 8, kNone},
    {"cmov", 1, 0, edx, 15, kNone},
    {"mmx", 1, 0, edx, 23, kNone},
    {"fxsr", 1, 0, edx, 24, kNone},
    {"sse", 1, 0, edx, 25, kNone},
    {"sse2", 1, 0, edx, 26, kNone},
    {"sse3", 1, 0, ecx, 0, kNone},
    {"pclmul", 1, 0, ecx, 1, kNone},
    {"ssse3", 1, 0, ecx, 9, kNone},
    {"fma", 1, 0, ecx, 12, kAvx},
    {"cx16", 1, 0, ecx, 13, kNone},
    {"sse4.1", 1, 0, ecx, 19, kNone},
    {"sse4.2", 1, 0, ecx, 20, kNone},
    {"crc32", 1, 0, ecx, 20, kNone},
    {"movbe", 1, 0, ecx, 22, kNone},
    {"popcnt", 1, 0, ecx, 23, kNone},
    {"aes", 1, 0, ecx, 25, kNone},
    {"xsave", 1, 0, ecx, 26, kXsave},
    {"avx", 1, 0, ecx, 28, kAvx},
    {"f16c", 1, 0, ecx, 29, kAvx},
    {"rdrnd", 1, 0, ecx, 30, kNone},
    {"fsgsbase", 7, 0, ebx, 0, kNone},
    {"sgx", 7, 0, ebx, 2, kNone},
    {"bmi", 7, 0, ebx, 3, kNone},
    {"avx2", 7, 0, ebx, 5, kAvx},
    {"bmi2", 7, 0, ebx, 8, kNone},
    {"invpcid", 7, 0, ebx, 10, kNone},
    {"rtm", 7, 0, ebx, 11, kNone},
    {"avx512f", 7, 0, ebx, 16, kAvx512},
    {"evex512", 7, 0, ebx, 16, kAvx512},
    {"avx512dq", 7, 0, ebx, 17, kAvx512},
    {"rdseed", 7, 0, ebx, 18, kNone},
    {"adx", 7, 0, ebx, 19, kNone},
    {"avx512ifma", 7, 0, ebx, 21, kAvx512},
    {"clflushopt", 7, 0, ebx, 23, kNone},
    {"clwb", 7, 0, ebx, 24, kNone},
    {"avx512cd", 7, 0, ebx, 28, kAvx512},
    {"sha", 7, 0, ebx, 29, kNone},
    {"avx512bw", 7, 0, ebx, 30, kAvx512},
    {"avx512vl", 7, 0, ebx, 31, kAvx512},
    {"avx512vbmi", 7, 0, ecx, 1, kAvx512},
    {"pku", 7, 0, ecx, 4, kNone},
    {"waitpkg", 7, 0, ecx, 5, kNone},
    {"avx512vbmi2", 7, 0, ecx, 6, kAvx512},
    {"shstk", 7, 0, ecx, 7, kNone},
    {"gfni", 7, 0, ecx, 8, kNone},
    {"vaes", 7, 0, ecx, 9, kAvx},
    {"vpclmulqdq", 7, 0, ecx, 10, kAvx},
    {"avx512vnni", 7, 0, ecx, 11, kAvx512},
    {"avx512bitalg", 7, 0, ecx, 12, kAvx512},
    {"avx512vpopcntdq", 7, 0, ecx, 14, kAvx512},
    {"rdpid", 7, 0, ecx, 22, kNone},
    {"kl", 7, 0, ecx, 23, kNone},
    {"cldemote", 7, 0, ecx, 25, kNone},
    {"movdiri", 7, 0, ecx, 27, kNone},
    {"movdir64b", 7, 0, ecx, 28, kNone},
    {"enqcmd", 7, 0, ecx, 29, kNone},
    {"uintr", 7, 0, edx, 5, kNone},
    {"avx512vp2intersect", 7, 0, edx, 8, kAvx512},
    {"serialize", 7, 0, edx, 14, kNone},
    {"tsxldtrk", 7, 0, edx, 16, kNone},
    {"pconfig", 7, 0, edx, 18, kNone},
    {"amx-bf16", 7, 0, edx, 22, kAmx},
    {"avx512fp16", 7, 0, edx, 23, kAvx512},
    {"amx-tile", 7, 0, edx, 24, kAmx},
    {"amx-int8", 7, 0, edx, 25, kAmx},
    {"sha512", 7, 1, eax, 0, kAvx},
    {"sm3", 7, 1, eax, 1, kAvx},
    {"sm4", 7, 1, eax, 2, kAvx},
    {"avxvnni", 7, 1, eax, 4, kAvx},
    {"avx512bf16", 7, 1, eax, 5, kAvx512},
    {"cmpccxadd", 7, 1, eax, 7, kNone},
    {"amx-fp16", 7, 1, eax, 21, kAmx},
    {"hreset", 7, 1, eax, 22, kNone},
    {"avxifma", 7, 1, eax, 23, kAvx},
    {"avxvnniint8", 7, 1, edx, 4, kAvx},
    {"avxneconvert", 7, 1, edx, 5, kAvx},
    {"amx-complex", 7, 1, edx, 8, kAmx},
    {"avxvnniint16", 7, 1, edx, 10, kAvx},
    {"prefetchi", 7, 1, edx, 14, kNone},
    {"avx10.1", 7, 1, edx, 19, kAvx512},
    {"xsaveopt", 0xd, 1, eax, 0, kXsave},
    {"xsavec", 0xd, 1, eax, 1, kXsave},
    {"xsaves", 0xd, 1, eax, 3, kXsave},
    {"ptwrite", 0x14, 0, ebx, 4, kNone},
    {"sahf", kExt, 0, ecx, 0, kNone},
    {"lzcnt", kExt, 0, ecx, 5, kNone},
    {"sse4a", kExt, 0, ecx, 6, kNone},
    {"prfchw", kExt, 0, ecx, 8, kNone},
    {"xop", kExt, 0, ecx, 11, kAvx},
    {"fma4", kExt, 0, ecx, 16, kAvx},
    {"tbm", kExt, 0, ecx, 21, kNone},
    {"mwaitx", kExt, 0, ecx, 29, kNone},
    {"clzero", 0x80000008, 0, ebx, 0, kNone},
    {"rdpru", 0x80000008, 0, ebx, 4, kNone},
    {"wbnoinvd", 0x80000008, 0, ebx, 9, kNone},
};

uint32_t read_cpuid(const Row &row) {
  uint32_t r[4] = {};
  // An absent leaf would be answered with the highest one's bits.
  if (__get_cpuid_max(row.leaf & 0x80000000, nullptr) < row.leaf)
    return 0;
  if (row.subleaf != 0) {
    __cpuid_count(row.leaf, 0, r[0], r[1], r[2], r[3]);
    if (row.leaf == 7 && r[0] < row.subleaf)
      return 0;
  }
  __cpuid_count(row.leaf, row.subleaf, r[0], r[1], r[2], r[3]);
  return r[row.reg];
}

bool os_saves(Saved saved) {
  if (saved == kNone)
    return true;
  uint32_t a, b, c, d;
  __cpuid(1, a, b, c, d);
  if (!(c & (1u << 27))) // OSXSAVE: xgetbv is there
    return false;
  uint32_t low, high;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  if ((low & saved) != saved)
    return false;
  // Linux gives tile registers only to a process that asks for them.
  constexpr long kRequestPermission = 0x1023, kTileData = 18;
  return saved != kAmx ||
         syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

} // namespace

Feature nacre::runtime::find_feature(const char *name) {
  for (const Row &row : rows)
    if (std::strcmp(row.name, name) == 0)
      return (read_cpuid(row) >> row.bit & 1) && os_saves(row.saved)
                 ? Feature::present
                 : Feature::missing;
  return Feature::unknown;
}

#elif defined(__aarch64__)

const char *const nacre::runtime::host_arch = "aarch64";

Feature nacre::runtime::find_feature(const char *name) {
  static const struct {
    const char *name;
    unsigned long type;
    unsigned bit;
  } rows[] = {{"fp-armv8", AT_HWCAP, 0},     {"neon", AT_HWCAP, 1},
              {"aes", AT_HWCAP, 3},          {"sha2", AT_HWCAP, 6},
              {"crc", AT_HWCAP, 7},          {"lse", AT_HWCAP, 8},
              {"fullfp16", AT_HWCAP, 10},    {"rdm", AT_HWCAP, 12},
              {"jsconv", AT_HWCAP, 13},      {"complxnum", AT_HWCAP, 14},
              {"rcpc", AT_HWCAP, 15},        {"sha3", AT_HWCAP, 17},
              {"sm4", AT_HWCAP, 19},         {"dotprod", AT_HWCAP, 20},
              {"sve", AT_HWCAP, 22},         {"fp16fml", AT_HWCAP, 23},
              {"sve2", AT_HWCAP2, 1},        {"sve-bitperm", AT_HWCAP2, 4},
              {"i8mm", AT_HWCAP2, 13},       {"bf16", AT_HWCAP2, 14},
              {"sme", AT_HWCAP2, 23},        {"sme-i16i64", AT_HWCAP2, 24},
              {"sme-f64f64", AT_HWCAP2, 25}, {"sve2p1", AT_HWCAP2, 36},
              {"sme2", AT_HWCAP2, 37}};
  for (const auto &row : rows)
    if (std::strcmp(row.name, name) == 0)
      return getauxval(row.type) >> row.bit & 1 ? Feature::present
                                                : Feature::missing;
  return Feature::unknown;
}

#else

#if defined(__riscv)
const char *const nacre::runtime::host_arch = "riscv64";
#elif defined(__loongarch__)
const char *const nacre::runtime::host_arch = "loongarch64";
#elif defined(__wasm__)
const char *const nacre::runtime::host_arch = "wasm32";
#else
#error "unknown architecture"
#endif

// No way to ask here yet: an artifact that needs a feature is refused.
Feature nacre::runtime::find_feature(const char *) { return Feature::unknown; }

#endif
