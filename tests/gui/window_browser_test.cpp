// The batch browser inside the window, with the shipped model: predict, filter, open a row.
#include <QComboBox>
#include <QCompleter>
#include <QLineEdit>
#include <QPushButton>
#include <QTableView>
#include <fstream>

#include "vqalign/data/vqa_files.h"
#include "vqalign/gui/browser/browser_view.h"
#include "vqalign/gui/views/reliability_panel.h"
#include "vqalign/inspect/shipped_files.h"
#include "window_fixture.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

class WindowBrowserTest : public WindowTest {
 protected:
  /// Two of the examples as a dataset; one annotation is wrong on purpose.
  fs::path write_dataset() {
    const fs::path folder = test_file("dataset");
    fs::create_directories(folder / "val2014");
    fs::copy_file(example("stars.png"), folder / "val2014" / "COCO_val2014_000000000001.png",
                  fs::copy_options::overwrite_existing);
    fs::copy_file(example("triangle.png"), folder / "val2014" / "COCO_val2014_000000000002.png",
                  fs::copy_options::overwrite_existing);
    const std::vector<Question> questions = {{11, 1, kQuestion},
                                             {12, 1, "Which size does the blue cross have?"},
                                             {21, 2, "What colour is the triangle?"}};
    const auto annotation = [](int64_t id, int64_t image, const char* type, const char* answer) {
      Annotation made{id, image, type, "other", answer, {}};
      for (int64_t i = 1; i <= 10; ++i) made.answers.push_back({i, answer, "yes"});
      return made;
    };
    write_questions(folder / "v2_OpenEnded_mscoco_val2014_questions.json", questions, "val2014");
    write_annotations(
        folder / "v2_mscoco_val2014_annotations.json",
        {annotation(11, 1, "what is the", "square"), annotation(12, 1, "which", "small"),
         annotation(21, 2, "what color", "blue")},
        "val2014");
    return folder;
  }
  QComboBox& list(const char* name) { return combo(QString::fromUtf8(name)); }
  QTableView& table() { return *view<BrowserView>().findChild<QTableView*>(); }
  int rows() { return view<BrowserView>().model().rowCount(); }
  /// Lets the model answer the three questions.
  void predict() {
    for (QPushButton* button : view<BrowserView>().findChildren<QPushButton*>()) {
      if (button->text().remove(u'&').startsWith("Predict")) button->click();
    }
    const RecordModel& model = view<BrowserView>().model();
    ASSERT_TRUE(QTest::qWaitFor([&] { return model.summary().scored == 3; }, 20'000));
  }
  void choose(QComboBox& box, const QString& text) {
    ASSERT_GE(box.findText(text), 0) << text.toStdString();
    box.setFocus();
    while (box.currentText() != text) {
      const bool down = box.currentIndex() < box.findText(text);
      QTest::keyClick(&box, down ? Qt::Key_Down : Qt::Key_Up);
    }
    ASSERT_TRUE(settle());
  }
};

TEST_F(WindowBrowserTest, ARowThatWasAnsweredWrongOpensInAllViews) {
  load_shipped();
  window_.open_anything(QString::fromStdString(write_dataset().string()));
  ASSERT_TRUE(QTest::qWaitFor([&] { return rows() == 3; }, 10'000));
  EXPECT_TRUE(panel("browser").isVisible());
  const auto& model = view<BrowserView>().model();
  predict();
  EXPECT_NEAR(model.summary().accuracy, 2.0 / 3, 1e-6);

  choose(list("Filter by result"), "wrong");
  ASSERT_EQ(rows(), 1);
  table().setFocus();
  table().setCurrentIndex(model.index(0, 1));
  QTest::keyClick(&table(), Qt::Key_Return);
  ASSERT_TRUE(settle());
  ASSERT_NE(window_.inspector().inspection(), nullptr);
  EXPECT_EQ(inspection().evidence.question, "What colour is the triangle?");
  EXPECT_EQ(best_answer(), "orange");
  EXPECT_EQ(view<QuestionBar>().question(), "What colour is the triangle?");

  choose(list("Filter by result"), "any result");
  choose(list("Filter by question type"), "which");
  ASSERT_EQ(rows(), 1);
  table().setCurrentIndex(model.index(0, 1));
  QTest::keyClick(&table(), Qt::Key_Return);
  ASSERT_TRUE(settle());
  EXPECT_EQ(best_answer(), "small");
  QCompleter& completer = *view<QuestionBar>().field().completer();
  completer.setCompletionPrefix("red object");
  EXPECT_EQ(completer.currentCompletion(), kQuestion);  // the dataset's other question about it
}

TEST_F(WindowBrowserTest, ItsReliabilityIsThatOfTheModelThatAnswered) {
  load_shipped();
  window_.open_dataset(QString::fromStdString(write_dataset().string()));
  ASSERT_TRUE(QTest::qWaitFor([&] { return rows() == 3; }, 10'000));
  predict();
  const auto told = [&] {
    window_.show_browsed_reliability();
    EXPECT_EQ(view<ReliabilityView>().reliability()->answers, 3);
    QStringList texts;
    for (const QLabel* label : view<ReliabilityPanel>().findChildren<QLabel*>()) {
      texts.append(label->text());
    }
    return texts.join(QString()).toStdString();
  };
  EXPECT_EQ(told(), "The answers in Browse, one pass each");
  const fs::path other = shipped_model().parent_path() / "boxes.safetensors";
  window_.open_model(QString::fromStdString(other.string()));
  ASSERT_TRUE(settle());
  EXPECT_EQ(told(), "The answers in Browse, one pass each. It does not say of which model it is.");
}

TEST_F(WindowBrowserTest, ClosingWhileItPredictsIsClean) {
  const auto fake = std::make_shared<FakeAnswerer>(FakeShape{.milliseconds = 300});
  auto window =
      std::make_unique<MainWindow>(WindowOptions{.keeps_settings = false, .theme = Theme::kLight});
  window->load_model({}, [fake] { return fake; });
  window->show();
  window->open_dataset(QString::fromStdString(write_dataset().string()));
  auto* browser = window->findChild<BrowserView*>();
  ASSERT_TRUE(QTest::qWaitFor([&] { return browser->model().rowCount() == 3; }, 10'000));
  for (QPushButton* button : browser->findChildren<QPushButton*>()) {
    if (button->text().remove(u'&').startsWith("Predict")) button->click();
  }
  ASSERT_TRUE(QTest::qWaitFor([&] { return !fake->asked().empty(); }, 10'000));
  window->close();
  window.reset();
  QTest::qWait(20);
  EXPECT_EQ(fake.use_count(), 1);
}

TEST_F(WindowBrowserTest, ResultsOfAnotherDatasetAreRefused) {
  window_.open_anything(QString::fromStdString(write_dataset().string()));
  ASSERT_TRUE(QTest::qWaitFor([&] { return rows() == 3; }, 10'000));
  write_results(test_file("other.json"), {{99, "red"}});
  window_.open_anything(test_file_text("other.json"));
  ASSERT_TRUE(QTest::qWaitFor([&] { return !problems_.isEmpty(); }, 10'000));
  EXPECT_TRUE(problems_[0].contains("other.json")) << problems_[0].toStdString();
  EXPECT_TRUE(problems_[0].contains("99")) << problems_[0].toStdString();
  EXPECT_EQ(rows(), 3);
}

}  // namespace
}  // namespace vqalign::test
