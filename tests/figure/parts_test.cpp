// The parts that windows draw one by one: words, answers, picture and legend.
#include <gtest/gtest.h>

#include "boxes.h"
#include "sample_evidence.h"
#include "vqalign/core/error.h"
#include "vqalign/figure/draw_answers.h"
#include "vqalign/figure/draw_picture.h"
#include "vqalign/figure/draw_words.h"
#include "vqalign/figure/overlay.h"

namespace vqalign::test {
namespace {

template <typename Draw>
QImage canvas_of(int width, int height, const FigureOptions& options, Draw draw) {
  QImage canvas(width, height, QImage::Format_RGB32);
  canvas.fill(options.palette().card);
  QPainter painter(&canvas);
  painter.setRenderHint(QPainter::Antialiasing);
  draw(painter);
  return canvas;
}

int count_of(const QImage& image, const QColor& colour) {
  int count = 0;
  for (int y = 0; y < image.height(); ++y) {
    for (int x = 0; x < image.width(); ++x) count += image.pixelColor(x, y) == colour ? 1 : 0;
  }
  return count;
}

TEST(Words, SayWhichWordTheyAreAndWhyOneHasNoShare) {
  AnswerEvidence evidence = sample_evidence();
  evidence.words[2].dropped = true;
  evidence.words.push_back({"too", true, true, 0});
  evidence.subject = Token{true, 1};
  const WordsLayout layout = lay_out_words(evidence, QPointF(10, 20), 500);
  ASSERT_EQ(layout.chips.size(), 5u);
  const char* shares[] = {"13\u00a0%", "50\u00a0%", "dropped", "25\u00a0% unknown", "not read"};
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(layout.chips[i].word, i);
    EXPECT_EQ(layout.chips[i].share.toStdString(), shares[i]) << i;
    EXPECT_EQ(layout.chips[i].subject, i == 1);
    EXPECT_EQ(layout.chips[i].dropped, i == 2);
  }
  EXPECT_DOUBLE_EQ(layout.chips[1].strength, 1);
  EXPECT_DOUBLE_EQ(layout.chips[3].strength, 0.5);
  EXPECT_EQ(lay_out_words({}, QPointF(0, 0), 500).height, 0);
}

TEST(Words, StayInsideTheirWidthAndApart) {
  AnswerEvidence evidence;
  for (int i = 0; i < 100; ++i) {
    evidence.words.push_back({std::string(std::size_t(1 + i * 3), 'w'), i % 3 == 0, i > 80, 0.01});
  }
  for (const double width : {60.0, 300.0, 900.0}) {
    const WordsLayout layout = lay_out_words(evidence, QPointF(5, 6), width);
    std::vector<QRectF> boxes;
    for (const WordChip& chip : layout.chips) boxes.push_back(chip.box.adjusted(0, 0, 0, 17));
    expect_apart(boxes, QRectF(5, 6, width, layout.height), concat("width ", width));
    EXPECT_FALSE(layout.chips.back().word);
    EXPECT_EQ(layout.chips.back().text.toStdString(), "+ 11 more");
  }
}

TEST(Words, TheSubjectAloneHasTheAccent) {
  AnswerEvidence evidence = sample_evidence();
  for (const char* theme : {"light", "dark"}) {
    const FigureOptions options{.theme = theme};
    for (const bool marked : {false, true}) {
      evidence.subject = marked ? std::optional(Token{true, 1}) : std::nullopt;
      const WordsLayout layout = lay_out_words(evidence, QPointF(10, 10), 500);
      const QImage canvas = canvas_of(520, 80, options, [&](QPainter& painter) {
        for (const WordChip& chip : layout.chips) draw_word(painter, chip, options);
      });
      EXPECT_EQ(count_of(canvas, options.palette().accent) > 20, marked) << theme;
    }
  }
}

TEST(Words, TheLegendSaysWhatTheSharesAre) {
  AnswerEvidence evidence = sample_evidence();
  EXPECT_EQ(word_legend_text(evidence).toStdString(), "Words: share of question pooling");
  evidence.word_legend = {"what \"blue\" receives", "layer 2"};
  EXPECT_EQ(word_legend_text(evidence).toStdString(),
            "Words: share of what \"blue\" receives \u00b7 layer 2");
  evidence.word_legend = {};
  EXPECT_TRUE(word_legend_text(evidence).isEmpty());
  EXPECT_TRUE(lay_out_words(evidence, QPointF(0, 0), 500).chips[0].share.isEmpty());
}

TEST(Answers, RowsStandApartAndTheExplainedOneIsMarked) {
  const AnswerEvidence evidence = sample_evidence();
  for (const std::size_t columns : {1, 2, 3}) {
    const AnswersLayout layout = lay_out_answers(evidence, QPointF(5, 5), 600, columns);
    std::vector<QRectF> boxes = {layout.heading, layout.prior_legend};
    for (const AnswerRow& row : layout.rows) boxes.push_back(row.box);
    expect_apart(boxes, QRectF(5, 5, 600, layout.height), concat(columns, " columns"));
  }
  const AnswersLayout layout = lay_out_answers(evidence, QPointF(5, 5), 600);
  const auto accents = [&](const std::string& explained) {
    return count_of(canvas_of(620, 300, {},
                              [&](QPainter& painter) {
                                draw_answers(painter, layout, evidence, {}, explained);
                              }),
                    light_palette().accent);
  };
  EXPECT_EQ(accents(""), 0);
  EXPECT_EQ(accents("no such answer"), 0);
  EXPECT_GT(accents("green"), 20);
}

TEST(DrawPicture, OutlinesTheSubjectAndHatchesWhatIsDropped) {
  AnswerEvidence evidence = sample_evidence();
  const QImage picture = plain_picture(400, 200);
  const auto drawn = [&] {
    return canvas_of(400, 200, {}, [&](QPainter& painter) {
      draw_picture(painter, QRectF(0, 0, 400, 200), evidence, picture, {.regions = 0});
    });
  };
  const QImage plain = drawn();
  EXPECT_EQ(count_of(plain, light_palette().accent), 0);
  evidence.subject = Token{false, 5};
  evidence.regions[6].dropped = true;
  const QImage marked = drawn();
  EXPECT_GT(count_of(marked, light_palette().accent), 100);
  int in_dropped = 0, elsewhere = 0;
  for (int y = 0; y < 200; ++y) {
    for (int x = 0; x < 400; ++x) {
      if (plain.pixel(x, y) == marked.pixel(x, y)) continue;
      const bool dropped = QRectF(198, 98, 104, 104).contains(x, y);
      const bool subject = QRectF(96, 96, 108, 108).contains(x, y);
      in_dropped += dropped ? 1 : 0;
      elsewhere += dropped || subject ? 0 : 1;
    }
  }
  EXPECT_GT(in_dropped, 9000);
  EXPECT_EQ(elsewhere, 0);
}

TEST(DrawPicture, LabelsStayInsideOfThePicture) {
  AnswerEvidence evidence = sample_evidence();
  const QImage picture = plain_picture(400, 200);
  const QRectF where(50, 50, 400, 200);
  const auto tag_pixels = [&] {
    const QImage canvas = canvas_of(500, 300, {}, [&](QPainter& painter) {
      draw_picture(painter, where, evidence, picture, {.regions = 8});
    });
    int inside = 0;
    for (int y = 0; y < canvas.height(); ++y) {
      for (int x = 0; x < canvas.width(); ++x) {
        if (canvas.pixelColor(x, y) != light_palette().tag) continue;
        ++inside;
        EXPECT_LE(x, where.right());
      }
    }
    return inside;
  };
  const int numbers = tag_pixels();
  for (PictureRegion& region : evidence.regions) region.label = "traffic light";
  EXPECT_GT(tag_pixels(), 2 * numbers);
  // Wider than the picture: cut with an ellipsis.
  evidence.regions[3].label = std::string(200, 'w');
  tag_pixels();
}

TEST(DrawPicture, TheSameWhereOnlyAPartOfItIsSeen) {
  const AnswerEvidence evidence = sample_evidence();
  const QImage picture = plain_picture(400, 200);
  const FigureOptions options{.regions = 0};
  const QRectF where(-3000, -1500, 8000, 4000);
  const QImage overlay = weight_overlay(evidence, QSize(8000, 4000), options);
  const QImage part =
      weight_overlay(evidence, QSize(8000, 4000), QRect(3000, 1500, 200, 100), options);
  EXPECT_EQ(part, overlay.copy(3000, 1500, 200, 100));
  const QImage seen = canvas_of(200, 100, {}, [&](QPainter& painter) {
    draw_picture(painter, where, evidence, picture, options);
  });
  QImage wanted(200, 100, QImage::Format_RGB32);
  wanted.fill(Qt::gray);
  QPainter painter(&wanted);
  painter.drawImage(0, 0, part);
  painter.end();
  for (const QPoint at : {QPoint(5, 5), QPoint(100, 50), QPoint(195, 95)}) {
    EXPECT_NEAR(seen.pixelColor(at).green(), wanted.pixelColor(at).green(), 2);
  }
}

TEST(DrawPicture, AnotherPictureOfTheSameSizeIsNotTheFirst) {
  const AnswerEvidence evidence;
  const QImage red = plain_picture(100, 50, Qt::red), blue = plain_picture(100, 50, Qt::blue);
  for (const QImage& picture : {red, blue, red}) {
    const QImage canvas = canvas_of(300, 150, {}, [&](QPainter& painter) {
      draw_picture(painter, QRectF(0, 0, 300, 150), evidence, picture, {});
    });
    EXPECT_EQ(canvas.pixelColor(150, 75), picture.pixelColor(50, 25));
  }
}

TEST(Legend, NamesWhatADetectorFound) {
  AnswerEvidence evidence = sample_evidence();
  const double numbers = legend_height(evidence, 300, {});
  for (PictureRegion& region : evidence.regions) region.label = "traffic light";
  EXPECT_GT(legend_height(evidence, 300, {}), numbers);  // no more room in one line
}

TEST(Legend, TakesItsHeightAndSaysNothingWithoutWeights) {
  AnswerEvidence evidence = sample_evidence();
  const double plain = legend_height(evidence, 600, {});
  EXPECT_GT(plain, 10);
  EXPECT_GT(legend_height(evidence, 150, {}), plain);
  evidence.region_legend.detail = "guided attention, layer 2, head 1";
  EXPECT_GT(legend_height(evidence, 600, {}), plain);
  for (const double width : {120.0, 200.0, 400.0, 800.0}) {
    const double height = legend_height(evidence, width, {});
    const QImage canvas = canvas_of(900, 300, {}, [&](QPainter& painter) {
      draw_legend(painter, QRectF(20, 30, width, height), evidence, {});
    });
    for (int y = 0; y < 300; ++y) {
      for (int x = 0; x < 900; ++x) {
        if (!QRectF(18, 28, width + 4, height + 4).contains(x, y)) {
          ASSERT_EQ(canvas.pixelColor(x, y), QColor(Qt::white)) << width << ": " << x << ", " << y;
        }
      }
    }
  }
  evidence.region_legend = {};
  EXPECT_EQ(legend_height(evidence, 600, {}), 0);
}

}  // namespace
}  // namespace vqalign::test
