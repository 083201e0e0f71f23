#include "program_run.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

/// Where the build put the programs, or where the variable says that they were carried.
std::string binary_folder() {
  const char* carried = std::getenv("VQALIGN_TEST_PROGRAMS");
  return carried ? carried : VQALIGN_BINARY_DIR "/bin";
}

const std::string kBinaryFolder = binary_folder();
constexpr std::chrono::minutes kLongest(5);

void redirect(const fs::path& file, int descriptor) {
  const int opened = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (opened < 0 || ::dup2(opened, descriptor) < 0) ::_exit(126);
}

[[noreturn]] void become(const std::vector<std::string>& command, const RunSettings& settings,
                         const fs::path& out, const fs::path& err) {
  redirect("/dev/null", STDIN_FILENO);
  redirect(out, STDOUT_FILENO);
  redirect(err, STDERR_FILENO);
  if (!settings.folder.empty() && ::chdir(settings.folder.c_str()) != 0) ::_exit(126);
  if (settings.file_size_limit > 0) {
    const auto bytes = static_cast<rlim_t>(settings.file_size_limit);
    const rlimit limit{bytes, bytes};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(126);
  }
  std::vector<char*> arguments;
  for (const std::string& argument : command) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

/// Waits for the end, sending the signal on the way; the raw status of waitpid.
int wait_for(pid_t child, const RunSettings& settings, const fs::path& err) {
  const auto begun = std::chrono::steady_clock::now();
  bool signalled = settings.signal == 0;
  while (true) {
    int raw = 0;
    if (::waitpid(child, &raw, WNOHANG) == child) return raw;
    if (!signalled && settings.signal_when(file_text(err))) {
      ::kill(child, settings.signal);
      signalled = true;
    }
    if (std::chrono::steady_clock::now() - begun > kLongest) {
      ADD_FAILURE() << "the program did not end";
      ::kill(child, SIGKILL);
      ::waitpid(child, &raw, 0);
      return raw;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

ProgramRun run(const std::vector<std::string>& command, const RunSettings& settings) {
  static int runs = 0;
  const fs::path base =
      fs::path(testing::TempDir()) /
      ("vqalign_run_" + std::to_string(::getpid()) + "_" + std::to_string(runs++));
  const fs::path out = settings.output.empty() ? fs::path(base.string() + ".out") : settings.output;
  const fs::path err = base.string() + ".err";
  const pid_t child = ::fork();
  if (child == 0) become(command, settings, out, err);
  const int raw = wait_for(child, settings, err);
  ProgramRun result;
  result.status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 1000 + WTERMSIG(raw);
  result.err = file_text(err);
  if (settings.output.empty()) {
    result.out = file_text(out);
    fs::remove(out);
  }
  fs::remove(err);
  return result;
}

}  // namespace

ProgramRun run_vqalign(const std::vector<std::string>& arguments, const RunSettings& settings) {
  const fs::path built = kBinaryFolder + "/vqalign";
  std::vector<std::string> command = {settings.program.empty() ? built : settings.program};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run(command, settings);
}

ProgramRun run_shell(const std::string& line, const fs::path& folder) {
  RunSettings settings;
  settings.folder = folder;
  return run({"/bin/sh", "-c", "PATH='" + kBinaryFolder + "':$PATH; " + line}, settings);
}

fs::path copied_program(const fs::path& folder) {
  fs::create_directories(folder);
  fs::copy_file(kBinaryFolder + "/vqalign", folder / "vqalign");
  return folder / "vqalign";
}

fs::path fresh_folder(const std::string& name) {
  const fs::path folder =
      fs::path(testing::TempDir()) / ("vqalign_cli_" + std::to_string(::getpid())) / name;
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

std::string file_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_text(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::size_t line_count(const std::string& text) {
  const auto feeds = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  return feeds + (text.empty() || text.back() == '\n' ? 0 : 1);
}

}  // namespace vqalign::test
