#pragma once

#include <QImage>
#include <QPainter>
#include <QRectF>
#include <QString>
#include <optional>
#include <string_view>
#include <vector>

#include "vqalign/figure/figure_options.h"
#include "vqalign/figure/text_block.h"
#include "vqalign/inspect/inspection.h"

namespace vqalign {

/// What is told of every head, and what heads are sorted by: entropy and peak of its map, distance
/// between its queries and keys (HeadStatistics), or how much switching it off changes.
enum class HeadStatistic { kEntropy, kPeak, kAlignment, kEffect };

/// "entropy", "peak", "alignment", "effect"; and back, nothing where the name is none.
const char* statistic_name(HeadStatistic statistic);
std::optional<HeadStatistic> statistic_of(std::string_view name);

/// Which heads are shown, and how.
struct HeadsView {
  /// Those that a model has not are passed over.
  std::vector<AttentionFamily> families = {kAllFamilies.begin(), kAllFamilies.end()};
  HeadStatistic statistic = HeadStatistic::kEntropy;
  bool sorted = false;
  /// What switching each head off changes, by Inspection::index(); empty: not measured. A head's
  /// own may be NaN: not measured.
  std::vector<double> effects = {};
};

/// A head's place: its map, and below it a bar and the number of the statistic.
struct HeadCell {
  HeadSite site;
  QRectF box = {};     ///< everything of it
  QRectF map = {};     ///< the thumbnail
  QRectF bar = {};     ///< the statistic's, at its full length
  QRectF number = {};  ///< empty where there is no room for it
  double value = 0;    ///< the statistic; NaN: not measured
};

struct HeadLabel {
  QRectF box;
  QString text;
  Qt::Alignment alignment = Qt::AlignLeft;
  bool heading = false;
};

/// Where everything of the overview goes.
struct HeadsGrid {
  std::vector<HeadCell> cells;
  std::vector<HeadLabel> labels;
  QRectF legend;          ///< at the bottom: the colours' ramp, and what is said of
  PlacedText scale_text;  ///< the colours
  PlacedText value_text;  ///< the bars
  double width = 0;
  double height = 0;
  HeadStatistic statistic = HeadStatistic::kEntropy;
  double full = 1;  ///< the statistic, without sign, that fills a bar

  /// The head at a point, for clicks and tips.
  const HeadCell* cell_at(QPointF point) const;
};

/// The heads of a view in the order in which they are shown, without places.
std::vector<HeadCell> heads_in_order(const Inspection& inspection, const HeadsView& view);

/// What the ramp of the legend takes from its left end.
constexpr double kHeadsRamp = 80;

/// All heads of the chosen families within `width`. Unsorted: a block a family, a row a layer, a
/// column a head, blocks side by side where the width allows. Sorted: all heads in one flow, the
/// one with the largest statistic (without sign) first, those not measured last, each with its
/// name.
HeadsGrid lay_out_heads(const Inspection& inspection, const HeadsView& view, QPointF top_left,
                        double width, const FigureOptions& options);

/// The maps as pictures, by Inspection::index(): made once an inspection and set of options, kept
/// by the caller, drawn often.
struct HeadImages {
  std::vector<QImage> by_index;
};
HeadImages head_images(const Inspection& inspection, const FigureOptions& options);

/// Heads that stand out.
struct HeadMarks {
  std::optional<HeadSite> selected;
  std::optional<HeadSite> pointed;
};

/// Every thumbnail has its own scale, or options.scale when that is set. Heads that were silenced
/// (inspection.edits) are crossed out.
void draw_heads(QPainter& painter, const HeadsGrid& grid, const Inspection& inspection,
                const HeadImages& images, const FigureOptions& options,
                const HeadMarks& marks = {});

}  // namespace vqalign
