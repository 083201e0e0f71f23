#include "vqalign/data/scene_picture.h"

#include <cmath>
#include <map>
#include <opencv2/imgproc.hpp>
#include <tuple>

#include "vqalign/data/scenes_drawing.h"

namespace vqalign::scenes {
namespace {

/// All that a stamp depends on: shape, extent, angle.
using Form = std::tuple<int, double, double>;

Stamp stamp_of(const PlacedShape& placed) {
  SceneObject object;
  object.shape = placed.shape;
  object.colour = placed.colour;
  object.extent = placed.extent;
  object.angle = placed.angle;
  return make_stamp(object);
}

/// Where the patch lies so that its middle, which is the shape's centre, is nearest to (x, y).
cv::Point patch_corner(const PlacedShape& placed, const Stamp& stamp) {
  return {static_cast<int>(std::lround(placed.x - 0.5 * stamp.fill.cols)),
          static_cast<int>(std::lround(placed.y - 0.5 * stamp.fill.rows))};
}

uint8_t rounded(double value) {
  return static_cast<uint8_t>(std::lround(value));
}

}  // namespace

Rgb colour_rgb(int colour) {
  const Colour& bgr = object_colour(colour);
  return {rounded(bgr[2]), rounded(bgr[1]), rounded(bgr[0])};
}

struct PicturePainter::Kept {
  std::map<Form, Stamp> stamps;
};

PicturePainter::PicturePainter() : kept_(std::make_unique<Kept>()) {}
PicturePainter::~PicturePainter() = default;
PicturePainter::PicturePainter(PicturePainter&&) noexcept = default;
PicturePainter& PicturePainter::operator=(PicturePainter&&) noexcept = default;

std::vector<uint8_t> PicturePainter::draw(int width, int height, const Rgb& background,
                                          const std::vector<PlacedShape>& shapes) {
  cv::Mat picture(height, width, CV_8UC3);
  fill_plain(picture, {double(background[2]), double(background[1]), double(background[0])});
  std::map<Form, Stamp> used;
  for (const PlacedShape& placed : shapes) {
    const Form form{placed.shape, placed.extent, placed.angle};
    const auto kept = kept_->stamps.find(form);
    const Stamp stamp = kept == kept_->stamps.end() ? stamp_of(placed) : kept->second;
    used.emplace(form, stamp);
    draw_object(picture, stamp, patch_corner(placed, stamp), object_colour(placed.colour));
  }
  kept_->stamps = std::move(used);
  std::vector<uint8_t> rgb(3 * picture.total());
  cv::cvtColor(picture, cv::Mat(height, width, CV_8UC3, rgb.data()), cv::COLOR_BGR2RGB);
  return rgb;
}

ShapeIcon draw_alone(const PlacedShape& shape) {
  const Stamp stamp = stamp_of(shape);
  const Colour& fill = object_colour(shape.colour);
  const Colour line = outline_colour(fill);
  ShapeIcon icon;
  icon.side = stamp.fill.cols;
  icon.rgba.reserve(4 * stamp.fill.total());
  for (int y = 0; y < stamp.fill.rows; ++y) {
    for (int x = 0; x < stamp.fill.cols; ++x) {
      const double line_share = stamp.outline.at<uchar>(y, x) / 255.0;
      const double fill_share = stamp.fill.at<uchar>(y, x) / 255.0 * (1 - line_share);
      const double opacity = line_share + fill_share;
      for (const int channel : {2, 1, 0}) {
        const double mixed = line_share * line[channel] + fill_share * fill[channel];
        icon.rgba.push_back(opacity > 0 ? rounded(mixed / opacity) : 0);
      }
      icon.rgba.push_back(rounded(255 * opacity));
    }
  }
  return icon;
}

bool covers(const PlacedShape& shape, double x, double y) {
  const Stamp stamp = stamp_of(shape);
  const cv::Point corner = patch_corner(shape, stamp);
  const cv::Point pixel(static_cast<int>(std::floor(x)) - corner.x,
                        static_cast<int>(std::floor(y)) - corner.y);
  const bool on_patch = cv::Rect({0, 0}, stamp.solid.size()).contains(pixel);
  return on_patch && stamp.solid.at<uchar>(pixel) != 0;
}

std::vector<PlacedShape> sample_picture(uint64_t seed, int most) {
  SceneOptions options;
  options.max_objects = most;
  Layout layout;
  for (uint64_t stream = 0; layout.scene.width != kUsualSide || layout.scene.height != kUsualSide;
       ++stream) {
    Random random(seed, stream);
    const ObjectPair objects = sample_objects(options, random);
    layout = place_objects(objects.first, options, random);
  }
  std::vector<PlacedShape> shapes;
  for (std::size_t i = 0; i < layout.stamps.size(); ++i) {
    const SceneObject& object = layout.scene.objects[i];
    const double middle = 0.5 * layout.stamps[i].fill.cols;
    shapes.push_back({object.shape, object.colour, layout.origins[i].x + middle,
                      layout.origins[i].y + middle, object.extent, object.angle});
  }
  return shapes;
}

}  // namespace vqalign::scenes
