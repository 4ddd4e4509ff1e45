#include "runtime/test/test_util.h"

#include <thread>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

using namespace nacre::test;

namespace {

struct ContextTest : ::testing::Test {
  void SetUp() override {
    ASSERT_EQ(nacre_model_from_descriptor(nacre_model_toy, nullptr, &model),
              NACRE_OK);
  }
  void TearDown() override { nacre_model_destroy(model); }

  void refuses(nacre_context_options options, nacre_status expected,
               const char *text) {
    nacre_context *context;
    options.size = sizeof(options);
    EXPECT_EQ(nacre_context_create(model, &options, &context), expected);
    EXPECT_STREQ(nacre_last_error(), text);
    EXPECT_EQ(context, nullptr);
  }
  nacre_model *model = nullptr;
};

} // namespace

TEST_F(ContextTest, HasDefaults) {
  nacre_context *context;
  ASSERT_EQ(nacre_context_create(model, nullptr, &context), NACRE_OK);
  nacre_context_destroy(context);
  nacre_context_destroy(nullptr);
}

TEST_F(ContextTest, OptionsOfAnOlderHeaderAreComplete) {
  nacre_context_options options = with_threads(9999);
  options.size = 8; // num_threads is not covered
  options.entry = TOY_SUM;
  nacre_context *context;
  ASSERT_EQ(nacre_context_create(model, &options, &context), NACRE_OK);
  nacre_context_destroy(context);
}

TEST_F(ContextTest, RefusesNull) {
  nacre_context *context;
  EXPECT_EQ(nacre_context_create(nullptr, nullptr, &context),
            NACRE_INVALID_ARGUMENT);
  EXPECT_EQ(nacre_context_create(model, nullptr, nullptr),
            NACRE_INVALID_ARGUMENT);
}

TEST_F(ContextTest, RefusesAnEntryThatIsNotThere) {
  nacre_context_options options = {};
  options.entry = 8;
  refuses(options, NACRE_INVALID_ARGUMENT,
          "toy: there is no entry 8, it has 8");
}

TEST_F(ContextTest, RefusesTooManyThreads) {
  refuses(with_threads(1000), NACRE_INVALID_ARGUMENT,
          "num_threads is 1000, expected at most 256");
}

TEST_F(ContextTest, KeepsItsModel) {
  nacre_context *context;
  ASSERT_EQ(nacre_context_create(model, nullptr, &context), NACRE_OK);
  nacre_model_destroy(model);
  model = nullptr;
  EXPECT_STREQ(nacre_context_error(context), "");
  nacre_context_destroy(context);
}

// One model, a context per thread; own workers, then a pool that all share.
static void run_on_threads(nacre_model *model, nacre_context_options options) {
  std::vector<std::thread> threads;
  options.size = sizeof(options);
  options.entry = TOY_SUM;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([=] {
      nacre_context *context;
      ASSERT_EQ(nacre_context_create(model, &options, &context), NACRE_OK);
      for (int64_t n = 1; n < 300; ++n) {
        Holder x(NACRE_F32, {n * 7}, std::vector<float>(n * 7, float(t))), sum;
        const nacre_tensor *in[] = {&x.tensor};
        nacre_tensor *out[] = {&sum.tensor};
        ASSERT_EQ(nacre_context_run(context, in, 1, out, 1), NACRE_OK);
        ASSERT_EQ(values<float>(sum.tensor)[0], float(n * 7 * t));
      }
      nacre_context_destroy(context);
    });
  for (std::thread &thread : threads)
    thread.join();
}

TEST_F(ContextTest, ContextsAreIndependent) {
  run_on_threads(model, with_threads(2));
}

TEST_F(ContextTest, ContextsMayShareAPool) {
  nacre_context_options options = {};
  ASSERT_EQ(nacre_pool_create(3, &options.pool), NACRE_OK);
  run_on_threads(model, options);
  nacre_pool_destroy(options.pool);
}

#if defined(__x86_64__)
// A program that flushes denormals gets the same results, and keeps its mode.
TEST_F(ContextTest, DenormalsDoNotDependOnTheCaller) {
  constexpr unsigned flush = 0x8040;
  Holder x(NACRE_F32, {64, 4}, std::vector<float>(256, 1e-39f));
  Holder w(NACRE_F32, {4}, std::vector<float>(4, 1e30f)), y;
  Runner runner(TOY_AFFINE, with_threads(2));
  unsigned before = _mm_getcsr();
  _mm_setcsr(before | flush);
  nacre_status status = runner.run({&x.tensor, &w.tensor}, {&y.tensor});
  unsigned after = _mm_getcsr();
  _mm_setcsr(before);
  EXPECT_EQ(status, NACRE_OK);
  EXPECT_EQ(after & flush, flush);
  for (float v : values<float>(y.tensor))
    ASSERT_EQ(v, 1e-39f * 1e30f + 1);
}
#endif
