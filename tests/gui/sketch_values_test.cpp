#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <set>

#include "vqalign/core/error.h"
#include "vqalign/data/scenes_drawing.h"
#include "vqalign/gui/sketch/sketch.h"
#include "vqalign/gui/sketch/sketch_samples.h"

namespace vqalign::test {
namespace {

QRgb pixel(const Sketch& sketch, int x, int y) {
  return sketch_picture(sketch).pixel(x, y);
}

Sketch one_circle() {
  Sketch sketch;
  sketch.shapes = {{1, 0, 0, 72, 72, 44, 0}};
  return sketch;
}

TEST(SketchPicture, EmptyIsPlainGround) {
  const QImage picture = sketch_picture(Sketch{});
  ASSERT_EQ(picture.size(), QSize(144, 144));
  for (int y = 0; y < 144; ++y) {
    for (int x = 0; x < 144; ++x) ASSERT_EQ(picture.pixel(x, y), qRgb(168, 168, 168));
  }
}

TEST(SketchPicture, ColoursAreExact) {
  // As scenes_drawing.cpp has them, red green blue.
  const QRgb expected[] = {qRgb(215, 35, 40),   qRgb(35, 150, 60),  qRgb(40, 85, 220),
                           qRgb(250, 225, 45),  qRgb(22, 22, 22),   qRgb(125, 50, 170),
                           qRgb(252, 252, 252), qRgb(250, 135, 20), qRgb(255, 150, 200),
                           qRgb(115, 70, 35)};
  for (int colour = 0; colour < 10; ++colour) {
    Sketch sketch = one_circle();
    sketch.shapes[0].colour = colour;
    EXPECT_EQ(pixel(sketch, 72, 72), expected[colour]) << colour;
    EXPECT_EQ(pixel(sketch, 72 + 25, 72), qRgb(168, 168, 168));
    EXPECT_EQ(pixel(sketch, 72 + 19, 72), expected[colour]);
  }
}

TEST(SketchPicture, LaterShapesCoverEarlierOnes) {
  Sketch sketch;
  sketch.shapes = {{1, 0, 0, 60, 72, 44, 0}, {2, 1, 2, 80, 72, 44, 0}};
  EXPECT_EQ(pixel(sketch, 70, 72), qRgb(40, 85, 220));
  std::swap(sketch.shapes[0], sketch.shapes[1]);
  EXPECT_EQ(pixel(sketch, 70, 72), qRgb(215, 35, 40));
}

/// The generator varies colours by at most 8 and rounds; a shape shifted by one pixel or with
/// another edge would differ by far more along its outline.
TEST(SketchPicture, IsWhatTheGeneratorDraws) {
  SceneOptions options;
  options.noise = false;
  int compared = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    Random random(seed);
    std::vector<scenes::SceneObject> objects = scenes::sample_objects(options, random).first;
    // Red and blue are so near to where the outline turns from light to dark that jitter decides.
    for (scenes::SceneObject& object : objects) {
      if (object.colour == 0 || object.colour == 2) ++object.colour;
    }
    const scenes::Layout layout = scenes::place_objects(objects, options, random);
    const cv::Mat drawn = scenes::draw_scene(layout, options, random);
    const auto corner = drawn.at<cv::Vec3b>(0, 0);
    Sketch sketch;
    sketch.width = layout.scene.width;
    sketch.height = layout.scene.height;
    sketch.background = {corner[2], corner[1], corner[0]};
    for (std::size_t i = 0; i < layout.stamps.size(); ++i) {
      const scenes::SceneObject& object = layout.scene.objects[i];
      const double middle = layout.stamps[i].fill.cols / 2.0;
      sketch.shapes.push_back({static_cast<int64_t>(i) + 1, object.shape, object.colour,
                               layout.origins[i].x + middle, layout.origins[i].y + middle,
                               object.extent, object.angle * 180 / std::numbers::pi});
    }
    const QImage picture = sketch_picture(sketch);
    ASSERT_EQ(picture.size(), QSize(drawn.cols, drawn.rows));
    int largest = 0;
    for (int y = 0; y < drawn.rows; ++y) {
      for (int x = 0; x < drawn.cols; ++x) {
        const auto bgr = drawn.at<cv::Vec3b>(y, x);
        const QRgb rgb = picture.pixel(x, y);
        largest = std::max({largest, std::abs(bgr[2] - qRed(rgb)), std::abs(bgr[1] - qGreen(rgb)),
                            std::abs(bgr[0] - qBlue(rgb))});
        compared += bgr != corner ? 1 : 0;
      }
    }
    EXPECT_LE(largest, 9) << "seed " << seed;
  }
  EXPECT_GT(compared, 40000);
}

/// Without the generator's jitter: pixel for pixel what its own functions draw.
TEST(SketchPicture, EqualsTheGeneratorsDrawingWithoutJitter) {
  for (int shape = 0; shape < 8; ++shape) {
    scenes::SceneObject object;
    object.shape = shape;
    object.colour = shape + 1;
    object.extent = 23.7;
    object.angle = 0.5;
    const scenes::Stamp stamp = scenes::make_stamp(object);
    cv::Mat drawn(144, 144, CV_8UC3, cv::Scalar(168, 168, 168));
    scenes::draw_object(drawn, stamp, {50, 31}, scenes::object_colour(object.colour));
    Sketch sketch;
    const double middle = stamp.fill.cols / 2.0;
    sketch.shapes = {
        {1, shape, shape + 1, 50 + middle, 31 + middle, 23.7, 0.5 * 180 / std::numbers::pi}};
    const QImage picture = sketch_picture(sketch);
    for (int y = 0; y < 144; ++y) {
      for (int x = 0; x < 144; ++x) {
        const auto bgr = drawn.at<cv::Vec3b>(y, x);
        ASSERT_EQ(picture.pixel(x, y), qRgb(bgr[2], bgr[1], bgr[0])) << shape << " " << x << y;
      }
    }
  }
}

TEST(SketchPicture, ShapeAloneOverTheGroundIsTheSame) {
  for (int shape = 0; shape < 8; ++shape) {
    const SketchShape alone{1, shape, shape, 72, 72, 44, 20};
    const QImage icon = shape_picture(alone);
    ASSERT_EQ(icon.width() % 2, 0) << "the middle of an odd patch lies on half a pixel";
    Sketch sketch;
    sketch.shapes = {alone};
    const QImage picture = sketch_picture(sketch);
    const int corner = 72 - icon.width() / 2;
    for (int y = 0; y < icon.height(); ++y) {
      for (int x = 0; x < icon.width(); ++x) {
        const QRgb over = icon.pixel(x, y);
        const double share = qAlpha(over) / 255.0;
        EXPECT_NEAR(qRed(over) * share + 168 * (1 - share),
                    qRed(picture.pixel(corner + x, corner + y)), 2);
      }
    }
  }
}

TEST(SketchPicture, CoversFollowsTheOutline) {
  const SketchShape ring{1, 5, 0, 72, 72, 60, 0};
  EXPECT_FALSE(shape_covers(ring, 72, 72));
  EXPECT_TRUE(shape_covers(ring, 72 + 22, 72));
  EXPECT_FALSE(shape_covers(ring, 72 + 40, 72));
  EXPECT_FALSE(shape_covers(ring, -1e9, 1e9));
}

TEST(SketchJson, RoundTrip) {
  std::vector<Sketch> sketches = {Sketch{}, random_sketch(3)};
  for (const SketchSample& sample : sketch_samples()) sketches.push_back(sample.sketch);
  for (const Sketch& sketch : sketches) {
    const std::string text = sketch_json(sketch).dump(2);
    EXPECT_EQ(sketch_from_json(Json::parse(text)), sketch) << text;
  }
}

std::string refusal(const std::string& text) {
  try {
    sketch_from_json(Json::parse(text, "s.json"), "s.json");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::string edited(const std::string& from, const std::string& to) {
  std::string text = sketch_json(one_circle()).dump();
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from << " in " << text;
  return text.replace(at, from.size(), to);
}

TEST(SketchJson, MalformedIsRefusedByName) {
  EXPECT_EQ(refusal(edited("\"red\"", "\"mauve\"")),
            "s.json: shape 1: colour is \"mauve\", which is none of the generator's");
  EXPECT_EQ(refusal(edited("\"width\":144", "\"width\":100000000000")),
            "s.json: width is 100000000000, not from 32 to 512");
  EXPECT_EQ(refusal(edited("[168,168,168]", "[168,168,256]")),
            "s.json: background has 256, not from 0 to 255");
  EXPECT_EQ(refusal(edited("[168,168,168]", "[]")),
            "s.json: background has 0 values, not red, green and blue");
  EXPECT_EQ(refusal(edited("\"x\":72.0", "\"x\":-3")),
            "s.json: shape 1: x is -3, not from 0 to 144");
  EXPECT_EQ(refusal(edited("\"extent\":44.0", "\"extent\":1e300")),
            "s.json: shape 1: extent is 1e+300, not from 8 to 160");
  EXPECT_EQ(refusal(edited("\"id\":1", "\"id\":0")), "s.json: shape 1: id is 0, not above 0");
  EXPECT_NE(refusal(edited("\"x\":72.0", "\"x\":null")), "");
  EXPECT_NE(refusal(edited("\"x\":72.0", "\"x\":1e999")), "");
  EXPECT_NE(refusal(edited("\"x\":72.0,", "")), "");
  EXPECT_NE(refusal(edited("\"circle\"", "7")), "");
  EXPECT_NE(refusal(edited("vqalign sketch", "other")), "");
  EXPECT_NE(refusal("[]"), "");
  EXPECT_NE(refusal("{}"), "");
}

TEST(SketchJson, TooManyShapesAreRefused) {
  Sketch sketch;
  for (int i = 1; i <= 64; ++i) sketch.shapes.push_back({i, 0, 0, 10, 10, 16, 0});
  EXPECT_EQ(sketch_from_json(sketch_json(sketch)), sketch);
  sketch.shapes.push_back({65, 0, 0, 10, 10, 16, 0});
  EXPECT_THROW(sketch_from_json(sketch_json(sketch)), Error);
}

TEST(SketchCheck, OutOfRangeIsRefused) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinite = std::numeric_limits<double>::infinity();
  const std::function<void(Sketch&)> edits[] = {
      [&](Sketch& s) { s.shapes[0].x = nan; },
      [&](Sketch& s) { s.shapes[0].y = infinite; },
      [&](Sketch& s) { s.shapes[0].extent = nan; },
      [&](Sketch& s) { s.shapes[0].extent = -20; },
      [&](Sketch& s) { s.shapes[0].angle = -infinite; },
      [&](Sketch& s) { s.shapes[0].shape = 8; },
      [&](Sketch& s) { s.shapes[0].shape = -1; },
      [&](Sketch& s) { s.shapes[0].colour = 10; },
      [&](Sketch& s) { s.width = -144; },
      [&](Sketch& s) { s.height = 1 << 30; },
      [&](Sketch& s) { s.shapes.push_back(s.shapes[0]); },
  };
  EXPECT_NO_THROW(check_sketch(one_circle()));
  for (const auto& edit : edits) {
    Sketch sketch = one_circle();
    edit(sketch);
    EXPECT_THROW(check_sketch(sketch), Error) << &edit - edits;
  }
}

TEST(SketchSamples, AreValidAndDiffer) {
  EXPECT_EQ(sketch_samples().size(), 3U);
  for (const SketchSample& sample : sketch_samples()) EXPECT_NO_THROW(check_sketch(sample.sketch));
  std::set<std::size_t> counts;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const Sketch sketch = random_sketch(seed);
    EXPECT_NO_THROW(check_sketch(sketch));
    EXPECT_EQ(sketch, random_sketch(seed));
    EXPECT_EQ(QSize(sketch.width, sketch.height), QSize(144, 144));
    counts.insert(sketch.shapes.size());
  }
  EXPECT_EQ(counts, (std::set<std::size_t>{1, 2, 3, 4, 5, 6}));
}

TEST(SketchWords, Describe) {
  EXPECT_EQ(describe({1, 0, 0, 39.6, 52.2, 27, 0}), "red circle, medium, at 40, 52");
  EXPECT_EQ(describe({1, 7, 9, 0, 144, 160, 0}), "brown crescent, large, at 0, 144");
  EXPECT_EQ(size_class(8), 0);
  EXPECT_EQ(size_class(20), 0);
  EXPECT_EQ(size_class(22), 1);
  EXPECT_EQ(size_class(34), 1);
  EXPECT_EQ(size_class(35), 2);
}

}  // namespace
}  // namespace vqalign::test
