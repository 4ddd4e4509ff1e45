/// Runs all ways through a pattern side by side: a set of steps per letter of the
/// text, so time is at most text times pattern, whatever the pattern is.

#include "runtime/host/regex.h"

using namespace nacre::runtime;

namespace {

constexpr uint32_t kNone = UINT32_MAX;

/// The steps that wait for the next letter, each once.
struct Set {
  uint32_t *steps, *place; // place[s] is where s stands in `steps`, if it does
  uint32_t count;

  bool add(uint32_t step) {
    if (place[step] < count && steps[place[step]] == step)
      return false;
    place[step] = count;
    steps[count++] = step;
    return true;
  }
};

bool is_word(uint32_t c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
         (c >= 'a' && c <= 'z') || c == '_';
}

/// A place between two letters; kNone is the border of the text.
struct Place {
  uint32_t before, after;

  bool allows(const RegexStep &step) const {
    if (step.kind == RegexStep::Word)
      return (is_word(before) != is_word(after)) == (step.x == 0);
    uint32_t beside = step.x % 2 ? after : before;
    return beside == kNone || (step.x >= 2 && beside == '\n');
  }
};

bool has(const RegexStep &step, const LetterRange *ranges, uint32_t letter) {
  for (uint32_t i = 0; i < step.num_ranges; ++i) {
    const LetterRange &range = ranges[step.first_range + i];
    if (letter >= range.first && letter <= range.last)
      return true;
  }
  return false;
}

bool accepts(const RegexStep &step, const LetterRange *ranges,
             uint32_t letter) {
  bool found = has(step, ranges, letter);
  if (!found && step.any_case)
    found = has(step, ranges, lower_letter(letter)) ||
            has(step, ranges, upper_letter(letter));
  return found != step.negated;
}

/// Adds `first` and all that is reached from it without a letter.
void follow(const RegexStep *steps, uint32_t first, const Place &place,
            Set &set, uint32_t *stack) {
  uint32_t depth = 0;
  stack[depth++] = first;
  while (depth) {
    uint32_t at = stack[--depth];
    if (!set.add(at))
      continue;
    const RegexStep &step = steps[at];
    switch (step.kind) {
    case RegexStep::Letter:
    case RegexStep::Match:
      break;
    case RegexStep::Both:
      stack[depth++] = at + uint32_t(step.y);
      stack[depth++] = at + uint32_t(step.x);
      break;
    case RegexStep::Jump:
      stack[depth++] = at + uint32_t(step.x);
      break;
    case RegexStep::Text:
    case RegexStep::Word:
      if (place.allows(step))
        stack[depth++] = at + 1;
      break;
    }
  }
}

} // namespace

const char *Regex::compile(const char *pattern, uint64_t size) {
  RegexParser parser(store, pattern, size);
  if (const char *problem = parser.parse())
    return problem;
  steps = parser.steps;
  num_steps = parser.num_steps;
  ranges = parser.ranges;
  // Two sets, and a stack: every step is expanded once, and leaves two at most.
  lists = store.take_array<uint32_t>(6 * uint64_t(num_steps) + 2);
  if (!lists)
    return "needs more memory than there is";
  for (uint64_t i = 0; i < 6 * uint64_t(num_steps); ++i)
    lists[i] = 0;
  return nullptr;
}

bool Regex::matches_all(const char *text, uint64_t size) {
  Set now = {lists, lists + num_steps, 0};
  Set next = {lists + 2 * num_steps, lists + 3 * num_steps, 0};
  uint32_t *stack = lists + 4 * num_steps;
  Place place = {kNone, kNone};
  const char *ahead = text;
  uint64_t left = size;
  if (left)
    place.after = next_letter(ahead, left);
  follow(steps, 0, place, now, stack);
  while (place.after != kNone && now.count) {
    uint32_t letter = place.after;
    place = {letter, left ? next_letter(ahead, left) : kNone};
    next.count = 0;
    for (uint32_t i = 0; i < now.count; ++i) {
      uint32_t at = now.steps[i];
      if (steps[at].kind == RegexStep::Letter &&
          accepts(steps[at], ranges, letter))
        follow(steps, at + 1, place, next, stack);
    }
    Set other = now;
    now = next;
    next = other;
  }
  if (place.after != kNone)
    return false;
  for (uint32_t i = 0; i < now.count; ++i)
    if (steps[now.steps[i]].kind == RegexStep::Match)
      return true;
  return false;
}
