#include "tools/nacre/verify/Pool.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdio>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

using namespace nacre::verify;

/// Makes VmHWM start from now. Fails silently where /proc is not there.
static void resetPeak() {
  int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return;
  (void)!write(fd, "5", 1);
  close(fd);
}

static int64_t peakMb() {
  std::FILE *file = std::fopen("/proc/self/status", "re");
  char line[256];
  long long kilobytes = 0;
  while (file && std::fgets(line, sizeof(line), file))
    if (std::sscanf(line, "VmHWM: %lld", &kilobytes) == 1)
      break;
  if (file)
    std::fclose(file);
  return kilobytes / 1024;
}

static std::string serveLine(const Mode &mode, llvm::StringRef line) {
  Case test;
  llvm::json::Path::Root root;
  auto value = llvm::json::parse(line);
  if (!value) {
    llvm::consumeError(value.takeError());
    return "";
  }
  if (!fromJSON(*value, test, root))
    return "";
  resetPeak();
  Result result = runCase(test, mode);
  result.peakMb = peakMb();
  std::string text;
  llvm::raw_string_ostream os(text);
  os << toJSON(result) << "\n";
  return text;
}

int nacre::verify::serve(const Mode &mode, unsigned memoryMb) {
  if (memoryMb) {
    rlimit limit = {rlim_t(memoryMb) << 20, rlim_t(memoryMb) << 20};
    setrlimit(RLIMIT_DATA, &limit);
  }
  // What anything prints must not get between the answers.
  int answers = fcntl(1, F_DUPFD_CLOEXEC, 3);
  dup2(2, 1);
  char *line = nullptr;
  size_t capacity = 0;
  ssize_t length;
  while ((length = getline(&line, &capacity, stdin)) > 0) {
    std::string text = serveLine(mode, llvm::StringRef(line, size_t(length)));
    if (text.empty() ||
        write(answers, text.data(), text.size()) != ssize_t(text.size()))
      return 70;
  }
  std::free(line);
  return 0;
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

llvm::json::Value nacre::verify::toJSON(const Result &result) {
  static constexpr llvm::StringRef names[] = {"passed", "failed", "skipped"};
  llvm::json::Object object{{"name", result.name},
                            {"status", names[result.status]},
                            {"import_ms", result.importMs},
                            {"compile_ms", result.compileMs},
                            {"run_ms", result.runMs},
                            {"runs", result.runs},
                            {"peak_mb", result.peakMb}};
  if (!result.category.empty())
    object["category"] = result.category;
  if (!result.detail.empty())
    object["detail"] = llvm::json::fixUTF8(result.detail);
  return object;
}

bool nacre::verify::fromJSON(const llvm::json::Value &value, Result &result,
                      llvm::json::Path path) {
  llvm::json::ObjectMapper map(value, path);
  std::string status;
  if (!map || !map.map("name", result.name) || !map.map("status", status) ||
      !map.mapOptional("category", result.category) ||
      !map.mapOptional("detail", result.detail) ||
      !map.map("import_ms", result.importMs) ||
      !map.map("compile_ms", result.compileMs) ||
      !map.map("run_ms", result.runMs) || !map.map("runs", result.runs) ||
      !map.map("peak_mb", result.peakMb))
    return false;
  result.status = status == "passed"   ? Result::Passed
                  : status == "failed" ? Result::Failed
                                       : Result::Skipped;
  return true;
}
