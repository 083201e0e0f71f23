#include "vqalign/figure/heads_grid.h"

#include <QFontMetricsF>
#include <algorithm>
#include <cassert>
#include <cmath>
#include <iterator>
#include <limits>

#include "vqalign/figure/heat_map.h"
#include "vqalign/figure/text_block.h"

namespace vqalign {
namespace {

constexpr double kGridHeading = 26;
constexpr double kHeadNames = 16;   // the row of head numbers above a block
constexpr double kLayerNames = 54;  // the column of layer names before a block
constexpr double kBlockGap = 28;
constexpr double kCellGap = 6;
constexpr double kBelowMap = 9;  // gap and bar
constexpr double kNumber = 15;
constexpr double kLargestMap = 76;
constexpr double kReadableMap = 46;  // smaller ones are not put side by side
constexpr double kNumberedMap = 34;  // smaller ones have no room for a number
constexpr double kNamedMap = 13;     // smaller ones have no room for a head's number
constexpr double kSortedMap = 84;    // has its name below
constexpr double kSmallestMap = 3;

struct StatisticName {
  HeadStatistic statistic;
  const char* name;
};

constexpr StatisticName kStatistics[] = {{HeadStatistic::kEntropy, "entropy"},
                                         {HeadStatistic::kPeak, "peak"},
                                         {HeadStatistic::kAlignment, "alignment"},
                                         {HeadStatistic::kEffect, "effect"}};

double value_of(const Inspection& inspection, const HeadsView& view, const HeadSite& site) {
  const HeadStatistics& statistics = inspection.statistics_of(site);
  switch (view.statistic) {
    case HeadStatistic::kEntropy:
      return statistics.entropy;
    case HeadStatistic::kPeak:
      return statistics.peak;
    case HeadStatistic::kAlignment:
      return statistics.alignment;
    case HeadStatistic::kEffect: {
      const std::size_t index = inspection.index(site);
      return index < view.effects.size() ? view.effects[index]
                                         : std::numeric_limits<double>::quiet_NaN();
    }
  }
  assert(false && "unknown statistic");
  return 0;
}

std::vector<AttentionFamily> families_of(const Inspection& inspection, const HeadsView& view) {
  std::vector<AttentionFamily> families = view.families;
  std::erase_if(families,
                [&](AttentionFamily family) { return inspection.shape(family).layers == 0; });
  return families;
}

/// A cell whose map is `side` wide and high.
HeadCell cell_of(const HeadSite& site, double value, QPointF at, double side, bool number) {
  HeadCell cell{.site = site, .map = QRectF(at, QSizeF(side, side)), .value = value};
  cell.bar = QRectF(at.x(), cell.map.bottom() + 3, side, 4);
  cell.box = QRectF(at, QSizeF(side, side + kBelowMap));
  if (number) {
    cell.number = QRectF(at.x(), cell.box.bottom(), side, kNumber);
    cell.box.setBottom(cell.number.bottom());
  }
  return cell;
}

/// How large the blocks' maps are and how many blocks stand side by side.
struct BlockSize {
  std::size_t beside = 1;
  double side = kSmallestMap;

