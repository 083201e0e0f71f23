#include "vqalign/core/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

constexpr std::size_t kBufferBytes = 1 << 20;

[[noreturn]] void fail_with_reason(const std::filesystem::path& path, const char* what) {
  fail(path.string(), ": ", what, ": ", std::strerror(errno));
}

void write_all(int descriptor, const char* data, std::size_t bytes,
               const std::filesystem::path& target) {
  while (bytes > 0) {
    const ssize_t written = ::write(descriptor, data, bytes);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_with_reason(target, "cannot write");
    data += written;
    bytes -= static_cast<std::size_t>(written);
  }
}

/// Makes the rename itself durable; failure is harmless, the file is complete either way.
void sync_folder(const std::filesystem::path& folder) {
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path target) : target_(std::move(target)) {
  std::string pattern = target_.string() + ".XXXXXX.tmp";
  descriptor_ = ::mkstemps(pattern.data(), 4);
  if (descriptor_ < 0) fail_with_reason(target_, "cannot create");
  temporary_ = pattern;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::fchmod(descriptor_, 0666 & ~mask);
}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(temporary_.c_str());
}

void AtomicFile::write(const void* data, std::size_t bytes) {
  if (buffer_.size() + bytes > kBufferBytes) flush_buffer();
  if (bytes >= kBufferBytes) {
    write_all(descriptor_, static_cast<const char*>(data), bytes, target_);
  } else {
    buffer_.append(static_cast<const char*>(data), bytes);
  }
}

void AtomicFile::flush_buffer() {
  write_all(descriptor_, buffer_.data(), buffer_.size(), target_);
  buffer_.clear();
}

void AtomicFile::commit() {
  flush_buffer();
  if (::fsync(descriptor_) != 0 && errno != EINVAL) fail_with_reason(target_, "cannot write");
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) {
    fail_with_reason(target_, "cannot replace");
  }
  ::close(descriptor_);
  descriptor_ = -1;
  sync_folder(target_.parent_path());
}

void write_file_atomic(const std::filesystem::path& target, std::string_view text) {
  AtomicFile file(target);
  file.write(text);
  file.commit();
}

std::string read_file(const std::filesystem::path& path, std::size_t max_bytes) {
  std::error_code code;
  if (std::filesystem::is_directory(path, code)) fail(path.string(), ": is a folder, not a file");
  std::ifstream stream(path, std::ios::binary);
  if (!stream) fail_with_reason(path, "cannot open");
  std::string text;
  char chunk[1 << 16];
  while (stream.read(chunk, sizeof chunk) || stream.gcount() > 0) {
    text.append(chunk, static_cast<std::size_t>(stream.gcount()));
    if (text.size() > max_bytes) {
      fail(path.string(), ": larger than the ", max_bytes, " bytes allowed here");
    }
  }
  if (stream.bad()) fail_with_reason(path, "cannot read");
  return text;
}

std::string read_start(const std::filesystem::path& path, std::size_t bytes) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) fail_with_reason(path, "cannot open");
  std::string start(bytes, '\0');
  stream.read(start.data(), static_cast<std::streamsize>(bytes));
  start.resize(static_cast<std::size_t>(stream.gcount()));
  return start;
}

}  // namespace vqalign
