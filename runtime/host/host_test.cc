/// Strings and lists at the border, and what texts mean.

#include "runtime/host/text.h"
#include "runtime/test/test_util.h"

#include <cmath>

using namespace nacre::runtime;
using namespace nacre::test;

namespace {

/// A tensor of strings that owns what it is made of.
struct Strings {
  explicit Strings(const std::vector<std::string> &texts) : texts(texts) {
    for (const std::string &text : this->texts)
      strings.push_back({text.data(), text.size()});
    dims = {int64_t(strings.size())};
    tensor = {sizeof(tensor), NACRE_STRING, 1, 0, dims.data(), strings.data(),
              strings.size() * sizeof(nacre_string)};
  }
  std::vector<std::string> texts;
  std::vector<nacre_string> strings;
  std::vector<int64_t> dims;
  nacre_tensor tensor;
};

std::vector<std::string> texts_of(const nacre_tensor &tensor) {
  std::vector<std::string> texts;
  for (nacre_string text : values<nacre_string>(tensor))
    texts.emplace_back(text.data, text.size);
  return texts;
}

/// twice = text + text, longer = list with twice at position 1
struct HostTest : ::testing::Test {
  HostTest() {
    list = {1, items};
    sequence = {sizeof(sequence), NACRE_SEQUENCE, 0,           0,
                nullptr,          &list,          sizeof(list)};
  }
  nacre_status run() {
    return runner.run({&text.tensor, &sequence},
                      {&twice.tensor, &longer.tensor});
  }
  const nacre_list &result() {
    return *static_cast<nacre_list *>(longer.tensor.data);
  }

  Runner runner{TOY_TEXT, with_threads(1)};
  Strings text{{"a", "", "xyz"}}, item{{"first"}};
  const nacre_tensor *items[1] = {&item.tensor};
  nacre_list list;
  nacre_tensor sequence;
  Holder twice, longer;
};

} // namespace

TEST_F(HostTest, TakesAndGivesStringsAndLists) {
  ASSERT_EQ(run(), NACRE_OK) << runner.error();
  EXPECT_EQ(texts_of(twice.tensor),
            (std::vector<std::string>{"aa", "", "xyzxyz"}));
  ASSERT_EQ(result().count, 2u);
  EXPECT_EQ(texts_of(*result().items[0]), item.texts);
  EXPECT_EQ(texts_of(*result().items[1]), texts_of(twice.tensor));
}

TEST_F(HostTest, OutputsMayBeTheNextInputs) {
  ASSERT_EQ(run(), NACRE_OK);
  nacre_tensor text_again = twice.tensor, list_again = longer.tensor;
  ASSERT_EQ(runner.run({&text_again, &list_again},
                       {&twice.tensor, &longer.tensor}),
            NACRE_OK)
      << runner.error();
  EXPECT_EQ(texts_of(twice.tensor)[2], "xyzxyzxyzxyz");
  ASSERT_EQ(result().count, 3u);
  EXPECT_EQ(texts_of(*result().items[0]), item.texts);
}

TEST_F(HostTest, AllocatesNothingInLaterRuns) {
  const nacre_tensor *in[] = {&text.tensor, &sequence};
  nacre_tensor *out[] = {&twice.tensor, &longer.tensor};
  uint64_t before = 0;
  for (int i = 0; i < 6; ++i) {
    if (i == 3)
      before = allocations();
    if (nacre_context_run(runner.context, in, 2, out, 2) != NACRE_OK)
      FAIL() << runner.error();
  }
  EXPECT_EQ(allocations(), before);
}

TEST_F(HostTest, SaysWhatIsOutOfRange) {
  list.count = 0;
  EXPECT_EQ(run(), NACRE_DATA_ERROR);
  EXPECT_EQ(runner.error(),
            "grow: position 1 is outside a sequence of 0 tensors");
}

