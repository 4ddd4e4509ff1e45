#include "test/fuzz/GraphCheck.h"

#include "compiler/api/Compiler.h"
#include "tools/nacre/execute/Executable.h"
#include "tools/nacre/execute/Oracle.h"
#include "tools/nacre/io/Element.h"

#include <cmath>

using namespace mlir;
using namespace nacre;
using namespace nacre::fuzz;

/// Runs of the reference with other rounding, to see how much it matters.
static constexpr unsigned kRuns = 6;
/// An element that differs by more between them is not compared.
static constexpr double kUncertain = 0.05;

namespace {

/// What the reference says: results, and how much of each element is certain.
struct Expected {
  bool stops = false;
  std::string reason;
  SmallVector<Tensor> results;
  SmallVector<SmallVector<Tensor>> others; ///< per run with other rounding
  bool unstable = false;
};

class Check {
public:
  Check(StringRef text, const CheckOptions &options)
      : text(text), checkOptions(options) {}
  Verdict run();

private:
  bool fail(Verdict::Kind kind, const llvm::Twine &message);
  bool expect(ModuleOp module);
  bool compile(bool optimize);
  bool compareRuns(execute::Compiled &model, StringRef label);
  bool compare(ArrayRef<io::Tensor> got, StringRef label);
  bool compareResult(unsigned i, const io::Tensor &got, StringRef label);

  StringRef text;
  const CheckOptions &checkOptions;
  Expected expected;
  std::vector<io::Tensor> inputs;
  /// Results of the reference belong to the context of the first.
  SmallVector<std::unique_ptr<Compilation>> compilations;
  std::string messages;
  Verdict verdict;
};

} // namespace

bool Check::fail(Verdict::Kind kind, const llvm::Twine &message) {
  verdict.kind = kind;
  verdict.text = message.str();
  return false;
}

/// Runs the reference; false if there is nothing to compare with.
bool Check::expect(ModuleOp module) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  if (!main)
    return fail(Verdict::Rejected, "the module has no function 'main'");
  FailureOr<SmallVector<Tensor>> given = inputsOf(main);
  if (failed(given))
    return fail(Verdict::Rejected, "an input has no elements");
  for (const Tensor &tensor : *given)
    inputs.push_back(execute::fromReference(tensor));
  Operation *end = main.getBody().front().getTerminator();
  for (unsigned run = 0; run <= kRuns; ++run) {
    Values values;
    std::string error;
    bool stops = failed(runReference(main, *given, run, values, error));
    if (run == 0) {
      expected.stops = stops;
      expected.reason = error;
    } else if (stops != expected.stops) {
      return fail(Verdict::Unstable, "rounding decides whether it stops");
    }
    if (stops)
      continue;
    SmallVector<Tensor> results;
    for (Value value : end->getOperands())
      results.push_back(values[value]);
    if (run == 0)
      expected.results = results;
    else
      expected.others.push_back(results);
  }
  for (const auto &other : expected.others)
    for (auto [a, b] : llvm::zip_equal(other, expected.results))
      if (a.dims() != b.dims())
        return fail(Verdict::Unstable, "rounding decides about shapes");
  return true;
}

/// Whether `got` is as near to the reference as the runs with other rounding.
static bool agree(double got, double expected, ArrayRef<double> others,
                  double ulp, double least) {
  bool same = got == expected || (std::isnan(got) && std::isnan(expected));
  if (same)
    return true;
  double spread = 0;
  for (double other : others) {
    // Finite in one run and not in another: anything goes.
    if (std::isfinite(other) != std::isfinite(expected) ||
        std::isnan(other) != std::isnan(expected) ||
        (std::isinf(other) && other != expected))
      return true;
    if (std::isfinite(other))
      spread = std::max(spread, std::fabs(other - expected));
  }
  if (!std::isfinite(got) || !std::isfinite(expected))
    return false;
  // So much of it is rounding that nothing is certain, but that it is finite.
  if (spread > kUncertain * std::fabs(expected))
    return true;
  return std::fabs(got - expected) <=
         5 * spread + ulp * std::fabs(expected) + least;
}

