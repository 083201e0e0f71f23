#include "vqalign/inspect/shipped_files.h"

#include <system_error>

#include "vqalign/core/error.h"
#include "vqalign/core/shipped_folders.h"

namespace vqalign {

namespace fs = std::filesystem;

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

fs::path shipped_examples() {
  for (const fs::path& folder : shipped_folders()) {
    const fs::path examples = folder / "examples" / "scenes";
    std::error_code ignored;
    if (fs::is_directory(examples, ignored)) return examples.lexically_normal();
  }
  return {};
}

}  // namespace vqalign
