#pragma once

#include <QStringList>
#include <QWidget>

class QComboBox;
class QFrame;
class QLabel;
class QProgressBar;
class QPushButton;

namespace vqalign {

/// The browser's upper rows: what to open, which split, predicting with its progress, and the
/// latest message.
class BrowserHeader : public QWidget {
  Q_OBJECT

 public:
  explicit BrowserHeader(QWidget* parent = nullptr);

  /// `chosen` may be none of them: then none is chosen.
  void show_splits(const QStringList& splits, const QString& chosen);
  /// The predict button cancels while something is under way. `why_not` tells why it is disabled;
  /// empty: it is enabled.
  void show_state(bool busy, bool has_dataset, const QString& why_not);
  /// `total` 0: it is not known how long it takes.
  void show_progress(qint64 done, qint64 total, const QString& text);
  void show_problem(const QString& message, const QString& hint);
  void show_note(const QString& message);
  void clear_message();

 Q_SIGNALS:
  void dataset_wanted();
  void results_wanted();
  void split_chosen(const QString& split);
  void predictions_wanted();
  void cancel_wanted();

 private:
  void show_message(const QString& text, bool problem);

  QPushButton* dataset_ = nullptr;
  QComboBox* split_ = nullptr;
  QPushButton* results_ = nullptr;
  QPushButton* predict_ = nullptr;
  QProgressBar* progress_ = nullptr;
  QFrame* message_ = nullptr;
  QLabel* message_icon_ = nullptr;
  QLabel* message_text_ = nullptr;
  bool busy_ = false;
};

}  // namespace vqalign
