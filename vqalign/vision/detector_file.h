#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace vqalign {

/// What a detector of objects is made of, as it lies on disk and in a model file: an ONNX file, or
/// Darknet's two.
struct DetectorFile {
  std::string name;     ///< of the file, for messages
  std::string network;  ///< bytes of the .onnx, or of the .weights
  std::string config;   ///< text of the .cfg; empty: ONNX

  bool darknet() const { return !config.empty(); }
};

/// The width and height of the pictures that a detector takes.
struct DetectorInput {
  int64_t width = 0;
  int64_t height = 0;
};

/// A larger .onnx or .weights is refused.
constexpr std::size_t kMostDetectorBytes = std::size_t{512} << 20;

/// Reads FILE.onnx, or FILE.cfg with FILE.weights beside it. Error naming the file that is missing,
/// empty, larger than 512 MB (1 MB for a .cfg) or none of these by its name.
DetectorFile read_detector_file(const std::filesystem::path& path);

/// The .weights that belong to a .cfg; empty for another file.
std::filesystem::path darknet_weights(const std::filesystem::path& path);

/// Finds out what pictures it takes: sides of 32 to 2048 pixels, three channels, one picture at a
/// time. Error naming the file and what it asks for instead; and where the bytes are no ONNX
/// (onnx_file.h), or the .cfg has no [net].
DetectorInput detector_input(const DetectorFile& file);

}  // namespace vqalign
