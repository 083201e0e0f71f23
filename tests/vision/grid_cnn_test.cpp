#include "vqalign/vision/grid_cnn.h"

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/nn/functional/padding.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

void expect_close(const torch::Tensor& found, const torch::Tensor& expected, double tolerance) {
  ASSERT_EQ(found.sizes(), expected.sizes());
  if (found.numel() == 0) return;
  EXPECT_LE((found - expected).abs().max().item<double>(), tolerance);
}

torch::Tensor leaf(const torch::Tensor& values) {
  return values.contiguous(at::MemoryFormat::ChannelsLast).detach().requires_grad_();
}

/// Masked batch norm from its definition, in operators that autograd differentiates.
torch::Tensor composed(const torch::Tensor& x, const torch::Tensor& valid,
                       const torch::Tensor& residual, const torch::Tensor& weight,
                       const torch::Tensor& bias) {
  const torch::Tensor mask = valid.unsqueeze(1).to(x.dtype());
  const torch::Tensor count = mask.sum();
  const torch::Tensor mean = (x * mask).sum({0, 2, 3}, true) / count;
  const torch::Tensor variance = ((x - mean) * mask).square().sum({0, 2, 3}, true) / count;
  const torch::Tensor normal = (x - mean) / torch::sqrt(variance + 1e-5);
  const torch::Tensor scaled =
      normal * weight.view({1, -1, 1, 1}) + bias.view({1, -1, 1, 1}) + residual;
  return torch::relu(scaled) * mask;
}

TEST(MaskedBatchNorm, ValueAndGradientsEqualTheDefinition) {
  torch::manual_seed(1);
  const torch::Tensor x = leaf(torch::randn({3, 5, 6, 7}));
  const torch::Tensor residual = leaf(torch::randn({3, 5, 6, 7}));
  const torch::Tensor direction = torch::randn({3, 5, 6, 7});
  MaskedBatchNorm norm(5);
  {
    const torch::NoGradGuard no_grad;
    norm->weight.uniform_(0.5, 2);
    norm->bias.normal_();
  }
  torch::Tensor some = torch::ones({3, 6, 7}, torch::kBool);
  some[1].slice(0, 4).fill_(false);
  some[2].slice(1, 3).fill_(false);
  for (const torch::Tensor& valid : {torch::ones_like(some), some}) {
    const std::vector<torch::Tensor> inputs = {x, residual, norm->weight, norm->bias};
    const torch::Tensor fused = norm(x, valid, residual);
    const torch::Tensor plain = composed(x, valid, residual, norm->weight, norm->bias);
    expect_close(fused, plain, 2e-6);
    const auto found = torch::autograd::grad({(fused * direction).sum()}, inputs);
    const auto expected = torch::autograd::grad({(plain * direction).sum()}, inputs);
    for (std::size_t i = 0; i < inputs.size(); ++i) expect_close(found[i], expected[i], 1e-5);
  }
}

TEST(MaskedBatchNorm, WhatOtherDevicesComputeEqualsTheDefinition) {
  torch::manual_seed(2);
  const torch::Tensor x = leaf(torch::randn({2, 3, 4, 5}, torch::kFloat64));
  const torch::Tensor residual = torch::randn({2, 3, 4, 5}, torch::kFloat64);
  const torch::Tensor gamma = torch::rand(3, torch::kFloat64),
                      beta = torch::randn(3, torch::kFloat64);
  torch::Tensor valid = torch::ones({2, 4, 5}, torch::kBool), mean, variance;
  valid[1].slice(0, 2).fill_(false);
  const torch::Tensor found = composed_norm_relu(x, valid, residual, gamma, beta, mean, variance);
  const torch::Tensor expected = composed(x, valid, residual, gamma, beta);
  expect_close(found, expected, 1e-12);
  expect_close(torch::autograd::grad({found.square().sum()}, {x})[0],
               torch::autograd::grad({expected.square().sum()}, {x})[0], 1e-12);
  const torch::Tensor all = composed_norm_relu(x, {}, {}, gamma, beta, mean, variance);
  expect_close(all, composed(x, torch::ones_like(valid), torch::zeros_like(x), gamma, beta), 1e-12);
  expect_close(mean, x.mean({0, 2, 3}), 1e-12);
  expect_close(variance, x.var({0, 2, 3}, /*unbiased=*/false), 1e-12);
}

