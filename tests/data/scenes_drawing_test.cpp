#include <gtest/gtest.h>

#include <array>
#include <map>
#include <opencv2/imgcodecs.hpp>
#include <set>

#include "vqalign/data/scenes_layout.h"
#include "vqalign/data/scenes_pair.h"

namespace vqalign::scenes {
namespace {

/// Red, green, blue by name; the generator varies each channel by at most 8.
const std::map<std::string, std::array<int, 3>> kNominal = {
    {"red", {215, 35, 40}},     {"green", {35, 150, 60}},   {"blue", {40, 85, 220}},
    {"yellow", {250, 225, 45}}, {"black", {22, 22, 22}},    {"purple", {125, 50, 170}},
    {"white", {252, 252, 252}}, {"orange", {250, 135, 20}}, {"pink", {255, 150, 200}},
    {"brown", {115, 70, 35}}};

/// Pointed tips are all outline: so far the inside may stay back from the box.
constexpr int kTipPixels = 7;

/// The tightest rectangle of pixels within `area` that have the object's colour, and their number.
std::pair<cv::Rect, int> coloured_pixels(const cv::Mat& picture, const std::string& colour,
                                         cv::Rect area) {
  const auto& wanted = kNominal.at(colour);
  std::vector<cv::Point> found;
  for (int y = area.y; y < area.br().y; ++y) {
    for (int x = area.x; x < area.br().x; ++x) {
      const auto& pixel = picture.at<cv::Vec3b>(y, x);
      bool same = true;
      for (int c = 0; c < 3; ++c) same = same && std::abs(pixel[2 - c] - wanted[c]) <= 10;
      if (same) found.emplace_back(x, y);
    }
  }
  cv::Rect bounds;
  for (const cv::Point& point : found) bounds |= cv::Rect(point, cv::Size(1, 1));
  return {bounds, static_cast<int>(found.size())};
}

TEST(SceneDrawing, BoxesHoldWhatWasDrawn) {
  int checked = 0;
  for (int64_t index = 0; index < 150; ++index) {
    const ScenePair pair = make_pair({}, 3, 1, index, 5);
    for (const DrawnScene& drawn : pair) {
      const cv::Mat picture = cv::imdecode(drawn.png, cv::IMREAD_COLOR);
      ASSERT_EQ(picture.cols, drawn.scene.width);
      ASSERT_EQ(picture.rows, drawn.scene.height);
      ASSERT_LE(picture.cols, 2 * picture.rows);
      ASSERT_LE(picture.rows, 2 * picture.cols);
      const cv::Rect whole(0, 0, picture.cols, picture.rows);
      for (std::size_t i = 0; i < drawn.scene.objects.size(); ++i) {
        const SceneObject& object = drawn.scene.objects[i];
        const cv::Rect box(cv::Point(object.box[0], object.box[1]),
                           cv::Point(object.box[2], object.box[3]));
        ASSERT_EQ(box & whole, box);
        const std::string& colour = colour_names()[object.colour];
        const auto [inside, pixels] = coloured_pixels(picture, colour, box);
        EXPECT_GT(pixels, 0.1 * box.area()) << index << " object " << i << " " << colour;
        bool alone = true;
        for (std::size_t k = 0; k < drawn.scene.objects.size(); ++k) {
          const int* other = drawn.scene.objects[k].box;
          const cv::Rect near(other[0] - 6, other[1] - 6, other[2] - other[0] + 12,
                              other[3] - other[1] + 12);
          alone = alone && (k == i || (near & box).empty());
        }
        if (!alone) continue;
        ++checked;
        const cv::Rect wide = cv::Rect(box.x - 4, box.y - 4, box.width + 8, box.height + 8) & whole;
        const auto [bounds, count] = coloured_pixels(picture, colour, wide);
        EXPECT_EQ(count, pixels) << "paint outside of the box";
        EXPECT_LE(bounds.x - box.x, kTipPixels);
        EXPECT_LE(bounds.y - box.y, kTipPixels);
        EXPECT_LE(box.br().x - bounds.br().x, kTipPixels);
        EXPECT_LE(box.br().y - bounds.br().y, kTipPixels);
      }
    }
  }
  EXPECT_GT(checked, 200);
}

TEST(SceneDrawing, EveryAttributeIsDrawn) {
  std::array<std::set<int>, 3> seen;
  std::set<std::pair<int, int>> pictures;
  std::set<std::size_t> numbers;
  for (int64_t index = 0; index < 200; ++index) {
    for (const DrawnScene& drawn : make_pair({}, 4, 0, index, 0)) {
      pictures.insert({drawn.scene.width, drawn.scene.height});
      numbers.insert(drawn.scene.objects.size());
      for (const SceneObject& object : drawn.scene.objects) {
        seen[0].insert(object.shape);
        seen[1].insert(object.colour);
        seen[2].insert(object.size);
      }
    }
  }
  EXPECT_EQ(seen[0].size(), 8U);
  EXPECT_EQ(seen[1].size(), 10U);
  EXPECT_EQ(seen[2].size(), 3U);
  EXPECT_EQ(numbers.size(), 10U);
  EXPECT_GE(pictures.size(), 7U);
}

/// Whatever the shape and the turn, the longer side of a box tells the size.
TEST(SceneDrawing, SizesKeepApart) {
  std::array<int, 3> least = {1000, 1000, 1000};
  std::array<int, 3> most = {0, 0, 0};
  for (int shape = 0; shape < 8; ++shape) {
    for (int size = 0; size < 3; ++size) {
      for (int step = 0; step < 60; ++step) {
        SceneObject object;
        object.shape = shape;
        object.size = size;
        object.angle = 0.105 * step;
        object.extent = kSizeExtents[size] * (step % 2 == 0 ? 1 - kSizeJitter : 1 + kSizeJitter);
        const cv::Rect bounds = make_stamp(object).bounds;
        least[size] = std::min(least[size], std::max(bounds.width, bounds.height));
        most[size] = std::max(most[size], std::max(bounds.width, bounds.height));
      }
    }
  }
  EXPECT_LT(most[0], least[1]);
  EXPECT_LT(most[1], least[2]);
}

/// Paints the stamps one over another and counts what of each is left.
TEST(SceneDrawing, ObjectsStayVisible) {
  int covered = 0;
  for (const bool overlaps : {true, false}) {
    SceneOptions options;
    options.overlaps = overlaps;
    for (uint64_t stream = 0; stream < 150; ++stream) {
      Random random(11, stream);
      const Layout layout = place_objects(sample_objects(options, random).first, options, random);
      cv::Mat top = cv::Mat::zeros(layout.scene.height, layout.scene.width, CV_8UC1);
      for (std::size_t i = 0; i < layout.stamps.size(); ++i) {
        const Stamp& stamp = layout.stamps[i];
        for (int y = 0; y < stamp.solid.rows; ++y) {
          for (int x = 0; x < stamp.solid.cols; ++x) {
            if (stamp.solid.at<uchar>(y, x) == 0) continue;
            top.at<uchar>(layout.origins[i].y + y, layout.origins[i].x + x) =
                static_cast<uchar>(i + 1);
          }
        }
      }
      for (std::size_t i = 0; i < layout.stamps.size(); ++i) {
        const int visible = cv::countNonZero(top == static_cast<int>(i + 1));
        if (visible < layout.stamps[i].area) ++covered;
        EXPECT_GE(visible, (overlaps ? kLeastVisible : 1.0) * layout.stamps[i].area);
      }
    }
    EXPECT_EQ(covered > 0, true) << "the first round must have overlaps";
  }
}

TEST(SceneDrawing, RotationsCanBeSwitchedOff) {
  for (const bool rotations : {true, false}) {
    SceneOptions options;
    options.rotations = rotations;
    options.min_objects = 5;
    Random random(12, 0);
    double turned = 0;
    for (const SceneObject& object : sample_objects(options, random).first) turned += object.angle;
    EXPECT_EQ(turned > 0, rotations);
  }
}

}  // namespace
}  // namespace vqalign::scenes
