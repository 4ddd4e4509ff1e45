#include "compiler/api/Crash.h"
#include "tools/nacre/command/Commands.h"
#include "tools/nacre/command/Common.h"
#include "tools/nacre/verify/Pool.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <map>

using namespace nacre;
using namespace nacre::command;
using verify::Result;

namespace {

struct Settings {
  std::string path, json;
  verify::Selection selection;
  verify::Mode mode;
  std::vector<std::string> sizes;
  unsigned workers = 0, threads = 1, seed = 0, memory = 0, every = 1;
  std::optional<double> timeout;
  bool oracleOnly = false, artifact = false;

  void declareMode(Options &options);
  std::string finish();
};

/// Counts and prints results.
class Report {
public:
  Report(size_t total)
      : results(total), progress(llvm::sys::Process::StandardErrIsDisplayed()) {
  }
  void add(size_t index, Result result);
  int finish(const Settings &settings);

private:
  bool writeJson(const std::string &path) const;
  std::vector<Result> results;
  std::array<size_t, 3> counts = {};
  std::map<std::string, size_t> categories;
  size_t done = 0;
  bool progress;
};

} // namespace

/// "NAME=SIZE,NAME=SIZE" as a map; what is wrong with it, if anything.
static std::string readSizes(llvm::StringRef text,
                             std::map<std::string, int64_t> &sizes) {
  llvm::SmallVector<llvm::StringRef> pairs;
  text.split(pairs, ',');
  for (llvm::StringRef pair : pairs) {
    llvm::StringRef name, value;
    int64_t size = 0;
    if (!splitPair(pair, name, value) || value.getAsInteger(10, size) ||
        size < 0)
      return "expected NAME=SIZE,...";
    sizes[name.str()] = size;
  }
  return "";
}

/// Options that a worker process gets too.
void Settings::declareMode(Options &options) {
  options.flag("oracle-only",
               "run the reference implementation, compile nothing", oracleOnly);
  options.flag("artifact", "compile to a .so file and load it", artifact);
  declareCompileOptions(options, mode.compile);
  options.each("at", "NAME=SIZE,...",
               "random inputs of these sizes of open dims, not the test's data",
               [this](auto text) {
                 sizes.push_back(text.str());
                 return readSizes(text, mode.sizes.emplace_back());
               });
  options.number("threads", "N", "threads of a run (default: 1)", threads);
  options.number("seed", "N", "seed of random inputs (default: 0)", seed);
  options.number("memory", "MB", "limit of a worker's memory (default: none)",
                 memory);
}

std::string Settings::finish() {
  if (oracleOnly && artifact)
    return "--oracle-only and --artifact exclude each other";
  mode.subject = oracleOnly ? verify::Mode::Oracle
                 : artifact ? verify::Mode::Artifact
                            : verify::Mode::InMemory;
  mode.threads = threads;
  mode.seed = seed;
  mode.compile.threads = 1;
  return "";
}

void Report::add(size_t index, Result result) {
  static constexpr llvm::StringRef names[] = {"PASS", "FAIL", "SKIP"};
  ++counts[result.status];
  if (progress)
    llvm::errs() << "\r\033[K";
  if (result.status != Result::Passed) {
    ++categories[result.category];
    llvm::outs() << names[result.status] << " " << result.name << ": "
                 << result.category << "\n";
    llvm::SmallVector<llvm::StringRef> lines;
    llvm::StringRef(result.detail).split(lines, '\n');
    for (llvm::StringRef line : lines)
      llvm::outs() << "  " << line << "\n";
    llvm::outs().flush();
  }
  results[index] = std::move(result);
  if (progress)
    llvm::errs() << ++done << "/" << results.size();
}

bool Report::writeJson(const std::string &path) const {
  llvm::json::Array tests;
  std::vector<double> times;
  for (const Result &result : results) {
    tests.push_back(toJSON(result));
    times.push_back(result.importMs + result.compileMs + result.runMs);
  }
  std::sort(times.begin(), times.end());
  llvm::json::Object counted;
  for (const auto &[category, count] : categories)
    counted[category] = int64_t(count);
  llvm::json::Object report{
      {"passed", int64_t(counts[Result::Passed])},
      {"failed", int64_t(counts[Result::Failed])},
      {"skipped", int64_t(counts[Result::Skipped])},
      {"categories", std::move(counted)},
      {"median_ms", times.empty() ? 0.0 : times[times.size() / 2]},
      {"tests", std::move(tests)}};
  std::error_code error;
  llvm::raw_fd_ostream os(path, error);
  if (!error)
    os << llvm::formatv("{0:2}", llvm::json::Value(std::move(report))) << "\n";
  if (error)
    llvm::errs() << "nacre verify: error: " << path << ": " << error.message()
                 << "\n";
  return !error;
}

