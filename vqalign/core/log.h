#pragma once

#include <string>

namespace vqalign {

/// Messages for people, on stderr through spdlog; never results, which belong on stdout. A warning
/// is something the user should know although the work goes on. `--quiet` silences both.
void log_info(const std::string& message);
void log_warning(const std::string& message);
void set_log_quiet(bool quiet);

}  // namespace vqalign
