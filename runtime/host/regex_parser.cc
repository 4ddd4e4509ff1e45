#include "runtime/host/regex.h"

#include <cstring>

using namespace nacre::runtime;

namespace {
constexpr uint32_t kMaxSteps = 1 << 16;
constexpr uint32_t kMaxRanges = 1 << 16;
constexpr uint32_t kMaxDepth = 250;
constexpr int32_t kMaxCount = 1000;
constexpr int32_t kNoLimit = -1;
constexpr uint32_t kLast = 0x10ffff + 256; // with bytes that are no UTF-8

struct NamedClass {
  const char *name;
  LetterRange ranges[4];
  uint32_t count;
};

constexpr NamedClass kNamed[] = {
    {"alnum", {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}}, 3},
    {"alpha", {{'A', 'Z'}, {'a', 'z'}}, 2},
    {"ascii", {{0, 0x7f}}, 1},
    {"blank", {{'\t', '\t'}, {' ', ' '}}, 2},
    {"cntrl", {{0, 0x1f}, {0x7f, 0x7f}}, 2},
    {"digit", {{'0', '9'}}, 1},
    {"graph", {{'!', '~'}}, 1},
    {"lower", {{'a', 'z'}}, 1},
    {"print", {{' ', '~'}}, 1},
    {"punct", {{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}}, 4},
    {"space", {{'\t', '\r'}, {' ', ' '}}, 2},
    {"upper", {{'A', 'Z'}}, 1},
    {"word", {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}, 4},
    {"xdigit", {{'0', '9'}, {'A', 'F'}, {'a', 'f'}}, 3},
};

/// \d \s \w
constexpr NamedClass kPerl[] = {
    {"d", {{'0', '9'}}, 1},
    {"s", {{'\t', '\n'}, {'\f', '\r'}, {' ', ' '}}, 3},
    {"w", {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}, 4},
};

/// Room for one more in an array that grows by doubling.
template <typename T>
bool grow(Store &store, T *&array, uint32_t count, uint32_t &room) {
  if (count < room)
    return true;
  uint32_t more = room ? 2 * room : 64;
  T *larger = store.take_array<T>(more);
  if (!larger)
    return false;
  if (count)
    std::memcpy(larger, array, count * sizeof(T));
  array = larger;
  room = more;
  return true;
}
} // namespace

//===-- Steps -------------------------------------------------------------===//

bool RegexParser::append(const RegexStep &step) {
  if (num_steps >= kMaxSteps)
    return fail("is too large");
  if (!grow(store, steps, num_steps, step_room))
    return fail("needs more memory than there is");
  steps[num_steps++] = step;
  return true;
}

bool RegexParser::insert(uint32_t where, const RegexStep &step) {
  if (!append(step))
    return false;
  std::memmove(steps + where + 1, steps + where,
               (num_steps - 1 - where) * sizeof(RegexStep));
  steps[where] = step;
  return true;
}

bool RegexParser::add_range(RegexStep &step, uint32_t first, uint32_t last) {
  if (num_ranges >= kMaxRanges)
    return fail("is too large");
  if (!grow(store, ranges, num_ranges, range_room))
    return fail("needs more memory than there is");
  ranges[num_ranges++] = {first, last};
  ++step.num_ranges;
  return true;
}

bool RegexParser::add_outside(RegexStep &step, const LetterRange *inside,
                              uint32_t count) {
  uint32_t from = 0;
  for (uint32_t i = 0; i < count; from = inside[i++].last + 1)
    if (inside[i].first > from &&
        !add_range(step, from, inside[i].first - 1))
      return false;
  return add_range(step, from, kLast);
}

bool RegexParser::append_letter(uint32_t letter) {
  RegexStep step = letters();
  return add_range(step, letter, letter) && append(step);
}

bool RegexParser::take(const char *word) {
  size_t size = std::strlen(word);
  if (size_t(end - at) < size || std::memcmp(at, word, size) != 0)
    return false;
  at += size;
  return true;
}

uint32_t RegexParser::letter() {
  uint64_t left = uint64_t(end - at);
  return next_letter(at, left);
}

