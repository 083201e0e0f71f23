#include "vqalign/vision/feature_folder.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>
#include <fstream>
#include <limits>

#include "vqalign/core/error.h"
#include "vqalign/core/formats/npz.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

class FeatureFolderTest : public testing::Test {
 protected:
  FeatureFolderTest() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(testing::TempDir()) / (std::string("features.") + test->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }

  static torch::Tensor number(int64_t value) { return torch::full({}, value, torch::kLong); }

  void write(const std::string& name, const torch::Tensor& x, const torch::Tensor& bbox,
             int64_t width = 640, int64_t height = 480) const {
    write_npz(folder_ / name, {{"x", x, {}},
                               {"bbox", bbox, {}},
                               {"num_bbox", number(bbox.size(0)), {}},
                               {"image_w", number(width), {}},
                               {"image_h", number(height), {}}});
  }

  std::string error_of(int64_t image_id, int64_t width = 4) const {
    try {
      FeatureFolder(folder_, width).load(image_id);
    } catch (const Error& error) {
      return error.what();
    }
    return {};
  }

  fs::path folder_;
};

torch::Tensor numbers(int64_t rows, int64_t columns) {
  return torch::arange(1, rows * columns + 1).to(torch::kFloat).view({rows, columns});
}

TEST_F(FeatureFolderTest, EitherOrderOfAxes) {
  const torch::Tensor features = numbers(3, 4);
  const torch::Tensor boxes = numbers(3, 4) * 10;
  write("COCO_val2014_000000000042.jpg.npz", features.t().contiguous(), boxes);
  write("COCO_val2014_000000000043.jpg.npz", features, boxes, 10, 20);
  const FeatureFolder folder(folder_, 0);
  EXPECT_EQ(folder.width(), 4);
  EXPECT_EQ(folder.size(), 2u);
  for (const int64_t id : {42, 43}) {
    EXPECT_TRUE(folder.has(id));
    const RegionFeatures regions = folder.load(id);
    EXPECT_TRUE(torch::equal(regions.features, features));
    EXPECT_TRUE(torch::equal(regions.boxes, boxes));
  }
  EXPECT_EQ(folder.load(42).image_width, 640);
  EXPECT_EQ(folder.load(42).image_height, 480);
  EXPECT_EQ(folder.load(43).image_width, 10);
  EXPECT_EQ(folder.load(43).image_height, 20);
  EXPECT_FALSE(folder.has(44));
}

TEST_F(FeatureFolderTest, AsManyRegionsAsColumnsAreReadAsReleased) {
  const torch::Tensor features = numbers(4, 4);
  write("1.npz", features.t().contiguous(), numbers(4, 4));
  EXPECT_TRUE(torch::equal(FeatureFolder(folder_, 4).load(1).features, features));
}

TEST_F(FeatureFolderTest, TheFirstRegionsWithFeaturesAreTaken) {
  torch::Tensor features = numbers(6, 4);
  features[1].zero_();
  const torch::Tensor boxes = numbers(6, 4);
  write("1.npz", features, boxes);
  const RegionFeatures regions = FeatureFolder(folder_, 4, 4).load(1);
  const torch::Tensor kept = torch::tensor({0, 2, 3});
  EXPECT_TRUE(torch::equal(regions.features, features.index_select(0, kept)));
  EXPECT_TRUE(torch::equal(regions.boxes, boxes.index_select(0, kept)));
}

TEST_F(FeatureFolderTest, NoRegions) {
  write("1.npz", torch::zeros({4, 0}), torch::zeros({0, 4}));
  const RegionFeatures regions = FeatureFolder(folder_, 4).load(1);
  EXPECT_EQ(regions.features.sizes(), (std::vector<int64_t>{0, 4}));
  EXPECT_EQ(regions.boxes.sizes(), (std::vector<int64_t>{0, 4}));
}

TEST_F(FeatureFolderTest, OtherNumberTypesAndNames) {
  write_npz(folder_ / "7.npz", {{"x", numbers(2, 3).to(torch::kDouble), {}},
                                {"bbox", numbers(2, 4).to(torch::kLong), {}},
                                {"width", number(5).to(torch::kInt), {}},
                                {"height", number(6).to(torch::kInt), {}}});
  const RegionFeatures regions = FeatureFolder(folder_, 3).load(7);
  EXPECT_EQ(regions.features.dtype(), torch::kFloat);
  EXPECT_TRUE(torch::equal(regions.features, numbers(2, 3)));
  EXPECT_TRUE(torch::equal(regions.boxes, numbers(2, 4)));
  EXPECT_EQ(regions.image_width, 5);
  EXPECT_EQ(regions.image_height, 6);
}

