// The numbers are those of the networks that tests/oracle/make_detectors.py makes: a class scores
// sigmoid(3 (its colour - mean of the others) - 4) of a cell's mean colour, and every cell's
// distances peak in the bins 0, 1, 1, 0 (left, top, right, bottom).
#include "vqalign/vision/detector.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <thread>

#include "tests/vision/detector_fixtures.h"
#include "vqalign/core/error.h"

namespace vqalign {
namespace {

using test::blocks_picture;
using test::detector_fixture;
using test::view_of;

constexpr DetectionLimits kEverything{.score = 0.3, .overlap = 1.0, .most = 300};
constexpr int64_t kSide = 64;

/// What the grid detectors say, cell by cell, from their definition.
std::vector<Detection> by_hand(const Picture& picture, const std::vector<int64_t>& strides,
                               bool nanodet, double least) {
  constexpr double kMean[] = {123.675, 116.28, 103.53}, kStd[] = {58.395, 57.12, 57.375};
  // exp(12) against seven of exp(0): the expectation of a bin that peaks at 0 or at 1.
  const double peak = std::exp(12.0), sum = peak + 7;
  const double at_zero = (28.0) / sum, at_one = (peak + 27.0) / sum;
  std::vector<Detection> found;
  for (const int64_t stride : strides) {
    for (int64_t row = 0; row < kSide / stride; ++row) {
      for (int64_t column = 0; column < kSide / stride; ++column) {
        double colour[3] = {0, 0, 0};
        for (int64_t y = row * stride; y < (row + 1) * stride; ++y) {
          for (int64_t x = column * stride; x < (column + 1) * stride; ++x) {
            for (int64_t c = 0; c < 3; ++c) {
              const double value = picture.rgb[std::size_t((y * kSide + x) * 3 + c)];
              colour[c] += (value - kMean[c]) / kStd[c] / double(stride * stride);
            }
          }
        }
        const double s = double(stride);
        const double first = nanodet ? 0.5 * (s - 1) : 0.5 * s;
        const double x = double(column) * s + first, y = double(row) * s + first;
        const auto cut = [](double v) { return float(std::clamp(v, 0.0, double(kSide))); };
        const Box box{cut(x - at_zero * s), cut(y - at_one * s), cut(x + at_one * s),
                      cut(y + at_zero * s)};
        for (int64_t c = 0; c < 3; ++c) {
          const double others = (colour[0] + colour[1] + colour[2] - colour[c]) / 2;
          const double score = 1 / (1 + std::exp(4 - 3 * (colour[c] - others)));
          if (score >= least) found.push_back({box, c, float(score)});
        }
      }
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Detection& a, const Detection& b) { return a.class_id < b.class_id; });
  std::stable_sort(found.begin(), found.end(),
                   [](const Detection& a, const Detection& b) { return a.score > b.score; });
  return found;
}

/// As sets of (class, score, box), for equal scores may come in any order.
void expect_same(std::vector<Detection> found, std::vector<Detection> expected) {
  ASSERT_EQ(found.size(), expected.size());
  const auto before = [](const Detection& a, const Detection& b) {
    return std::tuple(a.class_id, a.box.x1, a.box.y1, a.box.x2) <
           std::tuple(b.class_id, b.box.x1, b.box.y1, b.box.x2);
  };
  std::sort(found.begin(), found.end(), before);
  std::sort(expected.begin(), expected.end(), before);
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].class_id, expected[i].class_id);
    EXPECT_NEAR(found[i].score, expected[i].score, 2e-4);
    EXPECT_NEAR(found[i].box.x1, expected[i].box.x1, 1e-2);
    EXPECT_NEAR(found[i].box.y1, expected[i].box.y1, 1e-2);
    EXPECT_NEAR(found[i].box.x2, expected[i].box.x2, 1e-2);
    EXPECT_NEAR(found[i].box.y2, expected[i].box.y2, 1e-2);
  }
}

Picture three_blocks() {
  return blocks_picture(
      kSide, kSide,
      {{32, 16, 8, 8, {255, 0, 0}}, {8, 40, 16, 16, {0, 0, 255}}, {48, 48, 8, 8, {0, 255, 0}}});
}

double overlap_of(const Box& a, const Box& b) {
  const double width = std::min(a.x2, b.x2) - std::max(a.x1, b.x1);
  const double height = std::min(a.y2, b.y2) - std::max(a.y1, b.y1);
  if (width <= 0 || height <= 0) return 0;
  return width * height / (a.area() + b.area() - width * height);
}

TEST(Detector, ReadsEveryCellOfPicodetAndNanodet) {
  for (const bool nanodet : {false, true}) {
    const Detector detector(
        read_detector_file(detector_fixture(nanodet ? "tiny_nanodet.onnx" : "tiny_picodet.onnx")),
        3);
    EXPECT_STREQ(detector.profile(), nanodet ? "nanodet" : "picodet");
    EXPECT_EQ(detector.input().width, kSide);
    const Picture picture = three_blocks();
    std::vector<int64_t> strides = {8, 16, 32};
    if (!nanodet) strides.push_back(64);
    const std::vector<Detection> expected = by_hand(picture, strides, nanodet, 0.05);
    ASSERT_GE(expected.size(), 10u);
    expect_same(detector.detect(view_of(picture), {.score = 0.05, .overlap = 1.0, .most = 300}),
                expected);
  }
}

