#include "vqalign/figure/heat_map.h"

#include <gtest/gtest.h>

#include <cmath>

#include "vqalign/core/error.h"
#include "vqalign/figure/colour_map.h"

namespace vqalign::test {
namespace {

AttentionMap small_map() {
  return {{AttentionFamily::kGuided, 0, 0}, 2, 3, {0.0F, 0.25F, 0.5F, 0.125F, 0.0F, 0.875F}};
}

/// The colour that a weight must have: viridis with an opacity of its own value, over the card.
QColor wanted(double value, const QColor& card) {
  const QColor full = map_colour("viridis", value);
  const auto mix = [&](int a, int b) { return int(std::lround(a + (b - a) * value)); };
  return {mix(card.red(), full.red()), mix(card.green(), full.green()),
          mix(card.blue(), full.blue())};
}

void expect_colour(const QColor& found, const QColor& expected, const std::string& where) {
  EXPECT_NEAR(found.red(), expected.red(), 2) << where;
  EXPECT_NEAR(found.green(), expected.green(), 2) << where;
  EXPECT_NEAR(found.blue(), expected.blue(), 2) << where;
}

TEST(HeatMap, HasAPixelAWeight) {
  for (const char* theme : {"light", "dark"}) {
    const FigureOptions options{.theme = theme};
    const AttentionMap map = small_map();
    const QImage image = heat_map(map, 0.875, options);
    ASSERT_EQ(image.size(), QSize(3, 2));
    for (int row = 0; row < 2; ++row) {
      for (int column = 0; column < 3; ++column) {
        expect_colour(image.pixelColor(column, row),
                      wanted(map.at(row, column) / 0.875, options.palette().card),
                      concat(theme, " ", row, ", ", column));
      }
    }
  }
}

TEST(HeatMap, ZeroIsTheCard) {
  for (const char* theme : {"light", "dark"}) {
    const FigureOptions options{.theme = theme};
    EXPECT_EQ(heat_map(small_map(), 1, options).pixelColor(0, 0), options.palette().card) << theme;
  }
}

TEST(HeatMap, ScaleIsTheLargestOrLocked) {
  EXPECT_DOUBLE_EQ(map_scale(small_map(), {}), 0.875);
  EXPECT_DOUBLE_EQ(map_scale(small_map(), {.scale = 0.3}), 0.3);
  AttentionMap zeros = small_map();
  zeros.weights.assign(6, 0.0F);
  EXPECT_GT(map_scale(zeros, {}), 0);
  EXPECT_EQ(heat_map(zeros, map_scale(zeros, {}), {}).pixelColor(2, 1), QColor(Qt::white));
  EXPECT_GT(map_scale({}, {}), 0);
  EXPECT_TRUE(heat_map({}, 1, {}).isNull());
}

TEST(HeatMap, BeyondTheScaleIsTheLastColour) {
  const QImage image = heat_map(small_map(), 0.1, {});
  expect_colour(image.pixelColor(2, 1), map_colour("viridis", 1), "0.875 by 0.1");
}

TEST(HeatMap, CellsAreDrawnWithHardEdges) {
  const QImage cells = heat_map(small_map(), 0.875, {});
  QImage canvas(40, 30, QImage::Format_RGB32);
  canvas.fill(Qt::magenta);
  QPainter painter(&canvas);
  painter.setRenderHint(QPainter::SmoothPixmapTransform);
  draw_cells(painter, QRectF(5, 5, 30, 20), cells);
  painter.end();
  for (int y = 5; y < 25; ++y) {
    for (int x = 5; x < 35; ++x) {
      ASSERT_EQ(canvas.pixel(x, y), cells.pixel((x - 5) / 10, (y - 5) / 10)) << x << ", " << y;
    }
  }
  EXPECT_EQ(canvas.pixelColor(4, 10), QColor(Qt::magenta));
  EXPECT_EQ(canvas.pixelColor(35, 10), QColor(Qt::magenta));
  EXPECT_EQ(canvas.pixelColor(10, 25), QColor(Qt::magenta));
}

TEST(HeatMap, CellsSmallerThanPixelsAreAveraged) {
  AttentionMap stripes{{}, 1, 100, {}};
  for (int i = 0; i < 100; ++i) stripes.weights.push_back(i % 2 == 0 ? 1.0F : 0.0F);
  QImage canvas(50, 4, QImage::Format_RGB32);
  QPainter painter(&canvas);
  draw_cells(painter, QRectF(0, 0, 50, 4), heat_map(stripes, 1, {}));
  painter.end();
  const QColor full = map_colour("viridis", 1);
  for (int x = 2; x < 48; ++x) {
    EXPECT_NEAR(canvas.pixelColor(x, 2).blue(), (full.blue() + 255) / 2, 12) << x;
  }
}

}  // namespace
}  // namespace vqalign::test
