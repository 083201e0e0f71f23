#include "vqalign/figure/heads_grid.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "boxes.h"
#include "tests/inspect/sample_inspection.h"
#include "vqalign/core/error.h"
#include "vqalign/figure/heat_map.h"

namespace vqalign::test {
namespace {

/// All that is drawn.
std::vector<QRectF> drawn_boxes(const HeadsGrid& grid) {
  std::vector<QRectF> boxes = {grid.legend};
  for (const HeadCell& cell : grid.cells) {
    boxes.push_back(cell.map);
    boxes.push_back(cell.bar);
    if (!cell.number.isEmpty()) boxes.push_back(cell.number);
  }
  for (const HeadLabel& label : grid.labels) boxes.push_back(label.box);
  return boxes;
}

std::vector<QRectF> cell_boxes(const HeadsGrid& grid) {
  std::vector<QRectF> boxes = {grid.legend};
  for (const HeadCell& cell : grid.cells) boxes.push_back(cell.box);
  return boxes;
}

void expect_parts_inside(const HeadCell& cell) {
  const QRectF box = cell.box.adjusted(-0.01, -0.01, 0.01, 0.01);
  EXPECT_TRUE(box.contains(cell.map));
  EXPECT_TRUE(box.contains(cell.bar));
  EXPECT_FALSE(cell.bar.intersects(cell.map));
  if (!cell.number.isEmpty()) {
    EXPECT_TRUE(box.contains(cell.number));
  }
  EXPECT_GT(cell.map.width(), 2);
}

TEST(HeadsGrid, NothingOverAnotherAndEverythingInside) {
  struct Shape {
    int64_t layers, heads, words, regions;
    FamilyShape pretrained = {};
  };
  for (const Shape& shape :
       {Shape{1, 1, 1, 1}, Shape{3, 4, 6, 24}, Shape{16, 16, 3, 4}, Shape{6, 8, 14, 100},
        Shape{16, 1, 2, 2}, Shape{2, 4, 6, 24, {6, 12}}, Shape{4, 8, 3, 4, {1, 1}}}) {
    const Inspection inspection = sample_inspection(shape.layers, shape.heads, shape.words,
                                                    shape.regions, false, shape.pretrained);
    for (const double width : {300.0, 500.0, 900.0, 2000.0}) {
      for (const bool sorted : {false, true}) {
        HeadsView view;
        view.sorted = sorted;
        const HeadsGrid grid = lay_out_heads(inspection, view, QPointF(7, 11), width, {});
        ASSERT_EQ(grid.cells.size(), inspection.maps.size());
        const QRectF area(7, 11, width, grid.height);
        const std::string name =
            concat(shape.layers, " x ", shape.heads, " in ", width, sorted ? ", sorted" : "");
        expect_apart(drawn_boxes(grid), area, name);
        expect_apart(cell_boxes(grid), area, name);
        for (const HeadCell& cell : grid.cells) expect_parts_inside(cell);
      }
    }
  }
}

TEST(HeadsGrid, ARowIsALayerAndAColumnAHead) {
  const Inspection inspection = sample_inspection(3, 4, 5, 6);
  const HeadsGrid grid = lay_out_heads(inspection, {}, QPointF(0, 0), 1000, {});
  std::set<HeadSite> sites;
  for (const HeadCell& a : grid.cells) {
    sites.insert(a.site);
    EXPECT_EQ(grid.cell_at(a.map.center())->site, a.site);
    for (const HeadCell& b : grid.cells) {
      if (a.site.family != b.site.family) continue;
      EXPECT_EQ(a.site.layer < b.site.layer, a.map.bottom() < b.map.top());
      EXPECT_EQ(a.site.head < b.site.head, a.map.right() < b.map.left());
    }
  }
  EXPECT_EQ(sites.size(), 36u);
  EXPECT_EQ(grid.cell_at(QPointF(-5, -5)), nullptr);
}

TEST(HeadsGrid, ShowsTheChosenFamiliesAlone) {
  const Inspection inspection = sample_inspection(2, 2, 3, 3);
  HeadsView view;
  view.families = {AttentionFamily::kGuided};
  const HeadsGrid grid = lay_out_heads(inspection, view, QPointF(0, 0), 600, {});
  ASSERT_EQ(grid.cells.size(), 4u);
  for (const HeadCell& cell : grid.cells) EXPECT_EQ(cell.site.family, AttentionFamily::kGuided);
}

TEST(HeadsGrid, APretrainedEncodersHeadsStandBesideTheOthers) {
  const Inspection inspection = sample_inspection(2, 2, 3, 3, false, {3, 5});
  HeadsView view;
  EXPECT_EQ(heads_in_order(inspection, view).size(), 12u + 15u);
  view.sorted = true;
  const HeadsGrid grid = lay_out_heads(inspection, view, QPointF(0, 0), 600, {});
  const auto named = [&](const char* name) {
    return std::count_if(grid.labels.begin(), grid.labels.end(), [&](const HeadLabel& label) {
      return label.text == QString::fromUtf8(name);
    });
  };
  EXPECT_EQ(named("pretrained 2:4"), 1);
  view.families = {AttentionFamily::kQuestionPretrained};
  EXPECT_EQ(heads_in_order(inspection, view).size(), 15u);
  EXPECT_TRUE(heads_in_order(sample_inspection(2, 2, 3, 3), view).empty());
}

TEST(HeadsGrid, SortsByTheStatisticLargestFirst) {
  Inspection inspection = sample_inspection(2, 2, 3, 3);
  const double peaks[] = {0.3, 0.9, 0.1, 0.5, 0.2, 0.8, 0.4, 0.7, 0.6, 0.15, 0.25, 0.95};
  for (std::size_t i = 0; i < 12; ++i) inspection.statistics[i].peak = peaks[i];
  HeadsView view;
  view.statistic = HeadStatistic::kPeak;
  view.sorted = true;
  const HeadsGrid grid = lay_out_heads(inspection, view, QPointF(0, 0), 500, {});
  std::vector<double> values;
  for (const HeadCell& cell : grid.cells) values.push_back(cell.value);
  EXPECT_EQ(values,
            (std::vector<double>{0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1}));
  EXPECT_EQ(grid.cells[1].site, (HeadSite{AttentionFamily::kQuestionSelf, 0, 1}));
  for (std::size_t i = 1; i < grid.cells.size(); ++i) {  // in reading order
    const QRectF &a = grid.cells[i - 1].map, &b = grid.cells[i].map;
    EXPECT_TRUE(b.left() > a.right() || b.top() > a.bottom()) << i;
  }
  std::vector<std::string> named;
  for (const HeadLabel& label : grid.labels) named.push_back(label.text.toStdString());
  EXPECT_EQ(std::count(named.begin(), named.end(), "question 0:1"), 1);
  EXPECT_EQ(std::count(named.begin(), named.end(), "guided 1:1"), 1);
}

TEST(HeadsGrid, EffectsSortWithoutSignAndUnmeasuredOnesStandLast) {
  const Inspection inspection = sample_inspection(1, 2, 3, 3);
  HeadsView view;
  view.statistic = HeadStatistic::kEffect;
  view.sorted = true;
  view.effects = {0.1, std::numeric_limits<double>::quiet_NaN(), -0.4, 0.2, 0.0, 0.3};
  const HeadsGrid grid = lay_out_heads(inspection, view, QPointF(0, 0), 500, {});
  EXPECT_DOUBLE_EQ(grid.cells[0].value, -0.4);
  EXPECT_DOUBLE_EQ(grid.cells[1].value, 0.3);
  EXPECT_DOUBLE_EQ(grid.cells[4].value, 0.0);
  EXPECT_TRUE(std::isnan(grid.cells[5].value));
  EXPECT_DOUBLE_EQ(grid.full, 0.4);
  view.effects = {};
  for (const HeadCell& cell : lay_out_heads(inspection, view, QPointF(0, 0), 500, {}).cells) {
    EXPECT_TRUE(std::isnan(cell.value));
  }
}

TEST(HeadsGrid, NamesStatisticsBothWays) {
  for (const char* name : {"entropy", "peak", "alignment", "effect"}) {
    EXPECT_STREQ(statistic_name(*statistic_of(name)), name);
  }
  EXPECT_FALSE(statistic_of("mean"));
  EXPECT_FALSE(statistic_of(""));
}

QImage drawn(const HeadsGrid& grid, const Inspection& inspection, const FigureOptions& options,
             const HeadMarks& marks = {}) {
  QImage canvas(int(grid.width) + 10, int(grid.height) + 10, QImage::Format_RGB32);
  canvas.fill(options.palette().card);
  QPainter painter(&canvas);
  draw_heads(painter, grid, inspection, head_images(inspection, options), options, marks);
  return canvas;
}

TEST(DrawHeads, EveryThumbnailIsItsMap) {
  const Inspection inspection = sample_inspection(2, 2, 4, 3);
  const HeadsGrid grid = lay_out_heads(inspection, {}, QPointF(5, 5), 900, {});
  const QImage canvas = drawn(grid, inspection, {});
  for (const HeadCell& cell : grid.cells) {
    const AttentionMap& map = inspection.map(cell.site);
    const QImage image = heat_map(map, map_scale(map, {}), {});
    for (int64_t query = 0; query < map.queries; ++query) {
      for (int64_t key = 0; key < map.keys; ++key) {
        const QPointF at(
            cell.map.left() + cell.map.width() * (double(key) + 0.5) / double(map.keys),
            cell.map.top() + cell.map.height() * (double(query) + 0.5) / double(map.queries));
        EXPECT_EQ(canvas.pixel(at.toPoint()), image.pixel(int(key), int(query)));
      }
    }
  }
}

TEST(DrawHeads, BarsAreAsLongAsTheStatistic) {
  Inspection inspection = sample_inspection(1, 2, 4, 3);
  for (std::size_t i = 0; i < 6; ++i) inspection.statistics[i].entropy = 0.15 * double(i + 1);
  const HeadsGrid grid = lay_out_heads(inspection, {}, QPointF(5, 5), 900, {});
  const QImage canvas = drawn(grid, inspection, {});
  const Palette& palette = light_palette();
  for (const HeadCell& cell : grid.cells) {
    const double end = cell.bar.left() + cell.bar.width() * cell.value;
    EXPECT_EQ(canvas.pixelColor(int(end) - 2, int(cell.bar.center().y())), palette.bar);
    EXPECT_EQ(canvas.pixelColor(int(end) + 2, int(cell.bar.center().y())), palette.track);
  }
}

TEST(DrawHeads, SilencedHeadsAreCrossedOutAndChosenOnesFramed) {
  Inspection inspection = sample_inspection(1, 3, 2, 2);
  const HeadSite silenced{AttentionFamily::kGuided, 0, 1};
  const HeadSite selected{AttentionFamily::kGuided, 0, 2};
  const HeadsGrid grid = lay_out_heads(inspection, {}, QPointF(5, 5), 900, {});
  const QImage before = drawn(grid, inspection, {});
  inspection.edits.silenced = {silenced};
  const QImage after = drawn(grid, inspection, {}, {.selected = selected, .pointed = {}});
  for (const HeadCell& cell : grid.cells) {
    const QPoint centre = cell.map.center().toPoint();
    const QPoint edge(int(cell.map.left()) - 2, centre.y());
    const bool crossed =
        after.pixelColor(centre).lightness() > 240 && before.pixel(centre) != after.pixel(centre);
    EXPECT_EQ(crossed, cell.site == silenced);
    EXPECT_EQ(after.pixelColor(edge) == light_palette().accent, cell.site == selected);
  }
}

}  // namespace
}  // namespace vqalign::test