TEST(MaskedBatchNorm, RunningStatisticsFollowTorchs) {
  torch::manual_seed(2);
  MaskedBatchNorm ours(4);
  torch::nn::BatchNorm2d theirs(4);
  for (int step = 0; step < 3; ++step) {
    const torch::Tensor x = torch::randn({2, 4, 5, 5}) * 3 + 1;
    expect_close(ours->forward(x, {}), torch::relu(theirs(x)), 1e-5);
  }
  expect_close(ours->running_mean, theirs->running_mean, 1e-5);
  expect_close(ours->running_var, theirs->running_var, 1e-4);
  ours->eval();
  theirs->eval();
  const torch::Tensor x = torch::randn({2, 4, 5, 5});
  expect_close(ours->forward(x, {}), torch::relu(theirs(x)), 1e-5);
}

TEST(MaskedBatchNorm, PaddingNeitherShiftsTheStatisticsNorAnswers) {
  torch::manual_seed(3);
  const torch::Tensor x = torch::randn({1, 3, 4, 4});
  const torch::Tensor padded =
      torch::nn::functional::pad(x, torch::nn::functional::PadFuncOptions({0, 2, 0, 1}).value(1e6));
  torch::Tensor valid = torch::zeros({1, 5, 6}, torch::kBool);
  valid.slice(1, 0, 4).slice(2, 0, 4).fill_(true);
  MaskedBatchNorm one(3), other(3);
  const torch::Tensor with = one(padded, valid);
  expect_close(with.slice(2, 0, 4).slice(3, 0, 4), other->forward(x, {}), 1e-6);
  EXPECT_EQ(with.slice(2, 4).abs().max().item<float>(), 0.0f);
  expect_close(one->running_mean, other->running_mean, 1e-6);
}

TEST(MaskedBatchNorm, NothingValidStaysFinite) {
  MaskedBatchNorm norm(2);
  const torch::Tensor x = leaf(torch::randn({1, 2, 3, 3}));
  const torch::Tensor out = norm(x, torch::zeros({1, 3, 3}, torch::kBool));
  out.sum().backward();
  EXPECT_EQ(out.abs().max().item<float>(), 0.0f);
  EXPECT_EQ(x.grad().abs().max().item<float>(), 0.0f);
}

/// Pictures of random pixels with the given heights and widths.
PictureBatch pictures(const std::vector<std::pair<int64_t, int64_t>>& sizes) {
  std::vector<ScaledPicture> scaled;
  for (const auto& [height, width] : sizes) {
    ScaledPicture picture;
    torch::manual_seed(static_cast<uint64_t>(height * 1000 + width));
    picture.pixels = torch::randint(256, {height, width, 3}, torch::kUInt8);
    picture.image_width = 2 * width;
    picture.image_height = 2 * height;
    scaled.push_back(std::move(picture));
  }
  return collate_pictures(scaled, GridCnnImpl::kStride);
}

GridCnn small_cnn(int64_t keep = 0) {
  VisionOptions options;
  options.keep = keep;
  options.channels = {"4", "6", "8", "10"};
  options.blocks = {"0", "1", "0", "1"};
  torch::manual_seed(9);
  GridCnn cnn(options);
  for (auto& buffer : cnn->named_buffers()) buffer.value().uniform_(0.5, 1.5);
  cnn->eval();
  return cnn;
}

TEST(GridCnn, CellsAreRegionsInPixelsOfTheOriginal) {
  const torch::NoGradGuard no_grad;
  GridCnn cnn = small_cnn();
  const RegionBatch regions = cnn(pictures({{32, 48}}));
  ASSERT_EQ(regions.features.sizes(), (std::vector<int64_t>{1, 6, 10}));
  EXPECT_FALSE(regions.mask.any().item<bool>());
  // Twice the scaled size: cells are 32 x 32 pixels of the original, row by row.
  expect_close(regions.boxes[0][0], torch::tensor({0.0f, 0.0f, 32.0f, 32.0f}), 1e-4);
  expect_close(regions.boxes[0][4], torch::tensor({32.0f, 32.0f, 64.0f, 64.0f}), 1e-4);
}

