#include "test/fuzz/Child.h"

#include "llvm/Support/ErrorHandling.h"

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#if __has_feature(address_sanitizer)
#include <sanitizer/lsan_interface.h>
#endif

using namespace nacre;
using namespace nacre::fuzz;

/// Between the module, the kind of the verdict and its text.
static constexpr char kEnd = '\0';

static void send(int to, llvm::StringRef text) {
  while (!text.empty()) {
    ssize_t sent = ::write(to, text.data(), text.size());
    if (sent <= 0)
      _exit(3);
    text = text.drop_front(size_t(sent));
  }
}

/// What the compiler prints is of no use to anyone; a sanitizer's report is the
/// reason of a crash.
static void becomeQuiet(int to) {
  int nothing = ::open("/dev/null", O_RDWR);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(nothing, STDOUT_FILENO);
  ::dup2(to, STDERR_FILENO);
}

Child::Child(llvm::function_ref<std::string()> work,
             const CheckOptions &options) {
  int ends[2];
  if (::pipe(ends) != 0)
    llvm::report_fatal_error("no pipe"); // of the fuzzer, not of a model
  process = ::fork();
  if (process != 0) {
    ::close(ends[1]);
    pipe = ends[0];
    ::fcntl(pipe, F_SETFL, O_NONBLOCK);
    return;
  }
  ::close(ends[0]);
  becomeQuiet(ends[1]);
  for (int number : {SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE})
    ::signal(number, SIG_DFL);
  rlimit none = {0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::alarm(options.seconds);
  std::string text = work();
  send(ends[1], text);
  send(ends[1], llvm::StringRef(&kEnd, 1));
  Verdict verdict;
  if (!text.empty())
    verdict = check(text, options);
#if __has_feature(address_sanitizer)
  // A leak ends the process here, with a report.
  __lsan_do_leak_check();
#endif
  send(ends[1], llvm::StringRef(&kEnd, 1));
  send(ends[1], std::to_string(int(verdict.kind)));
  send(ends[1], llvm::StringRef(&kEnd, 1));
  send(ends[1], verdict.text);
  // Destructors of the process are its parent's.
  _exit(0);
}

Child::Child(Child &&other) noexcept { *this = std::move(other); }

Child &Child::operator=(Child &&other) noexcept {
  std::swap(module, other.module);
  std::swap(verdict, other.verdict);
  std::swap(process, other.process);
  std::swap(pipe, other.pipe);
  std::swap(received, other.received);
  return *this;
}

Child::~Child() {
  if (pipe >= 0)
    ::close(pipe);
  if (process > 0) {
    ::kill(process, SIGKILL);
    ::waitpid(process, nullptr, 0);
  }
}

bool Child::poll() {
  char buffer[65536];
  ssize_t got;
  while ((got = ::read(pipe, buffer, sizeof(buffer))) > 0)
    received.append(buffer, size_t(got));
  if (got < 0 && (errno == EAGAIN || errno == EINTR))
    return false;
  conclude();
  return true;
}

void Child::finish() {
  ::fcntl(pipe, F_SETFL, 0);
  while (!poll())
    ;
}

/// Reads what the child has sent and how it has ended.
void Child::conclude() {
  int status = 0;
  ::waitpid(process, &status, 0);
  process = -1;
  auto [text, rest] = llvm::StringRef(received).split(kEnd);
  auto [noise, answer] = rest.split(kEnd);
  module = text.str();
  if (WIFSIGNALED(status)) {
    bool late = WTERMSIG(status) == SIGALRM;
    verdict.kind = late ? Verdict::TimedOut : Verdict::Crashed;
    verdict.text = late
                       ? "takes too long"
                       : std::string("crashes: ") +
                             ::strsignal(WTERMSIG(status)) + "\n" + noise.str();
    return;
  }
  if (WEXITSTATUS(status) != 0 || answer.empty()) {
    verdict.kind = Verdict::Crashed;
    verdict.text = "ends with code " + std::to_string(WEXITSTATUS(status)) +
                   "\n" + noise.str();
    return;
  }
  auto [kind, message] = answer.split(kEnd);
  int number = 0;
  kind.getAsInteger(10, number);
  verdict.kind = Verdict::Kind(number);
  verdict.text = message.str();
}
