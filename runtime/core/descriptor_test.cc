#include "runtime/test/test_util.h"

#include <functional>
#include <tuple>

using namespace nacre::test;

namespace {

struct DescriptorTest : ::testing::Test {
  DescriptorTest()
      : d(*nacre_model_toy), kernel(d.kernels[0]), entry(d.entries[0]),
        input(entry.inputs[0]), output(entry.outputs[0]) {
    d.kernels = &kernel;
    d.num_kernels = 1;
    d.entries = &entry;
    d.num_entries = 1;
    entry.inputs = &input;
    entry.num_inputs = 1;
    entry.outputs = &output;
  }

  void refuses(nacre_status expected, const std::string &text) {
    nacre_model *model = nullptr;
    EXPECT_EQ(nacre_model_from_descriptor(&d, nullptr, &model), expected);
    EXPECT_EQ(nacre_last_error(), text);
    EXPECT_EQ(model, nullptr);
    nacre_model_destroy(model);
  }
  void corrupt(const std::string &text) {
    refuses(NACRE_BAD_ARTIFACT, "toy: corrupt descriptor: " + text);
  }

  nacre_descriptor d;
  nacre_kernel kernel;
  nacre_entry entry;
  nacre_value input, output;
};

} // namespace

TEST_F(DescriptorTest, LoadsAsItIs) {
  nacre_model *model;
  ASSERT_EQ(nacre_model_from_descriptor(&d, nullptr, &model), NACRE_OK);
  EXPECT_EQ(nacre_model_descriptor(model), &d);
  EXPECT_STREQ(nacre_model_entry(model, 0)->name, "affine");
  EXPECT_EQ(nacre_model_entry(model, 1), nullptr);
  EXPECT_STREQ(nacre_model_kernel(model, 0)->source, "mul, add");
  EXPECT_EQ(nacre_model_kernel(model, 1), nullptr);
  EXPECT_STREQ(nacre_entry_input(&entry, 0)->name, "x");
  EXPECT_EQ(nacre_entry_input(&entry, 1), nullptr);
  EXPECT_STREQ(nacre_entry_output(&entry, 0)->name, "y");
  EXPECT_STREQ(nacre_entry_symbol(&entry, -2), "N");
  EXPECT_STREQ(nacre_entry_symbol(&entry, -3), "M");
  EXPECT_EQ(nacre_entry_symbol(&entry, -4), nullptr);
  EXPECT_EQ(nacre_entry_symbol(&entry, -1), nullptr);
  EXPECT_EQ(nacre_entry_symbol(&entry, INT64_MIN), nullptr);
  EXPECT_EQ(nacre_entry_symbol(&entry, 3), nullptr);
  nacre_model_destroy(model);
}

TEST_F(DescriptorTest, RefusesNull) {
  nacre_model *model;
  EXPECT_EQ(nacre_model_from_descriptor(nullptr, nullptr, &model),
            NACRE_INVALID_ARGUMENT);
  EXPECT_EQ(nacre_model_from_descriptor(&d, nullptr, nullptr),
            NACRE_INVALID_ARGUMENT);
  nacre_model_destroy(nullptr);
}

TEST_F(DescriptorTest, RefusesAnotherMagic) {
  d.magic = 1;
  refuses(NACRE_BAD_ARTIFACT,
          "model: corrupt descriptor: its magic number is wrong");
}

TEST_F(DescriptorTest, RefusesAFutureVersion) {
  d.version = 7;
  refuses(NACRE_INCOMPATIBLE,
          "model: made for ABI version 7, this runtime knows up to 1; update "
          "the runtime or compile the model again");
}

TEST_F(DescriptorTest, RefusesASmallerDescriptor) {
  d.size -= 8;
  corrupt("its size or version is wrong");
}

TEST_F(DescriptorTest, RefusesAnotherArchitecture) {
  d.arch = "pdp11";
  nacre_model *model;
  EXPECT_EQ(nacre_model_from_descriptor(&d, nullptr, &model),
            NACRE_INCOMPATIBLE);
  EXPECT_EQ(std::string(nacre_last_error()).find("toy: compiled for pdp11"),
            0u);
}

TEST_F(DescriptorTest, RefusesUnknownFeatures) {
  const char *features[] = {"quantum"};
  d.features = features;
  d.num_features = 1;
  refuses(NACRE_INCOMPATIBLE,
          "toy: needs CPU feature 'quantum', which this runtime does not know; "
          "update the runtime or compile for another --cpu");
}

