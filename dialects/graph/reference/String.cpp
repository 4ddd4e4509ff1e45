//===- String.cpp - Strings -----------------------------------------------===//
#include "dialects/graph/reference/Evaluation.h"
#include "dialects/graph/reference/Host.h"
#include "dialects/graph/reference/Regex.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/Format.h"

#include <clocale>
#include <cwctype>

using namespace mlir;

namespace nacre::graph::reference {

/// Calls `visit` with each pair of two tensors broadcast against each other.
static LogicalResult
eachPair(Evaluation &e,
         llvm::function_ref<void(Tensor &, int64_t, llvm::StringRef,
                                 llvm::StringRef)>
             visit) {
  std::optional<Dims> dims = broadcastDims(e.in[0].dims(), e.in[1].dims());
  if (!dims)
    return e.fail("operands of dims " + text(e.in[0].dims()) + " and " +
                  text(e.in[1].dims()) + " do not broadcast");
  Tensor out = e.make(*dims);
  if (!out)
    return failure();
  Dims rhs(out.size());
  walk(*dims, broadcastStrides(e.in[1].dims(), *dims), 0,
       [&](int64_t i, int64_t offset) { rhs[i] = offset; });
  walk(*dims, broadcastStrides(e.in[0].dims(), *dims), 0,
       [&](int64_t i, int64_t offset) {
         visit(out, i, stringAt(e.in[0], offset), stringAt(e.in[1], rhs[i]));
       });
  return e.give(std::move(out));
}

LogicalResult run(StringConcatOp op, Evaluation &e) {
  return eachPair(e, [](Tensor &out, int64_t i, llvm::StringRef a,
                        llvm::StringRef b) { setString(out, i, (a + b).str()); });
}

LogicalResult run(StringEqualOp op, Evaluation &e) {
  return eachPair(e, [](Tensor &out, int64_t i, llvm::StringRef a,
                        llvm::StringRef b) { out.setBits(i, a == b); });
}

/// As Python's str.split.
static llvm::SmallVector<llvm::StringRef>
splitString(llvm::StringRef text, llvm::StringRef delimiter, int64_t most) {
  constexpr llvm::StringLiteral kSpace(" \t\n\v\f\r\x1c\x1d\x1e\x1f");
  llvm::SmallVector<llvm::StringRef> parts;
  if (!delimiter.empty()) {
    text.split(parts, delimiter, most < 0 ? -1 : int(std::min<int64_t>(most, INT_MAX)));
    return parts;
  }
  text = text.ltrim(kSpace);
  while (!text.empty()) {
    size_t end = text.find_first_of(kSpace);
    if (most >= 0 && int64_t(parts.size()) == most)
      end = llvm::StringRef::npos;
    parts.push_back(text.take_front(end).rtrim(kSpace));
    text = text.substr(end).ltrim(kSpace);
    if (end == llvm::StringRef::npos)
      break;
  }
  return parts;
}

LogicalResult run(StringSplitOp op, Evaluation &e) {
  const Tensor &input = e.in[0];
  std::vector<llvm::SmallVector<llvm::StringRef>> all;
  size_t most = 0;
  for (int64_t i = 0; i < input.size(); ++i) {
    all.push_back(splitString(stringAt(input, i), stringAt(e.in[1], 0),
                              op.getMaxsplit()));
    most = std::max(most, all.back().size());
  }
  Dims dims(input.dims());
  Tensor counts = e.make(dims, 1);
  dims.push_back(most);
  Tensor parts = e.make(dims, 0);
  if (!counts || !parts)
    return failure();
  (void)counts.rawMutable();
  for (auto [i, row] : llvm::enumerate(all)) {
    counts.setInteger(i, row.size());
    for (auto [k, part] : llvm::enumerate(row))
      setString(parts, i * most + k, part);
  }
  return failure(failed(e.give(std::move(parts))) ||
                 failed(e.give(std::move(counts))));
}

LogicalResult run(StringMatchOp op, Evaluation &e) {
  std::string problem;
  std::optional<Regex> regex = Regex::parse(stringAt(e.in[1], 0), problem);
  if (!regex)
    return e.fail("the pattern " + problem);
  Tensor out = e.make(e.in[0].dims());
  for (int64_t i = 0; out && i < out.size(); ++i)
    out.setBits(i, regex->matches(stringAt(e.in[0], i)));
  return e.give(std::move(out));
}

//===-- Letters -------------------------------------------------------------//

static locale_t unicode() {
  static locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  return locale;
}
static llvm::UTF32 lowerLetter(llvm::UTF32 letter) {
  return unicode() ? towlower_l(letter, unicode()) : towlower(letter);
}
static llvm::UTF32 upperLetter(llvm::UTF32 letter) {
  return unicode() ? towupper_l(letter, unicode()) : towupper(letter);
}

/// Letters by the C library's tables of Unicode; what is no UTF-8 as it is.
static std::string inCase(llvm::StringRef text, int64_t mode) {
  if (mode == 0)
    return text.str();
  std::string out;
  auto *at = reinterpret_cast<const llvm::UTF8 *>(text.begin());
  auto *end = reinterpret_cast<const llvm::UTF8 *>(text.end());
  while (at < end) {
    llvm::UTF32 letter;
    const llvm::UTF8 *before = at;
    if (llvm::convertUTF8Sequence(&at, end, &letter, llvm::strictConversion) !=
        llvm::conversionOK) {
      at = before + 1;
      out += char(*before);
      continue;
    }
    letter = mode == 1 ? lowerLetter(letter) : upperLetter(letter);
    char bytes[UNI_MAX_UTF8_BYTES_PER_CODE_POINT], *to = bytes;
    (void)llvm::ConvertCodePointToUTF8(letter, to);
    out.append(bytes, to);
  }
  return out;
}

LogicalResult run(StringNormalizeOp op, Evaluation &e) {
  const Tensor &input = e.in[0];
  auto key = [&](llvm::StringRef text) {
    return inCase(text, op.getIsCaseSensitive() ? 0 : 1);
  };
  std::vector<std::string> stops, left;
  for (int64_t i = 0; i < e.in[1].size(); ++i)
    stops.push_back(key(stringAt(e.in[1], i)));
  for (int64_t i = 0; i < input.size(); ++i)
    if (!llvm::is_contained(stops, key(stringAt(input, i))))
      left.push_back(inCase(stringAt(input, i), op.getCaseChange()));
  if (left.empty())
    left.emplace_back();
  Dims dims{int64_t(left.size())};
  if (input.rank() == 2) {
    if (input.dim(0) != 1)
      return e.fail("the input has more than one row");
    dims.insert(dims.begin(), 1);
  }
  Tensor out = e.make(dims);
  for (auto [i, text] : llvm::enumerate(left))
    if (out)
      setString(out, i, text);
  return e.give(std::move(out));
}

//===-- Numbers -------------------------------------------------------------//

/// As Python writes floats: the fewest digits that read back the same.
static std::string writeReal(const Tensor &tensor, int64_t i) {
  double value = tensor.real(i);
  if (value != value)
    return "nan";
  if (std::isinf(value))
    return value < 0 ? "-inf" : "inf";
  Tensor back = Tensor::zeros(tensor.elementType(), {});
  std::string text;
  for (int digits = 0; digits < 17; ++digits) {
    text.clear();
    llvm::raw_string_ostream(text) << llvm::format("%.*e", digits, value);
    double read = 0;
    (void)llvm::StringRef(text).getAsDouble(read);
    back.setReal(0, read);
    if (back.real(0) == value)
      break;
  }
  auto [mantissa, tail] = llvm::StringRef(text).split('e');
  int exponent = 0;
  (void)tail.ltrim('+').getAsInteger(10, exponent);
  if (exponent < -4 || exponent >= 16)
    return text;
  std::string digits;
  for (char c : mantissa)
    if (llvm::isDigit(c))
      digits += c;
  std::string sign = mantissa.starts_with("-") ? "-" : "";
  if (exponent < 0)
    return sign + "0." + std::string(-1 - exponent, '0') + digits;
  if (int(digits.size()) < exponent + 2)
    digits.resize(exponent + 2, '0');
  return sign + digits.substr(0, exponent + 1) + "." +
         digits.substr(exponent + 1);
}

static std::string writeNumber(const Tensor &tensor, int64_t i) {
  Type type = tensor.elementType();
  if (type.isInteger(1))
    return tensor.bits(i) ? "True" : "False";
  if (isa<FloatType>(type))
    return writeReal(tensor, i);
  return isUnsignedElement(type) ? std::to_string(tensor.bits(i))
                                 : std::to_string(tensor.integer(i));
}

static bool readNumber(llvm::StringRef text, Tensor &out, int64_t i) {
  std::string word = text.trim(" \t\n\v\f\r").lower();
  // What bools are written as reads back in any type.
  if (word == "true" || word == "false")
    word = word == "true" ? "1" : "0";
  llvm::StringRef rest = word;
  Type type = out.elementType();
  int64_t whole;
  double real;
  (void)rest.consume_front("+");
  if (!isa<FloatType>(type) && !rest.getAsInteger(10, whole))
    return out.setInteger(i, type.isInteger(1) ? whole != 0 : whole), true;
  uint64_t large;
  if (isUnsignedElement(type) && !rest.getAsInteger(10, large))
    return out.setBits(i, large), true;
  if (rest.contains('x') || rest.starts_with("+"))
    return false;
  bool negative = rest.consume_front("-");
  if (rest == "inf" || rest == "infinity")
    real = std::numeric_limits<double>::infinity();
  else if (rest == "nan")
    real = std::numeric_limits<double>::quiet_NaN();
  else if (rest.getAsDouble(real))
    return false;
  real = negative ? -real : real;
  if (isa<FloatType>(type))
    return out.setReal(i, real), true;
  if (type.isInteger(1))
    return out.setBits(i, real != 0), true;
  if (!(std::fabs(real) < 9.2e18))
    return false;
  return out.setInteger(i, int64_t(real)), true;
}

LogicalResult run(StringCastOp op, Evaluation &e) {
  const Tensor &input = e.in[0];
  Tensor out = e.make(input.dims());
  if (!out)
    return failure();
  (void)out.rawMutable();
  for (int64_t i = 0; i < input.size(); ++i)
    if (isa<StringType>(op.getTo()))
      setString(out, i, writeNumber(input, i));
    else if (!readNumber(stringAt(input, i), out, i))
      return e.fail("'" + stringAt(input, i) + "' is no number");
  return e.give(std::move(out));
}

LogicalResult run(StringFindOp op, Evaluation &e) {
  Tensor out = e.make(e.in[0].dims());
  for (int64_t i = 0; out && i < out.size(); ++i) {
    int64_t found = e.in[1].size();
    for (int64_t k = 0; k < e.in[1].size(); ++k)
      if (stringAt(e.in[1], k) == stringAt(e.in[0], i))
        found = k;
    out.setInteger(i, found);
  }
  return e.give(std::move(out));
}

} // namespace nacre::graph::reference
