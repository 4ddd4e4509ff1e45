#include "tools/nacre/verify/Runner.h"

#include "tools/nacre/execute/Oracle.h"
#include "tools/nacre/verify/Prepare.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <chrono>

using namespace nacre;
using namespace nacre::verify;
using execute::Executable;
using llvm::StringRef;

namespace {

class Clock {
public:
  /// Milliseconds since this was made or asked the last time.
  double lap() {
    auto now = std::chrono::steady_clock::now();
    double ms = std::chrono::duration<double, std::milli>(now - last).count();
    last = now;
    return ms;
  }

private:
  std::chrono::steady_clock::time_point last = std::chrono::steady_clock::now();
};

/// A file that vanishes.
struct TemporaryFile {
  llvm::SmallString<128> path;
  ~TemporaryFile() {
    if (!path.empty())
      llvm::sys::fs::remove(path);
  }
};

/// One test under way.
class Run {
public:
  Run(const Case &test, const Mode &mode)
      : test(test), mode(mode),
        compilation(compileOptions(test, mode.compile),
                    [this](Severity severity, StringRef text) {
                      addMessage(severity, text);
                    }) {}

  Result finish();

private:
  bool go();
  bool build();
  bool link();
  bool reference();
  bool compareSet(const DataSet &set, size_t index);
  bool compareWithOracle();
  bool compareAtSizes();
  bool runAnyhow();
  bool read(const std::vector<std::string> &files,
            const std::vector<execute::Value> &values,
            std::vector<io::Tensor> &tensors);
  bool readInputs(const DataSet &set, std::vector<io::Tensor> &inputs);
  bool compare(const std::vector<io::Tensor> &got,
               const std::vector<io::Tensor> &expected, StringRef set);
  bool fail(StringRef category, const llvm::Twine &text);
  void addMessage(Severity severity, StringRef text);
  bool compileFailed(Outcome outcome);
  void applyExpectation();

  const Case &test;
  const Mode &mode;
  Compilation compilation;
  std::unique_ptr<codegen::JitModel> jit;
  mlir::OwningOpRef<mlir::ModuleOp> graph; ///< what the oracle runs
  std::unique_ptr<Executable> subject, oracle;
  TemporaryFile artifact;
  Result result;
  std::string messages;
  bool unsupported = false;
};

} // namespace

bool Run::fail(StringRef category, const llvm::Twine &text) {
  result.status = Result::Failed;
  // The first failure says what kind it is.
  if (result.category.empty())
    result.category = category.str();
  if (!result.detail.empty())
    result.detail += "\n";
  result.detail += text.str();
  return false;
}

void Run::addMessage(Severity severity, StringRef text) {
  if (severity == Severity::Remark || messages.size() > 4000)
    return;
  unsupported |= isUnsupported(text);
  messages += (messages.empty() ? "" : "\n") + text.str();
}

bool Run::compileFailed(Outcome outcome) {
  StringRef category = unsupported               ? "unsupported"
                       : outcome == Outcome::Bug ? "compiler"
                                                 : "rejected";
  return fail(category, messages);
}

/// Makes the reference implementation of the model, which `subject` may be.
bool Run::reference() {
  graph = compilation.module().clone();
  std::string error;
  oracle = execute::makeOracle(*graph, error);
  return oracle || fail("unsupported", error);
}

bool Run::link() {
  std::string error;
  if (mode.subject == Mode::Artifact) {
    if (llvm::sys::fs::createTemporaryFile("nacre-verify", "so", artifact.path))
      return fail("bad-test", "there is no folder for temporary files");
    Outcome outcome = compilation.writeArtifact(artifact.path);
    if (outcome != Outcome::Ok)
      return compileFailed(outcome);
    subject =
        execute::Compiled::load(artifact.path.str().str(), mode.threads, error);
  } else {
    Outcome outcome = compilation.link(jit);
    if (outcome != Outcome::Ok)
      return compileFailed(outcome);
    subject = execute::Compiled::from(jit->descriptor(), mode.threads, error);
  }
  return subject || fail("run", "cannot be loaded: " + error);
}

