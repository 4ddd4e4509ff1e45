#include "nacre/runtime.hpp"
#include "runtime/test/toy_model.h"

#include <gtest/gtest.h>

TEST(Wrapper, LoadsFeedsRuns) {
  nacre::Model model(NACRE_TEST_ARTIFACT);
  nacre::Context context(model);
  std::vector<float> x = {1, 2, 3, 4}, w = {1, 2, 3, 4};
  auto &y = context.run({nacre::tensor(x, {1, 4}), nacre::tensor(w, {4})});
  ASSERT_EQ(y.size(), 1u);
  nacre::Values<float> values = nacre::values<float>(y[0]);
  EXPECT_EQ(std::vector<float>(values.begin(), values.end()),
            (std::vector<float>{2, 5, 10, 17}));
  EXPECT_THROW(nacre::values<int32_t>(y[0]), nacre::Error);
  EXPECT_STREQ(model.descriptor().name, "toy");
}

TEST(Wrapper, ThrowsWithStatusAndDetail) {
  nacre::Model model(nacre_model_toy);
  nacre::Context context(model);
  try {
    context.run({});
    FAIL();
  } catch (const nacre::Error &error) {
    EXPECT_EQ(error.status, NACRE_INVALID_ARGUMENT);
    EXPECT_STREQ(error.what(), "invalid argument: 0 inputs given, expected 2");
  }
  EXPECT_THROW(nacre::Model("/no/such/model.so"), nacre::Error);
  nacre_context_options options = {};
  options.entry = 99;
  EXPECT_THROW(nacre::Context(model, options), nacre::Error);
}

TEST(Wrapper, KnowsDtypes) {
  EXPECT_EQ(nacre::dtype_of<float>(), NACRE_F32);
  EXPECT_EQ(nacre::dtype_of<double>(), NACRE_F64);
  EXPECT_EQ(nacre::dtype_of<bool>(), NACRE_BOOL);
  EXPECT_EQ(nacre::dtype_of<int8_t>(), NACRE_I8);
  EXPECT_EQ(nacre::dtype_of<uint16_t>(), NACRE_U16);
  EXPECT_EQ(nacre::dtype_of<uint32_t>(), NACRE_U32);
  EXPECT_EQ(nacre::dtype_of<int64_t>(), NACRE_I64);
}