TEST_F(HostTest, RefusesBrokenInputs) {
  items[0] = nullptr;
  EXPECT_EQ(run(), NACRE_INVALID_ARGUMENT);
  EXPECT_EQ(runner.error(), "input 'list': an item of it is no tensor");
  items[0] = &item.tensor;
  item.tensor.dtype = NACRE_F32;
  EXPECT_EQ(run(), NACRE_SHAPE_MISMATCH);
  EXPECT_EQ(runner.error(), "input 'list': holds f32, expected string");
  item.tensor.dtype = NACRE_STRING;
  text.strings[0].data = nullptr;
  EXPECT_EQ(run(), NACRE_INVALID_ARGUMENT);
  EXPECT_EQ(runner.error(), "input 'text': a string has no data");
  text.strings[0].data = "a";
  text.tensor.capacity = sizeof(nacre_string);
  EXPECT_EQ(run(), NACRE_INVALID_ARGUMENT);
  text.dims[0] = int64_t(1) << 50; // more than there is memory for
  EXPECT_EQ(run(), NACRE_INVALID_ARGUMENT);
  text.dims[0] = 3;
  text.tensor.capacity = 3 * sizeof(nacre_string);
  sequence.data = nullptr;
  EXPECT_EQ(run(), NACRE_INVALID_ARGUMENT);
}

TEST_F(HostTest, KeepsOutputsItself) {
  nacre_string room[3];
  twice.tensor.data = room;
  twice.tensor.capacity = sizeof(room);
  EXPECT_EQ(run(), NACRE_INVALID_ARGUMENT);
  EXPECT_EQ(runner.error(), "output 'twice': data is set; strings, sequences, "
                            "optionals and maps are the context's");
}

//===----------------------------------------------------------------------===//
// Texts
//===----------------------------------------------------------------------===//

namespace {

struct TextTest : ::testing::Test {
  ~TextTest() override { store.destroy(); }
  /// "yes", "no", or what is wrong with the pattern.
  std::string match(const std::string &pattern, const std::string &text) {
    Regex regex(store);
    if (const char *problem = regex.compile(pattern.data(), pattern.size()))
      return problem;
    return regex.matches_all(text.data(), text.size()) ? "yes" : "no";
  }
  Store store = {};
};

template <typename T>
std::string write(nacre_dtype dtype, T value) {
  char text[64];
  return {text, write_number(dtype, &value, text)};
}

template <typename T>
T read(nacre_dtype dtype, const std::string &text) {
  T value = T(77);
  read_number(dtype, text.data(), text.size(), &value);
  return value;
}

std::string lower(const std::string &text) {
  const char *at = text.data();
  uint64_t left = text.size();
  std::string out;
  while (left) {
    char bytes[4];
    out.append(bytes, write_letter(lower_letter(next_letter(at, left)), bytes));
  }
  return out;
}

} // namespace

TEST(NumberTest, BoolsReadBackInAnyType) {
  EXPECT_EQ(write<uint8_t>(NACRE_BOOL, 1), "True");
  EXPECT_EQ(read<int8_t>(NACRE_I8, "True"), 1);
  EXPECT_EQ(read<int8_t>(NACRE_I8, "False"), 0);
  EXPECT_EQ(read<float>(NACRE_F32, " true "), 1);
  EXPECT_EQ(read<uint8_t>(NACRE_BOOL, "false"), 0);
  EXPECT_EQ(read<int8_t>(NACRE_I8, "no"), 77);
}

TEST_F(TextTest, MatchesWholeTexts) {
  for (auto [pattern, text] : {std::pair{"a|bc|", "bc"}, {"a|bc|", ""},
                               {"(ab)*c+", "ababcc"}, {"[^a-c]x?", "d"},
                               {"a{2,3}", "aaa"}, {"a{0,2}b", "b"},
                               {"(?i)HeLLo\\b", "hEllO"}, {"\\d+\\.\\w*", "12.x_"},
                               {"^a$", "a"}, {"(?s).", "\n"}, {".", "\xc3\xa9"},
                               {"\\Qa.b\\E+", "a.bb"}, {"[[:alpha:]\\d]+", "a1"},
                               {"(?m)a$\\nb", "a\nb"}, {"(a*)*", "aaaa"},
                               {"\\x{e9}", "\xc3\xa9"}, {"a{,2}", "a{,2}"},
                               {"(?P<n>x)", "x"}, {"[]a]", "]"}})
    EXPECT_EQ(match(pattern, text), "yes") << pattern << " " << text;
  for (auto [pattern, text] : {std::pair{"a|bc", "abc"}, {"a{2,3}", "aaaa"},
                               {".", "\n"}, {"a", ""}, {"[^a]", "a"},
                               {"a\\B", "a"}, {"(ab)*", "aba"}, {"x{0}", "x"}})
    EXPECT_EQ(match(pattern, text), "no") << pattern << " " << text;
}

