//===- Regex.cpp - Regular expressions by their meaning -------------------===//
#include "dialects/graph/reference/Regex.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/ConvertUTF.h"

#include <cwctype>

namespace nacre::graph::reference {

using llvm::BitVector;
using llvm::StringRef;
using Letter = uint32_t;
using Text = std::vector<Letter>;
using Ranges = std::vector<std::pair<Letter, Letter>>;

static constexpr Letter kLast = 0x1100ff; // with bytes that are no UTF-8
static constexpr int kMaxCount = 1000, kMaxDepth = 250;
static constexpr unsigned kMaxNodes = 1 << 16;

struct Regex::Node {
  enum Kind { Class, Sequence, Choice, Repeat, Begin, End, Word, NoWord } kind;
  std::vector<std::shared_ptr<const Node>> parts = {};
  Ranges ranges = {};
  bool negated = false, anyCase = false, multiLine = false;
  int least = 0, most = -1;
};

using NodePtr = std::shared_ptr<const Regex::Node>;

static Text decode(StringRef bytes) {
  Text text;
  auto *at = reinterpret_cast<const llvm::UTF8 *>(bytes.begin());
  auto *end = reinterpret_cast<const llvm::UTF8 *>(bytes.end());
  while (at < end) {
    const llvm::UTF8 *before = at;
    llvm::UTF32 letter;
    if (llvm::convertUTF8Sequence(&at, end, &letter, llvm::strictConversion) !=
        llvm::conversionOK) {
      letter = 0x110000 + *before;
      at = before + 1;
    }
    text.push_back(letter);
  }
  return text;
}

//===-- Meaning -------------------------------------------------------------//

static bool isWord(const Text &text, size_t i) {
  return i < text.size() && text[i] < 128 &&
         (llvm::isAlnum(char(text[i])) || text[i] == '_');
}

static bool inRanges(const Ranges &ranges, Letter letter) {
  return llvm::any_of(ranges, [&](auto range) {
    return letter >= range.first && letter <= range.second;
  });
}

static bool isIn(const Regex::Node &node, Letter letter) {
  bool found = inRanges(node.ranges, letter);
  if (!found && node.anyCase && letter < 0x110000)
    found = inRanges(node.ranges, towlower(letter)) ||
            inRanges(node.ranges, towupper(letter));
  return found != node.negated;
}

static BitVector ends(const Regex::Node &node, const Text &text,
                      BitVector from);

/// Where nothing is matched but a place has to be right.
static bool holds(const Regex::Node &node, const Text &text, size_t i) {
  switch (node.kind) {
  case Regex::Node::Begin:
    return i == 0 || (node.multiLine && text[i - 1] == '\n');
  case Regex::Node::End:
    return i == text.size() || (node.multiLine && text[i] == '\n');
  default: {
    bool border = (i > 0 && isWord(text, i - 1)) != isWord(text, i);
    return border == (node.kind == Regex::Node::Word);
  }
  }
}

static BitVector repeated(const Regex::Node &node, const Text &text,
                          BitVector from) {
  const Regex::Node &part = *node.parts.front();
  for (int i = 0; i < node.least; ++i)
    from = ends(part, text, from);
  BitVector all = from;
  for (int i = node.least; node.most < 0 || i < node.most; ++i) {
    from = ends(part, text, from);
    from.reset(all);
    if (from.none())
      break;
    all |= from;
  }
  return all;
}

static BitVector ends(const Regex::Node &node, const Text &text,
                      BitVector from) {
  BitVector result(text.size() + 1);
  switch (node.kind) {
  case Regex::Node::Class:
    for (unsigned i : from.set_bits())
      if (i < text.size() && isIn(node, text[i]))
        result.set(i + 1);
    return result;
  case Regex::Node::Sequence:
    for (const NodePtr &part : node.parts)
      from = ends(*part, text, from);
    return from;
  case Regex::Node::Choice:
    for (const NodePtr &part : node.parts)
      result |= ends(*part, text, from);
    return result;
  case Regex::Node::Repeat:
    return repeated(node, text, std::move(from));
  default:
    for (unsigned i : from.set_bits())
      if (holds(node, text, i))
        result.set(i);
    return result;
  }
}

bool Regex::matches(StringRef text) const {
  Text letters = decode(text);
  BitVector from(letters.size() + 1);
  from.set(0);
  return ends(*root, letters, from).test(letters.size());
}

//===-- Syntax --------------------------------------------------------------//

namespace {

using Node = Regex::Node;

class Parser {
public:
  Parser(Text pattern, std::string &problem)
      : pattern(std::move(pattern)), problem(problem) {}

