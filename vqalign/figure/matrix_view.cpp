#include "vqalign/figure/matrix_view.h"

#include <QFontMetricsF>
#include <algorithm>
#include <cmath>

#include "vqalign/figure/heat_map.h"
#include "vqalign/figure/text_block.h"

namespace vqalign {
namespace {

constexpr int kTitleLines = 2;
constexpr int kDirectionLines = 4;
constexpr double kTextGap = 4;  // below title and direction
constexpr double kMatrixLegend = 30;
constexpr double kLabelGap = 8;  // between labels and cells: half of kLabelLine and more
constexpr double kLongestLabel = 110;
constexpr double kLabelLine = 14;  // what a label takes across
constexpr double kBelowCells = 8;  // that of the last row may hang over by half of it
constexpr double kWidestCell = 110;
constexpr double kHighestCell = 60;

/// Which of `count` labels have room, every so many, at `step` from one to the next.
int64_t label_step(double step) {
  return std::max<int64_t>(1, static_cast<int64_t>(std::ceil(kLabelLine / std::max(step, 0.01))));
}

double widest(const QStringList& labels) {
  const QFontMetricsF metrics(figure_font(kMatrixLabelSize));
  double width = 0;
  for (const QString& label : labels) width = std::max(width, metrics.horizontalAdvance(label));
  return std::min(width + 1, kLongestLabel);
}

QStringList token_labels(const Inspection& inspection, bool words) {
  QStringList labels;
  if (words) {
    for (const std::size_t place : inspection.read_words) {
      labels << display_text(inspection.evidence.words[place].text);
    }
  } else {
    for (const std::size_t place : inspection.seen_regions) {
      labels << display_text(region_name(inspection.evidence, place));
    }
  }
  return labels;
}

void place_labels(MatrixLayout& layout, double query_width, double key_height) {
  for (int64_t row = 0; row < layout.rows; row += label_step(layout.cell_height)) {
    const QRectF cell = layout.cell(row, 0);
    layout.query_labels.push_back(
        {QRectF(cell.left() - kLabelGap - query_width, cell.center().y() - kLabelLine / 2,
                query_width, kLabelLine),
         row});
  }
  const int64_t step = layout.upright ? 1 : label_step(layout.cell_width);
  for (int64_t column = 0; column < layout.columns; column += step) {
    const QRectF cell = layout.cell(0, column);
    const double width = layout.upright ? cell.width() : kLabelLine;
    layout.key_labels.push_back({QRectF(cell.center().x() - width / 2,
                                        cell.top() - kLabelGap - key_height, width, key_height),
                                 column});
  }
}

TextBlock title_block(const MatrixContent& content, double width) {
  QString title = content.title;
  if (!title.isEmpty()) title[0] = title[0].toUpper();
  return wrapped(title, figure_font(14, QFont::DemiBold), width, kTitleLines);
}

TextBlock direction_block(const MatrixContent& content, double width) {
  return wrapped(content.direction, figure_font(12), width, kDirectionLines);
}

/// Whether every column's label fits above it as it is read.
bool fits_upright(const MatrixContent& content, double cell_width) {
  return widest(content.key_labels) + 4 <= cell_width && kLabelLine <= cell_width;
}

}  // namespace

MatrixContent matrix_content(const Inspection& inspection, AttentionFamily family,
                             const MapChoice& choice) {
  const bool word_queries = queries_are_words(family), word_keys = keys_are_words(family);
  MatrixContent content{chosen_map(inspection, family, choice),
                        token_labels(inspection, word_queries),
                        token_labels(inspection, word_keys),
                        {},
                        {}};
  content.title = family_title(family) + QString::fromUtf8(", ") +
                  QString::fromStdString(choice_text(inspection, family, choice));
  const QString what = QString::fromUtf8("what a %1 (row) gives to each %2 (column)")
                           .arg(word_queries ? "word" : "region", word_keys ? "word" : "region");
  const bool largest = choice.head == MapChoice::kMax;
  content.direction =
      content.map.rows_are_shares ? QString::fromUtf8("Each row sums to 1: %1").arg(what)
      : largest ? QString::fromUtf8("Largest of the heads, rows do not sum to 1: %1").arg(what)
                : QString::fromUtf8("The rest of each row went to [CLS] and [SEP]: %1").arg(what);
  return content;
}

QRectF MatrixLayout::cell(int64_t query, int64_t key) const {
  return {cells.left() + double(key) * cell_width, cells.top() + double(query) * cell_height,
          cell_width, cell_height};
}

std::optional<std::pair<int64_t, int64_t>> MatrixLayout::cell_at(QPointF point) const {
  if (rows == 0 || columns == 0 || !cells.contains(point)) return {};
  const auto place = [](double offset, double step, int64_t count) {
    return std::min(static_cast<int64_t>(offset / step), count - 1);
  };
  return std::pair{place(point.y() - cells.top(), cell_height, rows),
                   place(point.x() - cells.left(), cell_width, columns)};
}

MatrixLayout lay_out_matrix(const MatrixContent& content, const QRectF& area) {
  MatrixLayout layout;
  layout.rows = content.map.queries;
  layout.columns = content.map.keys;
  layout.title_text = title_block(content, area.width());
  layout.direction_text = direction_block(content, area.width());
  layout.title =
      QRectF(area.left(), area.top(), area.width(), layout.title_text.height() + kTextGap);
  layout.direction = QRectF(area.left(), layout.title.bottom(), area.width(),
                            layout.direction_text.height() + kTextGap);
  layout.legend = QRectF(area.left(), area.bottom() - kMatrixLegend, area.width(), kMatrixLegend);
  const double query_width = std::min(widest(content.query_labels), area.width() / 3);
  const double left = area.left() + query_width + kLabelGap;
  const double width = std::max(area.right() - 1 - left, 1.0);
  const auto columns = double(std::max<int64_t>(layout.columns, 1));
  layout.cell_width = std::min(width / columns, kWidestCell);
  layout.upright = fits_upright(content, layout.cell_width);
  const double head = layout.direction.bottom() + 4,
               room = layout.legend.top() - kBelowCells - head;
  const double key_height =
      layout.upright ? kLabelLine : std::min(widest(content.key_labels), std::max(room / 3, 1.0));
  const double top = head + key_height + kLabelGap;
  const double height = std::max(layout.legend.top() - kBelowCells - top, 1.0);
  layout.cell_height = std::min(height / double(std::max<int64_t>(layout.rows, 1)), kHighestCell);
  layout.cells = QRectF(left, top, layout.cell_width * double(layout.columns),
                        layout.cell_height * double(layout.rows));
  // Nearer to the cells where these do not reach down.
  layout.legend.moveTop(std::min(layout.legend.top(), layout.cells.bottom() + kBelowCells));
  place_labels(layout, query_width, key_height);
  return layout;
}

double matrix_height(const MatrixContent& content, double width) {
  constexpr double kMostCells = 900, kLeastCell = 5, kNamedCell = 16, kRoomyCell = 40;
  constexpr double kFewRows = 12, kNamedRows = 60, kManyRowsCell = 24;
  const auto rows = double(std::max<int64_t>(content.map.queries, 1));
  const auto columns = double(std::max<int64_t>(content.map.keys, 1));
  const double roomy = std::min(width / columns, rows <= kFewRows ? kRoomyCell : kManyRowsCell);
  const double least = rows <= kNamedRows ? kNamedCell : kLeastCell;
  const double cell = std::max(least, std::min(roomy, kMostCells / rows));
  const double labels = std::max(widest(content.key_labels), kLabelLine);
  const double head = title_block(content, width).height() + kTextGap +
                      direction_block(content, width).height() + kTextGap;
  return head + labels + kLabelGap + 4 + cell * rows + kBelowCells + kMatrixLegend;
}

}  // namespace vqalign
