#include "vqalign/figure/palette.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace vqalign::test {
namespace {

double part(double c) {
  return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

/// WCAG 2's.
double contrast(const QColor& a, const QColor& b) {
  const auto light = [](const QColor& c) {
    return 0.2126 * part(c.redF()) + 0.7152 * part(c.greenF()) + 0.0722 * part(c.blueF());
  };
  return (std::max(light(a), light(b)) + 0.05) / (std::min(light(a), light(b)) + 0.05);
}

TEST(Palette, TextReadsInBothThemes) {
  for (const Palette* palette : {&light_palette(), &dark_palette()}) {
    const bool dark = palette == &dark_palette();
    for (const QColor& ground : {palette->page, palette->card}) {
      EXPECT_GE(contrast(palette->text, ground), 7) << dark;
      EXPECT_GE(contrast(palette->muted, ground), 4.5) << dark;
    }
    EXPECT_GE(contrast(palette->warning, palette->warning_ground), 4.5) << dark;
    EXPECT_GE(contrast(palette->tag_text, palette->tag), 4.5) << dark;
    EXPECT_GE(contrast(palette->accent, palette->card), 4.5) << dark;
  }
}

TEST(Palette, BarsAndMarksShowInBothThemes) {
  for (const Palette* palette : {&light_palette(), &dark_palette()}) {
    EXPECT_GE(contrast(palette->bar, palette->card), 3);
    EXPECT_GE(contrast(palette->bar, palette->track), 3);
  }
}

}  // namespace
}  // namespace vqalign::test
