#include "vqalign/data/picture_cache.h"

#include <gtest/gtest.h>
#include <torch/types.h>

namespace vqalign {
namespace {

TEST(PictureCache, KeepsWhatFitsAndNoMore) {
  const ScaledPicture picture{torch::ones({10, 20, 3}, torch::kByte), 40, 20};
  PictureCache cache(2500);
  for (int64_t id = 0; id < 5; ++id) cache.add(id, picture);
  cache.add(0, picture);
  EXPECT_LE(cache.bytes(), 2500);
  EXPECT_TRUE(cache.find(0).has_value());
  EXPECT_TRUE(cache.find(1).has_value());
  EXPECT_FALSE(cache.find(4).has_value());
  EXPECT_EQ(cache.find(1)->image_width, 40);
  EXPECT_EQ(cache.find(1)->pixels.size(1), 20);
}

}  // namespace
}  // namespace vqalign
