/// What every device must do; the same tests for each in this build.

#include "runtime/device/device.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

namespace {

int32_t fill(const nacre_word *args, int64_t begin, int64_t end, void *) {
  for (int64_t i = begin; i < end; ++i)
    static_cast<int32_t *>(args[0].pointer)[i] += int32_t(args[1].scalar + i);
  return 0;
}

int32_t reject(const nacre_word *, int64_t begin, int64_t, void *) {
  return begin == 0 ? 2 : 1;
}

/// args: where to write, bytes. Fills its scratch, which nobody else may touch.
int32_t use_scratch(const nacre_word *args, int64_t begin, int64_t end,
                    void *scratch) {
  size_t bytes = size_t(args[1].scalar);
  std::memset(scratch, int(begin + 1), bytes);
  for (int64_t i = begin; i < end; ++i)
    static_cast<unsigned char *>(args[0].pointer)[i] =
        static_cast<unsigned char *>(scratch)[bytes - 1];
  return reinterpret_cast<uintptr_t>(scratch) % 64 ? 1 : 0;
}

uint64_t scratch_of(const nacre_word *args) { return uint64_t(args[1].scalar); }

void serial(void *, size_t count, void (*task)(void *, size_t),
            void *argument) {
  for (size_t i = count; i > 0; --i)
    task(argument, i - 1);
}

class DeviceTest : public ::testing::TestWithParam<const char *> {
protected:
  void SetUp() override {
    device = nacre::runtime::find_device(GetParam());
    ASSERT_NE(device, nullptr);
    ASSERT_EQ(device->info(0, &info), NACRE_OK);
    ASSERT_EQ(device->open(0, nullptr, nullptr, &shared), NACRE_OK);
    ASSERT_EQ(device->open(0, &workers, shared, &queue), NACRE_OK);
  }
  void TearDown() override {
    device->close(queue);
    device->close(shared);
  }
  nacre_code *load(const nacre_kernel &kernel) {
    nacre_code *code = nullptr;
    EXPECT_EQ(device->load(shared, &kernel, &code), NACRE_OK);
    return code;
  }
  static nacre_kernel kernel(nacre_kernel_fn run) {
    nacre_kernel k = {};
    k.size = sizeof(k);
    k.name = k.source = "test";
    k.run = run;
    return k;
  }

  const nacre_device *device = nullptr;
  nacre_device_info info = {sizeof(info), 0, 0, 0};
  nacre_workers workers = {sizeof(workers), 3, serial, nullptr, nullptr, 0};
  nacre_queue *shared = nullptr, *queue = nullptr;
  nacre_fault fault = {sizeof(fault), 0, nullptr};
};

} // namespace

TEST_P(DeviceTest, HasACompleteTable) {
  EXPECT_GE(device->size, sizeof(nacre_device));
  EXPECT_EQ(device->version, NACRE_DEVICE_VERSION);
  EXPECT_STREQ(device->name, GetParam());
}

TEST_P(DeviceTest, RefusesOrdinalsThatAreNotThere) {
  nacre_queue *none = nullptr;
  EXPECT_EQ(device->info(12345, &info), NACRE_INCOMPATIBLE);
  EXPECT_EQ(device->open(12345, nullptr, nullptr, &none), NACRE_INCOMPATIBLE);
}

TEST_P(DeviceTest, GivesScratchAsSizesNeed) {
  nacre_kernel open = kernel(use_scratch);
  open.open_scratch = scratch_of;
  nacre_code *code = load(open);
  for (int64_t bytes : {100, 100000, 1}) {
    unsigned char out[3] = {};
    nacre_word args[2];
    args[0].pointer = out;
    args[1].scalar = bytes;
    ASSERT_EQ(device->launch(queue, code, args, 3), NACRE_OK);
    ASSERT_EQ(device->wait(queue, &fault), NACRE_OK);
    EXPECT_EQ(std::vector<int>(out, out + 3), std::vector<int>({1, 2, 3}));
  }
  nacre_word args[2];
  args[1].scalar = int64_t(1) << 40;
  EXPECT_EQ(device->launch(queue, code, args, 3), NACRE_OUT_OF_MEMORY);
  EXPECT_EQ(device->wait(queue, &fault), NACRE_OK);
  device->unload(shared, code);
}

