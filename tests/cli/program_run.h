#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace vqalign::test {

/// What a run of the real program left behind.
struct ProgramRun {
  int status = -1;  ///< exit status; 1000 + signal when one ended it
  std::string out;
  std::string err;
};

/// How the program is run besides its arguments.
struct RunSettings {
  std::filesystem::path program;  ///< in place of the one that was built
  std::filesystem::path folder;   ///< working directory; empty: the test's own
  std::filesystem::path output;   ///< where stdout goes in place of ProgramRun::out
  long file_size_limit = 0;       ///< RLIMIT_FSIZE in bytes; 0: none
  int signal = 0;                 ///< sent once ...
  std::function<bool(const std::string& err)> signal_when;  ///< ... this says so of stderr so far
};

/// Runs build/.../bin/vqalign and waits for its end. A run of more than five minutes is killed.
ProgramRun run_vqalign(const std::vector<std::string>& arguments, const RunSettings& settings = {});

/// Runs a line of /bin/sh with the program's folder first in PATH.
ProgramRun run_shell(const std::string& line, const std::filesystem::path& folder);

/// A copy of the program in that folder, which is made.
std::filesystem::path copied_program(const std::filesystem::path& folder);

/// A fresh empty folder of that name under testing::TempDir().
std::filesystem::path fresh_folder(const std::string& name);

std::string file_text(const std::filesystem::path& path);
void write_text(const std::filesystem::path& path, const std::string& text);

/// How many lines a text has; a last one without line feed counts.
std::size_t line_count(const std::string& text);

}  // namespace vqalign::test