  bool numbered() const { return side >= kNumberedMap; }
  double row() const { return side + kBelowMap + (numbered() ? kNumber : 0) + kCellGap; }
  double width(int64_t heads) const { return kLayerNames + double(heads) * (side + kCellGap); }
};

BlockSize block_size(std::size_t blocks, int64_t heads, double width) {
  for (std::size_t beside = std::max<std::size_t>(blocks, 1);; --beside) {
    const double each = (width - kBlockGap * double(beside - 1)) / double(beside);
    const double side =
        std::floor((each - kLayerNames) / double(std::max<int64_t>(heads, 1)) - kCellGap);
    if (beside == 1 || side >= kReadableMap) {
      return {beside, std::clamp(side, kSmallestMap, kLargestMap)};
    }
  }
}

/// Heading, names and cells of one family; its height.
double place_block(HeadsGrid& grid, const Inspection& inspection, const HeadsView& view,
                   AttentionFamily family, QPointF at, const BlockSize& size) {
  const FamilyShape shape = inspection.shape(family);
  const double width = size.width(shape.heads);
  QString title = family_title(family);
  title[0] = title[0].toUpper();
  grid.labels.push_back({QRectF(at.x(), at.y(), width, kGridHeading), title, Qt::AlignLeft, true});
  const double left = at.x() + kLayerNames, top = at.y() + kGridHeading + kHeadNames;
  const auto column = [&](int64_t head) { return left + double(head) * (size.side + kCellGap); };
  if (size.side >= kNamedMap) {
    grid.labels.push_back({QRectF(at.x(), at.y() + kGridHeading, kLayerNames - 8, kHeadNames),
                           QString::fromUtf8("head"), Qt::AlignRight});
    for (int64_t head = 0; head < shape.heads; ++head) {
      grid.labels.push_back({QRectF(column(head), at.y() + kGridHeading, size.side, kHeadNames),
                             QString::number(head), Qt::AlignHCenter});
    }
  }
  for (int64_t layer = 0; layer < shape.layers; ++layer) {
    const double y = top + double(layer) * size.row();
    grid.labels.push_back({QRectF(at.x(), y, kLayerNames - 8, std::max(size.side, 9.0)),
                           QString::fromUtf8("layer %1").arg(layer), Qt::AlignRight});
    for (int64_t head = 0; head < shape.heads; ++head) {
      const HeadSite site{family, layer, head};
      grid.cells.push_back(cell_of(site, value_of(inspection, view, site), QPointF(column(head), y),
                                   size.side, size.numbered()));
    }
  }
  return kGridHeading + kHeadNames + double(shape.layers) * size.row();
}

/// Blocks of one shape, as many beside each other as find room; their height.
double place_alike(HeadsGrid& grid, const Inspection& inspection, const HeadsView& view,
                   const std::vector<AttentionFamily>& families, QPointF at, double width) {
  if (families.empty()) return 0;
  const int64_t heads = inspection.shape(families.front()).heads;
  const BlockSize size = block_size(families.size(), heads, width);
  double y = at.y(), height = 0;
  for (std::size_t i = 0; i < families.size(); ++i) {
    const std::size_t column = i % size.beside;
    if (i > 0 && column == 0) y += height + kBlockGap / 2;
    const double x = at.x() + double(column) * (size.width(heads) + kBlockGap);
    height = place_block(grid, inspection, view, families[i], QPointF(x, y), size);
  }
  return y + height - at.y();
}

/// The blocks of the co-attention, and below them a pretrained encoder's, which has another shape;
/// their height.
double place_blocks(HeadsGrid& grid, const Inspection& inspection, const HeadsView& view,
                    QPointF at, double width) {
  std::vector<AttentionFamily> above = families_of(inspection, view);
  const auto last = std::stable_partition(above.begin(), above.end(), [](AttentionFamily family) {
    return family != AttentionFamily::kQuestionPretrained;
  });
  const std::vector<AttentionFamily> below(last, above.end());
  above.erase(last, above.end());
  double height = place_alike(grid, inspection, view, above, at, width);
  if (height > 0 && !below.empty()) height += kBlockGap / 2;
  return height +
         place_alike(grid, inspection, view, below, QPointF(at.x(), at.y() + height), width);
}

/// The largest first; what was not measured last.
bool stands_before(const HeadCell& a, const HeadCell& b) {
  if (std::isnan(a.value) || std::isnan(b.value)) {
    return !std::isnan(a.value) && std::isnan(b.value);
  }
  return std::abs(a.value) > std::abs(b.value);
}

/// "guided 2:1": short enough to stand below a thumbnail.
QString short_name(const HeadSite& site) {
  const char* family = site.family == AttentionFamily::kQuestionSelf ? "question"
                       : site.family == AttentionFamily::kImageSelf  ? "image"
                       : site.family == AttentionFamily::kGuided     ? "guided"
                                                                     : "pretrained";
  return QString::fromUtf8("%1 %2:%3").arg(family).arg(site.layer).arg(site.head);
}

/// All heads in one flow; its height.
double place_sorted(HeadsGrid& grid, const Inspection& inspection, const HeadsView& view,
                    QPointF at, double width) {
  const std::vector<HeadCell> cells = heads_in_order(inspection, view);
  constexpr double kSpace = 12;
  grid.labels.push_back(
      {QRectF(at.x(), at.y(), width, kGridHeading),
       QString::fromUtf8("Heads by %1, the largest first; named by layer and head")
           .arg(view.statistic == HeadStatistic::kAlignment
                    ? QString::fromUtf8("query-key distance (alignment)")
                    : QString::fromUtf8(statistic_name(view.statistic))),
       Qt::AlignLeft, true});
  const auto columns =
      static_cast<std::size_t>(std::max(1.0, std::floor((width + kSpace) / (kSortedMap + kSpace))));
  const double side = (width - kSpace * double(columns - 1)) / double(columns);
  const double top = at.y() + kGridHeading + 4;
  const double row = side + kBelowMap + 2 * kNumber + kSpace;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const QPointF corner(at.x() + double(i % columns) * (side + kSpace),
                         top + double(i / columns) * row);
    HeadCell cell = cell_of(cells[i].site, cells[i].value, corner, side, true);
    const QRectF name(corner.x(), cell.box.bottom(), side, kNumber);
    grid.labels.push_back({name, short_name(cell.site), Qt::AlignHCenter});
    cell.box.setBottom(name.bottom());
    grid.cells.push_back(cell);
  }
  return top - at.y() + double((cells.size() + columns - 1) / columns) * row;
}

QString statistic_text(HeadStatistic statistic) {
  switch (statistic) {
    case HeadStatistic::kEntropy:
      return QString::fromUtf8("Bars: entropy of a row, 0 looks at one thing, 1 everywhere alike");
    case HeadStatistic::kPeak:
      return QString::fromUtf8("Bars: largest weight of a row, mean over rows");
    case HeadStatistic::kAlignment:
      return QString::fromUtf8("Bars: distance between the head's queries and keys (squared MMD)");
    case HeadStatistic::kEffect:
      return QString::fromUtf8("Bars: what switching the head off changes");
  }
  return {};
}

void place_legend(HeadsGrid& grid, const Inspection& inspection, QPointF at, double width,
                  const FigureOptions& options) {
  constexpr double kIndent = kHeadsRamp + 10;
  constexpr int kMostLines = 4;
  QString scale = options.scale > 0
                      ? QString::fromUtf8("0 to %1 in every map").arg(percent_text(options.scale))
                      : QString::fromUtf8("0 to the largest weight of each map");
  if (!inspection.edits.silenced.empty()) {
    scale += QString::fromUtf8(" \u00b7 crossed out: switched off");
  }
  const QFont font = figure_font(12);
  grid.scale_text = {wrapped(scale, font, std::max(width - kIndent, 1.0), kMostLines),
                     at + QPointF(kIndent, 0)};
  const double below = at.y() + grid.scale_text.text.height() + 4;
  grid.value_text = {wrapped(statistic_text(grid.statistic), font, width, kMostLines),
                     QPointF(at.x(), below)};
  grid.legend = QRectF(at, QPointF(at.x() + width, below + grid.value_text.text.height()));
}

}  // namespace

