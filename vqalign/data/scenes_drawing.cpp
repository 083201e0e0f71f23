#include "vqalign/data/scenes_drawing.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace vqalign::scenes {
namespace {

/// In the order of colour_names().
constexpr std::array<Colour, 10> kColours = {{{40, 35, 215},
                                              {60, 150, 35},
                                              {220, 85, 40},
                                              {45, 225, 250},
                                              {22, 22, 22},
                                              {170, 50, 125},
                                              {252, 252, 252},
                                              {20, 135, 250},
                                              {200, 150, 255},
                                              {35, 70, 115}}};
constexpr double kColourJitter = 8;

uchar to_byte(double value) {
  return static_cast<uchar>(std::clamp(std::lround(value), 0L, 255L));
}

Colour muted_colour(Random& random) {
  const double brightness = random.uniform(135, 200);
  Colour colour;
  for (double& channel : colour) channel = brightness + random.uniform(-9, 9);
  return colour;
}

/// Sets every pixel to a mixture of two colours; `weight(x, y)` is the second one's share.
template <typename Weight>
void fill_mixture(cv::Mat& picture, const Colour& first, const Colour& second, Weight weight) {
  for (int y = 0; y < picture.rows; ++y) {
    auto* row = picture.ptr<cv::Vec3b>(y);
    for (int x = 0; x < picture.cols; ++x) {
      const double share = weight(x, y);
      for (int c = 0; c < 3; ++c) row[x][c] = to_byte(first[c] + share * (second[c] - first[c]));
    }
  }
}

void fill_gradient(cv::Mat& picture, Random& random) {
  const Colour first = muted_colour(random);
  const Colour second = muted_colour(random);
  const double angle = random.uniform(0, 2 * std::numbers::pi);
  const double cosine = std::cos(angle) / picture.cols;
  const double sine = std::sin(angle) / picture.rows;
  fill_mixture(picture, first, second, [&](int x, int y) {
    const double along = (x - 0.5 * picture.cols) * cosine + (y - 0.5 * picture.rows) * sine;
    return std::clamp(0.5 + 0.8 * along, 0.0, 1.0);
  });
}

Colour similar_colour(const Colour& colour, double difference) {
  Colour other = colour;
  for (double& channel : other) channel += channel > 165 ? -difference : difference;
  return other;
}

/// Stripes, a chequered pattern or soft blotches of two similar tones.
void fill_texture(cv::Mat& picture, Random& random) {
  const Colour first = muted_colour(random);
  const Colour second = similar_colour(first, random.uniform(10, 22));
  const double period = random.uniform(5, 16);
  const double phase = random.uniform(0, 2 * std::numbers::pi);
  const double angle = random.uniform(0, std::numbers::pi);
  const double wave_x = 2 * std::numbers::pi / period * std::cos(angle);
  const double wave_y = 2 * std::numbers::pi / period * std::sin(angle);
  switch (random.below(3)) {
    case 0:
      fill_mixture(picture, first, second, [&](int x, int y) {
        return 0.5 + 0.5 * std::sin(wave_x * x + wave_y * y + phase);
      });
      return;
    case 1: {
      const int cell = static_cast<int>(period);
      fill_mixture(picture, first, second,
                   [&](int x, int y) { return (x / cell + y / cell) % 2 == 0 ? 0.0 : 1.0; });
      return;
    }
    default:
      fill_mixture(picture, first, second, [&](int x, int y) {
        return 0.5 + 0.25 * std::sin(wave_x * x + 0.5 * wave_y * y + phase) +
               0.25 * std::sin(0.4 * wave_y * x - 0.6 * wave_x * y + 2 * phase);
      });
  }
}

/// One value for all channels of a pixel: grain looks the same and the file is a third as large.
void add_grain(cv::Mat& picture, Random& random) {
  const int amplitude = 4 + static_cast<int>(random.below(13));
  uint32_t word = 0;
  int left = 0;
  for (int y = 0; y < picture.rows; ++y) {
    auto* row = picture.ptr<cv::Vec3b>(y);
    for (int x = 0; x < picture.cols; ++x, --left, word >>= 8) {
      if (left == 0) {
        word = random();
        left = 4;
      }
      const int grain = (static_cast<int>(word & 0xFF) * (2 * amplitude + 1) >> 8) - amplitude;
      for (int c = 0; c < 3; ++c) row[x][c] = cv::saturate_cast<uchar>(row[x][c] + grain);
    }
  }
}

/// Panels of one light grey on a darker one; with `noise` sometimes grained.
cv::Mat draw_panels(const Scene& scene, bool noise, Random& random) {
  cv::Mat picture(scene.height, scene.width, CV_8UC3);
  const double light = random.uniform(185, 220);
  const double dark = random.uniform(105, 150);
  fill_plain(picture, {dark, dark, dark});
  for (const auto& [x1, y1, x2, y2] : scene.panels) {
    cv::Mat panel = picture(cv::Rect(x1, y1, x2 - x1, y2 - y1));
    fill_plain(panel, {light, light, light});
  }
  if (noise && random.chance(0.15)) add_grain(picture, random);
  return picture;
}

}  // namespace

