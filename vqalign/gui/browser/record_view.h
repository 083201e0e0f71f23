#pragma once

#include <QTableView>
#include <optional>

#include "vqalign/gui/browser/record_model.h"
#include "vqalign/gui/browser/thumbnails.h"

namespace vqalign {

/// The table itself: keeps the selected record selected while rows come, go and move, has the
/// thumbnails of what is seen decoded, and sorts by key (Ctrl+Up, Ctrl+Down) as by click. Qt's
/// activated() tells that a row is to be opened.
class RecordView : public QTableView {
  Q_OBJECT

 public:
  explicit RecordView(RecordModel& model, QWidget* parent = nullptr);

  const Thumbnails& thumbnails() const { return thumbnails_; }
  /// The model holds another dataset: no record of the old one is selected any more.
  void forget();

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;
  /// Typing letters would look at every row's text one by one; the filter is for that.
  void keyboardSearch(const QString&) override {}

 private:
  void set_up_columns();
  void select_again();
  void want_thumbnails();

  RecordModel& model_;
  Thumbnails thumbnails_;
  std::optional<std::size_t> selected_;
  int selected_column_ = kQuestionColumn;
};

}  // namespace vqalign
