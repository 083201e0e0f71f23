#include "vqalign/gui/views/notice_bar.h"

#include <QAccessible>
#include <QHBoxLayout>
#include <QToolButton>

#include "vqalign/figure/palette.h"
#include "vqalign/gui/views/canvas.h"

namespace vqalign {

NoticeBar::NoticeBar(QWidget* parent) : QFrame(parent), text_(new QLabel) {
  setAccessibleName(QString::fromUtf8("Message"));
  text_->setWordWrap(true);
  // A word without a break, such as a long path, is no reason to widen the window.
  text_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  text_->setMinimumWidth(1);
  text_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  text_->setTextFormat(Qt::PlainText);
  auto* close = new QToolButton;
  close->setText(QString::fromUtf8("\u00d7"));
  close->setAutoRaise(true);
  close->setAccessibleName(QString::fromUtf8("Close the message"));
  close->setToolTip(close->accessibleName());
  connect(close, &QToolButton::clicked, this, &QWidget::hide);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(10, 6, 6, 6);
  row->addWidget(text_, 1);
  row->addWidget(close, 0, Qt::AlignTop);
  hide();
}

void NoticeBar::tell(const QString& message, const QString& hint) {
  const Palette& colours = theme_of(*this) == "dark" ? dark_palette() : light_palette();
  setStyleSheet(
      QString::fromUtf8("vqalign--NoticeBar { background: %1; border: 1px solid %2; } "
                        "QLabel { color: %3; } QToolButton { color: %3; }")
          .arg(colours.warning_ground.name(), colours.warning_line.name(), colours.warning.name()));
  text_->setText(hint.isEmpty() ? message : message + QString::fromUtf8("\n") + hint);
  setAccessibleDescription(text_->text());
  show();
  QAccessibleEvent event(this, QAccessible::Alert);
  QAccessible::updateAccessibility(&event);
}

}  // namespace vqalign
