#include "vqalign/vision/picture_cut.h"

#include <gtest/gtest.h>

namespace vqalign {
namespace {

/// Every pixel tells its place: R the column, G the row, B 7.
Picture numbered(int64_t width, int64_t height) {
  Picture picture{width, height,
                  std::vector<uint8_t>(static_cast<std::size_t>(width * height * 3))};
  uint8_t* out = picture.rgb.data();
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      *out++ = uint8_t(x);
      *out++ = uint8_t(y);
      *out++ = 7;
    }
  }
  return picture;
}

std::vector<int> column_numbers(const Picture& picture) {
  std::vector<int> numbers;
  for (int64_t x = 0; x < picture.width; ++x) numbers.push_back(picture.rgb[std::size_t(x * 3)]);
  return numbers;
}

TEST(PictureCut, MirrorsColumns) {
  const Picture mirrored = cut_picture(numbered(4, 2), {.mirrored = true});
  EXPECT_EQ(mirrored.width, 4);
  EXPECT_EQ(mirrored.height, 2);
  EXPECT_EQ(column_numbers(mirrored), (std::vector<int>{3, 2, 1, 0}));
  EXPECT_EQ(mirrored.rgb[4 * 3 + 1], 1);  // second row
}

TEST(PictureCut, CutsAPart) {
  const PictureCut view{.left = 0.25, .top = 0.5, .side = 0.5};
  const Picture part = cut_picture(numbered(8, 4), view);
  EXPECT_EQ(part.width, 4);
  EXPECT_EQ(part.height, 2);
  EXPECT_EQ(column_numbers(part), (std::vector<int>{2, 3, 4, 5}));
  EXPECT_EQ(part.rgb[1], 2);  // its first row is the third
  EXPECT_EQ(cut_size(8, 4, view), (std::pair<int64_t, int64_t>(4, 2)));
}

TEST(PictureCut, APartIsMirroredInItself) {
  const Picture part = cut_picture(numbered(8, 4), {.left = 0.25, .side = 0.5, .mirrored = true});
  EXPECT_EQ(column_numbers(part), (std::vector<int>{5, 4, 3, 2}));
}

TEST(PictureCut, TheWholeIsTheSame) {
  const Picture picture = numbered(5, 3);
  EXPECT_EQ(cut_picture(picture, {}).rgb, picture.rgb);
}

TEST(PictureCut, KeepsAPixelOfTheSmallest) {
  for (const double left : {0.0, 0.5, 0.9}) {
    const Picture part = cut_picture(numbered(1, 1), {.left = left, .top = left, .side = 0.1});
    EXPECT_EQ(part.rgb, numbered(1, 1).rgb);
  }
  const Picture corner = cut_picture(numbered(10, 10), {.left = 1, .top = 1, .side = 0.1});
  EXPECT_EQ(column_numbers(corner), std::vector<int>{9});
}

}  // namespace
}  // namespace vqalign
