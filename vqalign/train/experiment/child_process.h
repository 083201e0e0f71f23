#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace vqalign {

/// Another run of this very program, in a process group of its own, so that a Ctrl-C at the
/// terminal reaches it only through us. It is asked to stop (SIGTERM) when this process ends first,
/// however it ends.
class ChildProcess {
 public:
  /// Starts it with these arguments. stdout is written to `out` anew, stderr behind what `log`
  /// holds. Error when no process can be had.
  ChildProcess(const std::vector<std::string>& arguments, const std::filesystem::path& out,
               const std::filesystem::path& log);
  /// Asks it to stop and waits for its end.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Its end, once it came: the exit status, or 128 plus the number of the signal that ended it.
  std::optional<int> poll();
  /// SIGTERM, once: a second one would end it before it has saved what it did.
  void stop();

 private:
  pid_t process_ = -1;
  std::optional<int> status_;
  bool stopped_ = false;
};

/// Keeps others out of a folder for as long as it lives, and for as long as children that were
/// started meanwhile live. Error when another process keeps it for more than some seconds.
class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace vqalign
