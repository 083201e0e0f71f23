#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string_view>

namespace vqalign {

/// A regular file in memory by map: private and copy-on-write, so that writing to the bytes changes
/// neither the file nor what others read. Replacing the file (atomic_file.h) leaves the mapping as
/// it was; cutting the mapped file short under a running program is the one thing that no reader
/// by map survives.
class MappedFile {
 public:
  /// Error naming the file and the reason when it is missing, unreadable, empty or no regular file.
  static std::shared_ptr<MappedFile> open(const std::filesystem::path& path);

  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  char* data() const { return data_; }
  std::size_t size() const { return size_; }
  std::string_view text() const { return {data_, size_}; }

  /// Takes the file's pages out of this process's memory; touched again, they are read again, most
  /// often from the system's cache. What was written to them is lost.
  void drop_pages() const;

 private:
  MappedFile(char* data, std::size_t size) : data_(data), size_(size) {}

  char* data_;
  std::size_t size_;
};

}  // namespace vqalign
