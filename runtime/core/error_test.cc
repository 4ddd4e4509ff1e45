#include "nacre/runtime.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

TEST(Error, NamesEveryStatus) {
  EXPECT_STREQ(nacre_status_string(NACRE_OK), "ok");
  EXPECT_STREQ(nacre_status_string(NACRE_BUFFER_TOO_SMALL), "buffer too small");
  EXPECT_STREQ(nacre_status_string(NACRE_INTERNAL), "internal error");
  EXPECT_STREQ(nacre_status_string(nacre_status(15)), "unknown status");
}

TEST(Error, KnowsEveryDtype) {
  EXPECT_EQ(nacre_dtype_size(NACRE_F32), 4u);
  EXPECT_EQ(nacre_dtype_size(NACRE_C128), 16u);
  EXPECT_EQ(nacre_dtype_size(NACRE_STRING), 0u);
  // Sub-byte types are bytes at the border.
  for (nacre_dtype dtype :
       {NACRE_I4, NACRE_U4, NACRE_I2, NACRE_U2, NACRE_F4E2M1})
    EXPECT_EQ(nacre_dtype_size(dtype), 1u);
  EXPECT_EQ(nacre_dtype_size(0), 0u);
  EXPECT_EQ(nacre_dtype_size(27), 0u);
  EXPECT_STREQ(nacre_dtype_name(NACRE_F8E8M0), "f8e8m0");
  EXPECT_STREQ(nacre_dtype_name(NACRE_I2), "i2");
  EXPECT_STREQ(nacre_dtype_name(4000000000u), "unknown");
}

TEST(Error, IsPerThread) {
  nacre_model *model;
  EXPECT_EQ(nacre_model_load(nullptr, nullptr, &model), NACRE_INVALID_ARGUMENT);
  EXPECT_STREQ(nacre_last_error(), "path is null");
  std::thread([] { EXPECT_STREQ(nacre_last_error(), ""); }).join();
}

TEST(Error, StaysOneLine) {
  nacre_model *model;
  std::string path = "no\nsuch\x1b[31mfile" + std::string(2000, 'x');
  EXPECT_EQ(nacre_model_load(path.c_str(), nullptr, &model), NACRE_IO_ERROR);
  std::string text = nacre_last_error();
  EXPECT_EQ(text.find("no?such?[31mfile"), 0u);
  EXPECT_LT(text.size(), 512u);
}