bool Check::compareResult(unsigned i, const io::Tensor &got, StringRef label) {
  const Tensor &want = expected.results[i];
  io::Tensor shown = execute::fromReference(want);
  if (got.dtype != shown.dtype || got.dims != shown.dims)
    return fail(Verdict::Mismatch,
                label + ": result " + llvm::Twine(i) + " is " +
                    io::describe(got.dtype, got.dims) + "; expected " +
                    io::describe(shown.dtype, shown.dims));
  Tensor have = execute::toReference(got, want.elementType());
  auto floats = dyn_cast<FloatType>(want.elementType());
  double ulp = 0, least = 0;
  if (floats) {
    const llvm::fltSemantics &format = floats.getFloatSemantics();
    bool wide = Tensor::bitsOf(floats) >= 32;
    ulp = std::ldexp(wide ? 4 : 1, 1 - int(floats.getFPMantissaWidth()));
    least =
        llvm::APFloat::getSmallest(format).convertToDouble() * (wide ? 4 : 1);
  }
  for (int64_t k = 0; k < want.size(); ++k) {
    SmallVector<double> others;
    bool certain = true;
    for (const auto &run : expected.others) {
      others.push_back(run[i].real(k));
      certain &= run[i].bits(k) == want.bits(k);
    }
    // Of integers that rounding decides about anything is right.
    bool good = floats ? agree(have.real(k), want.real(k), others, ulp, least)
                       : !certain || have.bits(k) == want.bits(k);
    if (!good)
      return fail(
          Verdict::Mismatch,
          label + ": result " + llvm::Twine(i) + " of " +
              io::describe(got.dtype, got.dims) + " at element " +
              llvm::Twine(k) + " is " +
              io::elementText(got.dtype, &got.data[k * have.elementBytes()]) +
              "; expected " +
              io::elementText(got.dtype, &shown.data[k * have.elementBytes()]));
  }
  return true;
}

bool Check::compare(ArrayRef<io::Tensor> got, StringRef label) {
  for (unsigned i = 0; i < expected.results.size(); ++i)
    if (!compareResult(i, got[i], label))
      return false;
  return true;
}

/// Runs twice, as what a run leaves behind must not matter to the next.
bool Check::compareRuns(execute::Compiled &model, StringRef label) {
  std::vector<io::Tensor> first, second;
  std::string error;
  bool stops = !model.run(inputs, first, error);
  if (stops != expected.stops)
    return fail(Verdict::Mismatch,
                label + (stops ? ": stops: " + error
                               : ": runs, but the reference stops: " +
                                     expected.reason));
  if (stops)
    return true;
  if (!compare(first, label))
    return false;
  if (!model.run(inputs, second, error))
    return fail(Verdict::Mismatch,
                label + ": stops in its second run: " + error);
  for (unsigned i = 0; i < first.size(); ++i)
    if (first[i].data != second[i].data)
      return fail(Verdict::Mismatch, label + ": result " + llvm::Twine(i) +
                                         " differs in a second run");
  return true;
}

bool Check::compile(bool optimize) {
  CompileOptions options;
  options.threads = 1;
  options.optimize = optimize;
  options.processor = checkOptions.processor;
  messages.clear();
  Compilation &compilation =
      *compilations.emplace_back(std::make_unique<Compilation>(
          options, [this](Severity severity, StringRef message) {
            if (severity == Severity::Error)
              messages += (messages.empty() ? "" : "\n") + message.str();
          }));
  StringRef label = optimize ? "-O1" : "-O0";
  if (compilation.importText(text, "fuzzed") != Outcome::Ok)
    return fail(Verdict::Rejected, label + ": " + messages);
  if (optimize) {
    if (!expect(compilation.module()))
      return false;
  }
  auto main = compilation.module().lookupSymbol<func::FuncOp>("main");
  for (unsigned i = 0; i < main.getNumArguments(); ++i)
    main.removeArgAttr(i, "fuzz.value");
  std::unique_ptr<codegen::JitModel> jit;
  if (compilation.link(jit) != Outcome::Ok)
    return fail(Verdict::Rejected, label + ": " + messages);
  for (unsigned threads : {1u, 3u}) {
    std::string error;
    auto model = execute::Compiled::from(jit->descriptor(), threads, error);
    if (!model)
      return fail(Verdict::Rejected, label + ": " + error);
    if (!compareRuns(*model, label))
      return false;
    if (!optimize)
      break;
  }
  return true;
}

Verdict Check::run() {
  if (compile(/*optimize=*/true))
    compile(/*optimize=*/false);
  return verdict;
}

Verdict fuzz::check(StringRef text, const CheckOptions &options) {
  return Check(text, options).run();
}
