/// What every device must do; the same tests for each in this build, on the
/// same programs.

#include "runtime/core/error.h"
#include "runtime/test/device_programs.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#define NACRE_DEVICE(name)                                                     \
  void nacre_test_program_##name(nacre_test_program program,                   \
                                 nacre_kernel *kernel);
#include "Devices.def"
#undef NACRE_DEVICE

namespace {

uint64_t scratch_of(const nacre_word *args) { return uint64_t(args[1].scalar); }

const nacre_check checks[] = {{sizeof(nacre_check), 0, "node", "first"},
                              {sizeof(nacre_check), 0, "node", "second"}};

/// A program in the form that device `name` loads.
nacre_kernel program_for(const std::string &name, nacre_test_program program) {
  nacre_kernel kernel = {};
  kernel.size = sizeof(kernel);
  kernel.name = kernel.source = "test";
  kernel.num_tensors = 1;
  kernel.num_args = program == NACRE_TEST_REJECT ? 1 : 2;
  kernel.checks = checks;
  kernel.num_checks = program == NACRE_TEST_REJECT ? 2 : 0;
  if (program == NACRE_TEST_SCRATCH)
    kernel.open_scratch = scratch_of;
#define NACRE_DEVICE(device)                                                   \
  if (name == #device)                                                         \
    nacre_test_program_##device(program, &kernel);
#include "Devices.def"
#undef NACRE_DEVICE
  return kernel;
}

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
    if (device->info(0, &info) != NACRE_OK)
      GTEST_SKIP() << "this machine has none" << call.reason().text;
    ASSERT_EQ(device->open(0, nullptr, nullptr, &shared), NACRE_OK);
    ASSERT_EQ(device->open(0, &workers, shared, &queue), NACRE_OK);
  }
  void TearDown() override {
    if (queue)
      device->close(queue);
    if (shared)
      device->close(shared);
  }
  nacre_code *load(const nacre_kernel &kernel) {
    nacre_code *code = nullptr;
    EXPECT_EQ(device->load(shared, &kernel, &code), NACRE_OK)
        << call.reason().text;
    return code;
  }

  /// Runs `code` over the bytes of `data` as often as `launches` says; `status`
  /// is what the last launch returned.
  template <typename T>
  nacre_status launch(nacre_code *code, std::vector<T> &data, int64_t scalar,
                      int64_t grid, int launches = 1) {
    nacre_word args[2];
    args[0].pointer = data.data();
    args[1].scalar = scalar;
    uint64_t bytes = data.size() * sizeof(T);
    // Not at the begin of its block, as slices of an arena are.
    nacre_place place = {nullptr, 256};
    if (!info.host_visible) {
      EXPECT_EQ(device->alloc(queue, 256 + bytes, &place.block), NACRE_OK);
      EXPECT_EQ(device->upload(queue, place, data.data(), bytes), NACRE_OK);
    }
    nacre_status status = NACRE_OK;
    for (int i = 0; i < launches && !status; ++i)
      status = device->launch(queue, code, args,
                              info.host_visible ? nullptr : &place, grid);
    if (info.host_visible)
      return status;
    EXPECT_EQ(device->download(queue, data.data(), place, bytes), NACRE_OK);
    nacre_fault ignored = {sizeof(ignored), 0, nullptr};
    waited = device->wait(queue, &ignored);
    fault = ignored;
    device->free(queue, place.block);
    return status;
  }
  /// The result of the wait for the last launches.
  nacre_status wait() {
    return info.host_visible ? device->wait(queue, &fault) : waited;
  }

  nacre::runtime::DeviceCall call;
  const nacre_device *device = nullptr;
  nacre_device_info info = {sizeof(info), 0, 0, 0, ""};
  nacre_workers workers = {sizeof(workers), 3, serial, nullptr, nullptr, 0};
  nacre_queue *shared = nullptr, *queue = nullptr;
  nacre_status waited = NACRE_OK;
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
  nacre_kernel kernel = program_for(GetParam(), NACRE_TEST_SCRATCH);
  nacre_code *code = load(kernel);
  for (int64_t bytes : {100, 100000, 1}) {
    std::vector<unsigned char> out(3);
    ASSERT_EQ(launch(code, out, bytes, 3), NACRE_OK);
    ASSERT_EQ(wait(), NACRE_OK);
    EXPECT_EQ(out, std::vector<unsigned char>({1, 2, 3}));
  }
  std::vector<unsigned char> out(3);
  EXPECT_EQ(launch(code, out, int64_t(1) << 40, 3), NACRE_OUT_OF_MEMORY);
  EXPECT_EQ(wait(), NACRE_OK);
  device->unload(shared, code);
}

