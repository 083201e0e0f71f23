#include "vqalign/figure/colour_map.h"

#include <gtest/gtest.h>

#include <cmath>

namespace vqalign::test {
namespace {

double linear(double c) {
  return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

double luminance(const QColor& c) {
  return 0.2126 * linear(c.redF()) + 0.7152 * linear(c.greenF()) + 0.0722 * linear(c.blueF());
}

TEST(ColourMap, LightnessRisesFromEndToEnd) {
  for (const std::string& map : colour_map_names()) {
    for (int i = 0; i < 100; ++i) {
      EXPECT_LT(luminance(map_colour(map, i / 100.0)), luminance(map_colour(map, (i + 1) / 100.0)))
          << map << " at " << i;
    }
  }
}

TEST(ColourMap, MeetsItsStopsAndCutsWhatIsBeyond) {
  EXPECT_EQ(map_colour("viridis", 0).name().toStdString(), "#440154");
  EXPECT_EQ(map_colour("viridis", 0.5).name().toStdString(), "#21918c");
  EXPECT_EQ(map_colour("viridis", 1).name().toStdString(), "#fde725");
  EXPECT_EQ(map_colour("magma", 1).name().toStdString(), "#fcfdbf");
  EXPECT_EQ(map_colour("viridis", -3), map_colour("viridis", 0));
  EXPECT_EQ(map_colour("viridis", 7), map_colour("viridis", 1));
  const QColor between = map_colour("viridis", 1.0 / 16);  // halfway between the first two stops
  EXPECT_NEAR(between.red(), (0x44 + 0x47) / 2.0, 1);
  EXPECT_NEAR(between.green(), (0x01 + 0x2d) / 2.0, 1);
}

TEST(ColourMap, ZeroIsTransparent) {
  EXPECT_EQ(overlay_colour("viridis", 0, 0.7).alpha(), 0);
  EXPECT_NEAR(overlay_colour("viridis", 0.5, 0.8).alphaF(), 0.4, 0.005);
  EXPECT_NEAR(overlay_colour("viridis", 1, 0.7).alphaF(), 0.7, 0.005);
}

TEST(ColourMap, TextReadsOnEveryTint) {
  for (const std::string& map : colour_map_names()) {
    for (int i = 0; i <= 100; ++i) {
      const QColor ground = laid_over(overlay_colour(map, i / 100.0, 1), Qt::white);
      const double a = luminance(ground), b = luminance(text_colour_on(ground));
      const double contrast = (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05);
      EXPECT_GE(contrast, 4.5) << map << " at " << i;  // WCAG 2, level AA
    }
  }
}

}  // namespace
}  // namespace vqalign::test
