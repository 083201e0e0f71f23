#include "vqalign/train/region_cache.h"

#include "tests/train/training_fixture.h"
#include "vqalign/train/training_setup.h"
#include "vqalign/vision/grid_cnn.h"

namespace vqalign {
namespace {

ScaledPicture picture(int64_t height, int64_t width, int64_t seed) {
  torch::manual_seed(seed);
  return {torch::randint(0, 256, {height, width, 3}, torch::kByte), 2 * width, 2 * height};
}

class RegionCacheTest : public testing::Test {
 protected:
  RegionCacheTest() {
    torch::manual_seed(3);
    VisionOptions options;
    options.channels = {"4", "4", "8", "8"};
    options.keep = 5;
    cnn_ = GridCnn(options);
    cnn_->eval();
  }

  RegionBatch encode(const PictureBatch& pictures) {
    ++encoded_;
    return cnn_->forward(pictures);
  }

  RegionBatch cached(RegionCache& cache, const std::vector<ScaledPicture>& pictures,
                     const std::vector<int64_t>& ids) {
    return cache.regions_of(collate_pictures(pictures, GridCnnImpl::kStride), ids,
                            GridCnnImpl::kStride,
                            [this](const PictureBatch& one) { return encode(one); });
  }

  GridCnn cnn_ = nullptr;
  int encoded_ = 0;
  // The second has four cells only: fewer than are kept.
  const ScaledPicture wide_ = picture(40, 100, 1), small_ = picture(30, 20, 2),
                      tall_ = picture(90, 33, 3);
};

TEST_F(RegionCacheTest, GivesTheRegionsThatTheBatchHas) {
  const torch::NoGradGuard no_grad;
  const std::vector<ScaledPicture> pictures = {wide_, small_, tall_};
  const RegionBatch expected = cnn_->forward(collate_pictures(pictures, GridCnnImpl::kStride));
  RegionCache cache(3);
  const RegionBatch actual = cached(cache, pictures, {7, 8, 9});
  ASSERT_EQ(actual.features.sizes(), expected.features.sizes());
  EXPECT_TRUE(torch::equal(actual.mask, expected.mask));
  EXPECT_EQ(actual.mask.sum().item<int64_t>(), 1);
  EXPECT_TRUE(torch::equal(actual.sizes, expected.sizes));
  const auto points = [&](const torch::Tensor& values) {
    return values.masked_fill(expected.mask.unsqueeze(2), 0);
  };
  EXPECT_TRUE(torch::equal(actual.boxes, points(expected.boxes)));
  EXPECT_TRUE(torch::allclose(actual.features, points(expected.features), 1e-4, 1e-5));
}

TEST_F(RegionCacheTest, EncodesAPictureOnceAndAlike) {
  RegionCache cache(3), other(3);
  EXPECT_EQ(cache.seconds_each(), 0);
  EXPECT_EQ(cache.seconds_left(), 0);
  const RegionBatch together = cached(cache, {wide_, tall_}, {7, 9});
  EXPECT_EQ(encoded_, 2);
  EXPECT_GT(cache.seconds(), 0);
  // One picture is missing; the slower one of two stands for it.
  EXPECT_GE(cache.seconds_left(), cache.seconds() / 2);
  EXPECT_LT(cache.seconds_left(), cache.seconds());
  EXPECT_EQ(cache.seconds_each(), cache.seconds_left());
  const RegionBatch again = cached(cache, {tall_, wide_}, {9, 7});
  EXPECT_EQ(encoded_, 2);
  const RegionBatch apart = cached(other, {small_, tall_}, {8, 9});
  EXPECT_EQ(encoded_, 4);
  const auto picture = [](const RegionBatch& batch, int64_t p) {
    return batch.features[p].masked_select(batch.mask[p].logical_not().unsqueeze(1));
  };
  EXPECT_TRUE(torch::equal(picture(again, 0), picture(together, 1)));
  EXPECT_TRUE(torch::equal(picture(apart, 1), picture(together, 1)));
  EXPECT_FALSE(together.features.requires_grad());
  cached(cache, {small_}, {8});
  EXPECT_EQ(cache.seconds_left(), 0);
}

class PrepareRegions : public TrainingTest {
 protected:
  bool kept(const std::function<void(TrainRequest&)>& change) {
    TrainRequest asked = request("model");
    asked.options.train.object_share = 0.25;
    asked.options.train.object_freeze = true;
    change(asked);
    SilentProgress progress;
    const CancelToken cancel;
    return prepare_training(asked, progress, cancel).regions.has_value();
  }
};

TEST_F(PrepareRegions, OnlyOfAGridCnnThatWillBeLeftAsItIsAndWhereTheyFit) {
  EXPECT_TRUE(kept([](TrainRequest&) {}));
  EXPECT_FALSE(kept([](TrainRequest& r) { r.options.train.object_freeze = false; }));
  EXPECT_FALSE(kept([](TrainRequest& r) { r.options.train.object_share = 0; }));
  EXPECT_FALSE(kept([](TrainRequest& r) { r.options.data.regions_mb = 0; }));
  EXPECT_TRUE(kept([](TrainRequest& r) {
    r.options.train.object_share = 0;
    r.options.train.vision_rate = 0;
  }));
}

}  // namespace
}  // namespace vqalign