int Report::finish(const Settings &settings) {
  if (progress)
    llvm::errs() << "\r\033[K";
  if (categories.size() > 1 || results.size() > 20) {
    llvm::ListSeparator comma;
    for (const auto &[category, count] : categories)
      llvm::outs() << comma << count << " " << category;
    llvm::outs() << (categories.empty() ? "" : "\n");
  }
  llvm::outs() << counts[Result::Passed] << " passed, "
               << counts[Result::Failed] << " failed, "
               << counts[Result::Skipped] << " skipped\n";
  if (!settings.json.empty() && !writeJson(settings.json))
    return 1;
  return counts[Result::Failed] ? 1 : 0;
}

static int runAll(const Settings &settings,
                  const std::vector<verify::Case> &cases,
                  Arguments workerArguments) {
  Report report(cases.size());
  if (cases.size() == 1 && settings.workers == 0) {
    handleCrashes();
    report.add(0, verify::runCase(cases[0], settings.mode));
    return report.finish(settings);
  }
  verify::PoolOptions pool;
  pool.workers = settings.workers
                     ? settings.workers
                     : llvm::hardware_concurrency().compute_thread_count();
  if (settings.timeout)
    pool.timeoutSeconds = *settings.timeout;
  pool.arguments.assign(workerArguments.begin(), workerArguments.end());
  std::string error;
  if (!verify::runInPool(
          cases, pool,
          [&](size_t index, Result result) {
            report.add(index, std::move(result));
          },
          error)) {
    llvm::errs() << "nacre verify: error: " << error << "\n";
    return 1;
  }
  return report.finish(settings);
}

/// The arguments that a worker understands.
static std::vector<std::string> workerArguments(const Settings &settings) {
  std::vector<std::string> list = compileArguments(settings.mode.compile);
  if (settings.oracleOnly)
    list.push_back("--oracle-only");
  if (settings.artifact)
    list.push_back("--artifact");
  for (const std::string &sizes : settings.sizes)
    list.push_back("--at=" + sizes);
  list.push_back("--threads=" + std::to_string(settings.threads));
  list.push_back("--seed=" + std::to_string(settings.seed));
  list.push_back("--memory=" + std::to_string(settings.memory));
  return list;
}

int command::verify(Arguments arguments) {
  Settings settings;
  Options options("verify",
                  "Compiles models, runs them, and compares what they compute "
                  "with the expected outputs\nbeside them, or where there are "
                  "none with the reference implementation on random inputs.",
                  "PATH [OPTION...]");
  options.positional(settings.path);
  options.number("j", "N", "worker processes (default: one per CPU)",
                 settings.workers);
  options.real("timeout", "SECONDS", "time for one test (default: 60)",
               settings.timeout);
  options.text("filter", "REGEX", "only tests whose name matches",
               settings.selection.filter);
  options.number("every", "N", "only each N-th of them", settings.every);
  options.real("rtol", "X", "relative tolerance (default: an index's, or 1e-3)",
               settings.selection.relative);
  options.real("atol", "X", "absolute tolerance (default: an index's, or 1e-7)",
               settings.selection.absolute);
  options.text("index", "FILE", "an index for a tree that has none",
               settings.selection.index);
  options.text("json", "FILE", "write results and times", settings.json);
  settings.declareMode(options);
  options.notes(
      "PATH is a model, a test folder as ONNX lays it out (model.onnx and\n"
      "test_data_set_*/input_K.pb, output_K.pb; .npy too), or a tree of them.\n"
      "An index.json in the tree says how to compare each test.");
  if (std::optional<int> code = options.parse(arguments))
    return *code;
  if (std::string problem = settings.finish(); !problem.empty())
    return options.misuse(problem);
  auto cases = findCases(settings.path, settings.selection);
  if (!cases) {
    llvm::errs() << "nacre verify: error: " << llvm::toString(cases.takeError())
                 << "\n";
    return 1;
  }
  if (cases->empty()) {
    llvm::errs() << "nacre verify: error: " << settings.path
                 << ": holds no test and no model"
                 << (settings.selection.filter.empty() ? ""
                                                       : " that --filter takes")
                 << "\n";
    return 1;
  }
  if (settings.every > 1)
    llvm::erase_if(*cases, [&, at = 0u](const verify::Case &) mutable {
      return at++ % settings.every != 0;
    });
  std::vector<std::string> list = workerArguments(settings);
  std::vector<const char *> pointers;
  for (const std::string &argument : list)
    pointers.push_back(argument.c_str());
  return runAll(settings, *cases, pointers);
}

int command::verifyWorker(Arguments arguments) {
  Settings settings;
  Options options("verify-worker", "Runs tests for nacre verify.", "");
  settings.declareMode(options);
  if (std::optional<int> code = options.parse(arguments))
    return *code;
  if (std::string problem = settings.finish(); !problem.empty())
    return options.misuse(problem);
  return verify::serve(settings.mode, settings.memory);
}