void fill_plain(cv::Mat& picture, const Colour& colour) {
  picture.setTo(cv::Scalar(to_byte(colour[0]), to_byte(colour[1]), to_byte(colour[2])));
}

const Colour& object_colour(int colour) {
  return kColours.at(static_cast<std::size_t>(colour));
}

Colour outline_colour(const Colour& fill) {
  const double brightness = 0.114 * fill[0] + 0.587 * fill[1] + 0.299 * fill[2];
  return brightness < 95 ? Colour{225, 225, 225} : Colour{45, 45, 45};
}

void draw_object(cv::Mat& picture, const Stamp& stamp, cv::Point origin, const Colour& fill) {
  const Colour line = outline_colour(fill);
  const cv::Rect inside =
      cv::Rect(origin, stamp.fill.size()) & cv::Rect(0, 0, picture.cols, picture.rows);
  for (int y = inside.y; y < inside.br().y; ++y) {
    const uchar* filled = stamp.fill.ptr<uchar>(y - origin.y);
    const uchar* lined = stamp.outline.ptr<uchar>(y - origin.y);
    auto* row = picture.ptr<cv::Vec3b>(y);
    for (int x = inside.x; x < inside.br().x; ++x) {
      const double fill_share = filled[x - origin.x] / 255.0;
      const double line_share = lined[x - origin.x] / 255.0;
      for (int c = 0; c < 3; ++c) {
        const double painted = row[x][c] + fill_share * (fill[c] - row[x][c]);
        row[x][c] = to_byte(painted + line_share * (line[c] - painted));
      }
    }
  }
}

cv::Mat draw_background(int width, int height, bool noise, Random& random) {
  cv::Mat picture(height, width, CV_8UC3);
  switch (noise ? random.below(4) : 0) {
    case 1:
      fill_gradient(picture, random);
      break;
    case 2:
      fill_texture(picture, random);
      break;
    default:
      fill_plain(picture, muted_colour(random));
  }
  if (noise && random.chance(0.4)) add_grain(picture, random);
  return picture;
}

cv::Mat draw_scene(const Layout& layout, const SceneOptions& options, Random& random) {
  cv::Mat picture =
      layout.scene.panels.empty()
          ? draw_background(layout.scene.width, layout.scene.height, options.noise, random)
          : draw_panels(layout.scene, options.noise, random);
  for (std::size_t i = 0; i < layout.stamps.size(); ++i) {
    Colour fill = object_colour(layout.scene.objects[i].colour);
    for (double& channel : fill) channel += random.uniform(-kColourJitter, kColourJitter);
    draw_object(picture, layout.stamps[i], layout.origins[i], fill);
  }
  return picture;
}

}  // namespace vqalign::scenes
