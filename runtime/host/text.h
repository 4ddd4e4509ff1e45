/// What texts mean: letters of UTF-8, numbers, regular expressions.
#ifndef NACRE_HOST_TEXT_H
#define NACRE_HOST_TEXT_H

#include "runtime/host/store.h"

namespace nacre::runtime {

//===-- Letters (letter.cc) -----------------------------------------------===//

/// Reads the code point at `text` (size >= 1) and moves past it; a byte that is
/// no UTF-8 is itself, beyond Unicode: 0x110000 + byte.
uint32_t next_letter(const char *&text, uint64_t &size);
/// Writes a code point as next_letter gives it; returns its bytes, at most 4.
uint64_t write_letter(uint32_t letter, char *to);
/// Simple case mapping.
uint32_t lower_letter(uint32_t letter);
uint32_t upper_letter(uint32_t letter);

//===-- Numbers (number.cc) -----------------------------------------------===//

/// Writes an element of a tensor of `dtype`; returns its length, at most 32.
uint64_t write_number(uint32_t dtype, const void *element, char *to);
/// Reads an element; false if the text is no number.
bool read_number(uint32_t dtype, const char *text, uint64_t size,
                 void *element);

//===-- Regular expressions (regex.cc) ------------------------------------===//

/// A regular expression in RE2's syntax, as a program of a machine without
/// backtracking: matching takes time linear in the text.
class Regex {
public:
  explicit Regex(Store &store) : store(store) {}
  /// Null, or what is wrong with the pattern.
  const char *compile(const char *pattern, uint64_t size);
  bool matches_all(const char *text, uint64_t size);

private:
  Store &store;
  const struct RegexStep *steps = nullptr;
  const struct LetterRange *ranges = nullptr;
  uint32_t num_steps = 0;
  uint32_t *lists = nullptr; // room for the sets of steps
};

} // namespace nacre::runtime

#endif // NACRE_HOST_TEXT_H
