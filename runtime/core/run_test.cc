#include "runtime/test/test_util.h"

using namespace nacre::test;

namespace {

const std::vector<float> w = {1, 2, 3, 4};

Holder rows(int64_t n) {
  std::vector<float> x(4 * n);
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = float(i) * 0.25f;
  return Holder(NACRE_F32, {n, 4}, x);
}

void expect_affine(const nacre_tensor &y, int64_t n) {
  EXPECT_EQ(y.dtype, uint32_t(NACRE_F32));
  ASSERT_EQ(y.rank, 2u);
  EXPECT_EQ(y.dims[0], n);
  EXPECT_EQ(y.dims[1], 4);
  std::vector<float> got = values<float>(y);
  for (size_t i = 0; i < got.size(); ++i)
    ASSERT_EQ(got[i], float(i) * 0.25f * w[i % 4] + 1);
}

struct AffineTest : ::testing::Test {
  void refuses(nacre_status expected, const std::string &text) {
    EXPECT_EQ(runner.run({&x.tensor, &weights.tensor}, {&y.tensor}), expected);
    EXPECT_EQ(runner.error(), text);
  }
  Runner runner{TOY_AFFINE, with_threads(2)};
  Holder x{NACRE_F32, {2, 4}, std::vector<float>(8, 1)};
  Holder weights{NACRE_F32, {4}, w};
  Holder y;
};

} // namespace

TEST(Run, IsRightForAnyNumberOfThreads) {
  Holder weights(NACRE_F32, {4}, w);
  for (uint32_t threads : {1, 2, 4}) {
    Runner runner(TOY_AFFINE, with_threads(threads));
    for (int64_t n : {0, 1, 3, 1000}) {
      Holder x = rows(n), y;
      ASSERT_EQ(runner.run({&x.tensor, &weights.tensor}, {&y.tensor}), NACRE_OK)
          << runner.error();
      expect_affine(y.tensor, n);
      EXPECT_EQ(runner.error(), "");
    }
  }
}

TEST(Run, EqualInputGivesEqualBytes) {
  std::vector<float> x(10007);
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = 1.0f / float(i + 1);
  Holder input(NACRE_F32, {int64_t(x.size())}, x);
  std::vector<float> sums;
  for (uint32_t threads : {1, 2, 3, 4, 8}) {
    Runner runner(TOY_SUM, with_threads(threads));
    for (int i = 0; i < 20; ++i) {
      Holder sum;
      ASSERT_EQ(runner.run({&input.tensor}, {&sum.tensor}), NACRE_OK);
      EXPECT_EQ(sum.tensor.rank, 0u);
      sums.push_back(values<float>(sum.tensor)[0]);
    }
  }
  for (float sum : sums)
    EXPECT_EQ(sum, sums[0]);
}

TEST(Run, ArenaGrowsAndStays) {
  Runner runner(TOY_SUM, with_threads(2));
  Holder sum;
  uint64_t memory = 0;
  for (int64_t n : {64, 64000, 640, 0}) {
    Holder x(NACRE_F32, {n}, std::vector<float>(n, 1));
    ASSERT_EQ(runner.run({&x.tensor}, {&sum.tensor}), NACRE_OK);
    EXPECT_EQ(values<float>(sum.tensor)[0], float(n));
    EXPECT_GE(nacre_context_memory(runner.context), memory);
    memory = nacre_context_memory(runner.context);
  }
  EXPECT_GE(memory, 4000u);
}

TEST(Run, FillsInShapesThatDependOnData) {
  Runner runner(TOY_NONZERO);
  Holder y;
  Holder some(NACRE_I32, {5}, std::vector<int32_t>{0, 7, 0, 0, 1});
  ASSERT_EQ(runner.run({&some.tensor}, {&y.tensor}), NACRE_OK);
  EXPECT_EQ(y.tensor.dims[1], 2);
  EXPECT_EQ(values<int64_t>(y.tensor), (std::vector<int64_t>{1, 4}));
  Holder none(NACRE_I32, {3}, std::vector<int32_t>{0, 0, 0});
  ASSERT_EQ(runner.run({&none.tensor}, {&y.tensor}), NACRE_OK);
  EXPECT_EQ(y.tensor.dims[1], 0);
}

