// Strings.
#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/Types.h"
#include "compiler/import/onnx/rules/Common.h"
#include "dialects/graph/reference/Regex.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;

bool nacre::onnx::isString(Node &n, Value x) {
  return isa_and_nonnull<graph::StringType>(n.element(x));
}

Value nacre::onnx::castString(Node &n, Value x, Type to) {
  return n.make<graph::StringCastOp>({x}, {n.b.attr("to", TypeAttr::get(to))});
}

static LogicalResult importStringConcat(Node &n) {
  Value x = n.operand(0), y = n.operand(1);
  return n.result(n.make<graph::StringConcatOp>({x, y}));
}

static LogicalResult importStringSplit(Node &n) {
  Value x = n.operand(0);
  Value delimiter = n.strings1d({n.s("delimiter", "")});
  int64_t most = n.hasAttr("maxsplit") ? n.i("maxsplit") : -1;
  if (most < -1)
    return n.error() << "has maxsplit " << most << ", expected 0 or more";
  return n.results(n.makeAll<graph::StringSplitOp>(
      {x, n.toScalar(delimiter)}, {n.b.attr("maxsplit", most)}));
}

static LogicalResult importRegexFullMatch(Node &n) {
  Value x = n.operand(0);
  StringRef pattern = n.s("pattern");
  if (n.failed())
    return failure();
  std::string problem;
  if (!graph::reference::Regex::parse(pattern, problem))
    return n.error() << "has attribute 'pattern' that " << problem;
  return n.result(
      n.make<graph::StringMatchOp>({x, n.toScalar(n.strings1d({pattern}))}));
}

static LogicalResult importStringNormalizer(Node &n) {
  Value x = n.operand(0);
  int64_t change =
      n.choice("case_change_action", "NONE", {"NONE", "LOWER", "UPPER"});
  bool sensitive = n.flag("is_case_sensitive", false);
  n.ignore({"locale"});
  Value stopwords = n.strings1d(n.strings("stopwords"));
  if (!n.checkRank(x, 1, 2))
    return failure();
  return n.result(n.make<graph::StringNormalizeOp>(
      {x, stopwords}, {n.b.attr("case_change", change),
                       n.b.flag("is_case_sensitive", sensitive)}));
}

//===-- Counting n-grams
//----------------------------------------------------===//

namespace {
/// TfIdfVectorizer in the making. Items are numbers; strings stand for their
/// place in the pool.
struct Ngrams {
  Node &n;
  Value items; ///< [rows, length]
  Node::Ints pool, starts, indexes;
  int64_t least, most, skips;

  /// How often each n-gram of `size` is in each row: f32 [rows, n-grams].
  Value count(int64_t size, int64_t number);
  /// Whether an n-gram with `gap` between its items begins at a place.
  Value matches(ArrayRef<int64_t> grams, int64_t size, int64_t gap);
  Value spread(Value counts, int64_t columns);
};
} // namespace

/// i1 [rows, places, n-grams]
Value Ngrams::matches(ArrayRef<int64_t> grams, int64_t size, int64_t gap) {
  Value all;
  for (int64_t k = 0; k < size; ++k) {
    int64_t behind = (size - 1 - k) * gap;
    Value at = n.slice(items, n.i64s({k * gap}),
                       n.i64s({behind ? -behind : INT64_MAX}), {1}, {1});
    Node::Ints column;
    for (size_t g = k; g < grams.size(); g += size)
      column.push_back(grams[g]);
    Value equal = n.compare(graph::Predicate::eq, n.unsqueeze(at, {2}),
                            n.cast(n.i64s(column), n.element(items)));
    all = all ? n.make<graph::AndOp>({all, equal}) : equal;
  }
  return all;
}

Value Ngrams::count(int64_t size, int64_t number) {
  int64_t begin = starts[size - 1];
  ArrayRef<int64_t> grams = ArrayRef(pool).slice(begin, number * size);
  // Skips change nothing about single items.
  int64_t gaps = size == 1 ? 1 : skips + 1;
  Value sum;
  for (int64_t gap = 1; gap <= gaps && !n.failed(); ++gap) {
    Value found = n.cast(matches(grams, size, gap), n.b.getF32Type());
    Value counts = n.reduce(graph::ReduceKind::sum, found, {1}, false);
    sum = sum ? n.add(sum, counts) : counts;
  }
  return sum;
}

/// Column k of `counts` becomes column indexes[k] of the result.
Value Ngrams::spread(Value counts, int64_t columns) {
  Value zero = n.slice(n.mul(counts, 0.0), 1, 0, 1);
  int64_t none = n.dim(counts, 1);
  Node::Ints from(columns, none);
  for (auto [k, index] : llvm::enumerate(indexes)) {
    if (index < 0 || index >= columns || from[index] != none) {
      n.error() << "has ngram_indexes that are negative or not all different";
      return {};
    }
    from[index] = k;
  }
  return n.gather(n.concat({counts, zero}, 1), n.i64s(from), 1);
}