//===-- Structure ---------------------------------------------------------===//

const char *RegexParser::parse() {
  if (alternatives() && at < end)
    fail("has a ')' without a '('");
  if (!problem)
    append({RegexStep::Match, 0, 0, 0, 0, false, false});
  return problem;
}

/// a|b|c: each but the last is `Both 1, behind the jump; ...; Jump to the end`.
bool RegexParser::alternatives() {
  Flags outside = flags;
  if (++depth > kMaxDepth)
    return fail("nests too deep");
  uint32_t begin = num_steps, last_jump = 0;
  bool has_jump = false;
  if (!sequence())
    return false;
  while (take('|')) {
    if (!insert(begin, {RegexStep::Both, 1, int32_t(num_steps - begin) + 2, 0,
                        0, false, false}))
      return false;
    // Until the end is known, a jump says where the one before it is.
    if (!append({RegexStep::Jump, has_jump ? int32_t(last_jump) : -1, 0, 0, 0,
                 false, false}))
      return false;
    last_jump = num_steps - 1;
    has_jump = true;
    begin = num_steps;
    if (!sequence())
      return false;
  }
  while (has_jump) {
    int32_t before = steps[last_jump].x;
    steps[last_jump].x = int32_t(num_steps - last_jump);
    has_jump = before >= 0;
    last_jump = uint32_t(before);
  }
  --depth;
  flags = outside;
  return true;
}

bool RegexParser::sequence() {
  while (at < end && !has('|') && !has(')')) {
    uint32_t begin = num_steps;
    if (take("\\Q")) {
      if (!literal_run())
        return false;
      continue;
    }
    if (has('*') || has('+') || has('?'))
      return fail("repeats nothing");
    if (!atom() || !repeat(begin))
      return false;
  }
  return true;
}

/// \Q...\E
bool RegexParser::literal_run() {
  while (at < end && !take("\\E")) {
    uint32_t begin = num_steps;
    if (!append_letter(letter()))
      return false;
    if (size_t(end - at) >= 2 && at[0] == '\\' && at[1] == 'E') {
      at += 2;
      return repeat(begin);
    }
  }
  return true;
}

bool RegexParser::atom() {
  switch (*at) {
  case '(':
    return group();
  case '[':
    return char_class();
  case '\\':
    return escape();
  case '.': {
    ++at;
    RegexStep step = letters();
    step.any_case = false;
    step.negated = true;
    return (flags.dot_all || add_range(step, '\n', '\n')) && append(step);
  }
  case '^':
  case '$': {
    int32_t side = *at++ == '$';
    return append({RegexStep::Text, side + (flags.multi_line ? 2 : 0), 0, 0, 0,
                   false, false});
  }
  }
  return append_letter(letter());
}

bool RegexParser::group() {
  Flags outside = flags;
  ++at;
  bool opens = true;
  if (take("?P<") || take("?<")) {
    const char *name = at;
    while (at < end && (*at == '_' || (*at >= '0' && *at <= '9') ||
                        ((*at | 32) >= 'a' && (*at | 32) <= 'z')))
      ++at;
    if (at == name || !take('>'))
      return fail("has a group with a bad name");
  } else if (take('?') && !group_flags(opens)) {
    return false;
  }
  if (!opens)
    return true;
  if (!alternatives())
    return false;
  flags = outside;
  return take(')') || fail("has a '(' without a ')'");
}

/// The flags behind "(?", up to ':' or ')'.
bool RegexParser::group_flags(bool &opens) {
  bool value = true;
  for (; at < end; ++at)
    switch (*at) {
    case 'i':
      flags.any_case = value;
      break;
    case 'm':
      flags.multi_line = value;
      break;
    case 's':
      flags.dot_all = value;
      break;
    case 'U': // which match is preferred: no difference here
      break;
    case '-':
      value = false;
      break;
    case ':':
    case ')':
      opens = *at++ == ':';
      return true;
    default:
      return fail("has an unknown kind of group");
    }
  return fail("has a '(' without a ')'");
}

