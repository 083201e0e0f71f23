#include "vqalign/vision/picture.h"

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "vqalign/core/atomic_file.h"
#include "vqalign/core/error.h"
#include "vqalign/vision/opencv_quiet.h"
#include "vqalign/vision/picture_header.h"
#include "vqalign/vision/png_chunks.h"

namespace vqalign {
namespace {

cv::Mat decode(const std::string& bytes, const std::filesystem::path& path) {
  cv::Mat pixels;
  try {
    const cv::Mat buffer(1, static_cast<int>(bytes.size()), CV_8U, const_cast<char*>(bytes.data()));
    // Unchanged keeps 16 bits and alpha, and leaves the turning to us.
    pixels = cv::imdecode(buffer, cv::IMREAD_UNCHANGED);
  } catch (const cv::Exception& error) {
    fail(path.string(), ": the picture cannot be decoded (", error.err, ")");
  }
  if (pixels.empty()) fail(path.string(), ": the picture cannot be decoded, its data is damaged");
  return pixels;
}

cv::Mat to_eight_bits(const cv::Mat& pixels, const std::filesystem::path& path) {
  if (pixels.depth() == CV_8U) return pixels;
  if (pixels.depth() != CV_16U) {
    fail(path.string(), ": the picture has samples of type ", cv::typeToString(pixels.depth()),
         ", expected 8-bit or 16-bit");
  }
  cv::Mat reduced;
  pixels.convertTo(reduced, CV_8U, 1.0 / 257.0);
  return reduced;
}

// Lays B G R A over white, giving R G B.
cv::Mat over_white(const cv::Mat& pixels) {
  cv::Mat result(pixels.size(), CV_8UC3);
  for (int y = 0; y < pixels.rows; ++y) {
    const uint8_t* from = pixels.ptr<uint8_t>(y);
    uint8_t* to = result.ptr<uint8_t>(y);
    for (int x = 0; x < pixels.cols; ++x, from += 4, to += 3) {
      const int alpha = from[3];
      for (int channel = 0; channel < 3; ++channel) {
        const int value = from[2 - channel] * alpha + 255 * (255 - alpha);
        to[channel] = static_cast<uint8_t>((value + 127) / 255);
      }
    }
  }
  return result;
}

cv::Mat to_rgb(const cv::Mat& pixels, const std::filesystem::path& path) {
  cv::Mat result;
  switch (pixels.channels()) {
    case 1:
      cv::cvtColor(pixels, result, cv::COLOR_GRAY2RGB);
      return result;
    case 3:
      cv::cvtColor(pixels, result, cv::COLOR_BGR2RGB);
      return result;
    case 4:
      return over_white(pixels);
    default:
      fail(path.string(), ": the picture has ", pixels.channels(), " channels, expected 1, 3 or 4");
  }
}

// EXIF's eight cases: what has to be done so that the stored rows and columns stand upright.
cv::Mat turn_upright(const cv::Mat& pixels, int orientation) {
  if (orientation == 1) return pixels;
  cv::Mat turned = pixels;
  if (orientation >= 5) cv::transpose(pixels, turned);
  constexpr int kNone = 2, kVertical = 0, kHorizontal = 1, kBoth = -1;
  constexpr int kFlips[] = {kNone, kHorizontal, kBoth, kVertical,
                            kNone, kHorizontal, kBoth, kVertical};
  const int flip = kFlips[orientation - 1];
  if (flip == kNone) return turned;
  cv::Mat result;
  cv::flip(turned, result, flip);
  return result;
}

}  // namespace

Picture read_picture(const std::filesystem::path& path) {
  quieten_opencv();
  std::string bytes = read_file(path, kMaxPictureBytes);
  const PictureHeader header = parse_picture_header(bytes, path);
  check_picture_complete(bytes, header, path);
  if (header.format == PictureHeader::Format::kPng) bytes = essential_png(bytes, path);
  const cv::Mat stored = to_rgb(to_eight_bits(decode(bytes, path), path), path);
  // OpenCV turns TIFFs by itself.
  const int orientation = header.format == PictureHeader::Format::kTiff ? 1 : header.orientation;
  const cv::Mat upright = turn_upright(stored, orientation);
  Picture picture{upright.cols, upright.rows, {}};
  picture.rgb.assign(upright.datastart, upright.dataend);
  return picture;
}

void write_png(const std::filesystem::path& path, const Picture& picture) {
  const cv::Mat rgb(static_cast<int>(picture.height), static_cast<int>(picture.width), CV_8UC3,
                    const_cast<uint8_t*>(picture.rgb.data()));
  cv::Mat bgr;
  cv::cvtColor(rgb, bgr, cv::COLOR_RGB2BGR);
  std::vector<uint8_t> encoded;
  if (!cv::imencode(".png", bgr, encoded)) fail(path.string(), ": cannot be encoded as PNG");
  write_file_atomic(path, {reinterpret_cast<const char*>(encoded.data()), encoded.size()});
}

}  // namespace vqalign