/// The pool as numbers, and the input as such.
static bool readPool(Node &n, Ngrams &grams, Value x) {
  SmallVector<StringRef> words = n.strings("pool_strings");
  grams.pool = n.ints("pool_int64s");
  if (words.empty() == grams.pool.empty()) {
    n.error() << "has both or none of pool_strings and pool_int64s";
    return false;
  }
  grams.items = x;
  if (words.empty())
    return !n.failed();
  // Equal words are one: the last place among all.
  llvm::StringMap<int64_t> places;
  for (auto [k, word] : llvm::enumerate(words))
    places[word] = k;
  for (StringRef word : words)
    grams.pool.push_back(places[word]);
  grams.items = n.make<graph::StringFindOp>({x, n.strings1d(words)});
  return !n.failed();
}

/// How many n-grams of each size the pool has; nothing after an error.
static std::optional<Node::Ints> poolSizes(Ngrams &grams) {
  Node &n = grams.n;
  Node::Ints sizes;
  int64_t total = 0;
  for (size_t k = 0; k < grams.starts.size(); ++k) {
    int64_t begin = grams.starts[k];
    int64_t end = k + 1 < grams.starts.size() ? grams.starts[k + 1]
                                              : int64_t(grams.pool.size());
    if (begin < 0 || end < begin || end > int64_t(grams.pool.size()) ||
        (end - begin) % int64_t(k + 1) != 0) {
      n.error() << "has ngram_counts that do not cut the pool into n-grams";
      return std::nullopt;
    }
    sizes.push_back((end - begin) / int64_t(k + 1));
    total += sizes.back();
  }
  if (total == int64_t(grams.indexes.size()) && total > 0)
    return sizes;
  n.error() << "has " << grams.indexes.size() << " ngram_indexes for " << total
            << " n-grams";
  return std::nullopt;
}

static Value weighted(Node &n, Value counts, ArrayRef<double> weights,
                      ArrayRef<int64_t> indexes) {
  unsigned mode = n.choice("mode", "TF", {"TF", "IDF", "TFIDF"});
  if (mode > 0)
    counts = mode == 2 ? counts
                       : n.cast(n.compare(graph::Predicate::gt, counts, 0.0),
                                n.b.getF32Type());
  if (mode == 0 || weights.empty())
    return counts;
  if (weights.size() != indexes.size()) {
    n.error() << "has " << weights.size() << " weights for " << indexes.size()
              << " n-grams";
    return {};
  }
  return n.mul(counts, n.numbers(n.b.getF32Type(), weights));
}

static LogicalResult importTfIdfVectorizer(Node &n) {
  Value x = n.operand(0);
  Ngrams grams{n,
               {},
               {},
               n.ints("ngram_counts"),
               n.ints("ngram_indexes"),
               n.i("min_gram_length"),
               n.i("max_gram_length"),
               n.i("max_skip_count")};
  SmallVector<double> weights = n.floats("weights");
  if (!n.checkRank(x, 1, 2) || !readPool(n, grams, x))
    return failure();
  if (grams.skips < 0 || grams.skips > 1024 || grams.least < 1)
    return n.error() << "has max_skip_count " << grams.skips
                     << " and min_gram_length " << grams.least
                     << ", expected at least 0 (at most 1024) and 1";
  bool isVector = n.rank(x) == 1;
  if (isVector)
    grams.items = n.unsqueeze(grams.items, {0});
  std::optional<Node::Ints> sizes = poolSizes(grams);
  if (!sizes)
    return failure();
  Node::Values parts;
  for (auto [k, number] : llvm::enumerate(*sizes)) {
    int64_t size = k + 1;
    if (number == 0)
      continue;
    Value counts = grams.count(size, number);
    // N-grams of other sizes are in the pool but are not counted.
    if (size < grams.least || size > grams.most)
      counts = n.mul(counts, 0.0);
    parts.push_back(counts);
  }
  Value counts = weighted(n, n.concat(parts, 1), weights, grams.indexes);
  int64_t last = *llvm::max_element(grams.indexes);
  Value result = n.failed() || last >= (1 << 24)
                     ? Value()
                     : grams.spread(counts, last + 1);
  if (!result)
    return n.failed() ? failure()
                      : n.error() << "has an index that is too large";
  return n.result(isVector ? n.squeeze(result, {0}) : result);
}

void nacre::onnx::addStringRules(RuleTable &table) {
  table.add("RegexFullMatch", 20, importRegexFullMatch);
  table.add("StringConcat", 20, importStringConcat);
  table.add("StringNormalizer", 10, importStringNormalizer);
  table.add("StringSplit", 20, importStringSplit);
  table.add("TfIdfVectorizer", 9, importTfIdfVectorizer);
}
