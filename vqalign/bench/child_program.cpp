#include "vqalign/bench/child_program.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "vqalign/core/error.h"

namespace vqalign {

pid_t spawn(const std::vector<std::string>& command, const posix_spawn_file_actions_t* actions) {
  std::vector<std::string> texts = command;
  std::vector<char*> arguments;
  for (std::string& text : texts) arguments.push_back(text.data());
  arguments.push_back(nullptr);
  pid_t child = -1;
  const int failed =
      ::posix_spawnp(&child, arguments[0], actions, nullptr, arguments.data(), environ);
  if (failed != 0) fail(command.front(), ": cannot be run: ", std::strerror(failed));
  return child;
}

void run_program(const std::vector<std::string>& command) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  const pid_t child = spawn(command, &actions);
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (status != 0) fail(command.front(), ": ended with status ", status);
}

}  // namespace vqalign
