#include "vqalign/core/shipped_folders.h"

#include <algorithm>
#include <cstdlib>
#include <system_error>

#include "vqalign/core/error.h"

namespace vqalign {

namespace fs = std::filesystem;

std::vector<fs::path> shipped_folders() {
  std::vector<fs::path> folders;
  std::error_code unknown;
  const fs::path program = fs::read_symlink("/proc/self/exe", unknown);
  if (!unknown) {
    folders.push_back(program.parent_path() / "../share/vqalign");
    folders.push_back(program.parent_path() / "../../..");
  }
  folders.emplace_back(VQALIGN_SOURCE_FOLDER);
  folders.emplace_back(VQALIGN_INSTALLED_FOLDER);
  return folders;
}

std::vector<fs::path> pretrained_folders() {
  std::vector<fs::path> folders;
  const auto add = [&folders](const fs::path& folder) {
    std::error_code ignored;
    if (!fs::is_directory(folder, ignored)) return;
    const fs::path whole = fs::absolute(folder, ignored).lexically_normal();
    if (std::find(folders.begin(), folders.end(), whole) == folders.end()) folders.push_back(whole);
  };
  if (const char* named = std::getenv("VQALIGN_PRETRAINED"); named && *named) {
    add(named);
    if (folders.empty()) {
      throw Error(concat(named,
                         ": is no folder, and VQALIGN_PRETRAINED names it as the one with "
                         "weights of pretrained encoders"),
                  "name one that is there, or unset the variable");
    }
  }
  for (const fs::path& folder : shipped_folders()) add(folder / ".deps" / "pretrained");
  return folders;
}

fs::path pretrained_weights(const std::string& encoder, const std::string& file) {
  for (const fs::path& folder : pretrained_folders()) {
    std::error_code ignored;
    if (fs::is_regular_file(folder / file, ignored)) return folder / file;
  }
  throw Error(concat((fs::path(".deps") / "pretrained" / file).string(), ": the weights of ",
                     encoder, " are not there"),
              "scripts/setup --pretrained installs them, or VQALIGN_PRETRAINED names the folder "
              "that has them");
}

}  // namespace vqalign
