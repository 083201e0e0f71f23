#pragma once

#include <filesystem>

namespace vqalign::test {

/// Writes a small model for photographs of random weights (an EfficientNet of Lite0's shape) that
/// says it was trained on `data`.
void write_photo_model(const std::filesystem::path& file, const char* data);

/// The same as a slim file whose weights are nowhere.
void write_slim_photo_model(const std::filesystem::path& file, const char* data);

}  // namespace vqalign::test
