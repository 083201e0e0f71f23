// The reliability diagram: its numbers, and where its bars stand.
#include <gtest/gtest.h>

#include <cmath>

#include "sample_evidence.h"
#include "vqalign/figure/draw_reliability.h"

namespace vqalign::test {
namespace {

/// Ten answers of confidence 0.95, eight of them right; one of 0.5, right; one of 0, wrong.
Reliability sample() {
  std::vector<double> confidences(10, 0.95), accuracies(8, 1.0);
  accuracies.resize(10, 0.0);
  confidences.insert(confidences.end(), {0.5, 0.0});
  accuracies.insert(accuracies.end(), {1.0, 0.0});
  return reliability_of(confidences, accuracies);
}

QImage drawn(const Reliability& reliability, std::optional<double> current, const Palette& palette,
             QSize size = {420, 460}) {
  QImage image(size, QImage::Format_RGB32);
  image.fill(palette.card);
  QPainter painter(&image);
  draw_reliability(painter, lay_out_reliability(QRectF(image.rect()).adjusted(12, 12, -12, -12)),
                   reliability, current, palette);
  return image;
}

ReliabilityLayout layout_of(const QImage& image) {
  return lay_out_reliability(QRectF(image.rect()).adjusted(12, 12, -12, -12));
}

TEST(Reliability, NumbersAreThoseOfTheBins) {
  const Reliability reliability = sample();
  EXPECT_EQ(reliability.answers, 12);
  EXPECT_NEAR(reliability.ece, (10 * 0.15 + 0.5 + 0) / 12, 1e-12);
  ASSERT_EQ(reliability.bins.size(), 15u);
  EXPECT_EQ(reliability.bins[14].count, 10u);
  EXPECT_NEAR(reliability.bins[14].accuracy, 0.8, 1e-12);
  EXPECT_EQ(bin_text(reliability, 14).toStdString(),
            "93.3 to 100.0 %: 10 answers, confidence 95.0\u00a0%, accuracy 80.0\u00a0%, which is "
            "15.0 less");
  EXPECT_EQ(bin_text(reliability, 7).toStdString(),
            "46.7 to 53.3 %: 1 answer, confidence 50.0\u00a0%, accuracy 100.0\u00a0%, which is "
            "50.0 more");
  EXPECT_EQ(bin_text(reliability, 3).toStdString(), "20.0 to 26.7 %: no answers");
}

TEST(Reliability, BarsGapsAndCountsStandInTheirColumns) {
  for (const Palette* palette : {&light_palette(), &dark_palette()}) {
    const QImage image = drawn(sample(), {}, *palette);
    const ReliabilityLayout layout = layout_of(image);
    const auto pixel = [&](std::size_t bin, double share, double across = 0.25) {
      return image.pixelColor(int(layout.bins[bin].left() + across * layout.bins[bin].width()),
                              int(layout.plot.bottom() - share * layout.plot.height()));
    };
    EXPECT_EQ(pixel(14, 0.4), palette->bar);
    EXPECT_NE(pixel(14, 0.82), palette->bar);  // the gap up to the confidence
    EXPECT_NE(pixel(14, 0.82), palette->card);
    EXPECT_EQ(pixel(14, 0.97, 0.2), palette->card);
    EXPECT_EQ(pixel(3, 0.6), palette->card);  // no answers
    const double low = layout.counts.bottom() - 2, high = layout.counts.top() + 2;
    const auto count = [&](std::size_t bin, double y) {
      return image.pixelColor(int(layout.bins[bin].center().x()), int(y));
    };
    EXPECT_EQ(count(14, high), palette->pale_bar);
    EXPECT_EQ(count(7, low), palette->pale_bar);
    EXPECT_EQ(count(7, high), palette->card);
  }
}

TEST(Reliability, TheAnswerShownHasAMark) {
  const QImage without = drawn(sample(), {}, light_palette());
  const QImage with = drawn(sample(), 0.31, light_palette());
  const QRectF column = layout_of(with).bins[4];
  EXPECT_NE(with, without);
  EXPECT_EQ(with.pixelColor(int(column.center().x()), int(column.top()) - 6),
            light_palette().accent);
}

TEST(Reliability, EmptyTinyAndManyAreDrawn) {
  for (const QSize size : {QSize(420, 460), QSize(60, 40), QSize(1, 1), QSize(3000, 90)}) {
    drawn(reliability_of({}, {}), 1.0, light_palette(), size);
    drawn(sample(), 0.0, light_palette(), size);
  }
  EXPECT_EQ(reliability_of({}, {}).ece, 0);
  EXPECT_EQ(reliability_of({}, {}).answers, 0);
}

}  // namespace
}  // namespace vqalign::test
