#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "vqalign/core/error.h"

namespace vqalign {

/// Bytes as a file, in memory.
class FuzzFile {
 public:
  FuzzFile(const uint8_t* data, std::size_t size) : file_(::memfd_create("fuzz", 0)) {
    if (file_ < 0 || ::write(file_, data, size) != static_cast<ssize_t>(size)) std::abort();
  }
  ~FuzzFile() { ::close(file_); }
  FuzzFile(const FuzzFile&) = delete;
  FuzzFile& operator=(const FuzzFile&) = delete;

  std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(file_); }

 private:
  int file_;
};

/// Bad data is told by Error; whatever else a reader throws is a defect.
template <typename Read>
int fuzz(const uint8_t* data, std::size_t size, Read read) {
  const FuzzFile file(data, size);
  try {
    read(file.path());
  } catch (const Error&) {
    // As it should be.
  }
  return 0;
}

}  // namespace vqalign
