#include "vqalign/bench/apart.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "vqalign/bench/timing.h"
#include "vqalign/core/error.h"
#include "vqalign/core/json.h"

namespace vqalign {
namespace {

double peak_of(const rusage& usage) {
  constexpr double kBytesPerKilobyte = 1024;
  return kBytesPerKilobyte * double(usage.ru_maxrss);
}

[[noreturn]] void refuse(const char* call) {
  fail("the system refused ", call, "(): ", std::generic_category().message(errno));
}

/// The child's whole life: does the work, tells the pipe about it.
[[noreturn]] void live(const std::function<std::string()>& work, int pipe) {
  Json message = Json::object();
  try {
    std::string said;
    const double seconds = seconds_of([&] { said = work(); });
    message.set("seconds", seconds).set("said", said);
  } catch (const std::exception& error) {
    message.set("error", error.what());
  }
  const std::string text = message.dump();
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = ::write(pipe, text.data() + written, text.size() - written);
    if (count < 0 && errno != EINTR) ::_exit(1);
    if (count > 0) written += static_cast<std::size_t>(count);
  }
  ::_exit(0);
}

std::string read_all(int pipe) {
  std::string text;
  char buffer[4096];
  while (true) {
    const ssize_t count = ::read(pipe, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(count));
  }
}

}  // namespace

ApartResult run_apart(const std::function<std::string()>& work) {
  int ends[2];
  if (::pipe(ends) != 0) refuse("pipe");
  const pid_t child = ::fork();
  if (child < 0) refuse("fork");
  if (child == 0) {
    ::close(ends[0]);
    live(work, ends[1]);
  }
  ::close(ends[1]);
  const std::string text = read_all(ends[0]);
  ::close(ends[0]);
  int status = 0;
  rusage usage{};
  while (::wait4(child, &status, 0, &usage) < 0) {
    if (errno != EINTR) refuse("wait4");
  }
  if (WIFSIGNALED(status)) fail("the measured process was ended by signal ", WTERMSIG(status));
  const Json message = Json::parse(text, "the measured process");
  if (const Json* error = message.find("error")) throw Error(error->as_string());
  return {message.at("seconds").as_double(), peak_of(usage), message.at("said").as_string()};
}

double own_peak_bytes() {
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) != 0) refuse("getrusage");
  return peak_of(usage);
}

}  // namespace vqalign
