#ifndef NACRE_HOST_REGEX_H
#define NACRE_HOST_REGEX_H

#include "runtime/host/text.h"

namespace nacre::runtime {

struct LetterRange {
  uint32_t first, last;
};

/// A step of the machine. Where to go on is relative, so that a run of steps can
/// be moved and copied.
struct RegexStep {
  enum Kind : uint32_t {
    Letter, // one letter out of `ranges`, then the next step
    Both,   // go on at x and at y
    Jump,   // go on at x
    Text,   // at the begin (x = 0) or end (1) of the text, or of a line (2, 3)
    Word,   // where a word begins or ends (x = 0), or not (1)
    Match
  } kind;
  int32_t x, y;
  uint32_t first_range, num_ranges;
  bool negated, any_case;
};

/// Turns a pattern into steps.
class RegexParser {
public:
  RegexParser(Store &store, const char *pattern, uint64_t size)
      : store(store), at(pattern), end(pattern + size) {}

  /// Null, or what is wrong.
  const char *parse();

  RegexStep *steps = nullptr;
  LetterRange *ranges = nullptr;
  uint32_t num_steps = 0, num_ranges = 0;

private:
  struct Flags {
    bool any_case = false, multi_line = false, dot_all = false;
  };

  bool fail(const char *text) {
    if (!problem)
      problem = text;
    return false;
  }
  bool has(char c) const { return at < end && *at == c; }
  bool take(char c) {
    bool found = has(c);
    at += found;
    return found;
  }
  bool take(const char *word);
  uint32_t letter();

  bool alternatives();
  bool sequence();
  bool atom();
  bool group();
  bool group_flags(bool &opens);
  bool repeat(uint32_t begin);
  bool counts(int32_t &least, int32_t &most, bool &found);
  bool copies(uint32_t begin, int32_t least, int32_t most);
  bool escape();
  bool literal_run();
  bool char_class();
  bool class_letter(uint32_t &value);
  bool class_item(RegexStep &step);
  bool named_class(RegexStep &step, bool &found);
  bool perl_class(char name, RegexStep &step);
  bool escaped_letter(uint32_t &letter);
  bool hexadecimal(uint32_t &letter);

  bool append(const RegexStep &step);
  bool insert(uint32_t where, const RegexStep &step);
  bool append_letter(uint32_t letter);
  bool add_range(RegexStep &step, uint32_t first, uint32_t last);
  bool add_outside(RegexStep &step, const LetterRange *inside, uint32_t count);
  RegexStep letters() const {
    return {RegexStep::Letter, 0, 0, num_ranges, 0, false, flags.any_case};
  }

  Store &store;
  const char *at, *end;
  const char *problem = nullptr;
  Flags flags;
  uint32_t depth = 0, step_room = 0, range_room = 0;
};

} // namespace nacre::runtime

#endif // NACRE_HOST_REGEX_H
