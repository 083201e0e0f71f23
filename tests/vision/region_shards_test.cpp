#include "vqalign/vision/region_shards.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <filesystem>
#include <fstream>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

class RegionShardsTest : public ::testing::Test {
 protected:
  RegionShardsTest() { fs::remove_all(folder_); }
  ~RegionShardsTest() override { fs::remove_all(folder_); }

  static RegionFeatures picture(int64_t seed, int64_t regions) {
    torch::manual_seed(seed);
    // Halves are exact, so that float16 gives them back.
    return {torch::randint(1, 9, {regions, 3}).to(torch::kFloat32) / 2, torch::rand({regions, 4}),
            10 * seed, 20};
  }

  const fs::path folder_ = fs::path(::testing::TempDir()) / "region_shards";
};

TEST_F(RegionShardsTest, KeepWhatWasFlushed) {
  {
    RegionShards shards(folder_, 3, /*half=*/true);
    EXPECT_FALSE(shards.has(5));
    EXPECT_EQ(shards.regions(5), std::nullopt);
    shards.add(5, picture(1, 2));
    shards.add(-9, picture(2, 4));
    EXPECT_EQ(shards.waiting(), 2);
    EXPECT_FALSE(shards.has(5));
    shards.flush();
    EXPECT_TRUE(shards.has(5));
    shards.add(6, picture(3, 1));
    shards.flush();
    shards.add(7, picture(4, 1));  // never flushed
  }
  const RegionShards shards(folder_, 3, /*half=*/true);
  for (const auto& [id, seed, regions] :
       {std::tuple<int64_t, int64_t, int64_t>{5, 1, 2}, {-9, 2, 4}, {6, 3, 1}}) {
    const RegionFeatures expected = picture(seed, regions), found = shards.load(id);
    EXPECT_TRUE(found.features.equal(expected.features)) << id;
    EXPECT_TRUE(found.boxes.equal(expected.boxes)) << id;
    EXPECT_EQ(found.image_width, expected.image_width);
    EXPECT_EQ(found.image_height, 20);
    EXPECT_EQ(shards.regions(id), regions);
  }
  EXPECT_FALSE(shards.has(7));
  EXPECT_THROW(shards.load(7), Error);
}

TEST_F(RegionShardsTest, FlushingNothingWritesNothing) {
  RegionShards shards(folder_, 3, true);
  shards.flush();
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(RegionShardsTest, PassOverADamagedShardAndAnotherWidth) {
  {
    RegionShards shards(folder_, 3, true);
    shards.add(1, picture(1, 2));
    shards.flush();
  }
  {
    RegionShards other(folder_, 5, true);
    EXPECT_FALSE(other.has(1));
    other.add(2, {torch::ones({1, 5}), torch::ones({1, 4}), 3, 3});
    other.flush();
  }
  std::ofstream(folder_ / "3.vqf") << "no shard";
  std::ofstream(folder_ / "notes.txt") << "no shard either";
  const RegionShards shards(folder_, 3, true);
  EXPECT_TRUE(shards.has(1));
  EXPECT_FALSE(shards.has(2));
}

TEST_F(RegionShardsTest, RefuseWhatIsNoNumber) {
  RegionShards shards(folder_, 3, true);
  RegionFeatures bad = picture(1, 2);
  bad.features[1][2] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(shards.add(1, bad), Error);
  RegionFeatures large = picture(1, 2);
  large.features[0][0] = 1e6f;
  shards.add(2, large);
  EXPECT_THROW(shards.flush(), Error);
}

TEST_F(RegionShardsTest, SaysThatAFileStandsInTheWay) {
  std::ofstream(folder_) << "a file";
  EXPECT_THROW(RegionShards(folder_, 3, true), Error);
}

}  // namespace
}  // namespace vqalign
