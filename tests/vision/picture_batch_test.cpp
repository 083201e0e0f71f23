#include "vqalign/vision/picture_batch.h"

#include <gtest/gtest.h>
#include <torch/types.h>

namespace vqalign {
namespace {

Picture plain(int64_t width, int64_t height, uint8_t red, uint8_t green, uint8_t blue) {
  Picture picture{width, height,
                  std::vector<uint8_t>(static_cast<std::size_t>(width * height * 3))};
  for (std::size_t i = 0; i < picture.rgb.size(); i += 3) {
    picture.rgb[i] = red;
    picture.rgb[i + 1] = green;
    picture.rgb[i + 2] = blue;
  }
  return picture;
}

TEST(ScaledSize, KeepsAspectAndAimsAtThePixelCount) {
  const PictureScale scale{20736, 384, 16, true};
  EXPECT_EQ(scaled_size(400, 100, scale), std::make_pair(int64_t{288}, int64_t{72}));
  EXPECT_EQ(scaled_size(144, 144, scale), std::make_pair(int64_t{144}, int64_t{144}));
  EXPECT_EQ(scaled_size(1440, 1440, scale), std::make_pair(int64_t{144}, int64_t{144}));
  EXPECT_EQ(scaled_size(72, 72, scale), std::make_pair(int64_t{144}, int64_t{144}));
}

TEST(ScaledSize, SmallPicturesStayWhenNotEnlarged) {
  const PictureScale scale{20736, 384, 16, false};
  EXPECT_EQ(scaled_size(72, 50, scale), std::make_pair(int64_t{72}, int64_t{50}));
  EXPECT_EQ(scaled_size(1440, 1440, scale), std::make_pair(int64_t{144}, int64_t{144}));
}

TEST(ScaledSize, TheLongerSideIsBounded) {
  const PictureScale scale{20736, 384, 16, true};
  EXPECT_EQ(scaled_size(3000, 300, scale), std::make_pair(int64_t{384}, int64_t{38}));
  EXPECT_EQ(scaled_size(300, 3000, scale), std::make_pair(int64_t{38}, int64_t{384}));
  EXPECT_EQ(scaled_size(100'000'000, 1, scale), std::make_pair(int64_t{384}, int64_t{1}));
  EXPECT_EQ(scaled_size(1, 1, scale), std::make_pair(int64_t{144}, int64_t{144}));
}

TEST(ScalePicture, AveragesDownAndKeepsTheOriginalSize) {
  // Columns alternate between 0 and 200: halving by area gives 100, by picking it would not.
  Picture picture{16, 16, {}};
  for (int i = 0; i < 256; ++i) {
    const uint8_t value = i % 2 == 0 ? 0 : 200;
    picture.rgb.insert(picture.rgb.end(), {value, value, 50});
  }
  const ScaledPicture scaled = scale_picture(picture, {64, 384, 16, true});
  ASSERT_EQ(scaled.pixels.sizes(), (std::vector<int64_t>{8, 8, 3}));
  EXPECT_EQ(scaled.pixels.dtype(), torch::kByte);
  EXPECT_TRUE(scaled.pixels.select(2, 0).eq(100).all().item<bool>());
  EXPECT_TRUE(scaled.pixels.select(2, 2).eq(50).all().item<bool>());
  EXPECT_EQ(scaled.image_width, 16);
  EXPECT_EQ(scaled.image_height, 16);
}

TEST(ScalePicture, InterpolatesUpAndCopiesAtTheSameSize) {
  Picture picture = plain(2, 1, 0, 0, 0);
  picture.rgb = {0, 10, 20, 200, 210, 220};
  const torch::Tensor same = scale_picture(picture, {2, 384, 16, true}).pixels;
  ASSERT_EQ(same.numel(), 6);
  EXPECT_TRUE(
      torch::equal(same.reshape({6}), torch::tensor({0, 10, 20, 200, 210, 220}).to(torch::kByte)));
  const torch::Tensor larger = scale_picture(picture, {32, 384, 16, true}).pixels;
  ASSERT_EQ(larger.sizes(), (std::vector<int64_t>{4, 8, 3}));
  // Linear interpolation with pixel centres at halves: (0.5 + i) / 4 - 0.5 of the way.
  const std::vector<int> row{0, 0, 25, 75, 125, 175, 200, 200};
  for (int x = 0; x < 8; ++x) {
    EXPECT_NEAR(larger[1][x][0].item<int>(), row[static_cast<std::size_t>(x)], 1);
  }
}

TEST(CollatePictures, PadsRightAndBottomToTheMultiple) {
  const std::vector<ScaledPicture> pictures{
      {torch::full({20, 40, 3}, 9, torch::kByte), 400, 200},
      {torch::arange(33 * 10 * 3).remainder(251).add(1).to(torch::kByte).view({33, 10, 3}), 11,
       34}};
  const PictureBatch batch = collate_pictures(pictures, 16);
  ASSERT_EQ(batch.pixels.sizes(), (std::vector<int64_t>{2, 3, 48, 48}));
  EXPECT_EQ(batch.pixels.dtype(), torch::kByte);
  EXPECT_TRUE(batch.pixels.is_contiguous(torch::MemoryFormat::ChannelsLast));
  EXPECT_TRUE(torch::equal(batch.extents, torch::tensor({{20, 40}, {33, 10}})));
  EXPECT_TRUE(torch::equal(batch.sizes, torch::tensor({{400.0f, 200.0f}, {11.0f, 34.0f}})));
  EXPECT_EQ(batch.extents.dtype(), torch::kLong);

  torch::Tensor wanted = torch::zeros({2, 3, 48, 48}, torch::kByte);
  wanted[0].slice(1, 0, 20).slice(2, 0, 40).fill_(9);
  wanted[1].slice(1, 0, 33).slice(2, 0, 10).copy_(pictures[1].pixels.permute({2, 0, 1}));
  EXPECT_TRUE(torch::equal(batch.pixels, wanted));
}

TEST(CollatePictures, OneTinyPicture) {
  const PictureBatch batch =
      collate_pictures({scale_picture(plain(1, 1, 5, 6, 7), {1, 8, 16, true})}, 16);
  ASSERT_EQ(batch.pixels.sizes(), (std::vector<int64_t>{1, 3, 16, 16}));
  EXPECT_EQ(batch.pixels.sum().item<int64_t>(), 18);
  EXPECT_EQ(batch.pixels[0][2][0][0].item<int>(), 7);
}

}  // namespace
}  // namespace vqalign
