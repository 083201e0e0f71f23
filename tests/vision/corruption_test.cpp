#include "vqalign/vision/corruption.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <opencv2/imgcodecs.hpp>

#include "vqalign/core/philox.h"

namespace vqalign {
namespace {

Picture plain_picture(int64_t width, int64_t height, uint8_t value) {
  return {width, height, std::vector<uint8_t>(static_cast<std::size_t>(width * height * 3), value)};
}

/// Waves of a picture's own width, with an edge, so that it looks alike in every size.
Picture waves(int64_t width, int64_t height) {
  Picture picture = plain_picture(width, height, 0);
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      const double across = (double(x) + 0.5) / double(width);
      const double down = (double(y) + 0.5) / double(height);
      uint8_t* pixel = picture.rgb.data() + (y * width + x) * 3;
      pixel[0] = static_cast<uint8_t>(110 + 70 * std::sin(25 * across + 9 * down));
      pixel[1] = static_cast<uint8_t>(90 + 60 * std::cos(17 * down));
      pixel[2] = across + down > 1 ? 40 : 180;
    }
  }
  return picture;
}

double distance(const Picture& a, const Picture& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.rgb.size(); ++i) sum += std::abs(a.rgb[i] - b.rgb[i]);
  return sum / static_cast<double>(a.rgb.size());
}

int value_at(const Picture& picture, int64_t x, int64_t y, int64_t channel = 0) {
  return picture.rgb[static_cast<std::size_t>((y * picture.width + x) * 3 + channel)];
}

TEST(Corruption, GrowsWithSeverityAndDependsOnSeedAndPictureAlone) {
  const Picture picture = waves(112, 96);
  for (const std::string& kind : corruption_names()) {
    EXPECT_EQ(corrupted_picture(picture, {kind, 0}, 1, 7).rgb, picture.rgb) << kind;
    double before = 0;
    for (int64_t severity = 1; severity <= kMostSeverity; ++severity) {
      const Picture harmed = corrupted_picture(picture, {kind, severity}, 1, 7);
      EXPECT_EQ(harmed.width, 112);
      EXPECT_EQ(harmed.height, 96);
      EXPECT_GT(distance(harmed, picture), before) << kind << " " << severity;
      before = distance(harmed, picture);
      EXPECT_EQ(corrupted_picture(picture, {kind, severity}, 1, 7).rgb, harmed.rgb) << kind;
    }
  }
  for (const char* kind : {"noise", "occlusion"}) {
    const Picture harmed = corrupted_picture(picture, {kind, 3}, 1, 7);
    EXPECT_NE(corrupted_picture(picture, {kind, 3}, 1, 8).rgb, harmed.rgb) << kind;
    EXPECT_NE(corrupted_picture(picture, {kind, 3}, 2, 7).rgb, harmed.rgb) << kind;
  }
  EXPECT_EQ(corrupted_picture(picture, {}, 1, 7).rgb, picture.rgb);
}

TEST(Corruption, TakesPicturesOfEveryShape) {
  for (const auto& [width, height] :
       {std::pair<int64_t, int64_t>{1, 1}, {1, 300}, {40000, 1}, {3, 2}, {70000, 2}}) {
    const Picture picture = waves(width, height);
    for (const std::string& kind : corruption_names()) {
      for (const int64_t severity : {int64_t{1}, kMostSeverity}) {
        const Picture harmed = corrupted_picture(picture, {kind, severity}, 1, 7);
        EXPECT_EQ(harmed.width, width) << kind;
        EXPECT_EQ(harmed.rgb.size(), picture.rgb.size()) << kind;
      }
    }
  }
}

TEST(Corruption, GreyStaysGreyAndEvenStaysEven) {
  const Picture grey = plain_picture(50, 40, 90);
  for (const char* kind : {"blur", "rotation"}) {
    EXPECT_EQ(corrupted_picture(grey, {kind, 5}, 1, 7).rgb, grey.rgb) << kind;
  }
  const Picture coded = corrupted_picture(grey, {"jpeg", 5}, 1, 7);
  EXPECT_EQ(coded.rgb, plain_picture(50, 40, coded.rgb[0]).rgb);
  EXPECT_EQ(corrupted_picture(grey, {"brightness", 2}, 1, 7).rgb, plain_picture(50, 40, 141).rgb);
}

