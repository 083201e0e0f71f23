#include "vqalign/gui/browser/record_view.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QScrollBar>
#include <QTimer>
#include <algorithm>
#include <array>

#include "vqalign/gui/browser/thumbnail_delegate.h"

namespace vqalign {
namespace {

constexpr int kAroundThumbnail = 6;
constexpr int kLeastQuestion = 220;  // logical pixels

/// A width for each column, as wide as this text.
constexpr std::array<const char*, kRecordColumns> kWidest = {"",
                                                             "",
                                                             "a longer answer",
                                                             "Confidence  ",
                                                             "a longer answer",
                                                             "partly 99.9 %",
                                                             "Answer type  ",
                                                             "what is the color",
                                                             "4111111111"};

}  // namespace

RecordView::RecordView(RecordModel& model, QWidget* parent) : QTableView(parent), model_(model) {
  setModel(&model);
  setAccessibleName(QString::fromUtf8("Questions"));
  setSelectionBehavior(SelectRows);
  setSelectionMode(SingleSelection);
  setEditTriggers(NoEditTriggers);
  setTabKeyNavigation(false);
  setAlternatingRowColors(true);
  setShowGrid(false);
  setWordWrap(true);
  setVerticalScrollMode(ScrollPerPixel);
  setHorizontalScrollMode(ScrollPerPixel);
  setItemDelegateForColumn(kPictureColumn, new ThumbnailDelegate(thumbnails_, this));
  verticalHeader()->hide();
  verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  verticalHeader()->setDefaultSectionSize(Thumbnails::kSize.height() + kAroundThumbnail);
  set_up_columns();
  const auto later = [this] { QTimer::singleShot(0, this, &RecordView::want_thumbnails); };
  connect(verticalScrollBar(), &QScrollBar::valueChanged, this, later);
  connect(&model_, &QAbstractItemModel::modelReset, this, [this, later] {
    select_again();
    later();
  });
  connect(&thumbnails_, &Thumbnails::ready, this, [this] {
    viewport()->update(columnViewportPosition(kPictureColumn), 0, columnWidth(kPictureColumn),
                       viewport()->height());
  });
}

void RecordView::set_up_columns() {
  QHeaderView* header = horizontalHeader();
  header->setAccessibleName(QString::fromUtf8("Columns; Ctrl+Up and Ctrl+Down in the table sort"));
  header->setSortIndicatorClearable(true);
  header->setSortIndicator(-1, Qt::AscendingOrder);
  header->setSectionsMovable(true);
  header->setHighlightSections(false);
  setSortingEnabled(true);
  const QFontMetrics metrics(font());
  for (int column = 0; column < kRecordColumns; ++column) {
    const char* widest = kWidest[static_cast<std::size_t>(column)];
    setColumnWidth(column, metrics.horizontalAdvance(QString::fromUtf8(widest)) + 16);
  }
  setColumnWidth(kPictureColumn, Thumbnails::kSize.width() + 2 * kAroundThumbnail);
}

void RecordView::forget() {
  selected_.reset();
  thumbnails_.forget();
}

void RecordView::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
  QTableView::currentChanged(current, previous);
  if (!current.isValid()) return;
  selected_ = model_.shown()[static_cast<std::size_t>(current.row())];
  selected_column_ = current.column();
}

void RecordView::select_again() {
  const int row = selected_ ? model_.row_of(*selected_) : -1;
  if (row < 0) return scrollToTop();
  const QModelIndex index = model_.index(row, selected_column_);
  setCurrentIndex(index);
  scrollTo(index, PositionAtCenter);
}

void RecordView::want_thumbnails() {
  const int rows = model_.rowCount();
  if (rows == 0 || !isVisible()) return;
  const int first = std::max(0, rowAt(0));
  const int seen_last = rowAt(viewport()->height() - 1);
  const int last = seen_last < 0 ? rows - 1 : seen_last;
  std::vector<WantedThumbnail> wanted;
  for (int row = first; row <= last; ++row) {
    const std::size_t record = model_.shown()[static_cast<std::size_t>(row)];
    const int64_t image = model_.records().rows[record].image_id;
    // A missing picture is wanted too: that it cannot be read is what its frame then says.
    const std::filesystem::path* picture = model_.records().picture(record);
    wanted.push_back({image, picture ? *picture : std::filesystem::path()});
  }
  thumbnails_.want(wanted, devicePixelRatioF());
}

void RecordView::keyPressEvent(QKeyEvent* event) {
  const bool control = event->modifiers() == Qt::ControlModifier;
  if (control && (event->key() == Qt::Key_Up || event->key() == Qt::Key_Down)) {
    const int column = std::max(0, currentIndex().column());
    sortByColumn(column, event->key() == Qt::Key_Up ? Qt::AscendingOrder : Qt::DescendingOrder);
    return;
  }
  // Qt's table would take Alt+Left for Left; it is for who holds the table.
  if (event->modifiers().testFlag(Qt::AltModifier)) return event->ignore();
  QTableView::keyPressEvent(event);
}

void RecordView::resizeEvent(QResizeEvent* event) {
  QTableView::resizeEvent(event);
  int others = 0;
  for (int column = 0; column < kRecordColumns; ++column) {
    if (column != kQuestionColumn) others += columnWidth(column);
  }
  setColumnWidth(kQuestionColumn, std::max(kLeastQuestion, viewport()->width() - others));
  QTimer::singleShot(0, this, &RecordView::want_thumbnails);
}

}  // namespace vqalign