TEST_P(DeviceTest, AlignsBlocks) {
  EXPECT_GE(info.alignment, 64u);
  for (uint64_t bytes : {1, 64, 100, 5000}) {
    void *block = nullptr;
    ASSERT_EQ(device->alloc(queue, bytes, &block), NACRE_OK);
    if (info.host_visible) {
      EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % info.alignment, 0u);
    }
    device->free(queue, block);
  }
  void *block;
  EXPECT_EQ(device->alloc(queue, UINT64_MAX - 1, &block), NACRE_OUT_OF_MEMORY);
}

TEST_P(DeviceTest, CopiesThereAndBack) {
  std::vector<char> from(1000), to(900);
  for (size_t i = 0; i < from.size(); ++i)
    from[i] = char(i * 7);
  void *a, *b;
  ASSERT_EQ(device->alloc(queue, 1000, &a), NACRE_OK);
  ASSERT_EQ(device->alloc(queue, 1000, &b), NACRE_OK);
  EXPECT_EQ(device->upload(queue, {a, 0}, from.data(), 1000), NACRE_OK);
  EXPECT_EQ(device->copy(queue, {b, 40}, {a, 60}, 940), NACRE_OK);
  EXPECT_EQ(device->copy(queue, {b, 0}, {a, 0}, 0), NACRE_OK);
  EXPECT_EQ(device->download(queue, to.data(), {b, 40}, 900), NACRE_OK);
  EXPECT_EQ(device->wait(queue, &fault), NACRE_OK);
  EXPECT_EQ(std::memcmp(to.data(), from.data() + 60, 900), 0);
  device->free(queue, a);
  device->free(queue, b);
}

TEST_P(DeviceTest, LaunchesInOrder) {
  nacre_kernel kernel = program_for(GetParam(), NACRE_TEST_FILL);
  nacre_code *code = load(kernel);
  for (int64_t grid : {1, 2, 3, 100}) {
    std::vector<int32_t> data(grid, 1);
    EXPECT_EQ(launch(code, data, 5, grid, 2), NACRE_OK);
    EXPECT_EQ(wait(), NACRE_OK);
    for (int64_t i = 0; i < grid; ++i)
      EXPECT_EQ(data[i], 1 + 2 * (5 + i));
  }
  device->unload(shared, code);
}

TEST_P(DeviceTest, ReportsTheFirstFault) {
  nacre_kernel bad = program_for(GetParam(), NACRE_TEST_REJECT);
  nacre_kernel good = program_for(GetParam(), NACRE_TEST_FILL);
  nacre_code *bad_code = load(bad), *good_code = load(good);
  std::vector<int32_t> data(10);
  launch(bad_code, data, 0, 10, 2);
  EXPECT_EQ(wait(), NACRE_DATA_ERROR);
  EXPECT_EQ(fault.kernel, &bad);
  EXPECT_EQ(fault.check, 2); // of the lowest begin
  // Reported once; the queue works on.
  EXPECT_EQ(launch(good_code, data, 0, 10), NACRE_OK);
  EXPECT_EQ(wait(), NACRE_OK);
  EXPECT_EQ(fault.kernel, nullptr);
  EXPECT_EQ(data[9], 9);
  device->unload(shared, bad_code);
  device->unload(shared, good_code);
}

TEST_P(DeviceTest, RefusesCodeThatIsNone) {
  if (info.host_visible)
    GTEST_SKIP() << "code is a function";
  nacre_kernel kernel = program_for(GetParam(), NACRE_TEST_FILL);
  kernel.code = "nonsense";
  kernel.code_bytes = 8;
  nacre_code *code = nullptr;
  EXPECT_EQ(device->load(shared, &kernel, &code), NACRE_INCOMPATIBLE);
  EXPECT_EQ(code, nullptr);
  EXPECT_STRNE(call.reason().text, "");
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