#if defined(__x86_64__)
TEST_F(DescriptorTest, RefusesMissingFeatures) {
  // No processor has both of these makers' extensions.
  const char *features[] = {"sse2", "tbm", "amx-tile"};
  d.features = features;
  d.num_features = 3;
  nacre_model *model;
  EXPECT_EQ(nacre_model_from_descriptor(&d, nullptr, &model),
            NACRE_INCOMPATIBLE);
  EXPECT_NE(std::string(nacre_last_error()).find("which this machine lacks"),
            std::string::npos);
}
#endif

TEST_F(DescriptorTest, RefusesUnknownDevices) {
  const char *devices[] = {"abacus"};
  d.devices = devices;
  refuses(NACRE_INCOMPATIBLE,
          "toy: needs device 'abacus', which this runtime does not have");
}

TEST_F(DescriptorTest, RefusesCorruptFields) {
  const std::string head =
      "its name, provenance, features or devices are wrong";
  const std::string value = "an input or output has ";
  static const int64_t beyond[] = {-4, 4};
  static const nacre_value item = input;
  nacre_value held = item;
  auto hold = [&](uint32_t rank, const int64_t *dims) {
    held.rank = rank;
    held.dims = dims;
    input.dtype = NACRE_SEQUENCE;
    input.content = &held;
  };
  struct {
    std::function<void()> damage;
    std::string text;
  } cases[] = {
      {[&] { d.provenance = nullptr; }, head},
      {[&] { d.num_features = 1; }, head},
      {[&] { d.devices = nullptr; }, head},
      {[&] { d.weights = nullptr; }, "its weights are not where it says"},
      {[&] { d.num_entries = 0; }, "its entries or kernels are wrong"},
      {[&] { entry.size = 8; }, "its entries or kernels are wrong"},
      {[&] { kernel.size += 1; }, "its entries or kernels are wrong"},
      {[&] { kernel.device = 1; }, "a kernel's name or device is wrong"},
      {[&] { kernel.source = nullptr; }, "a kernel's name or device is wrong"},
      {[&] { kernel.run = nullptr; }, "a kernel has no code"},
      {[&] { kernel.scratch_bytes = UINT64_MAX; },
       "a kernel's scratch size is wrong"},
      {[&] { kernel.num_checks = 1; }, "a kernel's checks are wrong"},
      {[&] { entry.run = nullptr; }, "an entry's code or signature is wrong"},
      {[&] { entry.symbols = nullptr; },
       "an entry's code or signature is wrong"},
      {[&] { input.name = nullptr; }, value + "no name"},
      {[&] { input.dtype = 99; }, value + "an unknown dtype"},
      {[&] { input.rank = 65; }, "an input's or output's rank is wrong"},
      {[&] { input.dims = nullptr; }, "an input's or output's rank is wrong"},
      {[&] { input.dims = beyond; },
       "a dimension refers to a symbol that does not exist"},
      {[&] { hold(NACRE_ANY_RANK - 1, beyond); },
       "an input's or output's rank is wrong"},
      {[&] { hold(2, nullptr); }, "an input's or output's rank is wrong"},
      {[&] { hold(2, beyond); },
       "a dimension refers to a symbol that does not exist"},
      {[&] { output.tied_input = 1; },
       "an output is tied to an input that does not exist"},
      {[&] { output.tied_input = -2; },
       "an output is tied to an input that does not exist"}};
  const DescriptorTest &me = *this;
  auto saved = std::make_tuple(me.d, me.kernel, me.entry, me.input, me.output);
  for (auto &c : cases) {
    c.damage();
    corrupt(c.text);
    std::tie(d, kernel, entry, input, output) = saved;
  }
}

TEST_F(DescriptorTest, ReadsNewerAndLargerStructs) {
  // What a newer compiler appends must not confuse this runtime.
  struct Larger {
    nacre_kernel kernel;
    uint64_t more;
  } kernels[2] = {{kernel, 1}, {kernel, 2}};
  for (Larger &k : kernels)
    k.kernel.size = sizeof(Larger);
  kernels[1].kernel.name = "second";
  d.kernels = &kernels[0].kernel;
  d.num_kernels = 2;
  nacre_model *model;
  ASSERT_EQ(nacre_model_from_descriptor(&d, nullptr, &model), NACRE_OK);
  EXPECT_STREQ(nacre_model_kernel(model, 1)->name, "second");
  nacre_model_destroy(model);

  kernels[1].kernel.size = sizeof(nacre_kernel);
  corrupt("its entries or kernels are wrong");
}
