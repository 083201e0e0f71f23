// Keyboard, history, and long work.
#include "window_manners.h"

namespace vqalign::test {
namespace {

TEST_F(MannersTest, EverythingHasAShortcut) {
  for (const char* text :
       {"Open picture", "Open model", "Browse dataset", "Reload picture", "Save session", "Summary",
        "For a paper", "Copy figure", "Copy as command", "Undo", "Redo", "Back", "Forward", "Help",
        "Quit", "Zoom in", "Fit picture", "Full screen", "To the question"}) {
    EXPECT_FALSE(action(QString::fromUtf8(text)).shortcut().isEmpty()) << text;
  }
  std::map<QString, QString> taken;
  for (QAction* one : window_.findChildren<QAction*>()) {
    const QString keys = one->shortcut().toString();
    if (keys.isEmpty()) continue;
    EXPECT_TRUE(taken.emplace(keys, one->text()).second || taken[keys] == one->text())
        << keys.toStdString() << ": " << taken[keys].toStdString() << ", "
        << one->text().toStdString();
  }
}

TEST_F(MannersTest, TheWholeWayByKeyboard) {
  fake_question();
  QTest::keyClick(&window_, Qt::Key_L, Qt::ControlModifier);
  EXPECT_TRUE(view<QuestionBar>().field().hasFocus());
  QTest::keyClicks(&view<QuestionBar>().field(), "second");
  QTest::keyClick(&view<QuestionBar>().field(), Qt::Key_Return);
  ASSERT_TRUE(settle());
  WordsView& words = view<WordsView>();
  words.setFocus();
  QTest::keyClick(&words, Qt::Key_Right);
  const auto pointed = window_.inspector().pointed();
  ASSERT_TRUE(pointed && pointed->is_word);
  EXPECT_FALSE(words.accessibleDescription().isEmpty());
  QTest::keyClick(&words, Qt::Key_Return);
  EXPECT_EQ(window_.inspector().state().weights.subject, pointed);
  PictureView& picture = view<PictureView>();
  picture.setFocus();
  QTest::keyClick(&picture, Qt::Key_Left);
  QTest::keyClick(&picture, Qt::Key_Right);
  ASSERT_TRUE(window_.inspector().pointed());
  EXPECT_FALSE(window_.inspector().pointed()->is_word);
  QTest::keyClick(&picture, Qt::Key_Plus);
  EXPECT_GT(picture.zoom(), 1);
  QTest::keyClick(&picture, Qt::Key_0);
  EXPECT_EQ(picture.zoom(), 1);
  HeadsOverview& heads = view<HeadsOverview>();
  heads.setFocus();
  QTest::keyClick(&heads, Qt::Key_Right);
  QTest::keyClick(&heads, Qt::Key_Return);
  EXPECT_TRUE(window_.inspector().state().selected());
  AnswersView& answers = view<AnswersView>();
  answers.setFocus();
  QTest::keyClick(&answers, Qt::Key_Down);
  QTest::keyClick(&answers, Qt::Key_Down);
  QTest::keyClick(&answers, Qt::Key_Return);
  ASSERT_TRUE(settle());
  EXPECT_EQ(window_.inspector().state().weights.answer, "no");
}

TEST_F(MannersTest, UndoAndRedoStepThroughSelectionsAndMasks) {
  fake_question();
  Inspector& inspector = window_.inspector();
  const ViewState first = inspector.state();
  keep_subject(inspector, {true, 0});
  toggle_silenced(inspector, {AttentionFamily::kGuided, 0, 1});
  ASSERT_TRUE(settle());
  const ViewState last = inspector.state();
  QTest::keyClick(&window_, Qt::Key_Z, Qt::ControlModifier);
  QTest::keyClick(&window_, Qt::Key_Z, Qt::ControlModifier);
  ASSERT_TRUE(settle());
  EXPECT_EQ(inspector.state(), first);
  action("Redo").trigger();
  action("Redo").trigger();
  ASSERT_TRUE(settle());
  EXPECT_EQ(inspector.state(), last);
  EXPECT_EQ(inspection().edits, last.edits);
}

TEST_F(MannersTest, BackAndForwardOverWhatWasAsked) {
  fake_question();
  ask("second");
  ask("third");
  QTest::keyClick(&window_, Qt::Key_Left, Qt::AltModifier);
  ASSERT_TRUE(settle());
  EXPECT_EQ(inspection().evidence.question, "second");
  QTest::keyClick(&window_, Qt::Key_Left, Qt::AltModifier);
  ASSERT_TRUE(settle());
  EXPECT_EQ(inspection().evidence.question, "first");
  EXPECT_FALSE(action("Back").isEnabled());
  QTest::keyClick(&window_, Qt::Key_Right, Qt::AltModifier);
  ASSERT_TRUE(settle());
  EXPECT_EQ(inspection().evidence.question, "second");
  ask("fourth");
  EXPECT_FALSE(action("Forward").isEnabled());
}

TEST_F(MannersTest, EscResetsEverything) {
  fake_question();
  Inspector& inspector = window_.inspector();
  const ViewState first = inspector.state();
  toggle_solo(inspector, {AttentionFamily::kGuided, 0, 1});
  keep_subject(inspector, {false, 0});
  ASSERT_TRUE(settle());
  QTest::keyClick(&window_, Qt::Key_Escape);
  ASSERT_TRUE(settle());
  EXPECT_EQ(inspector.state(), first);
}

/// Every control that the window shows can be reached by Tab, and has a name to be spoken.
/// Twice the pixels show more than the same pixels enlarged.
TEST_F(MannersTest, LongWorkShowsProgressAndCanBeCancelled) {
  load_fake({.milliseconds = 20'000});
  window_.open_picture(example_text(), "slow");
  QPushButton* cancel = nullptr;
  ASSERT_TRUE(QTest::qWaitFor([&] {
    for (QPushButton* button : window_.findChildren<QPushButton*>()) {
      if (button->text() == "Cancel" && button->isVisible()) cancel = button;
    }
    return cancel != nullptr;
  }));
  int visible = 0;
  for (QProgressBar* bar : window_.findChildren<QProgressBar*>()) visible += bar->isVisible();
  EXPECT_EQ(visible, 1);
  QTest::mouseClick(cancel, Qt::LeftButton);
  ASSERT_TRUE(QTest::qWaitFor([&] { return !cancel->isVisible(); }, 5000));
  EXPECT_TRUE(window_.settled());
  EXPECT_TRUE(window_.inspector().state().question.empty());
}

TEST_F(MannersTest, ANewerQuestionSupersedesAnOlderOne) {
  const auto fake = load_fake({.milliseconds = 60});
  window_.open_picture(example_text(), "one");
  QLineEdit& field = view<QuestionBar>().field();
  for (const char* question : {"two", "three", "four"}) {
    field.setText(QString::fromUtf8(question));
    QTest::keyClick(&field, Qt::Key_Return);
  }
  ASSERT_TRUE(settle());
  EXPECT_EQ(inspection().evidence.question, "four");
  EXPECT_EQ(fake->asked().back(), "four");
  EXPECT_FALSE(fake->ran_on(std::this_thread::get_id()));
}

TEST_F(MannersTest, ErrorsAreToldOnceAndKept) {
  load_fake({.fails_for = "bad"});
  window_.open_picture(example_text(), "good");
  ASSERT_TRUE(settle());
  ask("bad");
  ASSERT_EQ(problems_.size(), 1);
  EXPECT_TRUE(view<NoticeBar>().isVisible());
  EXPECT_TRUE(view<NoticeBar>().text().contains("cannot answer this"));
  EXPECT_EQ(inspection().evidence.question, "good");  // what was seen stays
  EXPECT_EQ(view<LogPanel>().rowCount(), 1);
  ask("better");
  EXPECT_FALSE(view<NoticeBar>().isVisible());
  EXPECT_EQ(view<LogPanel>().rowCount(), 1);
  EXPECT_TRUE(view<LogPanel>().item(0, 2)->text().contains("ask another"));
}

TEST_F(MannersTest, TheModelIsDescribed) {
  load_shipped();
  CopyTable& table = *panel("model").findChild<ModelPanel*>();
  QStringList texts;
  for (int row = 0; row < table.rowCount(); ++row) {
    texts << table.item(row, 0)->text() + "=" + table.item(row, 1)->text();
  }
  EXPECT_TRUE(texts.contains("layers=3")) << texts.join("\n").toStdString();
  EXPECT_TRUE(texts.contains("heads a layer=4"));
  EXPECT_TRUE(texts.contains("answers=47"));
  EXPECT_TRUE(texts.contains("file=" + QString::fromStdString(shipped_model().string())));
}

TEST_F(MannersTest, PanelsCanBeHiddenAndTheLayoutReset) {
  QTest::keyClick(&window_, Qt::Key_1, Qt::ControlModifier);
  EXPECT_FALSE(panel("answers").isVisible());
  action("Reset layout").trigger();
  EXPECT_TRUE(panel("answers").isVisible());
}

TEST_F(MannersTest, APanelBehindAnotherComesToTheFront) {
  window_.show_panel("heads");
  QTest::qWait(20);
  ASSERT_TRUE(panel("matrix").visibleRegion().isEmpty());
  QTest::keyClick(&window_, Qt::Key_3, Qt::ControlModifier);
  QTest::qWait(20);
  EXPECT_FALSE(panel("matrix").visibleRegion().isEmpty());
  QTest::keyClick(&window_, Qt::Key_3, Qt::ControlModifier);
  EXPECT_FALSE(panel("matrix").isVisible());
}

TEST_F(MannersTest, ClosingWhileBusyIsClean) {
  auto window =
      std::make_unique<MainWindow>(WindowOptions{.keeps_settings = false, .theme = Theme::kLight});
  const auto fake = std::make_shared<FakeAnswerer>(FakeShape{.milliseconds = 20'000});
  window->load_model({}, [fake] { return fake; });
  window->show();
  window->open_picture(example_text(), "slow");
  ASSERT_TRUE(QTest::qWaitFor([&] { return !fake->asked().empty(); }));
  window->close();
  window.reset();
  QTest::qWait(20);
  EXPECT_EQ(fake.use_count(), 1);
}

}  // namespace
}  // namespace vqalign::test
