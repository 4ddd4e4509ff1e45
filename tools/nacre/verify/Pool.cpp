#include "tools/nacre/verify/Pool.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace nacre::verify;
using Clock = std::chrono::steady_clock;

extern "C" char **environ;

namespace {

struct Worker {
  pid_t pid = -1;
  int tasks = -1, results = -1;
  int messages = -1; ///< its standard error, a file in memory
  size_t current = 0;
  bool busy = false;
  Clock::time_point deadline;
  std::string received;

  bool start(const std::vector<std::string> &arguments, std::string &error);
  bool send(const std::string &line);
  /// Ends the process and returns how it ended, as waitpid says it.
  int stop(bool kill);
  std::string lastMessages() const;
};

class Pool {
public:
  Pool(const std::vector<Case> &cases, const PoolOptions &options,
       const std::function<void(size_t, Result)> &done)
      : cases(cases), options(options), done(done),
        workers(std::max<size_t>(
            1, std::min<size_t>(options.workers, cases.size()))) {}
  bool run(std::string &error);

private:
  bool feed(Worker &worker, std::string &error);
  void receive(Worker &worker);
  void lost(Worker &worker, bool timedOut);
  void answer(Worker &worker, Result result);
  void waitForResults();

  const std::vector<Case> &cases;
  const PoolOptions &options;
  const std::function<void(size_t, Result)> &done;
  std::vector<Worker> workers;
  size_t next = 0, finished = 0;
};

} // namespace

//===----------------------------------------------------------------------===//
// One process
//===----------------------------------------------------------------------===//

static bool spawn(const std::vector<std::string> &arguments, int in, int out,
                  int err, pid_t &pid) {
  std::string program = llvm::sys::fs::getMainExecutable(nullptr, nullptr);
  std::vector<char *> argv{program.data()};
  std::string command = "verify-worker";
  argv.push_back(command.data());
  for (const std::string &argument : arguments)
    argv.push_back(const_cast<char *>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in, 0);
  posix_spawn_file_actions_adddup2(&actions, out, 1);
  posix_spawn_file_actions_adddup2(&actions, err, 2);
  int code = posix_spawn(&pid, program.c_str(), &actions, nullptr, argv.data(),
                         environ);
  posix_spawn_file_actions_destroy(&actions);
  return code == 0;
}

bool Worker::start(const std::vector<std::string> &arguments,
                   std::string &error) {
  int in[2] = {-1, -1}, out[2] = {-1, -1};
  messages = memfd_create("nacre-verify", MFD_CLOEXEC);
  bool ok = messages >= 0 && pipe2(in, O_CLOEXEC) == 0 &&
            pipe2(out, O_CLOEXEC) == 0 &&
            fcntl(messages, F_SETFL, O_APPEND) == 0 &&
            spawn(arguments, in[0], out[1], messages, pid);
  if (!ok)
    error = std::string("a worker process cannot be started: ") +
            std::strerror(errno);
  close(in[0]);
  close(out[1]);
  tasks = in[1];
  results = out[0];
  received.clear();
  busy = false;
  return ok;
}

bool Worker::send(const std::string &line) {
  size_t sent = 0;
  while (sent < line.size()) {
    ssize_t count = write(tasks, line.data() + sent, line.size() - sent);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return false;
    sent += size_t(count);
  }
  return true;
}

int Worker::stop(bool kill) {
  if (kill)
    ::kill(pid, SIGKILL);
  close(tasks);
  close(results);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  pid = -1;
  return status;
}

/// The first lines of what the process said about its end.
std::string Worker::lastMessages() const {
  char text[600];
  ssize_t count = pread(messages, text, sizeof(text), 0);
  llvm::StringRef shown(text, count > 0 ? size_t(count) : 0);
  llvm::SmallVector<llvm::StringRef> lines;
  shown.split(lines, '\n', 4, false);
  if (lines.size() > 3)
    lines.resize(3);
  return llvm::join(lines, "\n");
}

//===----------------------------------------------------------------------===//
// The pool
//===----------------------------------------------------------------------===//

