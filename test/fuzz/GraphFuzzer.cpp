//===- GraphFuzzer.cpp - Random graphs, compiled and interpreted ----------===//
//
// Prints findings as modules that are as small as a few cheap changes make them
// and that this program runs again: `nacre-fuzz-graph FILE.mlir`.
//
//===----------------------------------------------------------------------===//
#include "compiler/pipeline/Pipeline.h"
#include "test/fuzz/Child.h"
#include "test/fuzz/GraphGenerator.h"
#include "test/fuzz/GraphReduce.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"

#include <chrono>
#include <poll.h>
#include <unistd.h>

using namespace mlir;
using namespace nacre;
using namespace nacre::fuzz;

static constexpr StringRef kUsage =
    R"(usage: nacre-fuzz-graph [OPTION...] [FILE.mlir]

Checks FILE.mlir, or modules made by chance: compiled code, with all passes and
with the needed ones, against the reference.

  --seed=N       seed of the first module (default: 1)
  --count=N      modules (default: 1000)
  --seconds=N    start no module after this time (default: no limit)
  --jobs=N       modules at once (default: 1)
  --timeout=N    seconds that one module may take (default: 60)
  --cpu=NAME     what to compile for (default: this machine's)
  --print        print the modules instead
  --no-reduce    print findings as they were made
)";

namespace {
struct Settings {
  uint64_t seed = 1, count = 1000, seconds = UINT64_MAX, jobs = 1, timeout = 60;
  CheckOptions check;
  bool print = false, noReduce = false;
  std::string file;

  bool parse(int argc, char **argv);
};

class Fuzzer {
public:
  explicit Fuzzer(const Settings &settings) : settings(settings) {}
  int run();
  int runFile();

private:
  void report(uint64_t seed, const Child &child);
  std::string reduce(std::string module, Verdict &verdict);

  const Settings &settings;
  uint64_t counts[Verdict::TimedOut + 1] = {};
};
} // namespace

bool Settings::parse(int argc, char **argv) {
  struct Number {
    StringRef name;
    uint64_t &value;
  } numbers[] = {{"--seed=", seed},
                 {"--count=", count},
                 {"--seconds=", seconds},
                 {"--jobs=", jobs},
                 {"--timeout=", timeout}};
  for (int i = 1; i < argc; ++i) {
    StringRef text = argv[i];
    Number *number = llvm::find_if(numbers, [&](const Number &each) {
      return text.starts_with(each.name);
    });
    if (number != std::end(numbers)) {
      if (text.drop_front(number->name.size()).getAsInteger(10, number->value))
        return false;
    } else if (text.consume_front("--cpu=")) {
      check.processor = text.str();
    } else if (text == "--print") {
      print = true;
    } else if (text == "--no-reduce") {
      noReduce = true;
    } else if (text.starts_with("-") || !file.empty()) {
      return false;
    } else {
      file = text.str();
    }
  }
  check.seconds = unsigned(timeout);
  return jobs > 0;
}

static std::string moduleOf(uint64_t seed) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  OwningOpRef<ModuleOp> module = GraphGenerator(context, seed).make();
  std::string text;
  llvm::raw_string_ostream os(text);
  module->print(os);
  return text;
}

/// Makes changes as long as the module fails in the same way.
std::string Fuzzer::reduce(std::string module, Verdict &verdict) {
  for (unsigned at = 0; at < countChanges(module);) {
    // A change runs the reference, which may be what crashes.
    Child child([&] { return changed(module, at); }, settings.check);
    child.finish();
    if (child.module.empty() || child.verdict.kind != verdict.kind) {
      ++at;
      continue;
    }
    module = child.module;
    verdict = child.verdict;
  }
  return module;
}

void Fuzzer::report(uint64_t seed, const Child &child) {
  ++counts[child.verdict.kind];
  if (!child.verdict.isFinding())
    return;
  Verdict verdict = child.verdict;
  std::string module = child.module;
  if (!settings.noReduce && !module.empty())
    module = reduce(module, verdict);
  llvm::outs() << "// seed " << seed << ": ";
  for (char c : StringRef(verdict.text).take_front(3000))
    llvm::outs() << c << (c == '\n' ? "// " : "");
  llvm::outs() << "\n" << module << "\n";
  llvm::outs().flush();
}

int Fuzzer::run() {
  using Clock = std::chrono::steady_clock;
  Clock::time_point start = Clock::now();
  struct Job {
    uint64_t seed;
    Child child;
  };
  std::vector<Job> running;
  uint64_t next = 0;
  auto mayStart = [&] {
    return next < settings.count &&
           Clock::now() - start < std::chrono::seconds(std::min<uint64_t>(
                                      settings.seconds, 1u << 30));
  };
  while (true) {
    while (running.size() < settings.jobs && mayStart()) {
      uint64_t seed = settings.seed + next++;
      running.push_back(
          {seed, Child([&] { return moduleOf(seed); }, settings.check)});
    }
    if (running.empty())
      break;
    std::vector<pollfd> waits;
    for (Job &job : running)
      waits.push_back({job.child.fileDescriptor(), POLLIN, 0});
    ::poll(waits.data(), waits.size(), -1);
    for (size_t i = running.size(); i-- > 0;)
      if (running[i].child.poll()) {
        report(running[i].seed, running[i].child);
        running.erase(running.begin() + i);
      }
  }
  uint64_t findings = 0;
  for (unsigned kind = Verdict::Mismatch; kind <= Verdict::TimedOut; ++kind)
    findings += counts[kind];
  llvm::outs() << next << " graphs: " << counts[Verdict::Agrees] << " agree, "
               << counts[Verdict::Unstable] << " unstable, "
               << counts[Verdict::Mismatch] << " differ, "
               << counts[Verdict::Rejected] << " rejected, "
               << counts[Verdict::Crashed] << " crashed, "
               << counts[Verdict::TimedOut] << " timed out\n";
  return findings ? 1 : 0;
}

int Fuzzer::runFile() {
  auto file = llvm::MemoryBuffer::getFile(settings.file);
  if (!file) {
    llvm::errs() << settings.file << ": " << file.getError().message() << "\n";
    return 2;
  }
  Child child([&] { return (*file)->getBuffer().str(); }, settings.check);
  child.finish();
  report(0, child);
  if (!child.verdict.isFinding())
    llvm::outs() << (child.verdict.kind == Verdict::Agrees ? "agrees\n"
                                                           : "unstable\n");
  return child.verdict.isFinding() ? 1 : 0;
}

int main(int argc, char **argv) {
  Settings settings;
  if (!settings.parse(argc, argv)) {
    llvm::errs() << kUsage;
    return 2;
  }
  if (settings.print) {
    for (uint64_t i = 0; i < settings.count; ++i)
      llvm::outs() << moduleOf(settings.seed + i) << "\n";
    return 0;
  }
  Fuzzer fuzzer(settings);
  return settings.file.empty() ? fuzzer.run() : fuzzer.runFile();
}
