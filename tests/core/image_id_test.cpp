#include "vqalign/core/image_id.h"

#include <gtest/gtest.h>

namespace vqalign {
namespace {

TEST(ImageId, IsTheLastNumberOfAFilesStem) {
  EXPECT_EQ(image_id_of("COCO_val2014_000000000042"), 42);
  EXPECT_EQ(image_id_of("COCO_val2014_000000000042.jpg"), 42);
  EXPECT_EQ(image_id_of("42"), 42);
  EXPECT_EQ(image_id_of("a7b8c"), 8);
  EXPECT_EQ(image_id_of("9223372036854775807"), INT64_MAX);
}

TEST(ImageId, IsNothingWithoutANumberThatFits) {
  EXPECT_EQ(image_id_of(""), std::nullopt);
  EXPECT_EQ(image_id_of("photo"), std::nullopt);
  EXPECT_EQ(image_id_of("1_9223372036854775808"), std::nullopt);
}

}  // namespace
}  // namespace vqalign