void Pool::answer(Worker &worker, Result result) {
  worker.busy = false;
  ++finished;
  done(worker.current, std::move(result));
}

/// Gives `worker` its next test, and a new process if it has none.
bool Pool::feed(Worker &worker, std::string &error) {
  while (!worker.busy && next < cases.size()) {
    if (worker.pid < 0 && !worker.start(options.arguments, error))
      return false;
    worker.current = next++;
    worker.busy = true;
    worker.deadline =
        Clock::now() + std::chrono::microseconds(
                           int64_t(options.timeoutSeconds * 1e6));
    (void)!ftruncate(worker.messages, 0);
    std::string line;
    llvm::raw_string_ostream os(line);
    os << toJSON(cases[worker.current]) << "\n";
    if (!worker.send(line))
      lost(worker, false);
  }
  return true;
}

/// The process is gone, or has to go.
void Pool::lost(Worker &worker, bool timedOut) {
  std::string messages = worker.lastMessages();
  int status = worker.stop(timedOut);
  close(worker.messages);
  Result result;
  result.name = cases[worker.current].name;
  result.category = timedOut ? "timeout" : "crash";
  if (timedOut)
    result.detail = "not done after " +
                    llvm::formatv("{0:f1} s", options.timeoutSeconds).str();
  else if (WIFSIGNALED(status))
    result.detail = std::string("the process ended by signal ") +
                    std::to_string(WTERMSIG(status)) + " (" +
                    strsignal(WTERMSIG(status)) + ")";
  else
    result.detail = "the process ended with exit code " +
                    std::to_string(WEXITSTATUS(status));
  if (!messages.empty())
    result.detail += "\n" + messages;
  answer(worker, std::move(result));
}

void Pool::receive(Worker &worker) {
  char buffer[65536];
  ssize_t count = read(worker.results, buffer, sizeof(buffer));
  if (count < 0 && errno == EINTR)
    return;
  if (count <= 0)
    return lost(worker, false);
  worker.received.append(buffer, size_t(count));
  size_t end = worker.received.find('\n');
  if (end == std::string::npos)
    return;
  auto value = llvm::json::parse(
      llvm::StringRef(worker.received).take_front(end));
  worker.received.erase(0, end + 1);
  Result result;
  llvm::json::Path::Root root;
  if (!value) {
    llvm::consumeError(value.takeError());
    return lost(worker, true);
  }
  if (!fromJSON(*value, result, root))
    return lost(worker, true);
  answer(worker, std::move(result));
}

void Pool::waitForResults() {
  std::vector<pollfd> polls;
  std::vector<Worker *> polled;
  Clock::time_point now = Clock::now();
  int64_t wait = 1000;
  for (Worker &worker : workers) {
    if (!worker.busy)
      continue;
    polls.push_back({worker.results, POLLIN, 0});
    polled.push_back(&worker);
    int64_t left = std::chrono::duration_cast<std::chrono::milliseconds>(
                       worker.deadline - now)
                       .count();
    wait = std::max<int64_t>(0, std::min(wait, left + 1));
  }
  if (poll(polls.data(), polls.size(), int(wait)) < 0)
    return;
  now = Clock::now();
  for (size_t i = 0; i < polls.size(); ++i) {
    if (polls[i].revents)
      receive(*polled[i]);
    else if (now >= polled[i]->deadline)
      lost(*polled[i], true);
  }
}

bool Pool::run(std::string &error) {
  // A worker that died is found by the failed write.
  auto before = signal(SIGPIPE, SIG_IGN);
  bool ok = true;
  while (ok && finished < cases.size()) {
    for (Worker &worker : workers)
      ok = ok && feed(worker, error);
    if (ok && finished < cases.size())
      waitForResults();
  }
  for (Worker &worker : workers)
    if (worker.pid >= 0) {
      worker.stop(worker.busy);
      close(worker.messages);
    }
  signal(SIGPIPE, before);
  return ok;
}

bool nacre::verify::runInPool(const std::vector<Case> &cases,
                              const PoolOptions &options,
                              const std::function<void(size_t, Result)> &done,
                              std::string &error) {
  return Pool(cases, options, done).run(error);
}