TEST(Detector, ReadsTheCellsOfDarknet) {
  const Detector detector(read_detector_file(detector_fixture("tiny_yolo.cfg")), 3);
  EXPECT_STREQ(detector.profile(), "yolo-fastest");
  const std::vector<Detection> found = detector.detect(view_of(three_blocks()), kEverything);
  // Cells of 16 pixels by their brightest pixel; boxes of 16 x 24 around the middle of a cell;
  // scores sigmoid(4) * sigmoid(8 * own colour - 4 * the others - 4).
  const auto score = [](double own, double others) {
    return (1 / (1 + std::exp(-4.0))) / (1 + std::exp(-(8 * own - 4 * others - 4)));
  };
  const double grey = 20 / 255.0;
  const auto bright = float(score(1, 2 * grey));
  expect_same(found, {{{32, 12, 48, 36}, 0, bright},
                      {{48, 44, 64, 64}, 1, bright},
                      {{0, 28, 16, 52}, 2, bright},
                      {{16, 28, 32, 52}, 2, bright},
                      {{0, 44, 16, 64}, 2, bright},
                      {{16, 44, 32, 64}, 2, bright}});
}

TEST(Detector, KeepsTheBetterOfTwoOfOneClassAndTheBestOfAll) {
  const Detector detector(read_detector_file(detector_fixture("tiny_picodet.onnx")), 3);
  const Picture picture =
      blocks_picture(kSide, kSide, {{8, 8, 24, 24, {255, 0, 0}}, {40, 40, 16, 16, {40, 30, 255}}});
  const std::vector<Detection> all =
      detector.detect(view_of(picture), {.score = 0.2, .overlap = 1.0, .most = 300});
  for (const double overlap : {0.05, 0.1, 0.2, 0.4}) {
    std::vector<Detection> expected;
    for (const Detection& candidate : all) {
      const bool worse = std::any_of(expected.begin(), expected.end(), [&](const Detection& kept) {
        return kept.class_id == candidate.class_id && overlap_of(kept.box, candidate.box) > overlap;
      });
      if (!worse) expected.push_back(candidate);
    }
    const std::vector<Detection> found =
        detector.detect(view_of(picture), {.score = 0.2, .overlap = overlap, .most = 300});
    EXPECT_LE(found.size(), all.size());
    expect_same(found, expected);
    EXPECT_TRUE(std::is_sorted(found.begin(), found.end(),
                               [](const auto& a, const auto& b) { return a.score > b.score; }));
    const std::vector<Detection> two =
        detector.detect(view_of(picture), {.score = 0.2, .overlap = overlap, .most = 2});
    expect_same(two, {found.begin(), found.begin() + 2});
  }
  EXPECT_LT(detector.detect(view_of(picture), {.score = 0.2, .overlap = 0.05, .most = 300}).size(),
            all.size());
}

TEST(Detector, BoxesLieInThePictureWhateverItsSize) {
  const Detector detector(read_detector_file(detector_fixture("tiny_picodet.onnx")), 3);
  for (const auto& [width, height] : {std::pair{1, 1}, {2, 700}, {640, 128}, {3000, 2000}}) {
    const Picture picture = blocks_picture(width, height, {{0, 0, width, height, {0, 0, 255}}});
    const std::vector<Detection> found = detector.detect(view_of(picture), kEverything);
    ASSERT_FALSE(found.empty());
    for (const Detection& detection : found) {
      EXPECT_EQ(detection.class_id, 2);
      EXPECT_GE(detection.box.x1, 0);
      EXPECT_GE(detection.box.y1, 0);
      EXPECT_LE(detection.box.x2, width);
      EXPECT_LE(detection.box.y2, height);
      EXPECT_GT(detection.box.area(), 0);
    }
  }
}

TEST(Detector, ScalesBoxesToThePicture) {
  const Detector detector(read_detector_file(detector_fixture("tiny_picodet.onnx")), 3);
  // Twice as wide and three times as high as what the network takes.
  const Picture picture = blocks_picture(128, 192, {{64, 48, 16, 24, {255, 0, 0}}});
  const std::vector<Detection> found =
      detector.detect(view_of(picture), {.score = 0.9, .overlap = 0.6, .most = 20});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NEAR(found[0].box.x1, 36 * 2, 0.1);
  EXPECT_NEAR(found[0].box.y1, 12 * 3, 0.1);
  EXPECT_NEAR(found[0].box.x2, 44 * 2, 0.1);
  EXPECT_NEAR(found[0].box.y2, 20 * 3, 0.1);
}

TEST(Detector, FindsNothingInAnEmptyPicture) {
  const Detector detector(read_detector_file(detector_fixture("tiny_picodet.onnx")), 3);
  EXPECT_TRUE(detector.detect(view_of(blocks_picture(64, 64, {})), kEverything).empty());
  EXPECT_TRUE(
      detector.detect(view_of(three_blocks()), {.score = 0.3, .overlap = 0.6, .most = 0}).empty());
}

TEST(Detector, ThreadsWaitForEachOther) {
  const Detector detector(read_detector_file(detector_fixture("tiny_picodet.onnx")), 3);
  const Picture reds = blocks_picture(64, 64, {{8, 8, 24, 24, {255, 0, 0}}});
  const Picture blues = blocks_picture(64, 64, {{32, 32, 24, 24, {0, 0, 255}}});
  const std::vector<Detection> red = detector.detect(view_of(reds), kEverything);
  const std::vector<Detection> blue = detector.detect(view_of(blues), kEverything);
  ASSERT_FALSE(red.empty());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 20; ++round) {
        const bool even = (i + round) % 2 == 0;
        expect_same(detector.detect(view_of(even ? reds : blues), kEverything), even ? red : blue);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace vqalign