TEST(Run, SecondRunAllocatesNothing) {
  Holder weights(NACRE_F32, {4}, w), x = rows(300), y;
  Runner affine(TOY_AFFINE, with_threads(2));
  Runner nonzero(TOY_NONZERO, with_threads(2));
  Runner sum(TOY_SUM, with_threads(2));
  Holder some(NACRE_I32, {5}, std::vector<int32_t>{0, 7, 0, 0, 1}), found;
  Holder line(NACRE_F32, {1200}, std::vector<float>(1200, 1)), total;
  const nacre_tensor *affine_in[] = {&x.tensor, &weights.tensor};
  const nacre_tensor *nonzero_in[] = {&some.tensor}, *sum_in[] = {&line.tensor};
  nacre_tensor *affine_out[] = {&y.tensor}, *nonzero_out[] = {&found.tensor},
               *sum_out[] = {&total.tensor};
  uint64_t before = 0;
  for (int i = 0; i < 5; ++i) {
    if (i == 1)
      before = allocations();
    bool ok =
        !nacre_context_run(affine.context, affine_in, 2, affine_out, 1) &&
        !nacre_context_run(nonzero.context, nonzero_in, 1, nonzero_out, 1) &&
        !nacre_context_run(sum.context, sum_in, 1, sum_out, 1);
    ASSERT_TRUE(ok);
  }
  EXPECT_EQ(allocations(), before);
}

TEST(Run, EmbeddersThreadsAreUsed) {
  nacre_context_options options = with_threads(3);
  size_t tasks = 0;
  options.parallel_user = &tasks;
  options.parallel_for = [](void *user, size_t count,
                            void (*task)(void *, size_t), void *argument) {
    *static_cast<size_t *>(user) += count;
    for (size_t i = count; i > 0; --i)
      task(argument, i - 1);
  };
  Runner runner(TOY_AFFINE, options);
  Holder x = rows(10), weights(NACRE_F32, {4}, w), y;
  ASSERT_EQ(runner.run({&x.tensor, &weights.tensor}, {&y.tensor}), NACRE_OK);
  expect_affine(y.tensor, 10);
  EXPECT_EQ(tasks, 3u);
}

TEST(Run, WeightsAreReachable) {
  Runner runner(TOY_WEIGHTS);
  Holder unused(NACRE_I4, {4}, std::vector<int8_t>(4)), y;
  ASSERT_EQ(runner.run({&unused.tensor}, {&y.tensor}), NACRE_OK);
  EXPECT_EQ(values<float>(y.tensor), w);
}

TEST(Run, ProfileCountsLaunches) {
  nacre_context_options options = with_threads(2);
  options.profile = 1;
  Runner runner(TOY_AFFINE, options);
  Holder x = rows(10), weights(NACRE_F32, {4}, w), y;
  for (int i = 0; i < 3; ++i)
    ASSERT_EQ(runner.run({&x.tensor, &weights.tensor}, {&y.tensor}), NACRE_OK);
  uint64_t launches, nanoseconds;
  EXPECT_EQ(nacre_context_profile(runner.context, 0, &launches, &nanoseconds),
            NACRE_OK);
  EXPECT_EQ(launches, 3u);
  EXPECT_GT(nanoseconds, 0u);
  EXPECT_EQ(nacre_context_profile(runner.context, 1, &launches, nullptr),
            NACRE_OK);
  EXPECT_EQ(launches, 0u);
  EXPECT_EQ(nacre_context_profile(runner.context, 99, nullptr, nullptr),
            NACRE_INVALID_ARGUMENT);
  Runner without(TOY_AFFINE);
  EXPECT_EQ(nacre_context_profile(without.context, 0, nullptr, nullptr),
            NACRE_INVALID_ARGUMENT);
}

TEST_F(AffineTest, RefusesWrongCounts) {
  EXPECT_EQ(runner.run({&x.tensor}, {&y.tensor}), NACRE_INVALID_ARGUMENT);
  EXPECT_EQ(runner.error(), "1 inputs given, expected 2");
  EXPECT_EQ(runner.run({&x.tensor, &weights.tensor}, {}),
            NACRE_INVALID_ARGUMENT);
  EXPECT_EQ(runner.error(), "0 outputs given, expected 1");
  EXPECT_EQ(nacre_context_run(runner.context, nullptr, 2, nullptr, 1),
            NACRE_INVALID_ARGUMENT);
  EXPECT_EQ(runner.error(), "inputs or outputs are null");
  EXPECT_EQ(nacre_context_run(nullptr, nullptr, 0, nullptr, 0),
            NACRE_INVALID_ARGUMENT);
}

