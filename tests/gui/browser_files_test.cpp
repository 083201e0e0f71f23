// What the real widget opens, has answered, and saves.
#include "tests/gui/browser_window.h"

namespace vqalign::test {
namespace {

TEST_F(BrowserWindow, StaysUsableAfterBadFiles) {
  QSignalSpy problem(&view, &BrowserView::problem);
  view.open_results("/nowhere/r.json");
  EXPECT_EQ(problem.size(), 1);
  EXPECT_TRUE(message().contains("open the dataset first"));
  view.open_dataset(folder() + "/val2014");
  ASSERT_TRUE(problem.wait());
  EXPECT_TRUE(message().contains("holds no questions in VQA v2 layout"));
  open();
  EXPECT_EQ(message(), "");
  const auto other = data.folder.write("other.json", R"([{"question_id": 3, "answer": "x"}])");
  view.open_results(QString::fromStdString(other.string()));
  ASSERT_TRUE(problem.wait());
  EXPECT_TRUE(message().contains("question 3 is not in val2014 (1 of 1 answers"));
  EXPECT_EQ(view.model().rowCount(), kBrowserRows);
  write_questions(data.folder / "v2_OpenEnded_mscoco_train2014_questions.json", {}, "train2014");
  view.open_dataset(folder(), "train2014");
  ASSERT_TRUE(problem.wait());
  EXPECT_TRUE(message().contains("holds no question"));
  EXPECT_EQ(view.model().rowCount(), kBrowserRows);
  auto* split = named<QComboBox>("Split");
  EXPECT_EQ(split->count(), 2);
  EXPECT_EQ(split->currentText(), "val2014");
  view.save_table("/nowhere/table.csv");
  ASSERT_TRUE(problem.wait());
  EXPECT_TRUE(message().startsWith("/nowhere/table.csv"));
}

TEST_F(BrowserWindow, ChangesTheSplit) {
  write_questions(data.folder / "v2_OpenEnded_mscoco_test2015_questions.json", {{1, 2, "Why?"}},
                  "test2015");
  open();
  view.set_filter({.answer_type = "yes/no"});
  auto* split = named<QComboBox>("Split");
  EXPECT_EQ(split->currentText(), "val2014");
  split->setFocus();
  QTest::keyClick(split, Qt::Key_Up);
  ASSERT_TRUE(QTest::qWaitFor([&] { return view.model().records().rows.size() == 1; }));
  // It has no answer types, also not for a filter of before.
  EXPECT_EQ(view.filter(), RecordFilter());
  click(named<QToolButton>("Undo filter"));
  EXPECT_EQ(view.filter(), RecordFilter());
  EXPECT_EQ(view.model().rowCount(), 1);
  EXPECT_EQ(summary(), "test2015 – shown: 1 of 1");
}

TEST_F(BrowserWindow, TakesDrops) {
  QMimeData both, neither;
  both.setUrls({QUrl::fromLocalFile(folder()),
                QUrl::fromLocalFile(QString::fromStdString(data.results_file().string()))});
  neither.setUrls({QUrl::fromLocalFile(folder() + "/x.png"), QUrl("https://example.org/r.json")});
  const auto enter = [&](const QMimeData& mime) {
    QDragEnterEvent event({50, 50}, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&view, &event);
    return event.isAccepted();
  };
  EXPECT_FALSE(enter(neither));
  EXPECT_TRUE(enter(both));
  QDropEvent drop(QPointF(50, 50), Qt::CopyAction, &both, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(&view, &drop);
  ASSERT_TRUE(QTest::qWaitFor([&] { return view.model().summary().scored == kBrowserRows; }));
}

TEST_F(BrowserWindow, SavesWhatIsShown) {
  open_with_results();
  view.set_filter({.text = "circle"});
  const auto file = data.folder / "table.csv";
  view.save_table(QString::fromStdString(file.string()));
  ASSERT_TRUE(QTest::qWaitFor([&] { return message().startsWith("Saved as"); }));
  const std::string csv = read_file(file, 1 << 20);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 21);
  EXPECT_NE(csv.find("\r\n103,3,"), std::string::npos);
}

TEST_F(BrowserWindow, PredictsAndCancels) {
  open();
  EXPECT_EQ(named<QPushButton>("Predict")->toolTip(), "Load a model first");
  const auto source = std::make_shared<FakeAnswers>();
  source->milliseconds = 10;
  view.set_answer_source(source);
  click(named<QPushButton>("Predict"));
  EXPECT_TRUE(named<QProgressBar>("Progress")->isVisible());
  ASSERT_TRUE(QTest::qWaitFor([&] { return view.model().summary().scored > 0; }));
  EXPECT_TRUE(named<QProgressBar>("Progress")->format().contains("of 60"));
  click(named<QPushButton>("Cancel"));
  EXPECT_FALSE(named<QProgressBar>("Progress")->isVisible());
  const std::size_t kept = view.model().summary().scored;
  EXPECT_GT(kept, 0u);
  EXPECT_LT(kept, std::size_t{kBrowserRows});
  EXPECT_TRUE(message().startsWith("Stopped after"));
  EXPECT_TRUE(summary().contains(QString("over %1 of them").arg(kept)));
  source->milliseconds = 0;
  source->fail_for(data.picture_name(0));
  click(named<QPushButton>("Predict"));
  ASSERT_TRUE(QTest::qWaitFor([&] { return message().startsWith("3 of 60 questions could"); }));
  EXPECT_EQ(view.model().summary().scored, std::size_t{kBrowserRows - 3});
  EXPECT_EQ(view.model().index(0, kAnswerColumn).data().toString(), "no answer");
  EXPECT_TRUE(
      view.model().index(0, kAnswerColumn).data(Qt::ToolTipRole).toString().contains("no picture"));
  EXPECT_EQ(view.model().index(1, kConfidenceColumn).data().toString(), "75.0\u00a0%");
}

TEST_F(BrowserWindow, MayCloseWhilePredicting) {
  auto other = std::make_unique<BrowserView>(jobs);
  other->open_dataset(folder());
  ASSERT_TRUE(QTest::qWaitFor([&] { return other->model().rowCount() > 0; }));
  const auto source = std::make_shared<FakeAnswers>();
  source->milliseconds = 5;
  other->set_answer_source(source);
  for (QPushButton* button : other->findChildren<QPushButton*>()) {
    if (button->accessibleName() == "Predict") click(button);
  }
  ASSERT_TRUE(QTest::qWaitFor([&] { return source->asked > 3; }));
  other.reset();
  ASSERT_TRUE(QTest::qWaitFor([&] { return !jobs.busy(); }));
}

TEST_F(BrowserWindow, DoesNotMixAnswersOfTwoSources) {
  open_with_results();
  const auto source = std::make_shared<FakeAnswers>();
  source->milliseconds = 10;
  view.set_answer_source(source);
  click(named<QPushButton>("Predict"));
  ASSERT_TRUE(QTest::qWaitFor([&] { return view.model().summary().scored > 0; }));
  EXPECT_LT(view.model().summary().scored, std::size_t{kBrowserRows});
  click(named<QPushButton>("Cancel"));
  const std::size_t first = view.model().summary().scored;
  // The same source goes on: what it has answered stays.
  click(named<QPushButton>("Predict"));
  EXPECT_GE(view.model().summary().scored, first);
  view.set_answer_source(std::make_shared<FakeAnswers>());
  EXPECT_FALSE(named<QProgressBar>("Progress")->isVisible());
  click(named<QPushButton>("Predict"));
  EXPECT_EQ(view.model().summary().scored, 0u);
}

TEST_F(BrowserWindow, DialogsMayBeLeft) {
  open();
  for (const char* name : {"Open dataset…", "Open results…", "Save table as CSV"}) {
    bool seen = false;
    QTimer::singleShot(200, &view, [&] {
      QWidget* dialog = QApplication::activeModalWidget();
      seen = dialog != nullptr;
      if (dialog) QTest::keyClick(dialog, Qt::Key_Escape);
    });
    click(named<QPushButton>(QString::fromUtf8(name)));
    EXPECT_TRUE(seen) << name;
  }
  EXPECT_EQ(view.model().rowCount(), kBrowserRows);
}

}  // namespace
}  // namespace vqalign::test