const char* statistic_name(HeadStatistic statistic) {
  const auto* found =
      std::find_if(std::begin(kStatistics), std::end(kStatistics),
                   [&](const StatisticName& s) { return s.statistic == statistic; });
  assert(found != std::end(kStatistics));
  return found->name;
}

std::optional<HeadStatistic> statistic_of(std::string_view name) {
  for (const StatisticName& statistic : kStatistics) {
    if (name == statistic.name) return statistic.statistic;
  }
  return {};
}

std::vector<HeadCell> heads_in_order(const Inspection& inspection, const HeadsView& view) {
  std::vector<HeadCell> cells;
  for (const AttentionFamily family : families_of(inspection, view)) {
    const FamilyShape shape = inspection.shape(family);
    for (int64_t layer = 0; layer < shape.layers; ++layer) {
      for (int64_t head = 0; head < shape.heads; ++head) {
        const HeadSite site{family, layer, head};
        cells.push_back({.site = site, .value = value_of(inspection, view, site)});
      }
    }
  }
  if (view.sorted) std::stable_sort(cells.begin(), cells.end(), stands_before);
  return cells;
}

const HeadCell* HeadsGrid::cell_at(QPointF point) const {
  const auto found = std::find_if(cells.begin(), cells.end(),
                                  [&](const HeadCell& cell) { return cell.box.contains(point); });
  return found == cells.end() ? nullptr : &*found;
}

HeadsGrid lay_out_heads(const Inspection& inspection, const HeadsView& view, QPointF top_left,
                        double width, const FigureOptions& options) {
  HeadsGrid grid;
  grid.statistic = view.statistic;
  const double height = view.sorted ? place_sorted(grid, inspection, view, top_left, width)
                                    : place_blocks(grid, inspection, view, top_left, width);
  // Entropy and peak are shares of what is possible; the others have no such end.
  const bool share =
      view.statistic == HeadStatistic::kEntropy || view.statistic == HeadStatistic::kPeak;
  if (!share) {
    grid.full = 1e-9;
    for (const HeadCell& cell : grid.cells) grid.full = std::fmax(grid.full, std::abs(cell.value));
  }
  place_legend(grid, inspection, QPointF(top_left.x(), top_left.y() + height + 6), width, options);
  grid.width = width;
  grid.height = grid.legend.bottom() - top_left.y();
  return grid;
}

}  // namespace vqalign
