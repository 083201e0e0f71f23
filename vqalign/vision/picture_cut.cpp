#include "vqalign/vision/picture_cut.h"

#include <algorithm>
#include <cmath>

namespace vqalign {
namespace {

int64_t part_of(int64_t side, double share) {
  return std::clamp<int64_t>(std::llround(static_cast<double>(side) * share), 1, side);
}

int64_t part_begin(int64_t side, int64_t part, double share) {
  return std::clamp<int64_t>(std::llround(static_cast<double>(side) * share), 0, side - part);
}

}  // namespace

std::pair<int64_t, int64_t> cut_size(int64_t width, int64_t height, const PictureCut& view) {
  return {part_of(width, view.side), part_of(height, view.side)};
}

Picture cut_picture(const Picture& picture, const PictureCut& view) {
  const auto [width, height] = cut_size(picture.width, picture.height, view);
  const int64_t left = part_begin(picture.width, width, view.left);
  const int64_t top = part_begin(picture.height, height, view.top);
  Picture part{width, height, std::vector<uint8_t>(static_cast<std::size_t>(width * height * 3))};
  uint8_t* out = part.rgb.data();
  for (int64_t y = 0; y < height; ++y) {
    const uint8_t* row = picture.rgb.data() + ((top + y) * picture.width + left) * 3;
    for (int64_t x = 0; x < width; ++x, out += 3) {
      std::copy_n(row + 3 * (view.mirrored ? width - 1 - x : x), 3, out);
    }
  }
  return part;
}

}  // namespace vqalign