//===-- Repetition --------------------------------------------------------===//

bool RegexParser::repeat(uint32_t begin) {
  uint32_t times = 0;
  while (at < end) {
    int32_t least = 0, most = kNoLimit;
    bool found = true;
    if (has('{')) {
      if (!counts(least, most, found))
        return false;
    } else if (take('+')) {
      least = 1;
    } else if (take('?')) {
      most = 1;
    } else {
      found = take('*');
    }
    if (!found)
      return true;
    if (++times > 1)
      return fail("repeats a repetition");
    take('?'); // the shortest match first: no difference here
    if (!copies(begin, least, most))
      return false;
  }
  return true;
}

/// {n}, {n,}, {n,m}; anything else is text.
bool RegexParser::counts(int32_t &least, int32_t &most, bool &found) {
  const char *before = at++;
  auto number = [&](int32_t &value) {
    const char *begin = at;
    for (value = 0; at < end && *at >= '0' && *at <= '9'; ++at)
      value = value > kMaxCount ? value : 10 * value + (*at - '0');
    return at > begin;
  };
  found = number(least);
  most = least;
  if (found && take(',') && !number(most))
    most = kNoLimit;
  if (!found || !take('}')) {
    at = before;
    found = false;
    // The brace is a letter of its own.
    return append_letter(letter()) && repeat(num_steps - 1);
  }
  if (least > kMaxCount || most > kMaxCount ||
      (most != kNoLimit && most < least))
    return fail("repeats more than 1000 times, or fewer than none");
  return true;
}

/// The steps from `begin` on, `least` to `most` times.
bool RegexParser::copies(uint32_t begin, int32_t least, int32_t most) {
  int32_t length = int32_t(num_steps - begin);
  if (most == 0)
    num_steps = begin;
  if (most == 0 || length == 0)
    return true;
  // One copy is there. `begin` may move when steps are added.
  auto copy = [&] {
    for (int32_t i = 0; i < length; ++i)
      if (!append(RegexStep(steps[num_steps - uint32_t(length)])))
        return false;
    return true;
  };
  auto both = [](int32_t x, int32_t y) {
    return RegexStep{RegexStep::Both, x, y, 0, 0, false, false};
  };
  for (int32_t i = 1; i < least; ++i)
    if (!copy())
      return false;
  if (most == kNoLimit && least > 0)
    return append(both(-length, 1));
  if (most == kNoLimit)
    return insert(begin, both(1, length + 2)) &&
           append({RegexStep::Jump, -(length + 1), 0, 0, 0, false, false});
  // What is left may stop before each copy.
  int32_t rest = most - least, first = 0;
  if (least == 0) {
    if (!insert(begin, both(1, rest * (length + 1))))
      return false;
    first = 1;
  }
  for (int32_t i = first; i < rest; ++i) {
    RegexStep stop = both(1, (rest - i) * (length + 1));
    uint32_t source = num_steps - uint32_t(length);
    if (!append(stop))
      return false;
    for (int32_t k = 0; k < length; ++k)
      if (!append(RegexStep(steps[source + uint32_t(k)])))
        return false;
  }
  return true;
}

//===-- Letters -----------------------------------------------------------===//

bool RegexParser::escape() {
  if (end - at < 2)
    return fail("ends with a '\\'");
  char name = at[1];
  RegexStep step = letters();
  switch (name) {
  case 'A':
  case 'z':
    at += 2;
    return append({RegexStep::Text, name == 'z', 0, 0, 0, false, false});
  case 'b':
  case 'B':
    at += 2;
    return append({RegexStep::Word, name == 'B', 0, 0, 0, false, false});
  case 'p':
  case 'P':
  case 'C':
    return fail("has a class of Unicode or bytes, which is not supported");
  }
  if (std::strchr("dswDSW", name)) {
    at += 2;
    return perl_class(name, step) && append(step);
  }
  uint32_t letter;
  return escaped_letter(letter) && append_letter(letter);
}

