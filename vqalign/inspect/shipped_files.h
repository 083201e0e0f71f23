#pragma once

#include <filesystem>
#include <string>

namespace vqalign {

/// The model that comes with the project (models/scenes.safetensors), looked for beside the program
/// (installed: ../share/vqalign/models; in a build: ../../../models), then in the source tree and
/// in the folder it was configured to be installed in. Error when it is in none of them.
std::filesystem::path shipped_model();

/// `named` itself, or the shipped model when it is empty.
std::filesystem::path model_or_shipped(const std::filesystem::path& named);

/// The weights of a pretrained encoder, `file` in .deps/pretrained, looked for likewise; Error when
/// they are nowhere.
std::filesystem::path pretrained_weights(const std::string& encoder, const std::string& file);

/// The folder of drawn example pictures (examples/scenes), looked for likewise; empty when it is
/// nowhere.
std::filesystem::path shipped_examples();

}  // namespace vqalign
