#pragma once

#include <QStyledItemDelegate>

#include "vqalign/gui/browser/thumbnails.h"

namespace vqalign {

/// Draws the picture column: the thumbnail, an empty frame while it is not there yet, a crossed one
/// when the picture cannot be read.
class ThumbnailDelegate : public QStyledItemDelegate {
  Q_OBJECT

 public:
  ThumbnailDelegate(const Thumbnails& thumbnails, QObject* parent);

  void paint(QPainter* painter, const QStyleOptionViewItem& option,
             const QModelIndex& index) const override;

 private:
  const Thumbnails& thumbnails_;
};

}  // namespace vqalign
