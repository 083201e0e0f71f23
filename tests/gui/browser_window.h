#pragma once

#include "vqalign/gui/browser/browser_view.h"

#include <QComboBox>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTimer>
#include <QToolButton>
#include <QUrl>
#include <set>

#include "tests/gui/browser_test_support.h"
#include "vqalign/core/atomic_file.h"
#include "vqalign/gui/browser/record_view.h"

namespace vqalign::test {

/// The browser in a window of its own, with BrowserData to open.
class BrowserWindow : public testing::Test {
 protected:
  BrowserWindow() {
    view.resize(1000, 600);
    view.show();
    view.activateWindow();
    EXPECT_TRUE(QTest::qWaitForWindowActive(&view));
  }

  void open() {
    view.open_dataset(folder());
    // What a job delivers is seen before the job's end, until which buttons say Cancel.
    ASSERT_TRUE(
        QTest::qWaitFor([&] { return view.model().rowCount() == kBrowserRows && !jobs.busy(); }));
  }
  void open_with_results() {
    open();
    view.open_results(QString::fromStdString(data.results_file().string()));
    ASSERT_TRUE(QTest::qWaitFor(
        [&] { return view.model().summary().scored == kBrowserRows && !jobs.busy(); }));
  }
  QString folder() const { return QString::fromStdString(data.folder.path().string()); }

  template <typename Widget>
  Widget* named(const QString& name) {
    for (Widget* widget : view.findChildren<Widget*>()) {
      if (widget->accessibleName() == name) return widget;
    }
    ADD_FAILURE() << "no widget is called " << name.toStdString();
    return nullptr;
  }
  QString message() { return view.findChild<QLabel*>("message")->text(); }
  QString summary() { return view.findChild<QLabel*>("summary")->text(); }
  RecordView* table() { return named<RecordView>("Questions"); }
  void click(QAbstractButton* button) { QTest::mouseClick(button, Qt::LeftButton); }
  void click_header(int column) {
    QHeaderView* header = table()->horizontalHeader();
    const QPoint place(header->sectionViewportPosition(column) + 10, header->height() / 2);
    QTest::mouseClick(header->viewport(), Qt::LeftButton, {}, place);
  }
  void click_row(int row) {
    const QRect place = table()->visualRect(view.model().index(row, kQuestionColumn));
    QTest::mouseClick(table()->viewport(), Qt::LeftButton, {}, place.center());
  }
  /// The id of the question in the selected row.
  int64_t selected_id() {
    const QModelIndexList rows = table()->selectionModel()->selectedRows();
    if (rows.size() != 1) return -1;
    return view.model().records().rows[view.model().shown()[rows[0].row()]].question_id;
  }

  BrowserData data;
  JobThread jobs;
  BrowserView view{jobs};
};

}  // namespace vqalign::test
