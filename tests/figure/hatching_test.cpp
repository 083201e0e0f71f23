// Hatching of what varies over passes: where, how dense, and what is said of it.
#include "vqalign/figure/hatching.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sample_evidence.h"
#include "vqalign/figure/draw_picture.h"
#include "vqalign/figure/draw_words.h"
#include "vqalign/figure/write_figure.h"

namespace vqalign::test {
namespace {

QImage hatched(const std::vector<QRectF>& boxes, int level) {
  QImage image(80, 60, QImage::Format_RGB32);
  image.fill(QColor(0, 128, 0));
  QPainter painter(&image);
  for (const QRectF& box : boxes) draw_hatching(painter, box, level);
  return image;
}

/// Pixels that differ, of those inside `box` and of the others.
std::pair<int, int> changed(const QImage& a, const QImage& b, const QRect& box) {
  std::pair<int, int> found;
  for (int y = 0; y < a.height(); ++y) {
    for (int x = 0; x < a.width(); ++x) {
      if (a.pixel(x, y) != b.pixel(x, y)) ++(box.contains(x, y) ? found.first : found.second);
    }
  }
  return found;
}

TEST(Hatching, LevelsBeginAtATenthTwoAndFour) {
  EXPECT_EQ(variation_level(0, 1), 0);
  EXPECT_EQ(variation_level(0.0999, 1), 0);
  EXPECT_EQ(variation_level(0.101, 1), 1);
  EXPECT_EQ(variation_level(0.0499, 0.25), 1);
  EXPECT_EQ(variation_level(0.0501, 0.25), 2);
  EXPECT_EQ(variation_level(0.39, 1), 2);
  EXPECT_EQ(variation_level(0.41, 1), 3);
  EXPECT_EQ(variation_level(7, 1), 3);
  EXPECT_EQ(variation_level(1, 0), 0);
  EXPECT_EQ(variation_level(std::nan(""), 1), 0);
}

TEST(Hatching, IsDenserWithEachLevelAndStaysInItsBox) {
  const QRect box(8, 8, 48, 40);
  const QImage none = hatched({QRectF(box)}, 0);
  int before = 0;
  for (const int level : {1, 2, 3}) {
    const auto [inside, outside] =
        changed(none, hatched({QRectF(box)}, level), box.adjusted(-2, -2, 2, 2));
    EXPECT_GT(inside, before + 100) << level;
    EXPECT_EQ(outside, 0) << level;
    before = inside;
  }
  EXPECT_EQ(changed(none, hatched({QRectF(), QRectF(5, 5, 0, 9)}, 3), box), (std::pair(0, 0)));
  hatched({QRectF(-1e7, -1e7, 2e7, 2e7)}, 3);  // ends
}

TEST(Hatching, GoesOnFromBoxToBox) {
  const QImage whole = hatched({QRectF(0, 0, 80, 60)}, 1);
  const QImage halves = hatched({QRectF(0, 0, 37, 60), QRectF(37, 0, 43, 60)}, 1);
  EXPECT_EQ(changed(whole, halves, QRect(34, 0, 6, 60)).second, 0);
}

TEST(Hatching, OfAPictureIsWhereWeightsVary) {
  AnswerEvidence evidence = sample_evidence();
  evidence.passes = 20;
  const FigureOptions options{.regions = 0};
  const auto drawn = [&] {
    QImage image(400, 200, QImage::Format_RGB32);
    QPainter painter(&image);
    draw_picture(painter, QRectF(image.rect()), evidence, plain_picture(40, 20), options);
    painter.end();
    return image;
  };
  const QImage before = drawn();
  evidence.over_passes = spread_evenly(evidence, 0.01);  // the scale is 0.5
  EXPECT_EQ(drawn(), before);
  evidence.over_passes->spread.regions[5] = 0.06;
  const QRect box(100, 100, 100, 100);
  const auto [inside, outside] = changed(before, drawn(), box);
  EXPECT_GT(inside, 500);
  EXPECT_LT(outside, 20);
  // What is covered up has nothing that varies.
  evidence.regions[5].dropped = true;
  const QImage covered = drawn();
  evidence.over_passes.reset();
  EXPECT_EQ(drawn(), covered);
}

TEST(Hatching, IsSaidInLegendsAndNumbers) {
  AnswerEvidence evidence = sample_evidence();
  const QString words_before = word_legend_text(evidence);
  const double height = legend_height(evidence, 400, {});
  EXPECT_EQ(hatching_text(evidence, 0.5), "");
  EXPECT_EQ(passes_text(evidence, {false, 2}), "");
  evidence.passes = 20;
  evidence.over_passes = spread_evenly(evidence, 0.082);
  EXPECT_EQ(
      hatching_text(evidence, 0.405).toStdString(),
      "hatched: varies over 20 passes by \u00b1 4.1\u00a0% or more (a tenth of the scale); denser "
      "from two and four tenths on");
  EXPECT_EQ(passes_text(evidence, {false, 2}).toStdString(), "over 20 passes 40.0 \u00b1 8.2 %");
  EXPECT_EQ(passes_text(evidence, {true, 1}).toStdString(), "over 20 passes 50.0 \u00b1 8.2 %");
  EXPECT_GT(legend_height(evidence, 400, {}), height + 12);
  EXPECT_EQ(word_legend_text(evidence),
            words_before + QString::fromUtf8(" \u00b7 \u00b1 over 20 passes"));
  const WordsLayout words = lay_out_words(evidence, {}, 600);
  EXPECT_EQ(words.chips[1].share.toStdString(), "50\u00a0% \u00b1 8");
  EXPECT_EQ(words.chips[1].variation, 1);
}

TEST(Hatching, NumbersStandInEveryFormat) {
  AnswerEvidence evidence = sample_evidence();
  evidence.passes = 20;
  evidence.over_passes = spread_evenly(evidence, 0.125);
  const FigureSubject subject = subject_of(evidence, plain_picture(40, 20));
  EXPECT_EQ(figure_json(subject, {}).at("regions").as_array()[0].dump(),
            R"({"region":2,"box":[20.0,0.0,30.0,10.0],"weight":0.4,"mean":0.4,"spread":0.125})");
  const std::string csv = figure_csv(subject, {});
  EXPECT_NE(csv.find("\nword,2,\"colour\",0.500000,0.125000,,,"), std::string::npos) << csv;
  EXPECT_NE(csv.find("\nregion,1,2,0.400000,0.125000,,,20.0"), std::string::npos) << csv;
  const auto file = test_file("f.svg");
  write_figure(file, subject, {});
  EXPECT_NE(bytes_of(file).find("varies over 20 passes"), std::string::npos);
}

TEST(Hatching, OfOtherWeightsComesWithThem) {
  FigureSubject subject = sample_subject();
  subject.inspection.evidence.passes = 20;
  subject.inspection.evidence.over_passes = spread_evenly(subject.inspection.evidence, 0.5);
  const auto spread = [&](const char* weights) {
    const Json region = figure_json(subject, {.weights = weights}).at("regions").as_array()[0];
    return region.find("spread") ? region.at("spread").as_double() : -1;
  };
  EXPECT_EQ(spread("pooling"), 0.5);
  EXPECT_EQ(spread("rollout"), -1);  // those of pooling are not its own
  subject.over_passes = spread_evenly(subject.inspection.evidence, 0.25);
  EXPECT_EQ(spread("rollout"), 0.25);
  EXPECT_EQ(spread("pooling"), 0.5);
}

}  // namespace
}  // namespace vqalign::test
