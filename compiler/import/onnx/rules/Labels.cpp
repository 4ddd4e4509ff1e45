// ai.onnx.ml: from names to numbers and back.
#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Common.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;
using graph::ReduceKind;

/// A 1-D constant in one of four attributes; null if in none.
static Value listOf(Node &n, const Twine &prefix) {
  std::string tensor = (prefix + "_tensor").str();
  std::string ints = (prefix + "_int64s").str();
  std::string floats = (prefix + "_floats").str();
  std::string strings = (prefix + "_strings").str();
  if (n.hasAttr(tensor))
    return n.constant(n.tensor(tensor));
  if (n.hasAttr(ints))
    return n.i64s(n.ints(ints));
  if (n.hasAttr(floats))
    return n.numbers(n.b.getF32Type(), n.floats(floats));
  if (n.hasAttr(strings))
    return n.strings1d(n.strings(strings));
  return {};
}

/// The position of the last of `keys` that an element equals, or how many there
/// are if it equals none. NaN equals NaN.
static Value findKeys(Node &n, Value x, Value keys) {
  if (isString(n, x) || isString(n, keys))
    return n.make<graph::StringFindOp>({x, keys});
  keys = n.cast(keys, n.element(x));
  Value column = n.unsqueeze(x, {n.rank(x)});
  Value equal = n.compare(Predicate::eq, column, keys);
  if (n.isFloat(x)) {
    Value nans = n.make<graph::AndOp>(
        {n.make<graph::IsNanOp>({column}), n.make<graph::IsNanOp>({keys})});
    equal = n.make<graph::OrOp>({equal, nans});
  }
  int64_t last = n.rank(x);
  Value found = n.reduce(ReduceKind::any, equal, {last}, false);
  Value index = n.make<graph::ArgReduceOp>(
      {n.cast(equal, n.b.getI32Type())},
      {n.b.attr("axis", last), n.b.flag("largest", true),
       n.b.flag("select_last", true), n.b.flag("keep_dims", false)});
  return n.select(found, index, n.i64(n.dim(keys, 0)));
}

/// For each element the value that stands where its key does, else `other`, a
/// scalar.
static Value translate(Node &n, Value x, Value keys, Value values,
                       Value other) {
  if (n.failed() || !n.checkRank(keys, 1, 1) || !n.checkRank(values, 1, 1))
    return {};
  if (n.dim(keys, 0) != n.dim(values, 0)) {
    n.error() << "has " << n.dim(keys, 0) << " keys for " << n.dim(values, 0)
              << " values";
    return {};
  }
  Value all = n.concat({values, n.unsqueeze(n.toScalar(other), {0})}, 0);
  return n.gather(all, findKeys(n, x, keys), 0);
}

/// What stands for elements that are no key, by the type of `values`.
static Value defaultValue(Node &n, Value values) {
  ElementsAttr tensor = n.tensor("default_tensor");
  int64_t integer = n.i("default_int64", -1);
  double real = n.f("default_float", -0.0);
  StringRef text = n.s("default_string", "_Unused");
  if (tensor)
    return n.constant(tensor);
  if (isString(n, values))
    return n.strings1d({text});
  return values ? n.scalarLike(values, n.isFloat(values) ? real : integer)
                : Value();
}

/// Strings to their numbers, or numbers to strings, as the input asks.
static LogicalResult translateNames(Node &n, Value names, Value numbers) {
  Value x = n.operand(0);
  if (n.failed())
    return failure();
  bool fromNames = isString(n, x);
  Value keys = fromNames ? names : numbers;
  Value values = fromNames ? numbers : names;
  return n.result(translate(n, x, keys, values, defaultValue(n, values)));
}

static LogicalResult importLabelEncoder(Node &n) {
  Value x = n.operand(0), keys = listOf(n, "keys"),
        values = listOf(n, "values");
  Value other = defaultValue(n, values);
  if (n.failed())
    return failure();
  if (!keys || !values)
    return n.error() << "has no keys or no values";
  return n.result(translate(n, x, keys, values, other));
}

/// Before opset 2 a string stands for its place in the list.
static LogicalResult importOldLabelEncoder(Node &n) {
  SmallVector<StringRef> names = n.strings("classes_strings");
  Node::Ints places =
      llvm::to_vector(llvm::seq<int64_t>(0, int64_t(names.size())));
  return translateNames(n, n.strings1d(names), n.i64s(places));
}

static LogicalResult importCategoryMapper(Node &n) {
  return translateNames(n, n.strings1d(n.strings("cats_strings")),
                        n.i64s(n.ints("cats_int64s")));
}

static LogicalResult importOneHotEncoder(Node &n) {
  Value x = n.operand(0);
  n.ignore({"zeros"});
  SmallVector<StringRef> names = n.strings("cats_strings");
  Node::Ints categories = n.ints("cats_int64s");
  if (n.failed() || names.empty() == categories.empty())
    return n.failed() ? failure()
                      : n.error() << "has both or none of cats_strings and "
                                     "cats_int64s";
  if (!names.empty()) {
    x = n.make<graph::StringFindOp>({x, n.strings1d(names)});
    categories = llvm::to_vector(llvm::seq<int64_t>(0, int64_t(names.size())));
  }
  Value whole = n.cast(x, n.b.getI64Type());
  Value equal = n.compare(Predicate::eq, n.unsqueeze(whole, {n.rank(x)}),
                          n.i64s(categories));
  return n.result(n.cast(equal, n.b.getF32Type()));
}

void nacre::onnx::addLabelRules(RuleTable &table) {
  table.add(kMl, "CategoryMapper", 1, importCategoryMapper);
  table.add(kMl, "LabelEncoder", 1, importOldLabelEncoder);
  table.add(kMl, "LabelEncoder", 2, importLabelEncoder);
  table.add(kMl, "OneHotEncoder", 1, importOneHotEncoder);
}
