#include "vqalign/cli/line_reader.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

constexpr std::size_t kLongestLine = std::size_t{1} << 20;
constexpr int kPollMilliseconds = 100;

}  // namespace

/// Reads some more; false at the end of the file.
bool LineReader::fill() {
  char block[65536];
  while (true) {
    cancel_.check();
    pollfd waiting{descriptor_, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, kPollMilliseconds);
    if (ready == 0) continue;
    const ssize_t bytes = ready < 0 ? -1 : ::read(descriptor_, block, sizeof block);
    if (bytes < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (bytes < 0) fail("standard input: cannot read: ", std::strerror(errno));
    buffer_.append(block, static_cast<std::size_t>(bytes));
    return bytes > 0;
  }
}

std::optional<std::string> LineReader::next() {
  std::size_t searched = 0;
  std::size_t end = 0;
  while ((end = buffer_.find('\n', searched)) == std::string::npos) {
    searched = buffer_.size();
    if (searched > kLongestLine) {
      fail("standard input: line ", line_number_ + 1, " is longer than ", kLongestLine, " bytes");
    }
    if (!ended_ && fill()) continue;
    ended_ = true;
    if (buffer_.empty()) return std::nullopt;
    end = buffer_.size();
    break;
  }
  std::string line = buffer_.substr(0, end);
  buffer_.erase(0, end + 1);
  if (line.ends_with('\r')) line.pop_back();
  ++line_number_;
  return line;
}

}  // namespace vqalign
