#include "vqalign/inspect/shipped_files.h"

#include <system_error>
#include <vector>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

/// Folders that hold models/, examples/ and .deps/.
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

}  // namespace

fs::path shipped_model() {
  for (const fs::path& folder : shipped_folders()) {
    const fs::path file = folder / "models" / "scenes.safetensors";
    std::error_code ignored;
    if (fs::is_regular_file(file, ignored)) return file.lexically_normal();
  }
  throw Error("models/scenes.safetensors: the shipped model is not beside this program",
              "name a model with --model");
}

fs::path model_or_shipped(const fs::path& named) {
  return named.empty() ? shipped_model() : named;
}

fs::path pretrained_weights(const std::string& encoder, const std::string& file) {
  const fs::path name = fs::path(".deps") / "pretrained" / file;
  for (const fs::path& folder : shipped_folders()) {
    std::error_code ignored;
    if (fs::is_regular_file(folder / name, ignored)) return (folder / name).lexically_normal();
  }
  throw Error(concat(name.string(), ": the weights of ", encoder, " are not there"),
              "scripts/setup --pretrained installs them");
}

fs::path shipped_examples() {
  for (const fs::path& folder : shipped_folders()) {
    const fs::path examples = folder / "examples" / "scenes";
    std::error_code ignored;
    if (fs::is_directory(examples, ignored)) return examples.lexically_normal();
  }
  return {};
}

}  // namespace vqalign