bool RegexParser::perl_class(char name, RegexStep &step) {
  for (const NamedClass &known : kPerl) {
    if (known.name[0] == name)
      for (uint32_t i = 0; i < known.count; ++i)
        if (!add_range(step, known.ranges[i].first, known.ranges[i].last))
          return false;
    if (known.name[0] == (name | 32) && known.name[0] != name &&
        !add_outside(step, known.ranges, known.count))
      return false;
  }
  return true;
}

bool RegexParser::hexadecimal(uint32_t &value) {
  bool braced = take('{');
  uint32_t digits = 0;
  for (value = 0; at < end && (braced || digits < 2); ++at, ++digits) {
    char c = char(*at | 32);
    if (*at >= '0' && *at <= '9')
      value = 16 * value + uint32_t(*at - '0');
    else if (c >= 'a' && c <= 'f')
      value = 16 * value + uint32_t(c - 'a') + 10;
    else
      break;
    if (value > 0x10ffff)
      return fail("has a letter beyond Unicode");
  }
  bool complete = braced ? digits > 0 && take('}') : digits == 2;
  return complete || fail("has a bad number behind '\\x'");
}

/// The letter that '\' and what follows mean.
bool RegexParser::escaped_letter(uint32_t &letter) {
  if (++at >= end)
    return fail("ends with a '\\'");
  static constexpr char names[] = "afnrtv", values[] = "\a\f\n\r\t\v";
  char name = *at;
  if (const char *found = name ? std::strchr(names, name) : nullptr) {
    ++at;
    letter = uint32_t(values[found - names]);
    return true;
  }
  if (take('x'))
    return hexadecimal(letter);
  if (name >= '0' && name <= '7') {
    // A digit alone would refer to a group.
    bool octal = name == '0' || (end - at > 1 && at[1] >= '0' && at[1] <= '7');
    if (!octal)
      return fail("refers back to a group, which is not supported");
    letter = 0;
    for (int i = 0; i < 3 && at < end && *at >= '0' && *at <= '7'; ++i)
      letter = 8 * letter + uint32_t(*at++ - '0');
    return true;
  }
  if ((name >= '8' && name <= '9') || ((name | 32) >= 'a' && (name | 32) <= 'z'))
    return fail("has an unknown escape");
  letter = this->letter();
  return true;
}

bool RegexParser::named_class(RegexStep &step, bool &found) {
  const char *before = at;
  found = take("[:");
  if (!found)
    return true;
  bool outside = take('^');
  for (const NamedClass &known : kNamed) {
    const char *name = at;
    if (!take(known.name) || !take(":]")) {
      at = name;
      continue;
    }
    if (outside)
      return add_outside(step, known.ranges, known.count);
    for (uint32_t i = 0; i < known.count; ++i)
      if (!add_range(step, known.ranges[i].first, known.ranges[i].last))
        return false;
    return true;
  }
  at = before;
  return fail("has a class with an unknown name");
}

bool RegexParser::class_letter(uint32_t &value) {
  if (has('\\'))
    return escaped_letter(value);
  value = letter();
  return true;
}

bool RegexParser::class_item(RegexStep &step) {
  bool found;
  if (!named_class(step, found) || found)
    return !problem;
  if (end - at > 1 && *at == '\\' && std::strchr("dswDSW", at[1])) {
    at += 2;
    return perl_class(at[-1], step);
  }
  if (end - at > 1 && *at == '\\' && (at[1] == 'p' || at[1] == 'P'))
    return fail("has a class of Unicode, which is not supported");
  uint32_t first, last;
  if (!class_letter(first))
    return false;
  last = first;
  if (end - at > 1 && *at == '-' && at[1] != ']') {
    ++at;
    if (!class_letter(last))
      return false;
  }
  if (last < first)
    return fail("has a class with a range that ends before it begins");
  return add_range(step, first, last);
}

bool RegexParser::char_class() {
  ++at;
  RegexStep step = letters();
  step.negated = take('^');
  for (bool is_first = true; at < end; is_first = false) {
    if (!is_first && take(']'))
      return append(step);
    if (!class_item(step))
      return false;
  }
  return fail("has a '[' without a ']'");
}
