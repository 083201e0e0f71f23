#include "vqalign/vision/domain.h"

#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "vqalign/core/error.h"
#include "vqalign/core/philox.h"

namespace vqalign {
namespace {

Picture to_picture(const cv::Mat& rgb) {
  const cv::Mat whole = rgb.clone();
  return {whole.cols, whole.rows, {whole.datastart, whole.dataend}};
}

cv::Scalar vivid_colour(Random& random) {
  const cv::Mat hsv(1, 1, CV_8UC3,
                    cv::Scalar(random.below(180), 180 + random.below(76), 150 + random.below(106)));
  cv::Mat rgb;
  cv::cvtColor(hsv, rgb, cv::COLOR_HSV2RGB);
  return rgb.at<cv::Vec3b>(0, 0);
}

void add_noise(cv::Mat& rgb, double strength, Random& random) {
  for (int y = 0; y < rgb.rows; ++y) {
    for (int x = 0; x < rgb.cols * 3; ++x) {
      uint8_t& value = rgb.ptr<uint8_t>(y)[x];
      value = cv::saturate_cast<uint8_t>(value + random.uniform(-strength, strength));
    }
  }
}

// Vivid discs and squares on a pale plain, noisy or graded background.
Picture drawn_scene(uint64_t number) {
  Random random(1, number);
  cv::Mat rgb(96 + static_cast<int>(random.below(96)), 96 + static_cast<int>(random.below(96)),
              CV_8UC3);
  const double level = random.uniform(150, 220);
  const double slope = random.below(3) == 0 ? random.uniform(-40, 40) : 0;
  for (int y = 0; y < rgb.rows; ++y)
    rgb.row(y).setTo(cv::Scalar::all(level + slope * y / rgb.rows));
  if (random.below(3) == 0) add_noise(rgb, random.uniform(5, 25), random);
  const auto shapes = 1 + random.below(8);
  for (uint32_t i = 0; i < shapes; ++i) {
    const int size = 8 + static_cast<int>(random.below(16));
    const cv::Point centre(static_cast<int>(random.below(static_cast<uint32_t>(rgb.cols))),
                           static_cast<int>(random.below(static_cast<uint32_t>(rgb.rows))));
    const cv::Scalar colour = vivid_colour(random);
    if (random.chance(0.5)) {
      cv::circle(rgb, centre, size, colour, cv::FILLED, cv::LINE_AA);
    } else {
      const cv::Point corner(size, size);
      cv::rectangle(rgb, centre - corner, centre + corner, colour, cv::FILLED);
    }
  }
  return to_picture(rgb);
}

// As photographs do: soft colour that varies at every scale, more at the coarse ones, and some
// grain.
Picture like_a_photograph(uint64_t number) {
  Random random(2, number);
  const cv::Size size(320, 240);
  cv::Mat sum(
      size, CV_32FC3,
      cv::Scalar(random.uniform(60, 180), random.uniform(60, 180), random.uniform(60, 180)));
  for (int cells = 2; cells <= 128; cells *= 2) {
    cv::Mat octave(cells, cells, CV_32FC3);
    const double strength = 120.0 / std::sqrt(cells);
    for (int y = 0; y < cells; ++y) {
      for (int x = 0; x < cells; ++x) {
        const double light = random.uniform(-strength, strength);
        const double tint = random.uniform(-strength, strength) / 4;
        octave.at<cv::Vec3f>(y, x) =
            cv::Vec3f(static_cast<float>(light + tint), static_cast<float>(light),
                      static_cast<float>(light - tint));
      }
    }
    cv::Mat larger;
    cv::resize(octave, larger, size, 0, 0, cv::INTER_CUBIC);
    sum += larger;
  }
  cv::Mat rgb;
  sum.convertTo(rgb, CV_8UC3);
  add_noise(rgb, 4, random);
  return to_picture(rgb);
}

std::vector<PictureStatistics> statistics_of(Picture (*make)(uint64_t), uint64_t first,
                                             uint64_t count) {
  std::vector<PictureStatistics> sample;
  for (uint64_t i = 0; i < count; ++i) sample.push_back(picture_statistics(make(first + i)));
  return sample;
}

TEST(DomainModel, CoversItsKindAndNoOther) {
  const DomainModel scenes = DomainModel::fit(statistics_of(drawn_scene, 0, 600));
  ASSERT_TRUE(scenes.fitted());
  int refused = 0;
  for (uint64_t i = 0; i < 400; ++i) refused += scenes.covers(drawn_scene(10000 + i)) ? 0 : 1;
  EXPECT_LE(refused, 2);
  for (uint64_t i = 0; i < 50; ++i) EXPECT_FALSE(scenes.covers(like_a_photograph(i))) << i;

  const DomainModel photographs = DomainModel::fit(statistics_of(like_a_photograph, 0, 200));
  for (uint64_t i = 0; i < 50; ++i) {
    EXPECT_TRUE(photographs.covers(like_a_photograph(10000 + i))) << i;
    EXPECT_FALSE(photographs.covers(drawn_scene(i))) << i;
  }
}

TEST(DomainModel, DistanceHasOneAsItsLimit) {
  const DomainModel model = DomainModel::fit(statistics_of(drawn_scene, 0, 200));
  const Picture scene = drawn_scene(777);
  const double distance = model.distance(scene);
  EXPECT_GT(distance, 0);
  EXPECT_LT(distance, 1);
  EXPECT_GE(model.distance(like_a_photograph(1)), 1);
  EXPECT_EQ(distance, model.distance(picture_statistics(scene)));
}

TEST(DomainModel, GoesThroughJsonUnchanged) {
  const DomainModel model = DomainModel::fit(statistics_of(drawn_scene, 0, 300));
  const std::string text = model.to_json().dump();
  EXPECT_LT(text.size(), 20000u);
  const DomainModel again = DomainModel::from_json(Json::parse(text), "model");
  EXPECT_EQ(again, model);
  EXPECT_EQ(again.distance(drawn_scene(5)), model.distance(drawn_scene(5)));
}

TEST(DomainModel, FewPicturesSayNothing) {
  for (const uint64_t count : {0, 1, 49}) {
    const DomainModel model = DomainModel::fit(statistics_of(drawn_scene, 0, count));
    EXPECT_FALSE(model.fitted());
    EXPECT_TRUE(model.covers(like_a_photograph(1)));
    EXPECT_TRUE(model.to_json().is_null());
    EXPECT_EQ(DomainModel::from_json(model.to_json(), "model"), model);
  }
  EXPECT_TRUE(DomainModel::fit(statistics_of(drawn_scene, 0, 50)).fitted());
}

TEST(DomainModel, PicturesThatAreAllTheSame) {
  const std::vector<PictureStatistics> sample(60, picture_statistics(drawn_scene(3)));
  const DomainModel model = DomainModel::fit(sample);
  EXPECT_TRUE(model.covers(drawn_scene(3)));
  EXPECT_FALSE(model.covers(like_a_photograph(3)));
  EXPECT_EQ(DomainModel::from_json(model.to_json(), "model"), model);
}

TEST(DomainModel, BadJsonIsAnError) {
  const Json good = DomainModel::fit(statistics_of(drawn_scene, 0, 60)).to_json();
  const auto message = [&](const char* key, const Json& value) {
    Json bad = good;
    bad.set(key, value);
    try {
      DomainModel::from_json(bad, "scenes.safetensors: domain");
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const Json few = Json::array();
  for (const char* key : {"mean", "axes", "components"}) {
    for (const Json& value : {Json(), Json(3), few, Json("text")}) {
      const std::string said = message(key, value);
      EXPECT_NE(said.find("scenes.safetensors"), std::string::npos) << key;
      EXPECT_NE(said.find(key), std::string::npos) << said;
    }
  }
  EXPECT_NE(message("limit", 0).find("limit is 0"), std::string::npos);
  EXPECT_NE(message("limit", -1.0).find("limit"), std::string::npos);
  EXPECT_THROW(DomainModel::from_json(Json(5), "model"), Error);
  EXPECT_THROW(DomainModel::from_json(Json::object(), "model"), Error);
}

TEST(PictureStatistics, OfPlainPictures) {
  const PictureStatistics red =
      picture_statistics(to_picture(cv::Mat(40, 50, CV_8UC3, cv::Scalar(255, 0, 0))));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(red[static_cast<std::size_t>(i)], 1.0);  // all flat
  for (int i = 3; i < 8; ++i) EXPECT_EQ(red[static_cast<std::size_t>(i)], 0.0);  // no edges
  EXPECT_NEAR(red[8], std::log(2.0), 1e-12);                                     // one colour
  EXPECT_EQ(red[9], 1.0);
  EXPECT_EQ(red[10], 1.0);
  EXPECT_NEAR(red[15], 76.0 / 255, 1e-6);  // 0.299 of full brightness
  EXPECT_EQ(red[17], 1.0);                 // saturation
  EXPECT_NEAR(red[20], 1.001 / 1.002, 1e-12);
}

TEST(PictureStatistics, OfACheckerboard) {
  cv::Mat rgb(64, 64, CV_8UC3);
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 64; ++x)
      rgb.at<cv::Vec3b>(y, x) = cv::Vec3b::all((x + y) % 2 == 0 ? 0 : 255);
  }
  const PictureStatistics board = picture_statistics(to_picture(rgb));
  EXPECT_EQ(board[0], 0.0);
  EXPECT_EQ(board[2], 0.0);
  EXPECT_NEAR(board[4], std::log(256.0), 1e-12);
  EXPECT_NEAR(board[8], std::log(3.0), 1e-12);
  EXPECT_EQ(board[10], 0.5);
  EXPECT_GT(board[11], 4);  // all its detail is at the finest scale
  EXPECT_LT(board[12], -2);
  EXPECT_EQ(board[17], 0.0);
  EXPECT_EQ(board[20], 0.5);
}

TEST(PictureStatistics, AreFiniteForAnyShape) {
  for (const cv::Size size :
       {cv::Size(1, 1), cv::Size(1, 5000), cv::Size(40000, 1), cv::Size(3, 2)}) {
    cv::Mat rgb(size, CV_8UC3);
    cv::randu(rgb, 0, 256);
    for (const double value : picture_statistics(to_picture(rgb)))
      EXPECT_TRUE(std::isfinite(value)) << size;
  }
}

TEST(PictureStatistics, HardlyDependOnTheSize) {
  const Picture photograph = like_a_photograph(9);
  const cv::Mat whole(240, 320, CV_8UC3, const_cast<uint8_t*>(photograph.rgb.data()));
  cv::Mat larger;
  cv::resize(whole, larger, {}, 2, 2, cv::INTER_LINEAR);
  const PictureStatistics one = picture_statistics(photograph);
  const PictureStatistics other = picture_statistics(to_picture(larger));
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_NEAR(one[i], other[i], 0.25) << i;
}

}  // namespace
}  // namespace vqalign
