#include "vqalign/bench/temporary_folder.h"

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "vqalign/core/error.h"

namespace vqalign {

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "vqalign-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    fail(name, ": cannot be made: ", std::generic_category().message(errno));
  }
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace vqalign