TEST(GridCnn, BoxesEndAtThePicture) {
  const torch::NoGradGuard no_grad;
  GridCnn cnn = small_cnn();
  const RegionBatch regions = cnn(pictures({{20, 40}}));
  ASSERT_EQ(regions.mask.size(1), 6);
  expect_close(regions.boxes[0][5], torch::tensor({64.0f, 32.0f, 80.0f, 40.0f}), 1e-4);
}

TEST(GridCnn, APicturesRegionsDoNotDependOnItsNeighbours) {
  const torch::NoGradGuard no_grad;
  GridCnn cnn = small_cnn();
  const RegionBatch alone = cnn(pictures({{32, 48}}));
  const RegionBatch together = cnn(pictures({{64, 64}, {32, 48}, {16, 96}}));
  const torch::Tensor valid = together.mask[1].logical_not();
  ASSERT_EQ(valid.sum().item<int64_t>(), 6);
  const torch::Tensor rows = torch::nonzero(valid).squeeze(1);
  expect_close(together.features[1].index_select(0, rows), alone.features[0], 1e-5);
  expect_close(together.boxes[1].index_select(0, rows), alone.boxes[0], 1e-4);
  const torch::Tensor padded = torch::nonzero(together.mask[1]).squeeze(1);
  EXPECT_EQ(together.features[1].index_select(0, padded).abs().max().item<float>(), 0.0f);
}

TEST(GridCnn, KeepsTheCellsThatStandOut) {
  const torch::NoGradGuard no_grad;
  GridCnn cnn = small_cnn(/*keep=*/4);
  cnn->train();  // the batch's own statistics: no feature is zero everywhere
  const PictureBatch batch = pictures({{32, 48}, {16, 32}});
  const GridCells grid = cnn->cells(batch);
  const RegionBatch regions = cnn->choose(grid);
  ASSERT_EQ(regions.features.sizes(), (std::vector<int64_t>{2, 4, 10}));
  // By hand: the cells of the first picture in falling order of saliency.
  std::vector<std::pair<float, int64_t>> ranked;
  for (int64_t m = 0; m < 6; ++m) ranked.emplace_back(-grid.saliency[0][m].item<float>(), m);
  std::sort(ranked.begin(), ranked.end());
  for (int64_t i = 0; i < 4; ++i) {
    const auto [negative, m] = ranked[static_cast<std::size_t>(i)];
    const float scale = 1 / (1 + std::exp(negative));
    expect_close(regions.features[0][i], grid.cells.features[0][m] * scale, 1e-6);
    expect_close(regions.boxes[0][i], grid.cells.boxes[0][m], 0);
  }
  // The second picture has two cells: both are kept, the rest is padding.
  EXPECT_EQ(regions.mask[1].logical_not().sum().item<int64_t>(), 2);
  EXPECT_FALSE(regions.mask[1].slice(0, 0, 2).any().item<bool>());
}

TEST(GridCnn, SaliencyLearnsThroughTheRegions) {
  GridCnn cnn = small_cnn(/*keep=*/2);
  cnn->train();
  cnn(pictures({{32, 48}})).features.sum().backward();
  const torch::Tensor weight = cnn->named_parameters()["saliency.weight"];
  EXPECT_GT(weight.grad().abs().sum().item<float>(), 0);
}

TEST(GridCnn, OnePixel) {
  const torch::NoGradGuard no_grad;
  GridCnn cnn = small_cnn();
  const RegionBatch regions = cnn(pictures({{1, 1}}));
  EXPECT_EQ(regions.mask.logical_not().sum().item<int64_t>(), 1);
  EXPECT_TRUE(torch::isfinite(regions.features).all().item<bool>());
}

TEST(VisionOptionsTest, FourNumbersAreWanted) {
  VisionOptions options;
  options.channels = {"1", "2", "3"};
  EXPECT_THROW(options.channel_counts(), UsageError);
  options.channels = {"1", "2", "3", "many"};
  EXPECT_THROW(options.channel_counts(), UsageError);
  options.blocks = {"0", "0", "0", "17"};
  EXPECT_THROW(options.block_counts(), UsageError);
}

}  // namespace
}  // namespace vqalign
