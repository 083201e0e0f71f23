#pragma once

#include <filesystem>

namespace vqalign {

/// Writes a model of mcan-small's size with random weights that takes pictures: a picture of 160 by
/// 160 pixels gives it 100 regions. 3,000 answers, as VQA v2 has. The file.
std::filesystem::path write_large_model(const std::filesystem::path& folder);

/// A picture of 160 by 160 pixels; the file.
std::filesystem::path write_square_picture(const std::filesystem::path& folder);

}  // namespace vqalign
