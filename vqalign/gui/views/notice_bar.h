#pragma once

#include <QFrame>
#include <QLabel>

namespace vqalign {

/// A message above the picture, with what to do about it, until it is closed or the next thing
/// succeeds. Hidden while there is nothing to say.
class NoticeBar : public QFrame {
  Q_OBJECT

 public:
  explicit NoticeBar(QWidget* parent = nullptr);

  void tell(const QString& message, const QString& hint);
  QString text() const { return text_->text(); }

 private:
  QLabel* text_;
};

}  // namespace vqalign
