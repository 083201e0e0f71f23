#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "vqalign/core/error.h"

namespace vqalign::testing_files {

/// Paths handed out by fresh_path(), removed when the test program ends.
class FreshPaths {
 public:
  ~FreshPaths() {
    std::error_code ignored;
    for (const auto& path : paths_) std::filesystem::remove_all(path, ignored);
  }
  std::filesystem::path add(const std::string& name) {
    const std::string unique = concat("vqalign-", ::getpid(), "-", paths_.size(), "-", name);
    return paths_.emplace_back(std::filesystem::path(::testing::TempDir()) / unique);
  }

 private:
  std::vector<std::filesystem::path> paths_;
};

/// A path below the test's temporary folder that no other test or run uses; gone at the end.
inline std::filesystem::path fresh_path(const std::string& name) {
  static FreshPaths paths;
  return paths.add(name);
}

inline std::filesystem::path write_bytes(const std::filesystem::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary).write(text.data(), static_cast<long>(text.size()));
  return path;
}

/// A file of these bytes that is gone with the object.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& name, std::string_view bytes)
      : path(write_bytes(fresh_path(name), bytes)) {}
  ~TemporaryFile() { std::filesystem::remove(path); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::filesystem::path path;
};

inline std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// The message of the Error that `action` throws; "no Error" when it throws none. Anything else
/// that it throws fails the test.
inline std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no Error";
}

/// The `bytes` of a number as it lies in a little-endian file.
template <typename Number>
std::string little_endian(Number value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

}  // namespace vqalign::testing_files