/// The definition, edges continued.
double blurred_value(const Picture& picture, double deviation, int64_t x, int64_t y,
                     int64_t channel) {
  const auto reach = static_cast<int64_t>(std::ceil(4 * deviation));
  double sum = 0, total = 0;
  for (int64_t down = -reach; down <= reach; ++down) {
    for (int64_t right = -reach; right <= reach; ++right) {
      const double weight =
          std::exp(-double(down * down + right * right) / (2 * deviation * deviation));
      sum += weight * value_at(picture, std::clamp<int64_t>(x + right, 0, picture.width - 1),
                               std::clamp<int64_t>(y + down, 0, picture.height - 1), channel);
      total += weight;
    }
  }
  return sum / total;
}

TEST(Corruption, BlurIsGaussianOfThePicturesOwnScale) {
  struct Case {
    int64_t width, height, severity;
    double tolerance;  ///< of grey levels; wide ones are blurred at a smaller scale
  };
  for (const Case& one :
       {Case{112, 112, 1, 2}, Case{100, 160, 4, 2}, Case{224, 224, 5, 4}, Case{500, 700, 3, 4}}) {
    const Picture picture = waves(one.width, one.height);
    const double scale = std::sqrt(double(one.width * one.height)) / 224;
    const double deviation = corruption_amount({"blur", one.severity}) * scale;
    const Picture blurred = corrupted_picture(picture, {"blur", one.severity}, 1, 7);
    Random random(3);
    for (int i = 0; i < 60; ++i) {
      const auto x = static_cast<int64_t>(random.below(uint32_t(one.width)));
      const auto y = static_cast<int64_t>(random.below(uint32_t(one.height)));
      const int64_t channel = random.below(3);
      EXPECT_NEAR(value_at(blurred, x, y, channel),
                  blurred_value(picture, deviation, x, y, channel), one.tolerance)
          << one.width << " " << x << " " << y;
    }
  }
}

TEST(Corruption, NoiseHasItsDeviation) {
  const Picture picture = plain_picture(224, 224, 128);
  const Picture noisy = corrupted_picture(picture, {"noise", 1}, 1, 7);
  double mean = 0, square = 0, beside = 0;
  for (std::size_t i = 0; i < noisy.rgb.size(); ++i) {
    const double value = noisy.rgb[i] - 128.0;
    mean += value;
    square += value * value;
    if (i > 0) beside += value * (noisy.rgb[i - 1] - 128.0);
  }
  const auto count = static_cast<double>(noisy.rgb.size());
  EXPECT_NEAR(mean / count, 0, 0.2);
  EXPECT_NEAR(std::sqrt(square / count), 0.08 * 255, 0.2);
  EXPECT_NEAR(beside / square, 0, 0.01);
}

TEST(Corruption, NoiseOfLargePicturesHasGrains) {
  const Picture noisy = corrupted_picture(plain_picture(672, 672, 128), {"noise", 2}, 1, 7);
  int differ = 0;
  for (int64_t y = 0; y < 672; ++y) {
    for (int64_t x = 0; x < 672; ++x) {
      EXPECT_EQ(value_at(noisy, x, y), value_at(noisy, x / 3 * 3, y / 3 * 3));
      if (x > 0 && value_at(noisy, x, y) != value_at(noisy, x - 1, y)) ++differ;
    }
  }
  EXPECT_GT(differ, 672 * 200);
}

Picture through_codec(const Picture& picture, int quality) {
  cv::Mat bgr(static_cast<int>(picture.height), static_cast<int>(picture.width), CV_8UC3);
  const auto exchange = [](const uint8_t* in, uint8_t* out, std::size_t count) {
    for (std::size_t i = 0; i < count; i += 3) {
      out[i] = in[i + 2], out[i + 1] = in[i + 1], out[i + 2] = in[i];
    }
  };
  exchange(picture.rgb.data(), bgr.data, picture.rgb.size());
  std::vector<uint8_t> bytes;
  cv::imencode(".jpg", bgr, bytes, {cv::IMWRITE_JPEG_QUALITY, quality});
  const cv::Mat decoded = cv::imdecode(bytes, cv::IMREAD_COLOR);
  Picture result = picture;
  exchange(decoded.data, result.rgb.data(), result.rgb.size());
  return result;
}

TEST(Corruption, JpegIsTheCodecs) {
  const Picture picture = waves(112, 90);
  const int qualities[] = {25, 18, 15, 10, 7};
  for (int64_t severity = 1; severity <= kMostSeverity; ++severity) {
    EXPECT_EQ(corrupted_picture(picture, {"jpeg", severity}, 1, 7).rgb,
              through_codec(picture, qualities[severity - 1]).rgb);
  }
}