  NodePtr parse() {
    NodePtr node = choice();
    if (node && at < pattern.size())
      return fail("has a ')' without a '('");
    return node;
  }

private:
  struct Flags {
    bool anyCase = false, multiLine = false, dotAll = false;
  };

  NodePtr fail(StringRef text) {
    if (problem.empty())
      problem = text.str();
    return nullptr;
  }
  NodePtr make(Node node) {
    if (++nodes > kMaxNodes)
      return fail("is too large");
    return std::make_shared<Node>(std::move(node));
  }
  bool done() const { return at >= pattern.size(); }
  bool sees(StringRef word) const {
    if (pattern.size() - at < word.size())
      return false;
    for (size_t i = 0; i < word.size(); ++i)
      if (pattern[at + i] != Letter(word[i]))
        return false;
    return true;
  }
  bool take(StringRef word) {
    bool found = sees(word);
    at += found ? word.size() : 0;
    return found;
  }
  bool isOneOf(StringRef letters) const {
    return !done() && pattern[at] < 128 &&
           letters.contains(char(pattern[at]));
  }
  NodePtr letter(Letter value) {
    return make({Node::Class, {}, {{value, value}}, false, flags.anyCase});
  }

  NodePtr choice();
  NodePtr sequence();
  NodePtr atom();
  NodePtr group();
  NodePtr repeat(NodePtr node);
  bool counts(int &least, int &most);
  NodePtr escape();
  NodePtr charClass();
  bool classItem(Ranges &ranges);
  bool classLetter(Letter &value);
  bool escaped(Letter &value);
  bool number(unsigned base, unsigned most, Letter &value);

