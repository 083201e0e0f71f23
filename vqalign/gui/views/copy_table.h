#pragma once

#include <QStringList>
#include <QTableWidget>
#include <vector>

namespace vqalign {

/// A table of texts that can be read, walked by the keyboard and copied (Ctrl+C: what is selected,
/// tab-separated), not edited.
class CopyTable : public QTableWidget {
  Q_OBJECT

 public:
  /// `empty`: what is written in it while it has no rows.
  CopyTable(const QString& name, const QStringList& headings, const QString& empty = {},
            QWidget* parent = nullptr);

  void set_rows(const std::vector<QStringList>& rows);
  /// Headings and selected rows, or all rows where none is; a line each.
  QString selected_text() const;

 protected:
  void paintEvent(QPaintEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;

 private:
  void copy() const;

  QString empty_;
};

}  // namespace vqalign
