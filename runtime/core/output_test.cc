/// Who owns the memory of outputs, and what may overlap.

#include "runtime/test/test_util.h"

using namespace nacre::test;

namespace {

struct OutputTest : ::testing::Test {
  nacre_status run(const nacre_tensor &in) {
    return runner.run({&in, &w.tensor}, {&y.tensor});
  }
  Runner runner{TOY_AFFINE, with_threads(2)};
  Holder x{NACRE_F32, {2, 4}, std::vector<float>(8, 1)};
  Holder w{NACRE_F32, {4}, std::vector<float>(4, 2)};
  Holder y;
};

} // namespace

TEST_F(OutputTest, GoesToTheCallersBuffer) {
  std::vector<float> buffer(9, -5);
  y.tensor.data = buffer.data();
  y.tensor.capacity = 32;
  ASSERT_EQ(run(x.tensor), NACRE_OK);
  EXPECT_EQ(y.tensor.data, buffer.data());
  EXPECT_EQ(y.tensor.capacity, 32u);
  EXPECT_EQ(buffer, (std::vector<float>{3, 3, 3, 3, 3, 3, 3, 3, -5}));
}

TEST_F(OutputTest, SaysWhatABufferLacks) {
  std::vector<float> buffer(8, -5);
  y.tensor.data = buffer.data();
  y.tensor.capacity = 31;
  EXPECT_EQ(run(x.tensor), NACRE_BUFFER_TOO_SMALL);
  EXPECT_EQ(runner.error(), "output 'y': capacity is 31 bytes, needed are 32");
  EXPECT_EQ(y.tensor.dims[0], 2);
  EXPECT_EQ(buffer, std::vector<float>(8, -5));
}

TEST_F(OutputTest, RefusesMisalignedBuffers) {
  std::vector<char> buffer(100);
  y.tensor.data = buffer.data() + 2;
  y.tensor.capacity = 90;
  EXPECT_EQ(run(x.tensor), NACRE_INVALID_ARGUMENT);
  EXPECT_EQ(runner.error(), "output 'y': data is not aligned to 4 bytes");
}

TEST_F(OutputTest, IsAlignedWhenTheContextOwnsIt) {
  ASSERT_EQ(run(x.tensor), NACRE_OK);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(y.tensor.data) % 64, 0u);
  EXPECT_EQ(y.tensor.capacity, 32u);
}

TEST_F(OutputTest, MayBePassedAgain) {
  ASSERT_EQ(run(x.tensor), NACRE_OK);
  Holder larger(NACRE_F32, {50, 4}, std::vector<float>(200, 1));
  ASSERT_EQ(run(larger.tensor), NACRE_OK);
  EXPECT_EQ(y.tensor.capacity, 800u);
  EXPECT_EQ(values<float>(y.tensor), std::vector<float>(200, 3));
}

TEST_F(OutputTest, MayBeTheNextInput) {
  // 1 -> 3 -> 7 -> 15: y = 2 x + 1. The same struct is input and output.
  ASSERT_EQ(run(x.tensor), NACRE_OK);
  uint64_t before = 0;
  const nacre_tensor *in[] = {&y.tensor, &w.tensor};
  nacre_tensor *out[] = {&y.tensor};
  for (int i = 0; i < 6; ++i) {
    if (i == 2)
      before = allocations();
    if (nacre_context_run(runner.context, in, 2, out, 1) != NACRE_OK)
      FAIL() << runner.error();
  }
  EXPECT_EQ(allocations(), before);
  EXPECT_EQ(values<float>(y.tensor), std::vector<float>(8, 255));
}

TEST_F(OutputTest, MayUpdateItsTiedInputInPlace) {
  y.tensor.data = x.data.data();
  y.tensor.capacity = x.data.size();
  ASSERT_EQ(run(x.tensor), NACRE_OK);
  EXPECT_EQ(values<float>(x.tensor), std::vector<float>(8, 3));
}

TEST_F(OutputTest, RefusesToOverlapAnInput) {
  std::vector<float> buffer(20, 1);
  x.tensor.data = buffer.data() + 4;
  y.tensor.data = buffer.data();
  y.tensor.capacity = 32;
  EXPECT_EQ(run(x.tensor), NACRE_INVALID_ARGUMENT);
  EXPECT_EQ(runner.error(), "output 'y' overlaps input 'x'");
  // Not the input that it is tied to.
  x.tensor.data = buffer.data() + 8;
  w.tensor.data = buffer.data();
  EXPECT_EQ(run(x.tensor), NACRE_INVALID_ARGUMENT);
  EXPECT_EQ(runner.error(), "output 'y' overlaps input 'w'");
}

TEST_F(OutputTest, RefusesABufferInsideTheContext) {
  Holder larger(NACRE_F32, {50, 4}, std::vector<float>(200, 1));
  ASSERT_EQ(run(larger.tensor), NACRE_OK);
  y.tensor.data = static_cast<char *>(y.tensor.data) + 64;
  EXPECT_EQ(run(x.tensor), NACRE_INVALID_ARGUMENT);
  EXPECT_EQ(runner.error(),
            "output 'y': data points into memory of the context");
}

TEST(Output, RefusesToOverlapAnother) {
  Runner runner(TOY_PAIR);
  Holder a(NACRE_F32, {2, 4}, std::vector<float>(8, 1)), c, d;
  std::vector<float> buffer(12);
  c.tensor.data = buffer.data();
  d.tensor.data = buffer.data() + 4;
  c.tensor.capacity = d.tensor.capacity = 32;
  EXPECT_EQ(runner.run({&a.tensor, &a.tensor}, {&c.tensor, &d.tensor}),
            NACRE_INVALID_ARGUMENT);
  EXPECT_EQ(runner.error(), "output 'd' overlaps output 'c'");
}

TEST(Output, OwnedOnesMaySwap) {
  Runner runner(TOY_PAIR);
  Holder a(NACRE_F32, {2, 4}, std::vector<float>(8, 1));
  Holder b(NACRE_F32, {2, 4}, std::vector<float>(8, 2)), c, d;
  ASSERT_EQ(runner.run({&a.tensor, &b.tensor}, {&c.tensor, &d.tensor}),
            NACRE_OK);
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(runner.run({&d.tensor, &c.tensor}, {&c.tensor, &d.tensor}),
              NACRE_OK);
    EXPECT_EQ(values<float>(c.tensor), std::vector<float>(8, i % 2 ? 1 : 2));
    EXPECT_EQ(values<float>(d.tensor), std::vector<float>(8, i % 2 ? 2 : 1));
    ASSERT_EQ(runner.run({&c.tensor, &d.tensor}, {&d.tensor, &c.tensor}),
              NACRE_OK);
    std::swap(c.tensor, d.tensor);
    EXPECT_EQ(values<float>(c.tensor), std::vector<float>(8, i % 2 ? 1 : 2));
  }
}
