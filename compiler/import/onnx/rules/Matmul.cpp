#include "compiler/import/onnx/Model.h"
#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Common.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;
using graph::ReduceKind;

Value nacre::onnx::matmul(Node &n, Value x, Value y) {
  if (!n.checkRank(x, 1) || !n.checkRank(y, 1))
    return {};
  // A vector is a row on the left, a column on the right.
  bool row = n.rank(x) == 1, column = n.rank(y) == 1;
  Value product =
      n.matmul(row ? n.unsqueeze(x, {0}) : x, column ? n.unsqueeze(y, {1}) : y);
  int64_t rank = n.rank(product);
  Node::Ints gone;
  if (row)
    gone.push_back(rank - 2);
  if (column)
    gone.push_back(rank - 1);
  return n.squeeze(product, gone);
}

static LogicalResult importMatMul(Node &n) {
  return n.result(matmul(n, n.operand(0), n.operand(1)));
}

//===-- Gemm
//----------------------------------------------------------------===//

/// Gemm by ONNX attributes, without its bias.
static Value gemmProduct(Node &n, Value a, Value c) {
  bool transA = n.flag("transA", false), transB = n.flag("transB", false);
  if (!n.checkRank(a, 2, 2) || !n.checkRank(c, 2, 2))
    return {};
  return n.matmul(transA ? n.transpose(a, {1, 0}) : a,
                  transB ? n.transpose(c, {1, 0}) : c);
}

Value nacre::onnx::gemm(Node &n) {
  n.ignore({"broadcast"});
  Value a = n.operand(0), c = n.operand(1), bias = n.optional(2);
  double alpha = n.f("alpha", 1), beta = n.f("beta", 1);
  Value product = gemmProduct(n, a, c);
  if (alpha != 1)
    product = n.mul(product, alpha);
  if (!bias || beta == 0)
    return product;
  Value sum = n.add(product, beta == 1 ? bias : n.mul(bias, beta));
  // The bias may be spread, not the product.
  if (sum && n.type(sum) != n.type(product) &&
      n.type(product).hasStaticShape()) {
    n.error() << "has a bias of type " << bias.getType()
              << " for a product of type " << product.getType();
    return {};
  }
  return sum;
}

static LogicalResult importGemm(Node &n) { return n.result(gemm(n)); }

//===-- Integers
//------------------------------------------------------------===//

/// The sum over (x - xZero) * (y - yZero), written out so that the product
/// stays one of bytes.
Value nacre::onnx::matmulInteger(Node &n, Value x, Value y, Value xZero,
                                 Value yZero) {
  if (!xZero && !yZero)
    return matmul(n, x, y);
  if (!n.checkRank(x, 1) || !n.checkRank(y, 1))
    return {};
  Type i32 = n.b.getI32Type();
  bool row = n.rank(x) == 1, column = n.rank(y) == 1;
  if (row)
    x = n.unsqueeze(x, {0});
  if (column)
    y = n.unsqueeze(y, {1});
  int64_t xLast = n.rank(x) - 1, yRows = n.rank(y) - 2;
  // One zero point per row of the left operand is a column.
  if (xZero) {
    xZero = n.cast(xZero, i32);
    if (n.rank(xZero) == 1 && n.dim(xZero, 0) != 1)
      xZero = n.unsqueeze(xZero, {1});
  }
  yZero = yZero ? n.cast(yZero, i32) : yZero;
  Value sum = n.matmul(x, y);
  Value rows = n.cast(y, i32), columns = n.cast(x, i32);
  if (xZero)
    sum = n.sub(sum,
                n.mul(n.reduce(ReduceKind::sum, rows, {yRows}, true), xZero));
  if (yZero)
    sum = n.sub(
        sum, n.mul(n.reduce(ReduceKind::sum, columns, {xLast}, true), yZero));
  if (xZero && yZero)
    sum = n.add(sum, n.mul(n.mul(xZero, yZero), n.count(x, {xLast}, i32)));
  int64_t rank = n.rank(sum);
  Node::Ints gone;
  if (row)
    gone.push_back(rank - 2);
  if (column)
    gone.push_back(rank - 1);
  return n.squeeze(sum, gone);
}

static LogicalResult importMatMulInteger(Node &n) {
  Value x = n.operand(0), y = n.operand(1);
  Value xZero = n.optional(2), yZero = n.optional(3);
  if (!n.checkSameType({x, xZero}) || !n.checkSameType({y, yZero}))
    return failure();
  return n.result(matmulInteger(n, x, y, xZero, yZero));
}

//===-- Einsum
//--------------------------------------------------------------===//