/// Imports and compiles.
bool Run::build() {
  Clock clock;
  Outcome outcome = compilation.import(test.model);
  result.importMs = clock.lap();
  if (outcome != Outcome::Ok)
    return compileFailed(outcome);
  bool lacksOutputs = test.sets.empty() || !mode.sizes.empty();
  for (const DataSet &set : test.sets)
    lacksOutputs |= set.outputs.empty();
  bool needsOracle = lacksOutputs && test.expect == Expect::Agree;
  if (mode.subject == Mode::Oracle || needsOracle)
    if (!reference())
      return false;
  if (mode.subject == Mode::Oracle)
    return true;
  clock.lap();
  bool linked = link();
  result.compileMs = clock.lap();
  return linked;
}

bool Run::read(const std::vector<std::string> &files,
               const std::vector<execute::Value> &values,
               std::vector<io::Tensor> &tensors) {
  for (size_t i = 0; i < files.size(); ++i) {
    io::Tensor tensor;
    std::string error;
    uint32_t dtype = i < values.size() ? values[i].dtype : 0;
    if (!io::readTensorFile(files[i], dtype, tensor, error)) {
      StringRef shown = error;
      shown.consume_front(llvm::sys::path::parent_path(test.model));
      return fail("bad-test", shown.ltrim('/'));
    }
    // ONNX before 1.13 had no type for bfloat16 in its test data.
    if (dtype == NACRE_BF16 && tensor.dtype == NACRE_U16)
      tensor.dtype = NACRE_BF16;
    tensors.push_back(std::move(tensor));
  }
  return true;
}

bool Run::readInputs(const DataSet &set, std::vector<io::Tensor> &inputs) {
  const Executable &any = subject ? *subject : *oracle;
  std::string error;
  if (!read(set.inputs, any.signature().inputs, inputs))
    return false;
  // Feeds that name inputs which the importer has made constants do not help.
  std::vector<std::string> names = test.feeds;
  if (names.size() != inputs.size())
    names.clear();
  return execute::matchInputs(any.signature(), names, inputs, error) ||
         fail("run", error);
}

bool Run::compare(const std::vector<io::Tensor> &got,
                  const std::vector<io::Tensor> &expected, StringRef set) {
  ++result.runs;
  if (got.size() != expected.size())
    return fail("mismatch", set + "got " + llvm::Twine(got.size()) +
                                " outputs, expected " +
                                llvm::Twine(expected.size()));
  bool good = true;
  for (size_t i = 0; i < got.size(); ++i) {
    std::string text;
    Difference difference;
    if (!agree(got[i], expected[i], test.tolerance, test.nondeterministic, text,
               difference))
      good = fail("mismatch", set + "output " + llvm::Twine(i) + " '" +
                                  got[i].name + "': " + text);
  }
  return good;
}

bool Run::compareSet(const DataSet &set, size_t index) {
  std::vector<io::Tensor> inputs, got, expected;
  std::string error;
  Executable &any = subject ? *subject : *oracle;
  if (!readInputs(set, inputs))
    return false;
  Clock clock;
  if (!any.run(inputs, got, error))
    return fail("run", error);
  result.runMs += clock.lap();
  std::string label =
      test.sets.size() > 1 ? "data set " + std::to_string(index) + ": " : "";
  if (!read(set.outputs, any.signature().outputs, expected))
    return false;
  if (!expected.empty())
    return compare(got, expected, label);
  // Tests that expect something else than agreement end here.
  if (!oracle)
    return true;
  if (!oracle->run(inputs, expected, error))
    return fail("run", "the reference stops: " + error);
  return compare(got, expected, label);
}

