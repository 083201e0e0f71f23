#include "vqalign/vision/npz_regions.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "vqalign/core/error.h"
#include "vqalign/core/formats/npz.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

/// Grid features: x without boxes.
class NpzGrid : public testing::Test {
 protected:
  NpzGrid() : file_(fs::path(testing::TempDir()) / "grid.npz") {}
  ~NpzGrid() override { fs::remove(file_); }

  void write(const torch::Tensor& x, int64_t width = 0, int64_t height = 0) const {
    std::vector<NpzArray> arrays{{"x", x, {}}};
    if (width > 0) arrays.push_back({"image_w", torch::tensor(width), {}});
    if (height > 0) arrays.push_back({"image_h", torch::tensor(height), {}});
    write_npz(file_, arrays);
  }

  std::string said(int64_t width) const {
    try {
      read_npz_regions(file_, width);
    } catch (const Error& error) {
      return error.what();
    }
    return "no Error";
  }

  fs::path file_;
};

std::vector<float> box_of(const StoredRegions& regions, int64_t index) {
  const auto* box = regions.boxes[index].const_data_ptr<float>();
  return {box, box + 4};
}

TEST_F(NpzGrid, SquareGridsOfEitherOrder) {
  const torch::Tensor x = torch::rand({196, 1024});  // as CLEVR's
  for (const torch::Tensor& stored : {x, x.t().contiguous()}) {
    write(stored);
    for (const int64_t width : {0, 1024}) {
      const StoredRegions regions = read_npz_regions(file_, width);
      EXPECT_TRUE(torch::equal(regions.features, x));
      EXPECT_EQ(regions.image_width, 14);
      EXPECT_EQ(regions.image_height, 14);
      EXPECT_EQ(box_of(regions, 0), (std::vector<float>{0, 0, 1, 1}));
      EXPECT_EQ(box_of(regions, 15), (std::vector<float>{1, 1, 2, 2}));
      EXPECT_EQ(box_of(regions, 195), (std::vector<float>{13, 13, 14, 14}));
      EXPECT_EQ(count_npz_regions(file_, width), 196);
    }
  }
}

TEST_F(NpzGrid, FewerColumnsThanCellsWhenTheWidthSaysSo) {
  const torch::Tensor x = torch::rand({16, 4});
  write(x);
  EXPECT_TRUE(torch::equal(read_npz_regions(file_, 4).features, x));
  EXPECT_EQ(count_npz_regions(file_, 4), 16);
}

TEST_F(NpzGrid, CellsOfAPictureOfKnownSize) {
  write(torch::rand({49, 2048}), 700, 350);  // as GQA's
  const StoredRegions regions = read_npz_regions(file_, 2048);
  EXPECT_EQ(regions.image_width, 700);
  EXPECT_EQ(regions.image_height, 350);
  EXPECT_EQ(box_of(regions, 8), (std::vector<float>{100, 50, 200, 100}));
}

TEST_F(NpzGrid, TheGridNearestThePicturesShape) {
  write(torch::rand({19 * 32, 8}), 1000, 600);  // grid-feats-vqa's largest
  StoredRegions regions = read_npz_regions(file_, 8);
  EXPECT_EQ(box_of(regions, 32)[0], 0.0f);
  EXPECT_EQ(box_of(regions, 32)[3], 2 * 600.0f / 19);
  write(torch::rand({19 * 32, 8}), 600, 1000);
  regions = read_npz_regions(file_, 8);
  EXPECT_EQ(box_of(regions, 19)[0], 0.0f);
  EXPECT_EQ(box_of(regions, 19)[3], 2 * 1000.0f / 32);
}

TEST_F(NpzGrid, GridsWhoseShapeCannotBeTold) {
  write(torch::rand({12, 8}));
  EXPECT_NE(said(8).find("12 cells are no square grid; image_w and image_h"), std::string::npos);
  write(torch::rand({13, 8}), 640, 480);
  EXPECT_NE(said(8).find("13 cells are no grid of about the picture's shape"), std::string::npos);
  write(torch::rand({0, 8}));
  EXPECT_NE(said(8), "no Error");
  write(torch::rand({16, 8}));
  EXPECT_NE(said(5).find("(16, 8) and there is no \"bbox\", expected cells of width 5"),
            std::string::npos);
  write(torch::rand({4, 4, 8}));
  EXPECT_NE(said(8).find("(4, 4, 8)"), std::string::npos);
  write(torch::rand({4}));
  EXPECT_NE(said(0).find("(4)"), std::string::npos);
}

}  // namespace
}  // namespace vqalign
