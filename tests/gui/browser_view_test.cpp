// The real widget, driven by clicks and keys.
#include "tests/gui/browser_window.h"

namespace vqalign::test {
namespace {

TEST_F(BrowserWindow, SaysWhatToDoWhenEmpty) {
  bool told = false;
  for (const QLabel* label : view.findChildren<QLabel*>()) {
    told = told || (label->isVisible() && label->text().startsWith("Open a dataset folder"));
  }
  EXPECT_TRUE(told);
  EXPECT_FALSE(named<QPushButton>("Predict")->isEnabled());
  EXPECT_EQ(named<QPushButton>("Predict")->toolTip(), "Open a dataset first");
  EXPECT_FALSE(named<QPushButton>("Open results…")->isEnabled());
  EXPECT_FALSE(named<QPushButton>("Save table as CSV")->isEnabled());
}

TEST_F(BrowserWindow, ShowsDatasetAndResults) {
  open_with_results();
  EXPECT_EQ(named<QComboBox>("Split")->currentText(), "val2014");
  // 40 of 60 answers are right, 20 are worth 0.9.
  EXPECT_EQ(summary(), "val2014 – shown: 60 of 60, accuracy 96.67 % (official) over them");
  EXPECT_TRUE(table()->isVisible());
  EXPECT_EQ(view.model().index(2, kRightColumn).data().toString(), "~ 90\u00a0%");
  EXPECT_EQ(view.model().index(0, kRightColumn).data().toString(), "✓ 100\u00a0%");
  EXPECT_EQ(view.model().index(0, kRightColumn).data(Qt::AccessibleTextRole).toString(),
            "Right: right");
}

TEST_F(BrowserWindow, FiltersByKeysAndUndoes) {
  open_with_results();
  QSignalSpy changed(&view, &BrowserView::filter_changed);
  click_row(4);
  QTest::keyClick(table(), Qt::Key_F, Qt::ControlModifier);
  QTest::keyClicks(QApplication::focusWidget(), "COLOUR dark");
  EXPECT_EQ(view.model().rowCount(), 20);
  EXPECT_EQ(changed.size(), 11);
  EXPECT_EQ(summary(), "val2014 – shown: 20 of 60, accuracy 90.00 % (official) over them");
  QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
  auto* rightness = named<QComboBox>("Filter by result");
  rightness->setFocus();
  QTest::keyClicks(rightness, "r");
  EXPECT_EQ(rightness->currentText(), "right");
  EXPECT_EQ(view.model().rowCount(), 0);
  EXPECT_FALSE(table()->isVisible());
  EXPECT_EQ(named<QPushButton>("Predict")->isEnabled(), false);
  QTest::keyClick(rightness, Qt::Key_Left, Qt::AltModifier);
  EXPECT_EQ(view.model().rowCount(), 20);
  click(named<QToolButton>("Undo filter"));
  EXPECT_EQ(view.model().rowCount(), kBrowserRows);
  EXPECT_EQ(selected_id(), 104);
  EXPECT_FALSE(named<QToolButton>("Undo filter")->isEnabled());
  click(named<QToolButton>("Redo filter"));
  EXPECT_EQ(view.filter().text, "COLOUR dark");
  QTest::keyClick(rightness, Qt::Key_Right, Qt::AltModifier);
  EXPECT_EQ(view.filter().rightness, Rightness::kRight);
  QTest::keyClick(rightness, Qt::Key_Escape);
  EXPECT_EQ(view.filter(), RecordFilter());
  EXPECT_EQ(view.model().rowCount(), kBrowserRows);
}

TEST_F(BrowserWindow, FiltersByTypeAndConfidence) {
  open();
  const auto source = std::make_shared<FakeAnswers>();
  view.set_answer_source(source);
  auto* type = named<QComboBox>("Filter by answer type");
  ASSERT_EQ(type->count(), 3);
  type->setCurrentIndex(2);
  EXPECT_EQ(view.filter().answer_type, "yes/no");
  EXPECT_EQ(view.model().rowCount(), 20);
  click(named<QPushButton>("Predict"));
  ASSERT_TRUE(QTest::qWaitFor([&] { return view.model().summary().scored == 20; }));
  EXPECT_EQ(source->asked, 20);
  click(named<QToolButton>("Reset filter"));
  auto* from = named<QSpinBox>("Confidence from");
  auto* to = named<QSpinBox>("Confidence to");
  from->selectAll();
  QTest::keyClicks(from, "75");
  QTest::keyClick(from, Qt::Key_Return);
  EXPECT_EQ(view.model().rowCount(), 20);
  to->selectAll();
  QTest::keyClicks(to, "74");
  QTest::keyClick(to, Qt::Key_Return);
  EXPECT_EQ(from->value(), 74);
  EXPECT_EQ(view.model().rowCount(), 0);
}

TEST_F(BrowserWindow, SortsAndKeepsTheSelectedQuestion) {
  open_with_results();
  click_row(2);
  EXPECT_EQ(selected_id(), 102);
  click_header(kQuestionIdColumn);
  click_header(kQuestionIdColumn);
  EXPECT_EQ(view.model().records().rows[view.model().shown()[0]].question_id, 159);
  EXPECT_EQ(selected_id(), 102);
  EXPECT_EQ(table()->currentIndex().row(), 57);
  EXPECT_TRUE(
      table()->viewport()->rect().contains(table()->visualRect(table()->currentIndex()).center()));
  click_header(kQuestionIdColumn);
  EXPECT_EQ(view.model().shown()[0], 0u);
  table()->setCurrentIndex(view.model().index(2, kRightColumn));
  QTest::keyClick(table(), Qt::Key_Up, Qt::ControlModifier);
  EXPECT_EQ(view.model().shown()[0], 2u);
  EXPECT_EQ(selected_id(), 102);
  QTest::keyClick(table(), Qt::Key_Down, Qt::ControlModifier);
  EXPECT_EQ(view.model().shown()[0], 0u);
}

TEST_F(BrowserWindow, OpensARow) {
  open();
  QSignalSpy opened(&view, &BrowserView::row_opened);
  QSignalSpy problem(&view, &BrowserView::problem);
  click_row(1);
  QTest::keyClick(table(), Qt::Key_Down);
  QTest::keyClick(table(), Qt::Key_Return);
  ASSERT_EQ(opened.size(), 1);
  const auto picture = data.folder / ("val2014/" + data.picture_name(2));
  EXPECT_EQ(opened[0][0].toString().toStdString(), picture.string());
  EXPECT_EQ(opened[0][1], "What colour has shape 2?");
  QStringList others;
  for (const Question& question : view.model().records().dataset->questions) {
    if (question.image_id == 2) others << QString::fromStdString(question.question);
  }
  EXPECT_GT(others.size(), 1);
  EXPECT_EQ(opened[0][2].toStringList(), others);
  std::filesystem::remove(picture);
  view.open_dataset(folder());
  ASSERT_TRUE(QTest::qWaitFor([&] { return message().startsWith("3 of 60 questions"); }));
  table()->setCurrentIndex(view.model().index(2, 1));
  QTest::keyClick(table(), Qt::Key_Enter);
  EXPECT_EQ(opened.size(), 1);
  ASSERT_EQ(problem.size(), 1);
  EXPECT_TRUE(message().startsWith("there is no picture of image 2"));
}

TEST_F(BrowserWindow, DecodesWhatIsSeen) {
  open();
  ASSERT_TRUE(QTest::qWaitFor([&] { return table()->thumbnails().find(0) != nullptr; }));
  const int seen = table()->rowAt(table()->viewport()->height() - 1) + 1;
  ASSERT_TRUE(QTest::qWaitFor([&] { return table()->thumbnails().kept() == seen; }));
  EXPECT_LT(seen, kBrowserImages);
  const QRect place = table()->visualRect(view.model().index(5, kPictureColumn));
  const QImage shot = table()->viewport()->grab(place).toImage();
  EXPECT_EQ(qRed(shot.pixel(shot.width() / 2, shot.height() / 2)), 50);
}

TEST_F(BrowserWindow, EverythingHasANameAndIsReachedByTab) {
  write_questions(data.folder / "v2_OpenEnded_mscoco_test2015_questions.json", {{1, 2, "Why?"}},
                  "test2015");
  open_with_results();
  view.set_answer_source(std::make_shared<FakeAnswers>());
  view.set_filter({.rightness = Rightness::kRight});
  view.set_filter({});
  named<QToolButton>("Undo filter")->click();
  std::set<QWidget*> reached;
  named<QPushButton>("Open dataset…")->setFocus();
  for (int i = 0; i < 40; ++i) {
    QWidget* widget = QApplication::focusWidget();
    ASSERT_NE(widget, nullptr);
    EXPECT_FALSE(widget->accessibleName().isEmpty()) << widget->metaObject()->className();
    reached.insert(widget);
    QTest::keyClick(widget, Qt::Key_Tab);
  }
  int interactive = 0;
  for (QWidget* widget : view.findChildren<QWidget*>()) {
    if (!widget->isVisible() || !widget->isEnabled() || widget->focusProxy()) continue;
    if (!(widget->focusPolicy() & Qt::TabFocus)) continue;
    ++interactive;
    EXPECT_TRUE(reached.contains(widget)) << widget->accessibleName().toStdString();
  }
  // Dataset, split, results, predict; text, undo, redo, reset, three choices, two numbers; table,
  // save.
  EXPECT_EQ(interactive, 15);
}

}  // namespace
}  // namespace vqalign::test