TEST_F(TextTest, TakesLinearTime) {
  std::string many;
  for (int i = 0; i < 30; ++i)
    many += "a?";
  many += std::string(30, 'a');
  EXPECT_EQ(match(many, std::string(30, 'a')), "yes");
  EXPECT_EQ(match("(a*)*b", std::string(10000, 'a')), "no");
  EXPECT_EQ(match("((a{0,100}){0,100}){0,100}", "a"), "is too large");
}

TEST_F(TextTest, SaysWhatIsWrongWithPatterns) {
  EXPECT_EQ(match("(a", ""), "has a '(' without a ')'");
  EXPECT_EQ(match("a)", ""), "has a ')' without a '('");
  EXPECT_EQ(match("[a", ""), "has a '[' without a ']'");
  EXPECT_EQ(match("*a", ""), "repeats nothing");
  EXPECT_EQ(match("a**", ""), "repeats a repetition");
  EXPECT_EQ(match("a{2,1}", ""), "repeats more than 1000 times, or fewer than none");
  EXPECT_EQ(match("(a)\\1", ""), "refers back to a group, which is not supported");
  EXPECT_EQ(match("(?=a)", ""), "has an unknown kind of group");
  EXPECT_EQ(match(std::string(1000, '('), ""), "nests too deep");
  EXPECT_EQ(match("\\", ""), "ends with a '\\'");
}

TEST_F(TextTest, WritesNumbersAsShortAsTheyReadBack) {
  EXPECT_EQ(write(NACRE_F32, 0.1f), "0.1");
  EXPECT_EQ(write(NACRE_F32, 0.9767611f), "0.9767611");
  EXPECT_EQ(write(NACRE_F64, 1.0), "1.0");
  EXPECT_EQ(write(NACRE_F64, -1234567.0), "-1234567.0");
  EXPECT_EQ(write(NACRE_F64, 1.5e16), "1.5e+16");
  EXPECT_EQ(write(NACRE_F64, 1e-5), "1e-05");
  EXPECT_EQ(write(NACRE_F64, 0.00012), "0.00012");
  EXPECT_EQ(write(NACRE_F32, -INFINITY), "-inf");
  EXPECT_EQ(write(NACRE_F32, NAN), "nan");
  EXPECT_EQ(write(NACRE_F16, uint16_t(0x2e66)), "0.1");
  EXPECT_EQ(write(NACRE_I64, INT64_MIN), "-9223372036854775808");
  EXPECT_EQ(write(NACRE_U8, uint8_t(255)), "255");
}

TEST_F(TextTest, ReadsNumbers) {
  EXPECT_EQ(read<float>(NACRE_F32, " 1.5e2 "), 150);
  EXPECT_EQ(read<float>(NACRE_F32, "-INF"), -INFINITY);
  EXPECT_TRUE(std::isnan(read<float>(NACRE_F32, "NaN")));
  EXPECT_EQ(read<uint16_t>(NACRE_F16, "65504"), 0x7bff);
  EXPECT_EQ(read<uint16_t>(NACRE_F16, "65520"), 0x7c00);
  EXPECT_EQ(read<int64_t>(NACRE_I64, "9007199254740993"), 9007199254740993);
  EXPECT_EQ(read<int32_t>(NACRE_I32, "3.7"), 3);
  for (const char *text : {"", "x", "1x", "0x10", "1 2"})
    EXPECT_EQ(read<float>(NACRE_F32, text), 77) << text;
}

TEST_F(TextTest, KnowsLetters) {
  EXPECT_EQ(lower("ABC \xc3\x89\xce\xa9\xd0\x96"), "abc \xc3\xa9\xcf\x89\xd0\xb6");
  EXPECT_EQ(lower("\xff\xc3"), "\xff\xc3"); // no UTF-8: as it is
  EXPECT_EQ(upper_letter(0xff), 0x178u);
  EXPECT_EQ(upper_letter('z'), uint32_t('Z'));
}
