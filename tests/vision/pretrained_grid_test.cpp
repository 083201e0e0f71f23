#include "vqalign/vision/pretrained_grid.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <utility>
#include <vector>

namespace vqalign {
namespace {

VisionOptions lite0(int64_t stages, int64_t pool = 1) {
  VisionOptions options;
  options.encoder = "efficientnet-lite0";
  options.stages = stages;
  options.pool = pool;
  return options;
}

PretrainedGrid seeded_grid(const VisionOptions& options) {
  torch::manual_seed(11);
  PretrainedGrid encoder(options);
  encoder->eval();
  return encoder;
}

/// Pictures of random pixels with these heights and widths, half as large as their originals.
PictureBatch noise_pictures(const std::vector<std::pair<int64_t, int64_t>>& sizes) {
  std::vector<ScaledPicture> scaled;
  for (const auto& [height, width] : sizes) {
    torch::manual_seed(static_cast<uint64_t>(height * 1000 + width));
    scaled.push_back(
        {torch::randint(256, {height, width, 3}, torch::kUInt8), 2 * width, 2 * height});
  }
  return collate_pictures(scaled, Backbone::kStride);
}

void expect_equal_to(const torch::Tensor& found, const torch::Tensor& expected, double tolerance) {
  ASSERT_EQ(found.sizes(), expected.sizes());
  EXPECT_LE((found - expected).abs().max().item<double>(), tolerance);
}

TEST(PretrainedGrid, CellsCarryBothStages) {
  const torch::NoGradGuard no_grad;
  PretrainedGrid encoder = seeded_grid(lite0(2));
  const PictureBatch pictures = noise_pictures({{64, 96}});
  const RegionBatch regions = encoder->forward(pictures);
  ASSERT_EQ(regions.features.sizes(), (std::vector<int64_t>{1, 6, 1280 + 4 * 112}));
  EXPECT_EQ(regions.features.size(2), encoder->width());
  const BackboneMaps stages =
      encoder->pretrained_network()->forward((pictures.pixels.to(torch::kFloat32) - 127.5) / 127.5);
  // The cell in row 1, column 2: by hand, channel after channel, its four finer cells row by row.
  const torch::Tensor cell = regions.features[0][5];
  expect_equal_to(cell.slice(0, 0, 1280), stages.last[0].select(1, 1).select(1, 2), 1e-5);
  for (const int64_t channel : {0, 57, 111}) {
    for (int64_t part = 0; part < 4; ++part) {
      EXPECT_NEAR(cell[1280 + 4 * channel + part].item<float>(),
                  stages.finer[0][channel][2 + part / 2][4 + part % 2].item<float>(), 1e-5);
    }
  }
  expect_equal_to(regions.boxes[0][5], torch::tensor({128.0f, 64.0f, 192.0f, 128.0f}), 1e-4);
}

TEST(PretrainedGrid, APicturesRegionsDoNotDependOnItsNeighbours) {
  const torch::NoGradGuard no_grad;
  for (const int64_t pool : {1, 2}) {
    PretrainedGrid encoder = seeded_grid(lite0(2, pool));
    const RegionBatch alone = encoder->forward(noise_pictures({{64, 96}}));
    const RegionBatch together = encoder->forward(noise_pictures({{96, 32}, {64, 96}, {128, 160}}));
    const torch::Tensor rows = together.mask[1].logical_not().nonzero().squeeze(1);
    ASSERT_EQ(rows.size(0), pool == 1 ? 6 : 2);
    expect_equal_to(together.features[1].index_select(0, rows), alone.features[0], 1e-4);
    expect_equal_to(together.boxes[1].index_select(0, rows), alone.boxes[0], 1e-4);
    const torch::Tensor padded = together.mask[1].nonzero().squeeze(1);
    EXPECT_EQ(together.features[1].index_select(0, padded).abs().max().item<float>(), 0);
  }
}

TEST(PretrainedGrid, AResNetsCellsCarryBothStages) {
  const torch::NoGradGuard no_grad;
  VisionOptions options = lite0(2);
  options.encoder = "resnet50";
  PretrainedGrid encoder = seeded_grid(options);
  const RegionBatch regions = encoder->forward(noise_pictures({{96, 32}, {64, 96}}));
  const PictureBatch alone = noise_pictures({{64, 96}});
  ASSERT_EQ(regions.features.sizes(), (std::vector<int64_t>{2, 9, 2048 + 4 * 1024}));
  EXPECT_EQ(regions.features.size(2), encoder->width());
  const torch::Tensor mean = torch::tensor({123.675, 116.28, 103.53}).view({1, 3, 1, 1});
  const torch::Tensor deviation = torch::tensor({58.395, 57.12, 57.375}).view({1, 3, 1, 1});
  const BackboneMaps stages =
      encoder->pretrained_network()->forward((alone.pixels.to(torch::kFloat32) - mean) / deviation);
  // The second picture's cell in row 1, column 2.
  const torch::Tensor cell = regions.features[1][5];
  expect_equal_to(cell.slice(0, 0, 2048), stages.last[0].select(1, 1).select(1, 2), 1e-4);
  for (const int64_t channel : {0, 511, 1023}) {
    for (int64_t part = 0; part < 4; ++part) {
      EXPECT_NEAR(cell[2048 + 4 * channel + part].item<float>(),
                  stages.finer[0][channel][2 + part / 2][4 + part % 2].item<float>(), 1e-4);
    }
  }
  expect_equal_to(regions.boxes[1][5], torch::tensor({128.0f, 64.0f, 192.0f, 128.0f}), 1e-4);
}

TEST(PretrainedGrid, PoolingTakesTheMeanOfWhatIsThere) {
  const torch::NoGradGuard no_grad;
  const PictureBatch pictures = noise_pictures({{64, 96}});
  const RegionBatch cells = seeded_grid(lite0(1))->forward(pictures);
  const RegionBatch pooled = seeded_grid(lite0(1, 2))->forward(pictures);
  ASSERT_EQ(pooled.features.sizes(), (std::vector<int64_t>{1, 2, 1280}));
  const auto mean = [&cells](const std::vector<int64_t>& rows) {
    return cells.features[0].index_select(0, torch::tensor(rows)).mean(0);
  };
  expect_equal_to(pooled.features[0][0], mean({0, 1, 3, 4}), 1e-5);
  expect_equal_to(pooled.features[0][1], mean({2, 5}), 1e-5);
  expect_equal_to(pooled.boxes[0][1], torch::tensor({128.0f, 0.0f, 192.0f, 128.0f}), 1e-4);
}

TEST(PretrainedGrid, PicturesAreScaledToWholeCells) {
  VisionOptions options = lite0(1);
  options.pixels = 416 * 320;
  options.longest = 640;
  const PictureScale scale = picture_scale(options);
  const auto size = [&scale](int64_t width, int64_t height) {
    return scaled_size(width, height, scale);
  };
  EXPECT_EQ(size(560, 425), (std::pair<int64_t, int64_t>(416, 320)));
  EXPECT_EQ(size(4000, 3000), (std::pair<int64_t, int64_t>(416, 320)));
  EXPECT_EQ(size(1, 1), (std::pair<int64_t, int64_t>(32, 32)));
  EXPECT_EQ(size(3000, 10), (std::pair<int64_t, int64_t>(640, 32)));
  const torch::NoGradGuard no_grad;
  Picture pixel{1, 1, {200, 10, 90}};
  const PictureBatch one = collate_pictures({scale_picture(pixel, scale)}, scale.multiple);
  const RegionBatch regions = seeded_grid(options)->forward(one);
  EXPECT_EQ(regions.mask.size(1), 1);
  expect_equal_to(regions.boxes[0][0], torch::tensor({0.0f, 0.0f, 1.0f, 1.0f}), 1e-5);
  EXPECT_TRUE(torch::isfinite(regions.features).all().item<bool>());
}

TEST(PretrainedGrid, KeepsTheSalientCells) {
  VisionOptions options = lite0(1);
  options.keep = 2;
  PretrainedGrid encoder = seeded_grid(options);
  const PictureBatch pictures = noise_pictures({{64, 96}});
  const RegionBatch regions = encoder->forward(pictures);
  EXPECT_EQ(regions.features.sizes(), (std::vector<int64_t>{1, 2, 1280}));
  const torch::Tensor saliency = encoder->cells(pictures).saliency;
  EXPECT_EQ(saliency.sizes(), (std::vector<int64_t>{1, 6}));
}

TEST(GridEncoder, IsWhatTheOptionNames) {
  VisionOptions options;
  EXPECT_EQ(make_grid_encoder(options)->width(), 192);
  EXPECT_EQ(make_grid_encoder(lite0(1))->width(), 1280);
  options.encoder = "efficientnet-lite2";
  options.stages = 2;
  EXPECT_EQ(make_grid_encoder(options)->width(), 1280 + 4 * 120);
  options.encoder = "resnet101";
  EXPECT_EQ(make_grid_encoder(options)->width(), 2048 + 4 * 1024);
  options.encoder = "features";
  EXPECT_EQ(make_grid_encoder(options), nullptr);
}

}  // namespace
}  // namespace vqalign
