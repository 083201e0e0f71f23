#pragma once

#include <spawn.h>

#include <string>
#include <vector>

namespace vqalign {

/// Starts a program found by PATH, without a shell; its process id. `actions` may be null. Error
/// naming the program when it cannot be started.
pid_t spawn(const std::vector<std::string>& command, const posix_spawn_file_actions_t* actions);

/// Runs a program whose output nobody reads to its end. Error when it fails.
void run_program(const std::vector<std::string>& command);

}  // namespace vqalign
