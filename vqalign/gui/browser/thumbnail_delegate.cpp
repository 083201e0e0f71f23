#include "vqalign/gui/browser/thumbnail_delegate.h"

#include <QPainter>

#include "vqalign/gui/browser/record_model.h"

namespace vqalign {

ThumbnailDelegate::ThumbnailDelegate(const Thumbnails& thumbnails, QObject* parent)
    : QStyledItemDelegate(parent), thumbnails_(thumbnails) {}

void ThumbnailDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                              const QModelIndex& index) const {
  // Background, selection and focus are the style's, as in the other columns.
  QStyledItemDelegate::paint(painter, option, index);
  const QImage* thumbnail = thumbnails_.find(index.data(RecordModel::kImageIdRole).toLongLong());
  QRect place(QPoint(), Thumbnails::kSize);
  place.moveCenter(option.rect.center());
  if (thumbnail && !thumbnail->isNull()) {
    const QSize size = thumbnail->deviceIndependentSize().toSize();
    painter->drawImage(place.center() - QPoint(size.width() / 2, size.height() / 2), *thumbnail);
    return;
  }
  const bool selected = option.state.testFlag(QStyle::State_Selected);
  QColor line =
      option.palette.color(selected ? QPalette::HighlightedText : QPalette::PlaceholderText);
  painter->save();
  painter->setPen(line);
  painter->setBrush(Qt::NoBrush);
  const QRect frame = place.adjusted(8, 8, -9, -9);
  painter->drawRect(frame);
  if (thumbnail) {
    painter->drawLine(frame.topLeft(), frame.bottomRight());
    painter->drawLine(frame.bottomLeft(), frame.topRight());
  }
  painter->restore();
}

}  // namespace vqalign