namespace {

/// Labels of dims: letters; the dims of an ellipsis are capital letters from
/// beyond the alphabet, counted from the last.
using Labels = SmallVector<int>;

struct Term {
  Value value;
  Labels labels;
};

} // namespace

/// Parses one side of a comma. `rank` < 0: the output, whose ellipsis has
/// `ellipsis` dims. Fails on anything that is no label.
static bool parseLabels(StringRef text, int64_t rank, int64_t ellipsis,
                        Labels &labels) {
  text = text.trim(' ');
  std::string packed;
  for (char c : text)
    if (c != ' ')
      packed.push_back(c);
  size_t dots = packed.find("...");
  int64_t letters = packed.size() - (dots == std::string::npos ? 0 : 3);
  int64_t extra = dots == std::string::npos ? 0
                  : rank < 0                ? ellipsis
                                            : rank - letters;
  if (extra < 0 || (rank >= 0 && letters + extra != rank))
    return false;
  for (size_t at = 0; at < packed.size(); ++at) {
    if (at == dots) {
      for (int64_t k = extra; k > 0; --k)
        labels.push_back(255 + int(k));
      at += 2;
    } else if (llvm::isAlpha(packed[at])) {
      labels.push_back(packed[at]);
    } else {
      return false;
    }
  }
  return true;
}

/// Merges two dims of one label: the diagonal is selected, the rest summed up.
static void takeDiagonals(Node &n, Term &term) {
  for (size_t i = 0; i < term.labels.size() && !n.failed(); ++i)
    for (size_t j = term.labels.size() - 1; j > i && !n.failed(); --j) {
      if (term.labels[i] != term.labels[j])
        continue;
      int64_t size = n.dim(term.value, i), other = n.dim(term.value, j);
      if (size != other && !ShapedType::isDynamic(size) &&
          !ShapedType::isDynamic(other)) {
        n.error() << "has one label for dims of " << size << " and " << other;
        return;
      }
      int64_t rank = n.rank(term.value);
      Value row =
          n.alongAxis(n.iota(n.squeeze(n.dimOf(term.value, i), {0})), i, rank);
      Value column =
          n.alongAxis(n.iota(n.squeeze(n.dimOf(term.value, j), {0})), j, rank);
      Value kept = n.select(n.compare(Predicate::eq, row, column), term.value,
                            n.scalarLike(term.value, 0));
      term.value = n.reduce(ReduceKind::sum, kept, {int64_t(j)}, false);
      term.labels.erase(term.labels.begin() + j);
    }
}

/// Sums up labels that are not in `kept`.
static void sumOut(Node &n, Term &term, const Labels &kept) {
  Node::Ints axes;
  Labels left;
  for (auto [k, label] : llvm::enumerate(term.labels)) {
    if (llvm::is_contained(kept, label))
      left.push_back(label);
    else
      axes.push_back(k);
  }
  if (!axes.empty())
    term.value = n.reduce(ReduceKind::sum, term.value, axes, false);
  term.labels = left;
}

/// Reorders dims to `order`, of which labels that the term lacks are left out.
static void reorder(Node &n, Term &term, const Labels &order) {
  Node::Ints perm;
  Labels labels;
  for (int label : order)
    if (auto *at = llvm::find(term.labels, label); at != term.labels.end()) {
      perm.push_back(at - term.labels.begin());
      labels.push_back(label);
    }
  term.value = n.transpose(term.value, perm);
  term.labels = labels;
}

/// The dims of `count` labels as one: 1 for none.
static Value mergedDims(Node &n, const Term &term, int64_t from, int64_t to) {
  Value product = n.i64s({1});
  for (int64_t k = from; k < to; ++k)
    product = n.mul(product, n.dimOf(term.value, k));
  return product;
}

static int64_t countIn(const Labels &labels, const Labels &of) {
  return llvm::count_if(
      of, [&](int label) { return llvm::is_contained(labels, label); });
}

