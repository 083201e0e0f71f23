#include "vqalign/train/experiment/child_process.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

constexpr const char* kThisProgram = "/proc/self/exe";
constexpr int kNotStarted = 126;
constexpr std::chrono::milliseconds kPoll(50);
constexpr std::chrono::seconds kLongestWait(10);

int opened(const std::filesystem::path& file, int flags) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644);
  if (descriptor < 0) fail(file.string(), ": cannot write: ", std::strerror(errno));
  return descriptor;
}

/// Runs in the child: nothing here may allocate or lock, for other threads' locks were copied too.
[[noreturn]] void become(char* const* arguments, int out, int log, pid_t parent,
                         const sigset_t& signals) {
  for (const int signal : {SIGINT, SIGTERM}) ::signal(signal, SIG_DFL);
  ::sigprocmask(SIG_SETMASK, &signals, nullptr);
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(kNotStarted);  // it ended before that was asked for
  const int null = ::open("/dev/null", O_RDONLY);
  if (null < 0 || ::dup2(null, STDIN_FILENO) < 0 || ::dup2(out, STDOUT_FILENO) < 0 ||
      ::dup2(log, STDERR_FILENO) < 0) {
    ::_exit(kNotStarted);
  }
  ::execv(kThisProgram, arguments);
  ::_exit(kNotStarted);
}

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& arguments,
                           const std::filesystem::path& out, const std::filesystem::path& log) {
  std::vector<std::string> words = {"vqalign"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const int out_file = opened(out, O_TRUNC);
  int log_file = -1;
  try {
    log_file = opened(log, O_APPEND);
  } catch (...) {
    ::close(out_file);
    throw;
  }
  const pid_t parent = ::getpid();
  // A stop that came while the child still had our handlers would be lost.
  sigset_t stops, before;
  sigemptyset(&stops);
  sigaddset(&stops, SIGINT);
  sigaddset(&stops, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &stops, &before);
  process_ = ::fork();
  if (process_ == 0) become(pointers.data(), out_file, log_file, parent, before);
  const int error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::close(out_file);
  ::close(log_file);
  if (process_ < 0) fail("cannot start a process: ", std::strerror(error));
}

ChildProcess::~ChildProcess() {
  stop();
  while (!poll()) std::this_thread::sleep_for(kPoll);
}

std::optional<int> ChildProcess::poll() {
  if (status_) return status_;
  int raw = 0;
  const pid_t found = ::waitpid(process_, &raw, WNOHANG);
  if (found == process_) status_ = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
  if (found < 0 && errno != EINTR) status_ = kNotStarted;
  return status_;
}

void ChildProcess::stop() {
  if (stopped_ || poll()) return;
  stopped_ = true;
  ::kill(process_, SIGTERM);
}

FolderLock::FolderLock(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / ".lock";
  // Without O_CLOEXEC: a child that outlives us still writes there.
  descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT, 0644);
  if (descriptor_ < 0) fail(file.string(), ": cannot write: ", std::strerror(errno));
  const auto begun = std::chrono::steady_clock::now();
  while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (std::chrono::steady_clock::now() - begun > kLongestWait) {
      ::close(descriptor_);
      throw Error(concat(folder.string(), ": another experiment is at work there"),
                  "wait for its end, or use another --out");
    }
    std::this_thread::sleep_for(kPoll);
  }
}

FolderLock::~FolderLock() {
  ::close(descriptor_);
}

}  // namespace vqalign
