// Where things are drawn, by the pixels.
#include <gtest/gtest.h>

#include "sample_evidence.h"
#include "vqalign/figure/colour_map.h"
#include "vqalign/figure/draw_figure.h"
#include "vqalign/figure/layout.h"
#include "vqalign/figure/overlay.h"

namespace vqalign::test {
namespace {

void expect_near(QRgb found, const QColor& wanted, const std::string& where) {
  EXPECT_NEAR(qRed(found), wanted.red(), 2) << where;
  EXPECT_NEAR(qGreen(found), wanted.green(), 2) << where;
  EXPECT_NEAR(qBlue(found), wanted.blue(), 2) << where;
}

AnswerEvidence with_regions(std::vector<PictureRegion> regions) {
  AnswerEvidence evidence = sample_evidence();
  evidence.regions = std::move(regions);
  return evidence;
}

TEST(Overlay, CoversExactlyItsRegion) {
  const QImage overlay =
      weight_overlay(with_regions({{10, 5, 20, 15, 1.0}}), QSize(80, 40), {.opacity = 0.5});
  for (int y = 0; y < 40; ++y) {
    for (int x = 0; x < 80; ++x) {
      const bool inside = x >= 20 && x < 40 && y >= 10 && y < 30;
      ASSERT_EQ(qAlpha(overlay.pixel(x, y)), inside ? 128 : 0) << x << ", " << y;
    }
  }
  expect_near(overlay.pixelColor(30, 20).rgb(), map_colour("viridis", 1), "inside");
}

TEST(Overlay, TakesTheLargestWhereRegionsOverlap) {
  const AnswerEvidence evidence =
      with_regions({{0, 0, 30, 20, 0.25}, {10, 0, 40, 20, 0.5}, {0, 0, 20, 20, 0.1}});
  const QImage overlay = weight_overlay(evidence, QSize(40, 20), {.opacity = 1, .scale = 0.5});
  expect_near(overlay.pixelColor(5, 5).rgb(), map_colour("viridis", 0.5), "left");
  EXPECT_NEAR(qAlpha(overlay.pixel(5, 5)), 128, 1);
  EXPECT_EQ(qAlpha(overlay.pixel(15, 5)), 255);
  EXPECT_EQ(qAlpha(overlay.pixel(35, 5)), 255);
}

TEST(Overlay, NothingForNothing) {
  for (const AnswerEvidence& evidence : {with_regions({}), with_regions({{0, 0, 40, 20, 0.0}})}) {
    const QImage overlay = weight_overlay(evidence, QSize(8, 4), {});
    for (int x = 0; x < 8; ++x) EXPECT_EQ(overlay.pixel(x, 2), 0u);
  }
}

TEST(Overlay, RegionsSmallerThanAPixelAndBeyondTheBorderAreSafe) {
  const QImage tiny = weight_overlay(with_regions({{39.9, 19.9, 40, 20, 1.0}}), QSize(2, 1), {});
  EXPECT_EQ(qAlpha(tiny.pixel(0, 0)), 0);
  EXPECT_GT(qAlpha(tiny.pixel(1, 0)), 0);
  const QImage beyond = weight_overlay(with_regions({{-10, -10, 100, 100, 1.0}}), QSize(4, 4), {});
  EXPECT_GT(qAlpha(beyond.pixel(3, 3)), 0);
}

TEST(Overlay, ScaleFollowsTheLargestUnlessNoneStandsOut) {
  EXPECT_DOUBLE_EQ(overlay_scale(with_regions({{0, 0, 1, 1, 0.9}, {1, 0, 2, 1, 0.1}}), {}), 1);
  AnswerEvidence evidence = with_regions({});
  EXPECT_DOUBLE_EQ(overlay_scale(evidence, {}), 1);
  evidence.regions.assign(100, {0, 0, 1, 1, 0.01});
  EXPECT_DOUBLE_EQ(overlay_scale(evidence, {}), 0.04);
  evidence.regions[7].weight = 0.3;
  EXPECT_DOUBLE_EQ(overlay_scale(evidence, {}), 0.3);
}

TEST(Overlay, ScaleFollowsSharesThatRegionsHaveBesideWords) {
  AnswerEvidence evidence = with_regions({});
  evidence.regions.assign(10, {0, 0, 1, 1, 0.005});
  EXPECT_DOUBLE_EQ(overlay_scale(evidence, {}), 0.02);
  evidence.regions.assign(10, {0, 0, 1, 1, 0.00001});
  EXPECT_DOUBLE_EQ(overlay_scale(evidence, {}), 0.01);  // next to nothing is not drawn as much
  evidence.regions[3].weight = 0.02;
  EXPECT_DOUBLE_EQ(overlay_scale(evidence, {}), 0.02);
  evidence.regions.assign(10, {0, 0, 1, 1, 0});
  EXPECT_DOUBLE_EQ(overlay_scale(evidence, {}), 1);
}

TEST(Overlay, ScaleCanBeLocked) {
  const AnswerEvidence evidence = sample_evidence();
  EXPECT_DOUBLE_EQ(overlay_scale(evidence, {}), 0.5);  // four times an eighth
  EXPECT_DOUBLE_EQ(overlay_scale(evidence, {.scale = 0.8}), 0.8);
  const QImage overlay = weight_overlay(evidence, QSize(40, 20), {.opacity = 1, .scale = 0.8});
  EXPECT_NEAR(qAlpha(overlay.pixel(25, 5)), 128, 1);
}

/// Draws at a size that is none of the figure's own, and looks at the picture's pixels.
TEST(DrawFigure, PutsPictureAndOverlayInPlace) {
  const AnswerEvidence evidence = with_regions({{0, 0, 20, 20, 1.0}});
  const QImage picture = plain_picture(400, 200);
  const FigureOptions options{.opacity = 0.6, .regions = 0};
  const FigureLayout layout = lay_out(evidence, picture.size(), options);
  QImage canvas(1500, 2000, QImage::Format_RGB32);
  canvas.fill(Qt::magenta);
  QPainter painter(&canvas);
  draw_figure(painter, QRectF(100, 50, 1300, 1900), subject_of(evidence, picture), options);
  painter.end();

  const double scale = 1.3;  // the width limits it
  const auto device = [&](QPointF p) {
    const QPointF centred = (p - QPointF(500, layout.height / 2)) * scale;
    return (QPointF(750, 1000) + centred).toPoint();
  };
  const QRectF& where = layout.picture;
  const auto at = [&](double x, double y) {
    return canvas.pixel(
        device({where.left() + where.width() * x, where.top() + where.height() * y}));
  };
  const QColor grey(Qt::gray);
  const QColor covered = laid_over(overlay_colour("viridis", 1, 0.6), grey);
  for (const double y : {0.05, 0.5, 0.95}) {
    expect_near(at(0.02, y), covered, "left edge");
    expect_near(at(0.49, y), covered, "left of the middle");
    expect_near(at(0.51, y), grey, "right of the middle");
    expect_near(at(0.98, y), grey, "right edge");
  }
  EXPECT_EQ(canvas.pixel(99, 1000), QColor(Qt::magenta).rgb());  // stays inside its target
  EXPECT_EQ(canvas.pixel(1401, 1000), QColor(Qt::magenta).rgb());
}

TEST(DrawFigure, BarsAreAsLongAsTheProbabilities) {
  AnswerEvidence evidence = sample_evidence();
  for (RankedAnswer& answer : evidence.answers) answer.prior = 0;
  const QImage picture = plain_picture(40, 20);
  const FigureLayout layout = lay_out(evidence, picture.size(), {});
  QImage canvas(2000, int(layout.height * 2), QImage::Format_RGB32);
  QPainter painter(&canvas);
  draw_figure(painter, QRectF(QPointF(0, 0), QSizeF(canvas.size())), subject_of(evidence, picture),
              {});
  painter.end();
  for (const std::size_t row : {0, 1, 2}) {
    const QRectF& box = layout.answers.rows[row].box;
    const int y = int((box.top() + 29) * 2);
    const double end = box.left() + box.width() * evidence.answers[row].probability;
    const QRgb before = canvas.pixel(int((end - 4) * 2), y),
               after = canvas.pixel(int((end + 4) * 2), y);
    EXPECT_LT(qRed(before), 200) << row;
    EXPECT_GT(qRed(after), 200) << row;
  }
}

TEST(PictureImage, KeepsPixelsAndBoundsTheSize) {
  Picture picture{3, 2, {}};
  for (int i = 0; i < 18; ++i) picture.rgb.push_back(uint8_t(i * 10));
  const QImage image = picture_image(picture);
  ASSERT_EQ(image.size(), QSize(3, 2));
  EXPECT_EQ(image.pixel(1, 1), qRgb(120, 130, 140));
  picture = {9000, 30, std::vector<uint8_t>(9000 * 30 * 3, 7)};
  EXPECT_EQ(picture_image(picture).width(), 4096);
}

}  // namespace
}  // namespace vqalign::test
