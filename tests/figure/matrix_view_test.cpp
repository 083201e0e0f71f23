#include "vqalign/figure/matrix_view.h"

#include <gtest/gtest.h>

#include "boxes.h"
#include "tests/inspect/sample_inspection.h"
#include "vqalign/core/error.h"
#include "vqalign/figure/colour_map.h"

namespace vqalign::test {
namespace {

MatrixContent content_of(int64_t words, int64_t regions, const std::string& word,
                         AttentionFamily family) {
  Inspection inspection = sample_inspection(2, 2, words, regions);
  for (QuestionWord& each : inspection.evidence.words) each.text = word;
  return matrix_content(inspection, family, {});
}

TEST(MatrixContent, NamesTokensAndSaysWhatARowIs) {
  Inspection inspection = sample_inspection(3, 4, 3, 4);
  inspection.evidence.words[inspection.read_words[1]].text = "blue";
  const MatrixContent guided = matrix_content(inspection, AttentionFamily::kGuided, {});
  EXPECT_EQ(guided.title.toStdString(), "guided attention, layer 2, mean over 4 heads");
  EXPECT_EQ(guided.key_labels, (QStringList{"word", "blue", "word"}));
  EXPECT_EQ(guided.query_labels, (QStringList{"0", "1", "3", "4"}));  // 2 is dropped
  EXPECT_EQ(guided.direction.toStdString(),
            "Each row sums to 1: what a region (row) gives to each word (column)");
  const MatrixContent largest =
      matrix_content(inspection, AttentionFamily::kQuestionSelf, {0, MapChoice::kMax});
  EXPECT_EQ(largest.title.toStdString(), "question self-attention, layer 0, maximum over 4 heads");
  EXPECT_NE(largest.direction.indexOf("do not sum to 1"), -1);
  EXPECT_EQ(largest.query_labels, largest.key_labels);
  EXPECT_EQ(matrix_content(inspection, AttentionFamily::kImageSelf, {1, 3}).map.site,
            (HeadSite{AttentionFamily::kImageSelf, 1, 3}));
  EXPECT_THROW(matrix_content(inspection, AttentionFamily::kGuided, {3, 0}), UsageError);
  EXPECT_THROW(matrix_content(inspection, AttentionFamily::kQuestionPretrained, {}), UsageError);
  EXPECT_THROW(matrix_content(inspection, AttentionFamily::kGuided, {0, 4}), UsageError);
}

TEST(MatrixContent, SaysWhereTheRestOfAPretrainedEncodersRowsWent) {
  const Inspection inspection = sample_inspection(1, 2, 3, 4, false, {3, 5});
  const auto own = AttentionFamily::kQuestionPretrained;
  const MatrixContent mean = matrix_content(inspection, own, {});
  EXPECT_EQ(mean.title.toStdString(), "pretrained question attention, layer 2, mean over 5 heads");
  EXPECT_EQ(mean.query_labels, (QStringList{"word", "word", "word"}));
  EXPECT_EQ(mean.query_labels, mean.key_labels);
  EXPECT_TRUE(mean.direction.startsWith("The rest of each row went to [CLS] and [SEP]"));
  const MatrixContent largest = matrix_content(inspection, own, {0, MapChoice::kMax});
  EXPECT_TRUE(largest.direction.startsWith("Largest of the heads"));
}

TEST(MatrixLayout, NothingOverAnotherAndEverythingInside) {
  const std::string long_word(300, 'w');
  for (const int64_t words : {1, 3, 14, 60}) {
    for (const int64_t regions : {1, 24, 100, 400}) {
      for (const std::string& word : {std::string("i"), std::string("colour"), long_word}) {
        for (const AttentionFamily family :
             {AttentionFamily::kQuestionSelf, AttentionFamily::kImageSelf,
              AttentionFamily::kGuided}) {
          const MatrixContent content = content_of(words, regions, word, family);
          for (const QSizeF size : {QSizeF(300, 300), QSizeF(900, 700), QSizeF(500, 1400)}) {
            const QRectF area(QPointF(13, 17), size);
            const MatrixLayout layout = lay_out_matrix(content, area);
            std::vector<QRectF> boxes = {layout.title, layout.direction, layout.cells,
                                         layout.legend};
            for (const MatrixLabel& label : layout.query_labels) boxes.push_back(label.box);
            for (const MatrixLabel& label : layout.key_labels) boxes.push_back(label.box);
            // Labels are centred on cells, which at the border may be narrower than they.
            expect_apart(boxes, area.adjusted(-8, -8, 8, 8),
                         concat(words, " words of ", word.size(), ", ", regions, " regions, ",
                                family_name(family), ", ", size.width()));
            EXPECT_FALSE(layout.query_labels.empty());
            EXPECT_FALSE(layout.key_labels.empty());
          }
        }
      }
    }
  }
}

TEST(MatrixLayout, FindsTheCellAtAPoint) {
  const MatrixContent content = content_of(5, 9, "word", AttentionFamily::kGuided);
  const MatrixLayout layout = lay_out_matrix(content, QRectF(0, 0, 600, 500));
  for (int64_t row = 0; row < 9; ++row) {
    for (int64_t column = 0; column < 5; ++column) {
      const auto found = layout.cell_at(layout.cell(row, column).center());
      ASSERT_TRUE(found);
      EXPECT_EQ(*found, std::pair(row, column));
    }
  }
  EXPECT_FALSE(layout.cell_at(layout.cells.topLeft() - QPointF(1, 0)));
  EXPECT_FALSE(layout.cell_at(layout.cells.bottomRight() + QPointF(1, 1)));
  EXPECT_EQ(layout.cell_at(layout.cells.bottomRight()), std::pair(int64_t{8}, int64_t{4}));
  EXPECT_FALSE(MatrixLayout().cell_at(QPointF(0, 0)));
}

QImage drawn(const MatrixLayout& layout, const MatrixContent& content, const FigureOptions& options,
             std::optional<std::pair<int64_t, int64_t>> pointed = {}) {
  QImage canvas(700, 600, QImage::Format_RGB32);
  canvas.fill(options.palette().card);
  QPainter painter(&canvas);
  draw_matrix(painter, layout, content, options, pointed);
  return canvas;
}

TEST(DrawMatrix, CellsHaveTheColoursOfTheirWeights) {
  const MatrixContent content = content_of(6, 8, "word", AttentionFamily::kGuided);
  const MatrixLayout layout = lay_out_matrix(content, QRectF(0, 0, 700, 600));
  for (const double locked : {0.0, 0.9}) {
    const FigureOptions options{.colours = "magma", .scale = locked};
    const QImage canvas = drawn(layout, content, options);
    float largest = 0;
    for (const float weight : content.map.weights) largest = std::max(largest, weight);
    const double scale = locked > 0 ? locked : largest;
    for (int64_t row = 0; row < 8; ++row) {
      for (int64_t column = 0; column < 6; ++column) {
        const QPoint corner = (layout.cell(row, column).topLeft() + QPointF(4, 4)).toPoint();
        const QColor wanted =
            laid_over(overlay_colour("magma", content.map.at(row, column) / scale, 1), Qt::white);
        const QColor found = canvas.pixelColor(corner);
        EXPECT_NEAR(found.red(), wanted.red(), 2);
        EXPECT_NEAR(found.green(), wanted.green(), 2);
        EXPECT_NEAR(found.blue(), wanted.blue(), 2);
      }
    }
  }
}

TEST(DrawMatrix, PointedRowAndColumnAreMarked) {
  const MatrixContent content = content_of(6, 8, "word", AttentionFamily::kGuided);
  const MatrixLayout layout = lay_out_matrix(content, QRectF(0, 0, 700, 600));
  const QImage plain = drawn(layout, content, {}),
               marked = drawn(layout, content, {}, std::pair<int64_t, int64_t>{2, 3});
  int changed = 0, outside = 0;
  for (int y = 0; y < 600; ++y) {
    for (int x = 0; x < 700; ++x) {
      if (plain.pixel(x, y) == marked.pixel(x, y)) continue;
      ++changed;
      const QRectF cell = layout.cell(2, 3).adjusted(-3, -3, 3, 3);
      const bool in_row = y >= cell.top() && y <= cell.bottom();
      const bool in_column = x >= cell.left() && x <= cell.right();
      if (!in_row && !in_column) ++outside;
    }
  }
  EXPECT_GT(changed, 500);
  EXPECT_EQ(outside, 0);
}

TEST(DrawMatrix, SurvivesAnEmptyMap) {
  const MatrixContent empty;
  const MatrixLayout layout = lay_out_matrix(empty, QRectF(0, 0, 100, 100));
  EXPECT_TRUE(layout.key_labels.empty());
  drawn(layout, empty, {});
}

}  // namespace
}  // namespace vqalign::test