TEST_F(AffineTest, RefusesNullTensors) {
  EXPECT_EQ(runner.run({nullptr, &weights.tensor}, {&y.tensor}),
            NACRE_INVALID_ARGUMENT);
  EXPECT_EQ(runner.error(), "input 'x' is null");
  EXPECT_EQ(runner.run({&x.tensor, &weights.tensor}, {nullptr}),
            NACRE_INVALID_ARGUMENT);
  EXPECT_EQ(runner.error(), "output 'y' is null");
}

TEST_F(AffineTest, RefusesAWrongSize) {
  x.tensor.size = 0;
  refuses(NACRE_INVALID_ARGUMENT,
          "input 'x': size is 0, expected sizeof(nacre_tensor)");
}

TEST_F(AffineTest, RefusesAWrongDtype) {
  x.tensor.dtype = NACRE_I64;
  refuses(NACRE_SHAPE_MISMATCH, "input 'x': dtype is i64, expected f32");
}

TEST_F(AffineTest, RefusesAWrongRank) {
  x.tensor.rank = 1;
  refuses(NACRE_SHAPE_MISMATCH, "input 'x': rank is 1, expected 2");
}

TEST_F(AffineTest, RefusesNullDims) {
  x.tensor.dims = nullptr;
  refuses(NACRE_INVALID_ARGUMENT, "input 'x': dims is null");
}

TEST_F(AffineTest, RefusesAWrongDimension) {
  x.dims[1] = 3;
  refuses(NACRE_SHAPE_MISMATCH, "input 'x': dimension 1 is 3, expected 4");
}

TEST_F(AffineTest, RefusesANegativeDimension) {
  x.dims[0] = -1;
  refuses(NACRE_SHAPE_MISMATCH, "input 'x': dimension 0 is -1");
}

TEST_F(AffineTest, RefusesASizeThatOverflows) {
  x.dims[0] = INT64_MAX / 4;
  refuses(NACRE_SHAPE_MISMATCH, "input 'x': its size overflows");
}

TEST_F(AffineTest, RefusesNullData) {
  x.tensor.data = nullptr;
  refuses(NACRE_INVALID_ARGUMENT, "input 'x': data is null");
}

TEST_F(AffineTest, RefusesMisalignedData) {
  x.tensor.data = x.data.data() + 1;
  refuses(NACRE_INVALID_ARGUMENT, "input 'x': data is not aligned to 4 bytes");
}

TEST_F(AffineTest, RefusesAnInputThatIsTooSmall) {
  x.tensor.capacity = 31;
  refuses(NACRE_BUFFER_TOO_SMALL,
          "input 'x': capacity is 31 bytes, its shape needs 32");
}

TEST_F(AffineTest, AnEmptyInputNeedsNoData) {
  x.dims[0] = 0;
  x.tensor.data = nullptr;
  x.tensor.capacity = 0;
  refuses(NACRE_OK, "");
  EXPECT_EQ(y.tensor.dims[0], 0);
}

TEST_F(AffineTest, RefusesASecondRunAtTheSameTime) {
  nacre_context_options options = with_threads(2);
  struct Nested {
    nacre_context *context;
    nacre_status status;
  } nested{};
  options.parallel_user = &nested;
  options.parallel_for = [](void *user, size_t count,
                            void (*task)(void *, size_t), void *argument) {
    auto &me = *static_cast<Nested *>(user);
    me.status = nacre_context_run(me.context, nullptr, 0, nullptr, 0);
    for (size_t i = 0; i < count; ++i)
      task(argument, i);
  };
  Runner other(TOY_AFFINE, options);
  nested.context = other.context;
  EXPECT_EQ(other.run({&x.tensor, &weights.tensor}, {&y.tensor}), NACRE_OK);
  EXPECT_EQ(nested.status, NACRE_INVALID_ARGUMENT);
  EXPECT_STREQ(nacre_last_error(), "the context is running on another thread");
}

