#include <algorithm>
#include <cmath>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "vqalign/core/error.h"
#include "vqalign/train/report_parts.h"
#include "vqalign/vision/picture.h"

namespace vqalign::detail {
namespace {

std::string base64(const std::vector<uint8_t>& bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = std::min<std::size_t>(3, bytes.size() - i);
    const uint32_t group = static_cast<uint32_t>(bytes[i]) << 16 |
                           static_cast<uint32_t>(left > 1 ? bytes[i + 1] : 0) << 8 |
                           static_cast<uint32_t>(left > 2 ? bytes[i + 2] : 0);
    for (std::size_t digit = 0; digit < 4; ++digit) {
      text += digit <= left ? kDigits[group >> (18 - 6 * digit) & 63] : '=';
    }
  }
  return text;
}

}  // namespace

std::string thumbnail_uri(const std::filesystem::path& picture) {
  constexpr double kLongestSide = 220;
  constexpr int kQuality = 82;
  try {
    Picture whole = read_picture(picture);
    const cv::Mat rgb(static_cast<int>(whole.height), static_cast<int>(whole.width), CV_8UC3,
                      whole.rgb.data());
    cv::Mat small;
    cv::cvtColor(rgb, small, cv::COLOR_RGB2BGR);
    const double scale = kLongestSide / static_cast<double>(std::max(whole.width, whole.height));
    if (scale < 1) {
      const auto side = [scale](int64_t length) {
        return std::max(1, static_cast<int>(std::lround(scale * static_cast<double>(length))));
      };
      cv::resize(small, small, cv::Size(side(whole.width), side(whole.height)), 0, 0,
                 cv::INTER_AREA);
    }
    std::vector<uint8_t> bytes;
    if (!cv::imencode(".jpg", small, bytes, {cv::IMWRITE_JPEG_QUALITY, kQuality})) return {};
    return "data:image/jpeg;base64," + base64(bytes);
  } catch (const Error&) {
    return {};
  } catch (const cv::Exception&) {
    return {};
  }
}

}  // namespace vqalign::detail
