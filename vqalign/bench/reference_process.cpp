#include "vqalign/bench/reference_process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "vqalign/bench/child_program.h"
#include "vqalign/core/error.h"

namespace vqalign {
namespace {

constexpr const char* kNeedsTorch =
    "name a Python that has torch with --python; scripts/setup makes one in .deps/venv";

struct Pipe {
  std::array<int, 2> ends = {-1, -1};
  Pipe() {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("a pipe: ", std::strerror(errno));
  }
};

}  // namespace

ReferenceProcess::ReferenceProcess(const std::filesystem::path& python,
                                   const std::filesystem::path& script, const Json& setup) {
  std::signal(SIGPIPE, SIG_IGN);
  // What this program told itself (core/quiet_threads.cpp) is no business of the reference.
  ::unsetenv("OMP_WAIT_POLICY");
  Pipe orders, answers;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, orders.ends[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, answers.ends[1], STDOUT_FILENO);
  const auto start = [&] {
    try {
      return spawn({python.string(), "-Wignore", script.string()}, &actions);
    } catch (const Error& error) {
      throw UsageError(error.what(), kNeedsTorch);
    }
  };
  child_.orders = ::fdopen(orders.ends[1], "w");
  child_.answers = ::fdopen(answers.ends[0], "r");
  child_.process = start();
  posix_spawn_file_actions_destroy(&actions);
  ::close(orders.ends[0]);
  ::close(answers.ends[1]);
  const Json greeting = ask(setup);
  torch_version_ = greeting.at("torch").as_string();
}

ReferenceProcess::Child::~Child() {
  if (orders != nullptr) std::fclose(orders);
  if (answers != nullptr) std::fclose(answers);
  if (process > 0) {
    ::kill(process, SIGTERM);
    ::waitpid(process, nullptr, 0);
  }
}

Json ReferenceProcess::ask(const Json& order) {
  const std::string line = order.dump() + "\n";
  char* answer = nullptr;
  std::size_t room = 0;
  ssize_t length = -1;
  if (std::fputs(line.c_str(), child_.orders) >= 0 && std::fflush(child_.orders) == 0) {
    length = ::getline(&answer, &room, child_.answers);
  }
  const std::string text(answer != nullptr && length > 0 ? answer : "");
  std::free(answer);
  if (text.empty()) throw Error("the reference in Python ended without an answer", kNeedsTorch);
  return Json::parse(text, "the reference in Python");
}

}  // namespace vqalign
