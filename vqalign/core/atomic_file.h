#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace vqalign {

/// A file that appears whole or not at all: written beside its target under a temporary name,
/// flushed to disk (fsync), then renamed over the target. Destroyed without commit(), it removes
/// what it wrote. Every failure (no such folder, disk full, no permission) throws Error naming the
/// target and the system's reason.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(const void* data, std::size_t bytes);
  void write(std::string_view text) { write(text.data(), text.size()); }
  void commit();

 private:
  void flush_buffer();

  std::filesystem::path target_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
  std::string buffer_;
};

/// Writes `text` to `target` atomically.
void write_file_atomic(const std::filesystem::path& target, std::string_view text);

/// The whole of a file, refused with Error when it is missing, unreadable or larger than
/// `max_bytes`.
std::string read_file(const std::filesystem::path& path, std::size_t max_bytes);

/// A file's first bytes, fewer when it is shorter. Error when it cannot be opened.
std::string read_start(const std::filesystem::path& path, std::size_t bytes);

}  // namespace vqalign
