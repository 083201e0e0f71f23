#include "vqalign/vision/picture_batch.h"

#include <torch/types.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

namespace vqalign {
namespace {

int64_t round_up(int64_t value, int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

}  // namespace

std::pair<int64_t, int64_t> scaled_size(int64_t width, int64_t height, const PictureScale& scale) {
  assert(width > 0 && height > 0);
  const double area = static_cast<double>(width) * static_cast<double>(height);
  double ratio = std::sqrt(static_cast<double>(scale.pixels) / area);
  if (!scale.enlarge) ratio = std::min(ratio, 1.0);
  const auto longer = static_cast<double>(std::max(width, height));
  ratio = std::min(ratio, static_cast<double>(scale.longest) / longer);
  const int64_t unit = scale.whole ? scale.multiple : 1;
  const auto scaled = [ratio, unit](int64_t side) {
    const double units = static_cast<double>(side) * ratio / static_cast<double>(unit);
    return unit * std::max<int64_t>(1, std::llround(units));
  };
  return {scaled(width), scaled(height)};
}

ScaledPicture scale_picture(const Picture& picture, const PictureScale& scale) {
  const auto [width, height] = scaled_size(picture.width, picture.height, scale);
  ScaledPicture result{torch::empty({height, width, 3}, torch::kByte), picture.width,
                       picture.height};
  const cv::Mat from(static_cast<int>(picture.height), static_cast<int>(picture.width), CV_8UC3,
                     const_cast<uint8_t*>(picture.rgb.data()));
  cv::Mat to(static_cast<int>(height), static_cast<int>(width), CV_8UC3,
             result.pixels.data_ptr<uint8_t>());
  if (to.size() == from.size()) {
    from.copyTo(to);
  } else {
    const bool smaller = width <= picture.width && height <= picture.height;
    cv::resize(from, to, to.size(), 0, 0, smaller ? cv::INTER_AREA : cv::INTER_LINEAR);
  }
  return result;
}

// Copies by hand, as collate_regions does and for the same reason.
PictureBatch collate_pictures(const std::vector<ScaledPicture>& pictures, int64_t multiple) {
  assert(!pictures.empty() && multiple > 0);
  int64_t height = 1;
  int64_t width = 1;
  for (const ScaledPicture& picture : pictures) {
    height = std::max(height, picture.pixels.size(0));
    width = std::max(width, picture.pixels.size(1));
  }
  height = round_up(height, multiple);
  width = round_up(width, multiple);

  const auto count = static_cast<int64_t>(pictures.size());
  torch::Tensor pixels = torch::empty({count, height, width, 3}, torch::kByte);
  PictureBatch batch{pixels.permute({0, 3, 1, 2}), torch::empty({count, 2}, torch::kLong),
                     torch::empty({count, 2}, torch::kFloat)};
  auto* row = pixels.data_ptr<uint8_t>();
  auto* extents = batch.extents.data_ptr<int64_t>();
  auto* sizes = batch.sizes.data_ptr<float>();
  for (const ScaledPicture& picture : pictures) {
    const int64_t own_height = picture.pixels.size(0);
    const auto own_bytes = static_cast<std::size_t>(picture.pixels.size(1) * 3);
    const auto row_bytes = static_cast<std::size_t>(width * 3);
    const auto* from = picture.pixels.data_ptr<uint8_t>();
    for (int64_t y = 0; y < height; ++y, row += row_bytes) {
      const std::size_t used = y < own_height ? own_bytes : 0;
      if (used > 0) std::memcpy(row, from, used);
      std::memset(row + used, 0, row_bytes - used);
      from += used;
    }
    *extents++ = own_height;
    *extents++ = picture.pixels.size(1);
    *sizes++ = static_cast<float>(picture.image_width);
    *sizes++ = static_cast<float>(picture.image_height);
  }
  return batch;
}

PictureBatch picture_alone(const PictureBatch& pictures, int64_t index, int64_t multiple) {
  const torch::Tensor extents = pictures.extents.slice(0, index, index + 1);
  const auto extent = extents.accessor<int64_t, 2>()[0];
  const torch::Tensor pixels = pictures.pixels.slice(0, index, index + 1)
                                   .slice(2, 0, round_up(extent[0], multiple))
                                   .slice(3, 0, round_up(extent[1], multiple));
  return {pixels.contiguous(at::MemoryFormat::ChannelsLast), extents,
          pictures.sizes.slice(0, index, index + 1)};
}

PictureBatch to_device(const PictureBatch& pictures, torch::Device device) {
  return {pictures.pixels.to(device), pictures.extents.to(device), pictures.sizes.to(device)};
}

}  // namespace vqalign