TEST_P(DeviceTest, AlignsBlocks) {
  EXPECT_GE(info.alignment, 64u);
  for (uint64_t bytes : {1, 64, 100, 5000}) {
    void *block = nullptr;
    ASSERT_EQ(device->alloc(queue, bytes, &block), NACRE_OK);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % info.alignment, 0u);
    device->free(queue, block);
  }
  void *block;
  EXPECT_EQ(device->alloc(queue, UINT64_MAX - 1, &block), NACRE_OUT_OF_MEMORY);
}

TEST_P(DeviceTest, CopiesThereAndBack) {
  std::vector<char> from(1000), to(1000);
  for (size_t i = 0; i < from.size(); ++i)
    from[i] = char(i * 7);
  void *a, *b;
  ASSERT_EQ(device->alloc(queue, 1000, &a), NACRE_OK);
  ASSERT_EQ(device->alloc(queue, 1000, &b), NACRE_OK);
  EXPECT_EQ(device->upload(queue, a, from.data(), 1000), NACRE_OK);
  EXPECT_EQ(device->copy(queue, b, a, 1000), NACRE_OK);
  EXPECT_EQ(device->copy(queue, b, a, 0), NACRE_OK);
  EXPECT_EQ(device->download(queue, to.data(), b, 1000), NACRE_OK);
  EXPECT_EQ(device->wait(queue, &fault), NACRE_OK);
  EXPECT_EQ(from, to);
  device->free(queue, a);
  device->free(queue, b);
}

TEST_P(DeviceTest, LaunchesInOrder) {
  if (!info.host_visible)
    GTEST_SKIP() << "does not run host code";
  nacre_kernel k = kernel(fill);
  nacre_code *code = load(k);
  for (int64_t grid : {1, 2, 3, 100}) {
    std::vector<int32_t> data(grid, 1);
    nacre_word args[2];
    args[0].pointer = data.data();
    args[1].scalar = 5;
    EXPECT_EQ(device->launch(queue, code, args, grid), NACRE_OK);
    EXPECT_EQ(device->launch(queue, code, args, grid), NACRE_OK);
    EXPECT_EQ(device->wait(queue, &fault), NACRE_OK);
    for (int64_t i = 0; i < grid; ++i)
      EXPECT_EQ(data[i], 1 + 2 * (5 + i));
  }
  device->unload(shared, code);
}

TEST_P(DeviceTest, ReportsTheFirstFault) {
  if (!info.host_visible)
    GTEST_SKIP() << "does not run host code";
  nacre_kernel bad = kernel(reject), good = kernel(fill);
  nacre_code *bad_code = load(bad), *good_code = load(good);
  std::vector<int32_t> data(10);
  nacre_word args[2];
  args[0].pointer = data.data();
  args[1].scalar = 0;
  device->launch(queue, bad_code, args, 10);
  device->launch(queue, good_code, args, 10); // ignored
  EXPECT_EQ(device->wait(queue, &fault), NACRE_DATA_ERROR);
  EXPECT_EQ(fault.kernel, &bad);
  EXPECT_EQ(fault.check, 2); // of the lowest begin
  EXPECT_EQ(data, std::vector<int32_t>(10));
  // Reported once; the queue works on.
  EXPECT_EQ(device->launch(queue, good_code, args, 10), NACRE_OK);
  EXPECT_EQ(device->wait(queue, &fault), NACRE_OK);
  EXPECT_EQ(fault.kernel, nullptr);
}

TEST(Device, UnknownNamesAreNull) {
  EXPECT_EQ(nacre::runtime::find_device("abacus"), nullptr);
  EXPECT_EQ(nacre::runtime::find_device(""), nullptr);
}

static const char *const devices[] = {
#define NACRE_DEVICE(name) #name,
#include "Devices.def"
#undef NACRE_DEVICE
};
INSTANTIATE_TEST_SUITE_P(All, DeviceTest, ::testing::ValuesIn(devices));
