/// Replaces malloc and its like by ones that count, to show that a run
/// allocates nothing.

#include "runtime/test/test_util.h"

#include <atomic>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define NACRE_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define NACRE_SANITIZED
#endif
#endif

static std::atomic<uint64_t> count;

uint64_t nacre::test::allocations() { return count; }

#ifdef NACRE_SANITIZED
// Sizes that cannot be are tested: null is the answer, not the end.
extern "C" const char *__asan_default_options() {
  return "allocator_may_return_null=1";
}
extern "C" const char *__tsan_default_options() {
  return "allocator_may_return_null=1";
}
#elif defined(__GLIBC__)
extern "C" {
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_memalign(size_t, size_t);

void *malloc(size_t size) {
  ++count;
  return __libc_malloc(size);
}
void *calloc(size_t number, size_t size) {
  ++count;
  return __libc_calloc(number, size);
}
void *aligned_alloc(size_t alignment, size_t size) {
  ++count;
  return __libc_memalign(alignment, size);
}
}
#endif

TEST(CountAllocations, SeesAnAllocation) {
#if defined(__GLIBC__) && !defined(NACRE_SANITIZED)
  uint64_t before = nacre::test::allocations();
  std::free(std::malloc(before % 7 + 100));
  void *volatile block = std::malloc(10);
  std::free(block);
  EXPECT_GT(nacre::test::allocations(), before);
#endif
}