/// Runs on random inputs where anything but a crash may come of it.
bool Run::runAnyhow() {
  std::vector<io::Tensor> inputs, got;
  std::string error;
  Executable *any = subject ? subject.get() : oracle.get();
  return !any ||
         (execute::randomInputs(any->signature(), mode.seed, {}, inputs,
                                error) &&
          any->run(inputs, got, error)) ||
         fail("run", error);
}

/// Random inputs; sizes that the model cannot have are tried again larger.
bool Run::compareWithOracle() {
  std::map<std::string, int64_t> sizes;
  std::string error;
  for (int64_t size : {2, 5, 16, 64, 224}) {
    std::vector<io::Tensor> inputs, got, expected;
    if (!execute::randomInputs(oracle->signature(), mode.seed, sizes, inputs,
                               error, size > 5 ? size : 1, size) ||
        !oracle->run(inputs, expected, error))
      continue;
    if (!subject)
      return true;
    Clock clock;
    if (!subject->run(inputs, got, error))
      return fail("run", error + "; the reference does not stop");
    result.runMs += clock.lap();
    return compare(got, expected, "");
  }
  result.status = Result::Skipped;
  result.category = "inputs";
  result.detail = "the reference takes no random inputs: " + error;
  return false;
}

/// "x [3, 5], y [5]: "
static std::string textOf(const std::vector<io::Tensor> &inputs) {
  std::string text;
  for (const io::Tensor &input : inputs)
    text += (text.empty() ? "" : ", ") + input.name + " " +
            io::describe(input.dtype, input.dims);
  return text + ": ";
}

bool Run::compareAtSizes() {
  std::string error;
  bool good = true;
  for (const std::map<std::string, int64_t> &sizes : mode.sizes) {
    std::vector<io::Tensor> inputs, got, expected;
    if (!execute::randomInputs(oracle->signature(), mode.seed, sizes, inputs,
                               error) ||
        !oracle->run(inputs, expected, error) || !subject)
      continue;
    std::string label = textOf(inputs);
    Clock clock;
    if (!subject->run(inputs, got, error))
      good = fail("run", label + error + "; the reference does not stop");
    else
      good = compare(got, expected, label) && good;
    result.runMs += clock.lap();
  }
  if (good && result.runs == 0) {
    result.status = Result::Skipped;
    result.category = "inputs";
    result.detail = "the reference takes none of the sizes: " + error;
    return false;
  }
  return good;
}

bool Run::go() {
  if (!build())
    return false;
  if (test.expect == Expect::Compile || test.expect == Expect::Survive)
    return true;
  if (!mode.sizes.empty() && test.expect == Expect::Agree)
    return compareAtSizes();
  bool good = true;
  for (size_t i = 0; i < test.sets.size(); ++i)
    good = compareSet(test.sets[i], i) && good;
  if (test.sets.empty())
    good = test.expect == Expect::Agree ? compareWithOracle() : runAnyhow();
  return good;
}

/// Turns the outcome around where a clean error is what is asked for.
void Run::applyExpectation() {
  bool passed = result.status == Result::Passed;
  bool refusedEarly =
      result.category == "rejected" || result.category == "unsupported";
  bool refused = refusedEarly || result.category == "run";
  switch (test.expect) {
  case Expect::Agree:
  case Expect::Compile:
    return;
  case Expect::Reject:
    passed = refusedEarly;
    break;
  case Expect::Refuse:
    passed = refused;
    break;
  case Expect::Either:
  case Expect::Survive:
    passed = passed || refused || result.category == "mismatch";
    break;
  }
  if (passed) {
    result.status = Result::Passed;
    result.category.clear();
  } else if (result.category.empty()) {
    fail("accepted", "expected an error");
  }
}

Result Run::finish() {
  result.name = test.name;
  if (go())
    result.status = Result::Passed;
  applyExpectation();
  return std::move(result);
}

Result verify::runCase(const Case &test, const Mode &mode) {
  return Run(test, mode).finish();
}
