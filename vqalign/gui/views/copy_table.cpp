#include "vqalign/gui/views/copy_table.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>

namespace vqalign {
namespace {

constexpr int kRowsMeasured = 40;

}  // namespace

CopyTable::CopyTable(const QString& name, const QStringList& headings, const QString& empty,
                     QWidget* parent)
    : QTableWidget(0, static_cast<int>(headings.size()), parent), empty_(empty) {
  setAccessibleName(name);
  setHorizontalHeaderLabels(headings);
  verticalHeader()->hide();
  verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
  horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  // Columns that always follow their contents would be measured anew for every cell that is set.
  horizontalHeader()->setSectionResizeMode(QHeaderView::Interactive);
  horizontalHeader()->setResizeContentsPrecision(kRowsMeasured);
  horizontalHeader()->setStretchLastSection(true);
  setEditTriggers(QAbstractItemView::NoEditTriggers);
  setSelectionBehavior(QAbstractItemView::SelectRows);
  setTabKeyNavigation(false);
  setFrameShape(QFrame::NoFrame);
  setShowGrid(false);
}

void CopyTable::set_rows(const std::vector<QStringList>& rows) {
  setRowCount(static_cast<int>(rows.size()));
  for (int row = 0; row < rowCount(); ++row) {
    for (int column = 0; column < columnCount(); ++column) {
      const QString text = rows[static_cast<std::size_t>(row)].value(column);
      QTableWidgetItem* cell = item(row, column);
      if (!cell) setItem(row, column, cell = new QTableWidgetItem);
      cell->setText(text);
      cell->setToolTip(text);
    }
  }
  if (!rows.empty()) resizeColumnsToContents();
}

QString CopyTable::selected_text() const {
  const QModelIndexList chosen = selectionModel()->selectedRows();
  QStringList lines, headings;
  for (int column = 0; column < columnCount(); ++column) {
    headings << horizontalHeaderItem(column)->text();
  }
  lines << headings.join(u'\t');
  for (int row = 0; row < rowCount(); ++row) {
    if (!chosen.isEmpty() && !selectionModel()->isRowSelected(row)) continue;
    QStringList cells;
    for (int column = 0; column < columnCount(); ++column) cells << item(row, column)->text();
    lines << cells.join(u'\t');
  }
  return lines.join(u'\n') + u'\n';
}

void CopyTable::paintEvent(QPaintEvent* event) {
  QTableWidget::paintEvent(event);
  if (rowCount() > 0) return;
  QPainter painter(viewport());
  painter.setPen(palette().color(QPalette::PlaceholderText));
  painter.drawText(viewport()->rect(), Qt::AlignCenter | Qt::TextWordWrap, empty_);
}

void CopyTable::copy() const {
  QApplication::clipboard()->setText(selected_text());
}

void CopyTable::keyPressEvent(QKeyEvent* event) {
  if (event->matches(QKeySequence::Copy)) return copy();
  QTableWidget::keyPressEvent(event);
}

void CopyTable::contextMenuEvent(QContextMenuEvent* event) {
  QMenu menu(this);
  menu.addAction(QString::fromUtf8("&Copy"), [this] { copy(); });
  menu.addAction(QString::fromUtf8("Select &all"), [this] { selectAll(); });
  menu.exec(event->globalPos());
}

}  // namespace vqalign
