#include "vqalign/cli/shipped_model.h"

#include <system_error>
#include <vector>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> model_folders() {
  std::vector<fs::path> folders;
  std::error_code unknown;
  const fs::path program = fs::read_symlink("/proc/self/exe", unknown);
  if (!unknown) {
    folders.push_back(program.parent_path() / "../share/vqalign/models");
    folders.push_back(program.parent_path() / "../../../models");
  }
  folders.emplace_back(VQALIGN_SOURCE_MODELS);
  folders.emplace_back(VQALIGN_INSTALLED_MODELS);
  return folders;
}

}  // namespace

fs::path shipped_model() {
  for (const fs::path& folder : model_folders()) {
    const fs::path file = folder / "scenes.safetensors";
    std::error_code ignored;
    if (fs::is_regular_file(file, ignored)) return file.lexically_normal();
  }
  throw Error("models/scenes.safetensors: the shipped model is not beside this program",
              "name a model with --model");
}

fs::path model_or_shipped(const fs::path& named) {
  return named.empty() ? shipped_model() : named;
}

}  // namespace vqalign