  Text pattern;
  std::string &problem;
  size_t at = 0;
  unsigned nodes = 0;
  int depth = 0;
  Flags flags;
};

} // namespace

NodePtr Parser::choice() {
  Flags outside = flags;
  if (++depth > kMaxDepth)
    return fail("nests too deep");
  Node node{Node::Choice};
  do {
    NodePtr part = sequence();
    if (!part)
      return nullptr;
    node.parts.push_back(part);
  } while (take("|"));
  --depth;
  flags = outside;
  return make(std::move(node));
}

NodePtr Parser::sequence() {
  Node node{Node::Sequence};
  bool isLiteral = false;
  while (!done() && (isLiteral || !isOneOf("|)"))) {
    if (isLiteral ? take("\\E") : take("\\Q")) {
      isLiteral = !isLiteral;
      continue;
    }
    if (!isLiteral && isOneOf("*+?"))
      return fail("repeats nothing");
    NodePtr part = isLiteral ? letter(pattern[at++]) : atom();
    if (isLiteral && take("\\E"))
      isLiteral = false;
    if (part && !isLiteral)
      part = repeat(part);
    if (!part)
      return nullptr;
    node.parts.push_back(part);
  }
  return make(std::move(node));
}

NodePtr Parser::atom() {
  if (take("."))
    return flags.dotAll
               ? make({Node::Class, {}, {{0, kLast}}})
               : make({Node::Class, {}, {{'\n', '\n'}}, /*negated=*/true});
  if (isOneOf("^$")) {
    Node node{pattern[at++] == '^' ? Node::Begin : Node::End};
    node.multiLine = flags.multiLine;
    return make(node);
  }
  if (sees("("))
    return group();
  if (sees("["))
    return charClass();
  return sees("\\") ? escape() : letter(pattern[at++]);
}

NodePtr Parser::group() {
  Flags outside = flags;
  ++at;
  if (take("?P<") || take("?<")) {
    size_t name = at;
    while (!done() && pattern[at] < 128 &&
           (llvm::isAlnum(char(pattern[at])) || pattern[at] == '_'))
      ++at;
    if (at == name || !take(">"))
      return fail("has a group with a bad name");
  } else if (take("?")) {
    for (bool value = true; !isOneOf(":)"); ++at) {
      if (!isOneOf("imsU-"))
        return fail("has an unknown kind of group");
      if (sees("-"))
        value = false;
      bool none;
      bool &flag = sees("i")   ? flags.anyCase
                   : sees("m") ? flags.multiLine
                   : sees("s") ? flags.dotAll
                               : none;
      flag = value;
    }
    if (pattern[at++] == ')')
      return make({Node::Sequence});
  }
  NodePtr node = choice();
  flags = outside;
  if (node && !take(")"))
    return fail("has a '(' without a ')'");
  return node;
}

/// {n}, {n,} or {n,m}; false, without an error, if it is none of them.
bool Parser::counts(int &least, int &most) {
  size_t before = at++;
  auto read = [&](int &value) {
    size_t begin = at;
    for (value = 0; isOneOf("0123456789"); ++at)
      value = std::min(10 * value + int(pattern[at] - '0'), kMaxCount + 1);
    return at > begin;
  };
  bool valid = read(least);
  most = least;
  if (valid && take(",") && !read(most))
    most = -1;
  if (!valid || !take("}")) {
    at = before;
    return false;
  }
  if (least > kMaxCount || most > kMaxCount || (most >= 0 && most < least))
    fail("repeats more than 1000 times, or fewer than none");
  return true;
}

NodePtr Parser::repeat(NodePtr node) {
  Node repeated{Node::Repeat, {node}};
  if (take("+"))
    repeated.least = 1;
  else if (take("?"))
    repeated.most = 1;
  else if (!take("*") &&
           !(sees("{") && counts(repeated.least, repeated.most)))
    return node;
  if (!problem.empty())
    return nullptr;
  (void)take("?");
  if (isOneOf("*+?"))
    return fail("repeats a repetition");
  return make(std::move(repeated));
}

//===-- Letters -------------------------------------------------------------//

/// The letters of \d, \s or \w.
static Ranges perlClass(char name) {
  switch (name) {
  case 'd':
    return {{'0', '9'}};
  case 's':
    return {{'\t', '\n'}, {'\f', '\r'}, {' ', ' '}};
  default:
    return {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
  }
}

static Ranges namedClass(StringRef name) {
  return llvm::StringSwitch<Ranges>(name)
      .Case("alnum", {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}})
      .Case("alpha", {{'A', 'Z'}, {'a', 'z'}})
      .Case("ascii", {{0, 0x7f}})
      .Case("blank", {{'\t', '\t'}, {' ', ' '}})
      .Case("cntrl", {{0, 0x1f}, {0x7f, 0x7f}})
      .Case("digit", {{'0', '9'}})
      .Case("graph", {{'!', '~'}})
      .Case("lower", {{'a', 'z'}})
      .Case("print", {{' ', '~'}})
      .Case("punct", {{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}})
      .Case("space", {{'\t', '\r'}, {' ', ' '}})
      .Case("upper", {{'A', 'Z'}})
      .Case("word", perlClass('w'))
      .Case("xdigit", {{'0', '9'}, {'A', 'F'}, {'a', 'f'}})
      .Default({});
}

static void addAll(Ranges &ranges, const Ranges &more, bool outside) {
  Letter from = 0;
  for (auto [first, last] : more) {
    if (!outside)
      ranges.push_back({first, last});
    else if (first > from)
      ranges.push_back({from, first - 1});
    from = last + 1;
  }
  if (outside)
    ranges.push_back({from, kLast});
}

NodePtr Parser::escape() {
  if (at + 1 >= pattern.size())
    return fail("ends with a '\\'");
  if (take("\\A"))
    return make({Node::Begin});
  if (take("\\z"))
    return make({Node::End});
  if (take("\\b"))
    return make({Node::Word});
  if (take("\\B"))
    return make({Node::NoWord});
  if (sees("\\p") || sees("\\P") || sees("\\C"))
    return fail("has a class of Unicode or bytes, which is not supported");
  Node node{Node::Class};
  for (StringRef name : {"\\d", "\\s", "\\w", "\\D", "\\S", "\\W"})
    if (take(name)) {
      addAll(node.ranges, perlClass(llvm::toLower(name[1])),
             llvm::isUpper(name[1]));
      return make(std::move(node));
    }
  Letter value;
  return escaped(value) ? letter(value) : nullptr;
}

/// At most `most` digits; at least one.
bool Parser::number(unsigned base, unsigned most, Letter &value) {
  size_t begin = at;
  for (value = 0; !done() && at - begin < most && pattern[at] < 128; ++at) {
    unsigned digit = llvm::hexDigitValue(char(pattern[at]));
    if (digit >= base)
      break;
    value = base * value + digit;
    if (value > 0x10ffff)
      return false;
  }
  return at > begin;
}

bool Parser::escaped(Letter &value) {
  if (++at >= pattern.size())
    return fail("ends with a '\\'"), false;
  constexpr StringRef names = "afnrtv", values = "\a\f\n\r\t\v";
  if (isOneOf(names)) {
    value = values[names.find(char(pattern[at++]))];
    return true;
  }
  if (take("x{"))
    return (number(16, 100, value) && take("}")) ||
           (fail("has a bad number behind '\\x'"), false);
  if (take("x")) {
    size_t begin = at;
    return (number(16, 2, value) && at == begin + 2) ||
           (fail("has a bad number behind '\\x'"), false);
  }
  if (isOneOf("01234567")) {
    size_t begin = at;
    bool isZero = sees("0");
    return (number(8, 3, value) && (isZero || at - begin > 1)) ||
           (fail("refers back to a group, which is not supported"), false);
  }
  if (pattern[at] < 128 && llvm::isAlnum(char(pattern[at])))
    return fail("has an unknown escape"), false;
  value = pattern[at++];
  return true;
}

bool Parser::classLetter(Letter &value) {
  if (done())
    return fail("has a '[' without a ']'"), false;
  if (sees("\\"))
    return escaped(value);
  value = pattern[at++];
  return true;
}

bool Parser::classItem(Ranges &ranges) {
  if (take("[:")) {
    bool outside = take("^");
    std::string name;
    while (!done() && pattern[at] < 128 && llvm::isAlpha(char(pattern[at])))
      name += char(pattern[at++]);
    Ranges known = namedClass(name);
    if (known.empty() || !take(":]"))
      return fail("has a class with an unknown name"), false;
    addAll(ranges, known, outside);
    return true;
  }
  for (StringRef name : {"\\d", "\\s", "\\w", "\\D", "\\S", "\\W"})
    if (take(name)) {
      addAll(ranges, perlClass(llvm::toLower(name[1])),
             llvm::isUpper(name[1]));
      return true;
    }
  if (sees("\\p") || sees("\\P"))
    return fail("has a class of Unicode, which is not supported"), false;
  Letter first, last;
  if (!classLetter(first))
    return false;
  last = first;
  if (sees("-") && at + 1 < pattern.size() && pattern[at + 1] != ']') {
    ++at;
    if (!classLetter(last))
      return false;
  }
  if (last < first)
    return fail("has a class with a range that ends before it begins"), false;
  ranges.push_back({first, last});
  return true;
}

NodePtr Parser::charClass() {
  ++at;
  Node node{Node::Class};
  node.anyCase = flags.anyCase;
  node.negated = take("^");
  for (bool isFirst = true; !done(); isFirst = false) {
    if (!isFirst && take("]"))
      return make(std::move(node));
    if (!classItem(node.ranges))
      return nullptr;
  }
  return fail("has a '[' without a ']'");
}

std::optional<Regex> Regex::parse(StringRef pattern, std::string &problem) {
  problem.clear();
  Regex regex;
  regex.root = Parser(decode(pattern), problem).parse();
  return problem.empty() && regex.root ? std::optional(regex) : std::nullopt;
}

} // namespace nacre::graph::reference
