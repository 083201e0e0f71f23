#include "vqalign/vision/corruption.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <numbers>
#include <numeric>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "vqalign/core/philox.h"

namespace vqalign {
namespace {

constexpr double kImageNetSide = 224;
constexpr double kWhite = 255;
constexpr int64_t kParts = 8;  ///< of a side, to be hidden
constexpr uint8_t kHidden = 127;
/// Deviations in pixels beyond which a picture is blurred at a smaller scale, for the cost of a
/// kernel grows with it.
constexpr double kWideBlur = 4;
constexpr double kLongestJpegSide = 65500;

cv::Mat matrix_of(const Picture& picture) {
  return {static_cast<int>(picture.height), static_cast<int>(picture.width), CV_8UC3,
          const_cast<uint8_t*>(picture.rgb.data())};
}

Picture same_size(const Picture& picture) {
  return {picture.width, picture.height, std::vector<uint8_t>(picture.rgb.size())};
}

uint8_t to_byte(double value) {
  return static_cast<uint8_t>(std::lround(std::clamp(value, 0.0, kWhite)));
}

/// How many ImageNet-C pictures lie side by side along the picture's side.
double relative_side(const Picture& picture) {
  return std::sqrt(static_cast<double>(picture.width) * static_cast<double>(picture.height)) /
         kImageNetSide;
}

int64_t shrunk(int64_t side, double factor) {
  return std::max<int64_t>(1, std::llround(static_cast<double>(side) / factor));
}

cv::Mat shrunk(const Picture& picture, double factor) {
  const cv::Size size(static_cast<int>(shrunk(picture.width, factor)),
                      static_cast<int>(shrunk(picture.height, factor)));
  cv::Mat small;
  cv::resize(matrix_of(picture), small, size, 0, 0, cv::INTER_AREA);
  return small;
}

/// What is added to a picture, told for `columns` x `rows` cells of it.
struct Field {
  int64_t columns = 0;
  int64_t rows = 0;
  std::vector<float> values;  ///< rows * columns * 3
};

Picture with_added(const Picture& picture, const Field& field) {
  Picture result = same_size(picture);
  const uint8_t* in = picture.rgb.data();
  uint8_t* out = result.rgb.data();
  for (int64_t y = 0; y < picture.height; ++y) {
    const float* row = field.values.data() + y * field.rows / picture.height * field.columns * 3;
    for (int64_t x = 0; x < picture.width; ++x) {
      const float* cell = row + x * field.columns / picture.width * 3;
      for (int channel = 0; channel < 3; ++channel) *out++ = to_byte(*in++ + cell[channel]);
    }
  }
  return result;
}

Picture blurred(const Picture& picture, double amount, Random) {
  const double deviation = amount * relative_side(picture);
  const double factor = std::max(1.0, deviation / kWideBlur);
  cv::Mat small = shrunk(picture, factor);
  const auto of_side = [deviation](int part, int64_t whole) {
    return deviation * part / static_cast<double>(whole);
  };
  cv::GaussianBlur(small, small, cv::Size(), of_side(small.cols, picture.width),
                   of_side(small.rows, picture.height), cv::BORDER_REPLICATE);
  Picture result = same_size(picture);
  cv::Mat whole = matrix_of(result);
  cv::resize(small, whole, whole.size(), 0, 0, cv::INTER_LINEAR);
  return result;
}

/// Box and Muller, 1958.
std::vector<float> normal_draws(std::size_t count, double deviation, Random random) {
  std::vector<float> draws(count + count % 2);
  for (std::size_t i = 0; i < draws.size(); i += 2) {
    const double radius = deviation * std::sqrt(-2 * std::log(1 - random.uniform()));
    const double angle = 2 * std::numbers::pi * random.uniform();
    draws[i] = static_cast<float>(radius * std::cos(angle));
    draws[i + 1] = static_cast<float>(radius * std::sin(angle));
  }
  return draws;
}

Picture noisy(const Picture& picture, double amount, Random random) {
  const double grain = std::max(1.0, relative_side(picture));
  Field field{shrunk(picture.width, grain), shrunk(picture.height, grain), {}};
  field.values = normal_draws(static_cast<std::size_t>(field.columns * field.rows * 3),
                              kWhite * amount, random);
  return with_added(picture, field);
}

Picture compressed(const Picture& picture, double quality, Random) {
  const double longest = static_cast<double>(std::max(picture.width, picture.height));
  const cv::Mat small =
      shrunk(picture, std::max({1.0, relative_side(picture), longest / kLongestJpegSide}));
  cv::Mat colours;
  cv::cvtColor(small, colours, cv::COLOR_RGB2BGR);
  std::vector<uint8_t> bytes;
  cv::imencode(".jpg", colours, bytes, {cv::IMWRITE_JPEG_QUALITY, static_cast<int>(quality)});
  colours = cv::imdecode(bytes, cv::IMREAD_COLOR);
  cv::cvtColor(colours, colours, cv::COLOR_BGR2RGB);
  Field field{small.cols, small.rows, std::vector<float>(small.total() * 3)};
  for (std::size_t i = 0; i < field.values.size(); ++i) {
    field.values[i] = static_cast<float>(colours.data[i] - small.data[i]);
  }
  return with_added(picture, field);
}

/// V of HSV is the largest of R, G, B: with hue and saturation kept all three grow in proportion.
Picture brightened(const Picture& picture, double amount, Random) {
  Picture result = same_size(picture);
  for (std::size_t i = 0; i < picture.rgb.size(); i += 3) {
    const uint8_t* in = picture.rgb.data() + i;
    const double value = *std::max_element(in, in + 3);
    const double brighter = std::min(value + kWhite * amount, kWhite);
    for (std::size_t channel = 0; channel < 3; ++channel) {
      result.rgb[i + channel] = to_byte(value > 0 ? in[channel] * brighter / value : brighter);
    }
  }
  return result;
}

Picture occluded(const Picture& picture, double amount, Random random) {
  const int64_t columns = std::min(kParts, picture.width);
  const int64_t rows = std::min(kParts, picture.height);
  std::vector<int64_t> parts(static_cast<std::size_t>(columns * rows));
  std::iota(parts.begin(), parts.end(), 0);
  random.shuffle(parts);
  parts.resize(static_cast<std::size_t>(std::lround(amount * static_cast<double>(parts.size()))));
  Picture result = picture;
  for (const int64_t part : parts) {
    const auto begin = [part](int64_t place, int64_t side, int64_t count) {
      return place * side / count;
    };
    const int64_t column = part % columns, row = part / columns;
    const int64_t left = begin(column, picture.width, columns);
    const int64_t right = begin(column + 1, picture.width, columns);
    for (int64_t y = begin(row, picture.height, rows); y < begin(row + 1, picture.height, rows);
         ++y) {
      std::fill_n(result.rgb.data() + (y * picture.width + left) * 3, (right - left) * 3, kHidden);
    }
  }
  return result;
}

/// By hand, for OpenCV's warps refuse sides beyond 32767.
Picture rotated(const Picture& picture, double degrees, Random random) {
  const double angle = (random.chance(0.5) ? 1 : -1) * degrees * std::numbers::pi / 180;
  const double cosine = std::cos(angle), sine = std::sin(angle);
  const double last_x = static_cast<double>(picture.width - 1);
  const double last_y = static_cast<double>(picture.height - 1);
  Picture result = same_size(picture);
  uint8_t* out = result.rgb.data();
  for (int64_t y = 0; y < picture.height; ++y) {
    const double down = static_cast<double>(y) - last_y / 2;
    for (int64_t x = 0; x < picture.width; ++x) {
      const double right = static_cast<double>(x) - last_x / 2;
      const double from_x = std::clamp(last_x / 2 + cosine * right - sine * down, 0.0, last_x);
      const double from_y = std::clamp(last_y / 2 + sine * right + cosine * down, 0.0, last_y);
      const auto left = static_cast<int64_t>(from_x), top = static_cast<int64_t>(from_y);
      const double share_x = from_x - static_cast<double>(left);
      const double share_y = from_y - static_cast<double>(top);
      const uint8_t* corner = picture.rgb.data() + (top * picture.width + left) * 3;
      const int64_t beside = left + 1 < picture.width ? 3 : 0;
      const int64_t below = top + 1 < picture.height ? picture.width * 3 : 0;
      for (int channel = 0; channel < 3; ++channel, ++corner) {
        const double upper = corner[0] + share_x * (corner[beside] - corner[0]);
        const double lower = corner[below] + share_x * (corner[below + beside] - corner[below]);
        *out++ = to_byte(upper + share_y * (lower - upper));
      }
    }
  }
  return result;
}

struct Kind {
  const char* name;
  std::array<double, kMostSeverity> amounts;
  Picture (*apply)(const Picture& picture, double amount, Random random);
};

constexpr Kind kKinds[] = {
    {"blur", {1, 2, 3, 4, 6}, blurred},
    {"noise", {0.08, 0.12, 0.18, 0.26, 0.38}, noisy},
    {"jpeg", {25, 18, 15, 10, 7}, compressed},
    {"brightness", {0.1, 0.2, 0.3, 0.4, 0.5}, brightened},
    {"occlusion", {0.1, 0.2, 0.3, 0.4, 0.5}, occluded},
    {"rotation", {5, 10, 15, 20, 25}, rotated},
};

const Kind& kind_of(const Harm& harm) {
  const auto* found = std::find_if(std::begin(kKinds), std::end(kKinds),
                                   [&](const Kind& kind) { return harm.kind == kind.name; });
  assert(found != std::end(kKinds));
  return *found;
}

}  // namespace

const std::vector<std::string>& corruption_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Kind& kind : kKinds) all.emplace_back(kind.name);
    return all;
  }();
  return names;
}

double corruption_amount(const Harm& harm) {
  assert(harm.severity >= 1 && harm.severity <= kMostSeverity);
  return kind_of(harm).amounts[static_cast<std::size_t>(harm.severity - 1)];
}

Picture corrupted_picture(const Picture& picture, const Harm& harm, uint64_t seed,
                          int64_t image_id) {
  if (!harm.any()) return picture;
  const Kind& kind = kind_of(harm);
  // Numbers of images are far below 2^56.
  const auto number = static_cast<uint64_t>(&kind - kKinds) + 1;
  const Random random(seed, number << 56 ^ static_cast<uint64_t>(image_id));
  return kind.apply(picture, corruption_amount(harm), random);
}

}  // namespace vqalign
