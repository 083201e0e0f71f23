#include <algorithm>
#include <cmath>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "vqalign/core/error.h"
#include "vqalign/core/formats/base64.h"
#include "vqalign/train/report_parts.h"
#include "vqalign/vision/picture.h"

namespace vqalign::detail {
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
    return "data:image/jpeg;base64," +
           encode_base64({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  } catch (const Error&) {
    return {};
  } catch (const cv::Exception&) {
    return {};
  }
}

}  // namespace vqalign::detail
