/// A C program, a static model and the static runtime: plain cc links them.

#include "runtime/test/test_util.h"

#include <cstdlib>

using namespace nacre::test;

TEST(Link, PlainCcLinksTheStaticRuntime) {
  if (std::string(NACRE_TEST_CC).empty())
    GTEST_SKIP() << "this build is instrumented";
  TemporaryFile program("link-test");
  const std::string source = NACRE_TEST_SOURCE;
  const std::string build =
      NACRE_TEST_CC
      " -std=c99 -D_GNU_SOURCE -Wall -Wextra -Werror -DTOY_STATIC "
      "-I" +
      source + "/include " + source + "/test/link_test.c " + source +
      "/test/toy_model.c " NACRE_TEST_LIBRARY " -pthread -ldl -o " +
      program.path;
  ASSERT_EQ(std::system(build.c_str()), 0) << build;
  EXPECT_EQ(std::system(program.path.c_str()), 0);
}
