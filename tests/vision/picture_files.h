#pragma once
// Picture files made by OpenCV or byte by byte, to test the reader with.

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <string>
#include <vector>

#include "vqalign/core/error.h"
#include "vqalign/vision/picture.h"

namespace vqalign::testing_pictures {

inline std::filesystem::path temporary_file(const std::string& name) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) /
                                       (std::string(test->test_suite_name()) + "." + test->name());
  std::filesystem::create_directories(folder);
  return folder / name;
}

inline std::filesystem::path write_bytes(const std::string& name, const std::string& bytes) {
  const std::filesystem::path path = temporary_file(name);
  // Some file systems flush a file that is overwritten, but not one that is new.
  std::filesystem::remove(path);
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

inline std::string encode(const std::string& extension, const cv::Mat& pixels,
                          const std::vector<int>& parameters = {}) {
  std::vector<uint8_t> bytes;
  cv::imencode(extension, pixels, bytes, parameters);
  return {bytes.begin(), bytes.end()};
}

inline std::string u16(uint32_t value, bool little) {
  const char low = static_cast<char>(value & 0xFF);
  const char high = static_cast<char>(value >> 8 & 0xFF);
  return little ? std::string{low, high} : std::string{high, low};
}

inline std::string u32(uint32_t value, bool little) {
  return little ? u16(value & 0xFFFF, true) + u16(value >> 16, true)
                : u16(value >> 16, false) + u16(value & 0xFFFF, false);
}

inline std::string tiff_entry(uint32_t tag, uint32_t type, uint32_t count, uint32_t value,
                              bool little) {
  const std::string field =
      type == 3 && count == 1 ? u16(value, little) + u16(0, little) : u32(value, little);
  return u16(tag, little) + u16(type, little) + u32(count, little) + field;
}

/// The TIFF-shaped block of EXIF that holds nothing but an orientation.
inline std::string exif_block(uint32_t orientation, bool little) {
  return (little ? "II" : "MM") + u16(42, little) + u32(8, little) + u16(1, little) +
         tiff_entry(0x0112, 3, 1, orientation, little) + u32(0, little);
}

inline std::string jpeg_with_exif(const std::string& jpeg, uint32_t orientation, bool little) {
  const std::string body = std::string("Exif\0\0", 6) + exif_block(orientation, little);
  return jpeg.substr(0, 2) + "\xFF\xE1" + u16(static_cast<uint32_t>(body.size()) + 2, false) +
         body + jpeg.substr(2);
}

/// An uncompressed RGB TIFF.
inline std::string tiff(const cv::Mat& bgr, uint32_t orientation, bool little) {
  const auto width = static_cast<uint32_t>(bgr.cols);
  const auto height = static_cast<uint32_t>(bgr.rows);
  const uint32_t bytes = width * height * 3;
  constexpr uint32_t kEntries = 10;
  const uint32_t depths = 8 + 2 + kEntries * 12 + 4;
  const uint32_t pixels = depths + 6;
  std::string file = (little ? "II" : "MM") + u16(42, little) + u32(8, little) +
                     u16(kEntries, little) + tiff_entry(256, 3, 1, width, little) +
                     tiff_entry(257, 3, 1, height, little) + tiff_entry(258, 3, 3, depths, little) +
                     tiff_entry(259, 3, 1, 1, little) + tiff_entry(262, 3, 1, 2, little) +
                     tiff_entry(273, 4, 1, pixels, little) +
                     tiff_entry(274, 3, 1, orientation, little) + tiff_entry(277, 3, 1, 3, little) +
                     tiff_entry(278, 3, 1, height, little) + tiff_entry(279, 4, 1, bytes, little) +
                     u32(0, little) + u16(8, little) + u16(8, little) + u16(8, little);
  for (int y = 0; y < bgr.rows; ++y) {
    for (int x = 0; x < bgr.cols; ++x) {
      const auto& pixel = bgr.at<cv::Vec3b>(y, x);
      for (const int channel : {2, 1, 0}) file += static_cast<char>(pixel[channel]);
    }
  }
  return file;
}

/// A picture whose every pixel differs, so that no turn of it looks like another.
inline cv::Mat distinct_pixels(int width, int height) {
  cv::Mat bgr(height, width, CV_8UC3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      bgr.at<cv::Vec3b>(y, x) =
          cv::Vec3b(static_cast<uint8_t>(20 + 30 * x), static_cast<uint8_t>(10 + 40 * y),
                    static_cast<uint8_t>(200 - 10 * x));
    }
  }
  return bgr;
}

/// Red, green, blue of a decoded pixel.
inline std::vector<int> rgb_at(const Picture& picture, int64_t x, int64_t y) {
  const auto at = static_cast<std::size_t>((y * picture.width + x) * 3);
  return {picture.rgb[at], picture.rgb[at + 1], picture.rgb[at + 2]};
}

inline void expect_equal(const Picture& picture, const cv::Mat& bgr, int tolerance = 0) {
  ASSERT_EQ(picture.width, bgr.cols);
  ASSERT_EQ(picture.height, bgr.rows);
  ASSERT_EQ(picture.rgb.size(), static_cast<std::size_t>(bgr.cols * bgr.rows * 3));
  for (int y = 0; y < bgr.rows; ++y) {
    for (int x = 0; x < bgr.cols; ++x) {
      const std::vector<int> found = rgb_at(picture, x, y);
      const auto& wanted = bgr.at<cv::Vec3b>(y, x);
      for (int channel = 0; channel < 3; ++channel) {
        ASSERT_NEAR(found[static_cast<std::size_t>(channel)], wanted[2 - channel], tolerance)
            << "at " << x << ", " << y;
      }
    }
  }
}

/// The message of the Error that reading the file throws; empty when it throws none.
inline std::string error_of(const std::filesystem::path& path) {
  try {
    read_picture(path);
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace vqalign::testing_pictures
