#pragma once

#include <filesystem>

namespace vqalign {

/// A fresh folder below the system's folder for temporary files, gone with this object.
class TemporaryFolder {
 public:
  /// Error naming the folder when none can be made.
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace vqalign
