#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "vqalign/vision/detector.h"
#include "vqalign/vision/picture.h"

namespace vqalign::test {

/// The tiny detectors of tests/oracle/make_detectors.py.
inline std::filesystem::path detector_fixture(const char* name) {
  return std::filesystem::path(VQALIGN_SOURCE_DIR) / "tests/vision/detector" / name;
}

/// A block of one colour, in pixels.
struct Block {
  int64_t x = 0, y = 0, width = 0, height = 0;
  std::array<uint8_t, 3> rgb{};
};

/// Blocks on dark grey, the last on top.
inline Picture blocks_picture(int64_t width, int64_t height, const std::vector<Block>& blocks) {
  Picture picture{width, height, std::vector<uint8_t>(std::size_t(width * height * 3), 20)};
  for (const Block& block : blocks) {
    for (int64_t y = block.y; y < block.y + block.height; ++y) {
      for (int64_t x = block.x; x < block.x + block.width; ++x) {
        for (std::size_t c = 0; c < 3; ++c) {
          picture.rgb[std::size_t(y * width + x) * 3 + c] = block.rgb[c];
        }
      }
    }
  }
  return picture;
}

inline RgbView view_of(const Picture& picture) {
  return {picture.rgb.data(), picture.width, picture.height, picture.width * 3};
}

}  // namespace vqalign::test
