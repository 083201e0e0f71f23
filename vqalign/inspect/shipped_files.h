#pragma once

#include <filesystem>

namespace vqalign {

/// The model that comes with the project (models/scenes.safetensors), looked for in
/// shipped_folders(). Error when it is in none of them.
std::filesystem::path shipped_model();

/// `named` itself, or the shipped model when it is empty.
std::filesystem::path model_or_shipped(const std::filesystem::path& named);

/// The folder of drawn example pictures (examples/scenes), looked for likewise; empty when it is
/// nowhere.
std::filesystem::path shipped_examples();

}  // namespace vqalign
