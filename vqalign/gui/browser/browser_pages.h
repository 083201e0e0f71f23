#pragma once

#include <QStackedWidget>

namespace vqalign {

/// The table, or in its place a sentence on what to do when there is nothing to show.
class BrowserPages : public QStackedWidget {
  Q_OBJECT

 public:
  /// Takes the table over.
  explicit BrowserPages(QWidget* table, QWidget* parent = nullptr);

  void show_page(bool has_dataset, bool has_rows);
};

}  // namespace vqalign
