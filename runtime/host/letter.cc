#include "runtime/host/text.h"

using namespace nacre::runtime;

uint32_t nacre::runtime::next_letter(const char *&text, uint64_t &size) {
  auto byte = [&](uint64_t i) { return uint32_t(uint8_t(text[i])); };
  uint32_t first = byte(0);
  uint64_t length = first < 0x80   ? 1
                    : first < 0xc2 ? 0
                    : first < 0xe0 ? 2
                    : first < 0xf0 ? 3
                    : first < 0xf5 ? 4
                                   : 0;
  uint32_t letter = length < 2 ? first : first & (0x7fu >> length);
  bool valid = length && length <= size;
  for (uint64_t i = 1; valid && i < length; ++i) {
    valid = (byte(i) & 0xc0) == 0x80;
    letter = letter << 6 | (byte(i) & 0x3f);
  }
  static constexpr uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  valid = valid && letter >= least[length] && letter <= 0x10ffff &&
          (letter < 0xd800 || letter > 0xdfff);
  if (!valid) {
    letter = 0x110000 + first;
    length = 1;
  }
  text += length;
  size -= length;
  return letter;
}

uint64_t nacre::runtime::write_letter(uint32_t letter, char *to) {
  if (letter < 0x80 || letter >= 0x110000) {
    to[0] = char(letter < 0x80 ? letter : letter - 0x110000);
    return 1;
  }
  uint64_t length = letter < 0x800 ? 2 : letter < 0x10000 ? 3 : 4;
  for (uint64_t i = length - 1; i > 0; --i, letter >>= 6)
    to[i] = char(0x80 | (letter & 0x3f));
  to[0] = char((0xf00u >> length) | letter);
  return length;
}

namespace {

/// Upper case letters [first, last] whose lower case is `by` further: every one,
/// or every second from the first (`pairs`: an upper is followed by its lower).
struct CaseRange {
  uint32_t first, last;
  int32_t by;
  bool pairs;
};

constexpr CaseRange kCases[] = {
    {'A', 'Z', 32, false},           {0xc0, 0xd6, 32, false},
    {0xd8, 0xde, 32, false},         {0x100, 0x12e, 1, true},
    {0x132, 0x136, 1, true},         {0x139, 0x147, 1, true},
    {0x14a, 0x176, 1, true},         {0x178, 0x178, -121, false},
    {0x179, 0x17d, 1, true},         {0x1cd, 0x1db, 1, true},
    {0x1de, 0x1ee, 1, true},         {0x1f8, 0x21e, 1, true},
    {0x222, 0x232, 1, true},         {0x370, 0x372, 1, true},
    {0x386, 0x386, 38, false},       {0x388, 0x38a, 37, false},
    {0x38c, 0x38c, 64, false},       {0x38e, 0x38f, 63, false},
    {0x391, 0x3a1, 32, false},       {0x3a3, 0x3ab, 32, false},
    {0x3d8, 0x3ee, 1, true},         {0x400, 0x40f, 80, false},
    {0x410, 0x42f, 32, false},       {0x460, 0x480, 1, true},
    {0x48a, 0x4be, 1, true},         {0x4c1, 0x4cd, 1, true},
    {0x4d0, 0x52e, 1, true},         {0x531, 0x556, 48, false},
    {0x1e00, 0x1e94, 1, true},       {0x1ea0, 0x1efe, 1, true},
    {0x2160, 0x216f, 16, false},     {0x24b6, 0x24cf, 26, false},
    {0xff21, 0xff3a, 32, false},     {0x10400, 0x10427, 40, false},
};

bool is_upper(const CaseRange &range, uint32_t letter) {
  return letter >= range.first && letter <= range.last &&
         (!range.pairs || (letter - range.first) % 2 == 0);
}

} // namespace

uint32_t nacre::runtime::lower_letter(uint32_t letter) {
  for (const CaseRange &range : kCases)
    if (is_upper(range, letter))
      return letter + uint32_t(range.by);
  return letter;
}

uint32_t nacre::runtime::upper_letter(uint32_t letter) {
  // The micro sign, the long and the final s.
  switch (letter) {
  case 0xb5:
    return 0x39c;
  case 0x17f:
    return 'S';
  case 0x3c2:
    return 0x3a3;
  }
  for (const CaseRange &range : kCases)
    if (is_upper(range, letter - uint32_t(range.by)))
      return letter - uint32_t(range.by);
  return letter;
}
