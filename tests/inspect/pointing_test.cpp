#include "vqalign/inspect/pointing.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sample_inspection.h"

namespace vqalign::test {
namespace {

using Shares = std::vector<double>;

/// Counts the region's pixels that lie in a box.
double counted_share(const PictureRegion& region, const std::vector<PixelBox>& boxes) {
  double within = 0, all = 0;
  for (double y = region.y1 + 0.5; y < region.y2; ++y) {
    for (double x = region.x1 + 0.5; x < region.x2; ++x) {
      ++all;
      for (const PixelBox& box : boxes) {
        if (x < box[0] || x > box[2] || y < box[1] || y > box[3]) continue;
        ++within;
        break;
      }
    }
  }
  return all > 0 ? within / all : 0;
}

TEST(CoveredShare, EqualsCountedPixels) {
  Random random(3);
  const auto corner = [&random] { return double(random.below(24)); };
  for (int round = 0; round < 200; ++round) {
    const PictureRegion region{4, 6, 4 + double(random.below(17)), 6 + double(random.below(17))};
    std::vector<PixelBox> boxes(random.below(5));
    for (PixelBox& box : boxes) {
      const double x = corner(), y = corner();
      box = {x, y, x + 1 + corner() / 2, y + 1 + corner() / 2};
      for (double& side : box) side = std::floor(side);
    }
    EXPECT_NEAR(covered_share(region, boxes), counted_share(region, boxes), 1e-12) << round;
  }
}

TEST(CoveredShare, OfEdgesThatTouchIsNothing) {
  const std::vector<PixelBox> beside = {{8, 0, 16, 8}};
  EXPECT_EQ(covered_share({0, 0, 8, 8}, beside), 0);
  EXPECT_EQ(covered_share({8, 0, 16, 8}, beside), 1);
  EXPECT_EQ(covered_share({9, 1, 9, 5}, beside), 0);
  EXPECT_EQ(covered_share({8, 0, 16, 8}, {}), 0);
}

TEST(Pointing, ByHand) {
  const Pointing found = *pointing(Shares{0.1, 0.6, 0.2, 0.1}, Shares{0, 0.25, 1, 0});
  EXPECT_DOUBLE_EQ(found.mass, 0.35);
  EXPECT_EQ(found.hit, 1);
  EXPECT_DOUBLE_EQ(found.mass_by_chance, 0.3125);
  EXPECT_DOUBLE_EQ(found.hit_by_chance, 0.5);
  const Pointing scaled = *pointing(Shares{1, 6, 2, 1}, Shares{0, 0.25, 1, 0});
  EXPECT_DOUBLE_EQ(scaled.mass, found.mass);
}

TEST(Pointing, OfEqualWeightsIsChance) {
  const Pointing found = *pointing(Shares(4, 0.25), Shares{0.5, 0, 1, 0});
  EXPECT_DOUBLE_EQ(found.mass, found.mass_by_chance);
  EXPECT_DOUBLE_EQ(found.hit, found.hit_by_chance);
}

TEST(Pointing, OfOneRegionAndOfNoWeight) {
  EXPECT_EQ(pointing(Shares{0.3}, Shares{0.5})->mass, 0.5);
  EXPECT_EQ(pointing(Shares{0, 1, 0}, Shares{1, 0, 1})->hit, 0);
  EXPECT_EQ(pointing(Shares{2}, Shares{0})->hit_by_chance, 0);
  EXPECT_FALSE(pointing(Shares{0, 0}, Shares{1, 0}));
  EXPECT_FALSE(pointing(Shares{}, Shares{}));
}

TEST(RegionShares, AreColumnMeansAndWhatRegionsGiveToTheWordsThatMatter) {
  const Inspection sample = sample_inspection(2, 2, 3, 5);
  const AttentionMap& self = sample.map({AttentionFamily::kImageSelf, 1, 0});
  const Shares received = region_shares(sample, self.site);
  ASSERT_EQ(received.size(), 5u);
  for (int64_t key = 0; key < 5; ++key) {
    double mean = 0;
    for (int64_t query = 0; query < 5; ++query) mean += self.at(query, key) / 5;
    EXPECT_NEAR(received[std::size_t(key)], mean, 1e-6);
  }
  const AttentionMap& guided = sample.map({AttentionFamily::kGuided, 0, 1});
  const Shares giving = region_shares(sample, guided.site);
  Shares expected(5, 0.0);
  double sum = 0;
  for (std::size_t region = 0; region < 5; ++region) {
    for (std::size_t word = 0; word < 3; ++word) {
      expected[region] += sample.evidence.words[sample.read_words[word]].weight *
                          guided.at(int64_t(region), int64_t(word));
    }
    sum += expected[region];
  }
  for (std::size_t region = 0; region < 5; ++region) {
    EXPECT_NEAR(giving[region], expected[region] / sum, 1e-6);
  }
  EXPECT_TRUE(region_shares(sample, {AttentionFamily::kQuestionSelf, 0, 0}).empty());
}

TEST(ShareEntropy, OfAllAlikeOfOneAndOfNothing) {
  EXPECT_NEAR(*share_entropy(Shares(7, 0.1)), 1, 1e-12);
  EXPECT_EQ(share_entropy(Shares{0, 3, 0}), 0);
  EXPECT_EQ(share_entropy(Shares{0.4}), 0);
  EXPECT_NEAR(*share_entropy(Shares{1, 1, 2}), 1.5 * std::log(2) / std::log(3), 1e-12);
  EXPECT_FALSE(share_entropy(Shares{0, 0}));
  EXPECT_FALSE(share_entropy(Shares{}));
}

}  // namespace
}  // namespace vqalign::test
