#include "vqalign/vision/regions.h"

#include <gtest/gtest.h>
#include <torch/types.h>

namespace vqalign {
namespace {

TEST(CollateRegions, PadsAndMasks) {
  const RegionFeatures three{torch::rand({3, 5}), torch::rand({3, 4}), 640, 480};
  const RegionFeatures one{torch::rand({1, 5}), torch::rand({1, 4}), 10, 20};
  const RegionFeatures none{torch::empty({0, 5}), torch::empty({0, 4}), 7, 8};
  const RegionBatch batch = collate_regions({one, three, none});
  ASSERT_EQ(batch.features.sizes(), (std::vector<int64_t>{3, 3, 5}));
  ASSERT_EQ(batch.boxes.sizes(), (std::vector<int64_t>{3, 3, 4}));
  const torch::Tensor mask =
      torch::tensor({{false, true, true}, {false, false, false}, {true, true, true}});
  EXPECT_TRUE(torch::equal(batch.mask, mask));
  EXPECT_TRUE(torch::equal(batch.features[0][0], one.features[0]));
  EXPECT_TRUE(torch::equal(batch.features[1], three.features));
  EXPECT_TRUE(torch::equal(batch.boxes[1], three.boxes));
  EXPECT_EQ(batch.features.masked_select(mask.unsqueeze(-1)).abs().sum().item<float>(), 0.0f);
  EXPECT_EQ(batch.boxes.masked_select(mask.unsqueeze(-1)).abs().sum().item<float>(), 0.0f);
  EXPECT_TRUE(torch::equal(batch.sizes, torch::tensor({{10.f, 20.f}, {640.f, 480.f}, {7.f, 8.f}})));
}

TEST(CollateRegions, AViewIsReadInItsOwnOrder) {
  const torch::Tensor stored = torch::arange(12).to(torch::kFloat).view({4, 3});
  const RegionBatch batch = collate_regions({{stored.t(), torch::zeros({3, 4}), 1, 1}});
  EXPECT_TRUE(torch::equal(batch.features[0], stored.t()));
}

TEST(CollateRegions, OnlyEmptyPictures) {
  const RegionBatch batch = collate_regions({{torch::empty({0, 5}), torch::empty({0, 4}), 7, 8}});
  ASSERT_EQ(batch.features.sizes(), (std::vector<int64_t>{1, 1, 5}));
  EXPECT_TRUE(batch.mask.all().item<bool>());
}

}  // namespace
}  // namespace vqalign
