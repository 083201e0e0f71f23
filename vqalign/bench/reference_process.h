#pragma once

#include <cstdio>
#include <filesystem>
#include <string>

#include "vqalign/core/json.h"

namespace vqalign {

/// The reference in PyTorch (bench/reference/serve.py) in a process of its own, which takes one
/// JSON object a line and answers with one.
class ReferenceProcess {
 public:
  /// Starts it and waits until it has made its model. Error when that fails, with a hint where no
  /// Python with torch is there.
  ReferenceProcess(const std::filesystem::path& python, const std::filesystem::path& script,
                   const Json& setup);
  /// Error when the process ended or answers with no JSON object.
  Json ask(const Json& order);

  const std::string& torch_version() const { return torch_version_; }

 private:
  /// Ends with this object.
  struct Child {
    Child() = default;
    ~Child();
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    std::FILE* orders = nullptr;
    std::FILE* answers = nullptr;
    int process = -1;
  };

  Child child_;
  std::string torch_version_;
};

}  // namespace vqalign