TEST_F(FeatureFolderTest, FilesAreFoundBelowTheFolderByTheLastDigitsOfTheirNames) {
  for (const std::string name : {"train2014/a/COCO_train2014_000000000009.jpg.npz",
                                 "val2014/feature_v2_of_0010_final.npz", "readme.npz"}) {
    fs::create_directories((folder_ / name).parent_path());
    write(name, numbers(2, 4).t().contiguous(), numbers(2, 4));
  }
  std::ofstream(folder_ / "11.txt") << "no features";
  const FeatureFolder folder(folder_, 4);
  EXPECT_EQ(folder.size(), 2u);
  EXPECT_TRUE(folder.has(9));
  EXPECT_TRUE(folder.has(10));
  EXPECT_EQ(folder.load(10).features.size(0), 2);
}

TEST_F(FeatureFolderTest, BadFoldersAreErrors) {
  const auto said = [](const fs::path& folder) {
    try {
      FeatureFolder(folder, 4);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_NE(said(folder_ / "missing").find("missing"), std::string::npos);
  EXPECT_NE(said(folder_).find("no .npz file"), std::string::npos);
  std::ofstream(folder_ / "file") << "x";
  EXPECT_NE(said(folder_ / "file").find("file"), std::string::npos);
  write("12.npz", numbers(2, 4), numbers(2, 4));
  write("0012.npz", numbers(2, 4), numbers(2, 4));
  EXPECT_NE(said(folder_).find("image 12 has two files, 0012.npz and 12.npz"), std::string::npos)
      << said(folder_);
}

TEST_F(FeatureFolderTest, BadFilesAreErrorsNamingThePlace) {
  const torch::Tensor boxes = numbers(2, 4);
  torch::Tensor nan = numbers(2, 4);
  nan[1][3] = std::nanf("");
  torch::Tensor infinite = numbers(2, 4).to(torch::kDouble);
  infinite[0][1] = 1e300;
  torch::Tensor bad_box = numbers(2, 4);
  bad_box[1][0] = std::numeric_limits<float>::infinity();
  write("1.npz", numbers(2, 5), boxes);
  write("2.npz", nan, boxes);
  write("3.npz", infinite, boxes);
  write("4.npz", numbers(2, 4), bad_box);
  write("5.npz", numbers(2, 4), numbers(2, 5));
  write("6.npz", numbers(3, 4), boxes);
  write("7.npz", numbers(2, 4), boxes, 0, 480);
  write_npz(folder_ / "8.npz", {{"x", numbers(2, 4), {}}, {"image_w", number(1), {}}});
  write_npz(folder_ / "9.npz", {{"x", numbers(2, 4), {}}, {"bbox", boxes, {}}});
  write_npz(folder_ / "10.npz", {{"x", {}, {"text"}}, {"bbox", boxes, {}}});
  std::ofstream(folder_ / "11.npz") << "no archive";
  std::ofstream(folder_ / "12.npz").flush();
  write("13.npz", numbers(1, 8).view({2, 2, 2}), boxes);
  write_npz(folder_ / "14.npz", {{"x", numbers(2, 4), {}},
                                 {"bbox", boxes, {}},
                                 {"image_w", torch::ones({2}), {}},
                                 {"image_h", number(1), {}}});

  const std::vector<std::pair<int64_t, std::string>> table{
      {1, "width 5, expected 4"},
      {2, "x of region 1 is nan in column 3"},
      {3, "x of region 0 is inf in column 1"},
      {4, "bbox of region 1 is inf in column 0"},
      {5, "bbox has the shape (2, 5), expected (n, 4)"},
      {6, "x has the shape (3, 4), which does not fit the 2 rows of bbox"},
      {7, "image_w is 0"},
      {8, "\"bbox\""},
      {9, "neither \"image_w\" nor \"width\""},
      {10, "\"x\""},
      {11, ""},
      {12, ""},
      {13, "(2, 2, 2)"},
      {14, "image_w has 2 elements"},
  };
  for (const auto& [id, wanted] : table) {
    const std::string said = error_of(id);
    EXPECT_NE(said.find((folder_ / fs::path(std::to_string(id)).concat(".npz")).string()),
              std::string::npos)
        << said;
    EXPECT_NE(said.find(wanted), std::string::npos) << said;
    EXPECT_EQ(said.find('\n'), std::string::npos) << said;
  }
  EXPECT_NE(error_of(99).find("image 99 has no features"), std::string::npos);
}

}  // namespace
}  // namespace vqalign