TEST(Corruption, JpegChangesLargePicturesAsMuchAsSmallOnes) {
  const auto change = [](int64_t side) {
    const Picture picture = waves(side, side);
    return distance(picture, corrupted_picture(picture, {"jpeg", 3}, 1, 7));
  };
  EXPECT_NEAR(change(896) / change(224), 1, 0.2);
}

TEST(Corruption, BrightnessIsAddedToV) {
  const auto brightened = [](std::array<uint8_t, 3> rgb, int64_t severity) {
    const Picture one{1, 1, {rgb[0], rgb[1], rgb[2]}};
    return corrupted_picture(one, {"brightness", severity}, 1, 7).rgb;
  };
  using Rgb = std::vector<uint8_t>;
  EXPECT_EQ(brightened({100, 50, 0}, 2), (Rgb{151, 76, 0}));  // V 100 to 151: 50 * 1.51 = 75.5
  EXPECT_EQ(brightened({0, 0, 0}, 2), (Rgb{51, 51, 51}));
  EXPECT_EQ(brightened({255, 255, 255}, 5), (Rgb{255, 255, 255}));
  EXPECT_EQ(brightened({200, 100, 20}, 4), (Rgb{255, 128, 26}));  // cut off at white: 127.5, 25.5
}

TEST(Corruption, OcclusionHidesItsShareInParts) {
  const Picture white = plain_picture(64, 48, 255);
  Picture before = white;
  const int parts[] = {6, 13, 19, 26, 32};  // of 64
  for (int64_t severity = 1; severity <= kMostSeverity; ++severity) {
    const Picture hidden = corrupted_picture(white, {"occlusion", severity}, 1, 7);
    int64_t grey = 0;
    for (std::size_t i = 0; i < hidden.rgb.size(); ++i) {
      EXPECT_TRUE(hidden.rgb[i] == 127 || hidden.rgb[i] == 255);
      grey += hidden.rgb[i] == 127;
      if (before.rgb[i] == 127) {
        EXPECT_EQ(hidden.rgb[i], 127);
      }
    }
    EXPECT_EQ(grey, parts[severity - 1] * 8 * 6 * 3);
    before = hidden;
  }
}

/// R tells the column and G the row, both twice.
TEST(Corruption, RotationTurnsAroundTheMiddle) {
  Picture picture = plain_picture(101, 81, 0);
  for (int64_t y = 0; y < 81; ++y) {
    for (int64_t x = 0; x < 101; ++x) {
      picture.rgb[static_cast<std::size_t>((y * 101 + x) * 3)] = static_cast<uint8_t>(2 * x);
      picture.rgb[static_cast<std::size_t>((y * 101 + x) * 3 + 1)] = static_cast<uint8_t>(2 * y);
    }
  }
  int ways[2] = {0, 0};
  for (int64_t image = 0; image < 20; ++image) {
    const Picture turned = corrupted_picture(picture, {"rotation", 4}, 1, image);
    EXPECT_EQ(value_at(turned, 50, 40, 0), 100);
    EXPECT_EQ(value_at(turned, 50, 40, 1), 80);
    const bool left = value_at(turned, 60, 40, 1) > 80;
    ++ways[left];
    const double angle = (left ? 1 : -1) * 20 * std::numbers::pi / 180;
    for (const auto& [x, y] : {std::pair<int64_t, int64_t>{60, 40}, {50, 20}, {31, 55}}) {
      const double right = double(x) - 50, down = double(y) - 40;
      EXPECT_NEAR(value_at(turned, x, y, 0),
                  2 * (50 + std::cos(angle) * right - std::sin(angle) * down), 0.51);
      EXPECT_NEAR(value_at(turned, x, y, 1),
                  2 * (40 + std::sin(angle) * right + std::cos(angle) * down), 0.51);
    }
    // The corner (0, 0) comes from outside: from the edge beside it.
    const double from_x = 50 - std::cos(angle) * 50 + std::sin(angle) * 40;
    EXPECT_NEAR(value_at(turned, 0, 0, 0), 2 * std::clamp(from_x, 0.0, 100.0), 0.51);
  }
  EXPECT_GT(ways[0], 3);
  EXPECT_GT(ways[1], 3);
}

}  // namespace
}  // namespace vqalign