/// Multiplies two terms and sums up what is not in `kept`: one matrix product.
static Term contractPair(Node &n, Term x, Term y, const Labels &kept) {
  Labels both, left, right, summed;
  for (int label : x.labels) {
    bool shared = llvm::is_contained(y.labels, label);
    bool stays = llvm::is_contained(kept, label);
    (!shared ? left : stays ? both : summed).push_back(label);
  }
  for (int label : y.labels)
    if (!llvm::is_contained(x.labels, label))
      right.push_back(label);
  Labels xKept = kept, yKept = kept;
  xKept.append(y.labels);
  yKept.append(x.labels);
  sumOut(n, x, xKept);
  sumOut(n, y, yKept);
  Labels xOrder(both), yOrder(both);
  xOrder.append(left), xOrder.append(summed);
  yOrder.append(summed), yOrder.append(right);
  reorder(n, x, xOrder);
  reorder(n, y, yOrder);
  int64_t numBoth = both.size(), numLeft = countIn(x.labels, left),
          numSummed = summed.size(), numRight = countIn(y.labels, right);
  // A dim of 1 in an ellipsis spreads, which a merged dim cannot.
  Value batch = n.dimsOf(x.value, 0, numBoth);
  Value xDims = n.concat(
      {batch, mergedDims(n, x, numBoth, numBoth + numLeft),
       mergedDims(n, x, numBoth + numLeft, numBoth + numLeft + numSummed)},
      0);
  Value yDims = n.concat(
      {n.dimsOf(y.value, 0, numBoth),
       mergedDims(n, y, numBoth, numBoth + numSummed),
       mergedDims(n, y, numBoth + numSummed, numBoth + numSummed + numRight)},
      0);
  Value product =
      n.matmul(n.reshape(x.value, xDims), n.reshape(y.value, yDims));
  Value dims = n.concat(
      {n.dimsOf(product, 0, numBoth),
       n.dimsOf(x.value, numBoth, numBoth + numLeft),
       n.dimsOf(y.value, numBoth + numSummed, numBoth + numSummed + numRight)},
      0);
  Term result{n.reshape(product, dims), both};
  for (int label : left)
    if (llvm::is_contained(x.labels, label))
      result.labels.push_back(label);
  for (int label : right)
    if (llvm::is_contained(y.labels, label))
      result.labels.push_back(label);
  return result;
}

/// Labels in the order of an equation without `->`: those that occur once.
static Labels implicitOutput(ArrayRef<Term> terms) {
  std::map<int, int> uses;
  for (const Term &term : terms)
    for (int label : term.labels)
      ++uses[label];
  Labels output;
  for (auto it = uses.rbegin(); it != uses.rend(); ++it)
    if (it->first > 255)
      output.push_back(it->first);
  for (auto [label, count] : uses)
    if (label <= 255 && count == 1)
      output.push_back(label);
  return output;
}

/// Sums of products wrap in the end, so narrow integers are computed in i32,
/// in which products of them are.
static Type sumType(Node &n, Type type) {
  bool isNarrow = type && type.isInteger() && type.getIntOrFloatBitWidth() < 32;
  return isNarrow ? n.b.getI32Type() : type;
}

static LogicalResult importEinsum(Node &n) {
  StringRef equation = n.s("equation");
  Node::Values values = n.operands();
  if (n.failed())
    return failure();
  auto bad = [&] {
    return n.error() << "has equation " << quoted(equation)
                     << ", which does not fit its inputs";
  };
  auto [inputs, outputText] = equation.split("->");
  SmallVector<StringRef> parts;
  inputs.split(parts, ',');
  if (parts.size() != values.size())
    return bad();
  SmallVector<Term> terms;
  int64_t ellipsis = 0;
  for (auto [part, value] : llvm::zip(parts, values)) {
    Term term{n.cast(value, sumType(n, n.element(value))), {}};
    if (!parseLabels(part, n.rank(value), 0, term.labels))
      return bad();
    ellipsis = std::max<int64_t>(
        ellipsis, llvm::count_if(term.labels, [](int l) { return l > 255; }));
    terms.push_back(term);
  }
  Labels output;
  if (!equation.contains("->"))
    output = implicitOutput(terms);
  else if (!parseLabels(outputText, -1, ellipsis, output) ||
           (ellipsis > 0 && !outputText.contains("...")))
    return bad();
  for (int label : output)
    if (llvm::count(output, label) > 1 ||
        llvm::none_of(terms, [&](const Term &term) {
          return llvm::is_contained(term.labels, label);
        }))
      return bad();
  for (Term &term : terms)
    takeDiagonals(n, term);
  Term result = terms.front();
  for (size_t k = 1; k < terms.size() && !n.failed(); ++k) {
    Labels kept = output;
    for (size_t later = k + 1; later < terms.size(); ++later)
      kept.append(terms[later].labels);
    result = contractPair(n, result, terms[k], kept);
  }
  if (n.failed())
    return failure();
  sumOut(n, result, output);
  reorder(n, result, output);
  return n.result(n.cast(result.value, n.element(values[0])));
}

static LogicalResult importDet(Node &n) {
  Value x = n.operand(0);
  Value wide = n.cast(x, computeType(n, x));
  return n.result(n.cast(n.make<graph::DetOp>({wide}), n.element(x)));
}

void nacre::onnx::addMatmulRules(RuleTable &table) {
  table.add("Det", 11, importDet);
  table.add("Einsum", 12, importEinsum);
  table.add("Gemm", 1, importGemm);
  table.add("MatMul", 1, importMatMul);
  table.add("MatMulInteger", 10, importMatMulInteger);
}