TEST(Run, EqualSymbolsMustBeEqual) {
  Runner runner(TOY_PAIR);
  Holder a = rows(2), b = rows(3), c, d;
  EXPECT_EQ(runner.run({&a.tensor, &b.tensor}, {&c.tensor, &d.tensor}),
            NACRE_SHAPE_MISMATCH);
  EXPECT_EQ(runner.error(), "input 'b': dimension 0 (N) is 3, expected 2");
}

TEST(Run, ReportsTheFirstFailedCheck) {
  Holder data(NACRE_F32, {100}, std::vector<float>(100));
  std::vector<int64_t> index(1000, 5);
  index[999] = 100;
  index[500] = -1;
  Holder bad(NACRE_I64, {1000}, index);
  index[400] = 200;
  Holder worse(NACRE_I64, {1000}, index);
  for (uint32_t threads : {1, 2, 4}) {
    Runner runner(TOY_GATHER, with_threads(threads));
    Holder picked;
    EXPECT_EQ(runner.run({&data.tensor, &bad.tensor}, {&picked.tensor}),
              NACRE_DATA_ERROR);
    EXPECT_EQ(runner.error(),
              "pick (Gather-13): an index is negative?and so on");
    EXPECT_EQ(runner.run({&data.tensor, &worse.tensor}, {&picked.tensor}),
              NACRE_DATA_ERROR);
    EXPECT_EQ(runner.error(),
              "pick (Gather-13): an index is beyond the end of 'data'");
    // The context works on.
    Holder good(NACRE_I64, {3}, std::vector<int64_t>{0, 99, 5});
    EXPECT_EQ(runner.run({&data.tensor, &good.tensor}, {&picked.tensor}),
              NACRE_OK);
  }
}

TEST(Run, SurvivesModelsThatBreakTheContract) {
  struct {
    toy_fault fault;
    nacre_status status;
    const char *text;
  } cases[] = {
      {TOY_UNSET, NACRE_INTERNAL, "the model leaves output 'y' unset"},
      {TOY_BAD_RANK, NACRE_INTERNAL,
       "output 'y': set twice, or with rank 1 instead of 2"},
      {TOY_BAD_DIM, NACRE_INTERNAL,
       "output 'y': dimension 1 is 4, declared as 3"},
      {TOY_HUGE_OUTPUT, NACRE_OUT_OF_MEMORY, "output 'y': its size overflows"},
      {TOY_NEGATIVE_DIM, NACRE_INTERNAL,
       "output 'y': dimension 0 is -1, declared as -1"},
      {TOY_BAD_OUTPUT, NACRE_INTERNAL, "the model sets output 7 of 1"},
      {TOY_SET_TWICE, NACRE_INTERNAL,
       "output 'y': set twice, or with rank 2 instead of 2"},
      {TOY_NO_DETAIL, NACRE_INTERNAL,
       "the model fails with status 5 and no detail"},
      {TOY_ARENA_TWICE, NACRE_INTERNAL, "the model asks for its arena twice"},
      {TOY_HUGE_ARENA, NACRE_OUT_OF_MEMORY,
       "no memory for an arena of 18446744073709551612 bytes"},
      {TOY_HUGE_BLOCK, NACRE_OUT_OF_MEMORY,
       "no memory for a tensor of 18446744073709551612 bytes"},
      {TOY_BAD_FREE, NACRE_INTERNAL,
       "the model frees a block that it does not have"},
      {TOY_BAD_KERNEL, NACRE_INTERNAL,
       "the model launches kernel 99 of 4, grid 1"},
      {TOY_BAD_GRID, NACRE_INTERNAL,
       "the model launches kernel 3 of 4, grid -1"},
      {TOY_BAD_CHECK, NACRE_INTERNAL,
       "kernel 'liar' fails with unknown check 9"},
      {TOY_FAIL, NACRE_DATA_ERROR, "loop (Loop-13): trip count is negative"}};
  Runner runner(TOY_FAULTY, with_threads(2));
  for (const auto &c : cases) {
    Holder fault(NACRE_I32, {}, std::vector<int32_t>{c.fault}), y;
    EXPECT_EQ(runner.run({&fault.tensor}, {&y.tensor}), c.status) << c.text;
    EXPECT_EQ(runner.error(), c.text);
  }
}
