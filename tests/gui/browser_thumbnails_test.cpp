#include "vqalign/gui/browser/thumbnails.h"

#include <QSignalSpy>

#include "tests/gui/browser_test_support.h"

namespace vqalign::test {
namespace {

std::vector<WantedThumbnail> wanted_images(const BrowserData& data, int first, int last) {
  std::vector<WantedThumbnail> wanted;
  for (int image = first; image <= last; ++image) {
    wanted.push_back({image, data.folder / ("val2014/" + data.picture_name(image))});
  }
  return wanted;
}

TEST(BrowserThumbnails, DecodesWhatIsWanted) {
  const BrowserData data;
  write_png(data.folder / "wide.png", {300, 30, std::vector<uint8_t>(300 * 30 * 3, 77)});
  write_png(data.folder / "line.png", {4000, 1, std::vector<uint8_t>(4000 * 3, 77)});
  data.folder.write("broken.png", "no picture");
  Thumbnails thumbnails;
  EXPECT_EQ(thumbnails.find(5), nullptr);
  auto wanted = wanted_images(data, 5, 5);
  wanted.push_back({100, data.folder / "wide.png"});
  wanted.push_back({101, data.folder / "line.png"});
  wanted.push_back({102, data.folder / "broken.png"});
  wanted.push_back({103, {}});
  wanted.push_back(wanted.front());
  thumbnails.want(wanted, 2);
  ASSERT_TRUE(QTest::qWaitFor([&] { return thumbnails.find(103) != nullptr; }));
  // 32 x 24 fills 64 x 48 at two pixels each.
  EXPECT_EQ(thumbnails.find(5)->size(), QSize(128, 96));
  EXPECT_EQ(thumbnails.find(5)->deviceIndependentSize(), QSizeF(64, 48));
  EXPECT_EQ(qRed(thumbnails.find(5)->pixel(60, 60)), 50);
  EXPECT_EQ(thumbnails.find(100)->width(), 128);
  EXPECT_NEAR(thumbnails.find(100)->height(), 12.8, 1);
  EXPECT_EQ(thumbnails.find(101)->size(), QSize(128, 1));
  EXPECT_TRUE(thumbnails.find(102)->isNull());
  EXPECT_TRUE(thumbnails.find(103)->isNull());
  QTest::qWait(20);
  EXPECT_EQ(thumbnails.decoded(), 5);
  thumbnails.forget();
  EXPECT_EQ(thumbnails.find(5), nullptr);
}

TEST(BrowserThumbnails, DropsWhatIsNoLongerWanted) {
  const BrowserData data;
  Thumbnails thumbnails;
  // As when scrolling fast: every wish replaces the one before.
  for (int i = 0; i < 1000; ++i) thumbnails.want(wanted_images(data, 0, 16), 1);
  thumbnails.want(wanted_images(data, 17, 19), 1);
  ASSERT_TRUE(QTest::qWaitFor([&] { return thumbnails.find(19) != nullptr; }));
  QTest::qWait(20);
  // One had begun.
  EXPECT_LE(thumbnails.decoded(), 4);
  EXPECT_EQ(thumbnails.find(10), nullptr);
}

TEST(BrowserThumbnails, KeepsSoManyAndNoMore) {
  const BrowserData data;
  std::vector<WantedThumbnail> wanted;
  for (int64_t id = 0; id < Thumbnails::kKept + 40; ++id) {
    wanted.push_back({id, data.folder / ("val2014/" + data.picture_name(1))});
  }
  Thumbnails thumbnails;
  QSignalSpy ready(&thumbnails, &Thumbnails::ready);
  thumbnails.want(wanted, 1);
  while (ready.size() < Thumbnails::kKept + 40) ASSERT_TRUE(ready.wait());
  EXPECT_EQ(thumbnails.kept(), Thumbnails::kKept);
  EXPECT_EQ(thumbnails.find(0), nullptr);
  EXPECT_NE(thumbnails.find(Thumbnails::kKept + 39), nullptr);
}

}  // namespace
}  // namespace vqalign::test
