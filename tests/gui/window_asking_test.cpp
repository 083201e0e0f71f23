// Pictures, questions and answers in the real window with the shipped model.
#include <QApplication>
#include <QClipboard>
#include <QCompleter>
#include <QFileDialog>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QPushButton>
#include <QTimer>
#include <QToolButton>

#include "vqalign/gui/views/start_page.h"
#include "window_fixture.h"

namespace vqalign::test {
namespace {

class AskingTest : public WindowTest {
 protected:
  void drop(QMimeData& data) {
    QDragEnterEvent enter(QPoint(300, 300), Qt::CopyAction, &data, Qt::LeftButton, {});
    QApplication::sendEvent(&window_, &enter);
    EXPECT_TRUE(enter.isAccepted());
    QDropEvent event(QPointF(300, 300), Qt::CopyAction, &data, Qt::LeftButton, {});
    QApplication::sendEvent(&window_, &event);
    ASSERT_TRUE(settle());
  }
};

TEST_F(AskingTest, OpensAPictureByTheDialog) {
  load_shipped();
  QTimer::singleShot(200, &window_, [] {
    auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
    ASSERT_NE(dialog, nullptr);
    auto* name = dialog->findChild<QLineEdit*>();
    name->setText(example_text());
    QTest::keyClick(name, Qt::Key_Return);
  });
  QTest::keyClick(&window_, Qt::Key_O, Qt::ControlModifier);
  ASSERT_TRUE(settle());
  EXPECT_EQ(window_.inspector().state().picture, example());
  EXPECT_FALSE(window_.inspector().picture().isNull());
  ask(QString::fromUtf8(kQuestion));
  EXPECT_EQ(best_answer(), "square");
  EXPECT_TRUE(problems_.isEmpty()) << problems_.join("\n").toStdString();
}

TEST_F(AskingTest, TakesADroppedPictureAndKeepsTheQuestion) {
  ask_shipped();
  QMimeData data;
  data.setUrls({QUrl::fromLocalFile(example_text("triangle.png"))});
  drop(data);
  EXPECT_EQ(window_.inspector().state().picture, example("triangle.png"));
  EXPECT_EQ(window_.inspector().state().question, kQuestion);
  EXPECT_EQ(inspection().evidence.picture, example("triangle.png").string());
}

TEST_F(AskingTest, TakesADroppedImageWithoutAFile) {
  load_shipped();
  QMimeData data;
  data.setImageData(QImage(example_text("triangle.png")));
  drop(data);
  ask("What colour is the triangle?");
  EXPECT_EQ(best_answer(), "orange");
}

TEST_F(AskingTest, TellsOfADropFromElsewhere) {
  QMimeData data;
  data.setUrls({QUrl("https://example.org/a.png")});
  drop(data);
  ASSERT_EQ(problems_.size(), 1);
  EXPECT_TRUE(problems_[0].contains("example.org")) << problems_[0].toStdString();
}

TEST_F(AskingTest, PastesAPictureAFileAndAQuestion) {
  load_shipped();
  QApplication::clipboard()->setImage(QImage(example_text("triangle.png")));
  action("Paste picture, file or question").trigger();
  ASSERT_TRUE(settle());
  QApplication::clipboard()->setText("What colour\nis the\ttriangle?");
  action("Paste picture, file or question").trigger();
  EXPECT_EQ(view<QuestionBar>().question(), "What colour is the triangle?");
  QTest::keyClick(&view<QuestionBar>().field(), Qt::Key_Return);
  ASSERT_TRUE(settle());
  EXPECT_EQ(best_answer(), "orange");
  auto* files = new QMimeData;
  files->setUrls({QUrl::fromLocalFile(example_text())});
  QApplication::clipboard()->setMimeData(files);
  action("Paste picture, file or question").trigger();
  ASSERT_TRUE(settle());
  EXPECT_EQ(window_.inspector().state().picture, example());
}

TEST_F(AskingTest, PastesAPictureWithTheFieldInFocus) {
  load_shipped();
  window_.open_picture(example_text(), QString::fromUtf8(kQuestion));
  ASSERT_TRUE(settle());
  QApplication::clipboard()->setImage(QImage(example_text("triangle.png")));
  QLineEdit& field = view<QuestionBar>().field();
  field.setFocus();
  field.selectAll();
  QTest::keyClick(&field, Qt::Key_V, Qt::ControlModifier);
  ASSERT_TRUE(settle());
  EXPECT_EQ(field.text(), kQuestion);
  EXPECT_NE(window_.inspector().state().picture, example());
}

TEST_F(AskingTest, AnyPictureIsEncodedLive) {
  load_shipped();
  QImage drawn(64, 64, QImage::Format_RGB32);
  drawn.fill(QColor(120, 120, 120));
  ASSERT_TRUE(drawn.save(test_file_text("plain.bmp")));
  window_.open_picture(test_file_text("plain.bmp"), "How many things are in the picture?");
  ASSERT_TRUE(settle());
  EXPECT_EQ(inspection().evidence.picture_width, 64);
  EXPECT_FALSE(inspection().evidence.answers.empty());
}

TEST_F(AskingTest, OffersRecentPictures) {
  ask_shipped();
  window_.open_picture(example_text("corners.png"));
  ASSERT_TRUE(settle());
  QMenu* recent = action("Open recent").menu();
  Q_EMIT recent->aboutToShow();
  ASSERT_GE(recent->actions().size(), 2);
  EXPECT_TRUE(recent->actions()[0]->text().contains("corners.png"));
  recent->actions()[1]->trigger();
  ASSERT_TRUE(settle());
  EXPECT_EQ(window_.inspector().state().picture, example());
}

TEST_F(AskingTest, ExamplesAreAskedByAClick) {
  load_shipped();
  const auto buttons = view<StartPage>().findChildren<QPushButton*>();
  const auto found = std::find_if(buttons.begin(), buttons.end(), [](QPushButton* button) {
    return button->accessibleName() == QString::fromUtf8(kQuestion);
  });
  ASSERT_NE(found, buttons.end());
  EXPECT_TRUE((*found)->isVisible());
  QTest::mouseClick(*found, Qt::LeftButton);
  ASSERT_TRUE(settle());
  EXPECT_EQ(best_answer(), "square");
  EXPECT_EQ(view<QuestionBar>().question(), kQuestion);
}

TEST_F(AskingTest, EveryExampleQuestionIsAnswered) {
  load_shipped();
  for (QPushButton* button : view<StartPage>().findChildren<QPushButton*>()) {
    if (button->accessibleName().isEmpty()) continue;
    button->click();
    ASSERT_TRUE(settle());
    EXPECT_EQ(inspection().evidence.question, button->accessibleName().toStdString());
    EXPECT_GT(best_probability(), 0.5) << inspection().evidence.question;
    EXPECT_TRUE(inspection().evidence.warnings.empty());
  }
  EXPECT_TRUE(problems_.isEmpty());
}

TEST_F(AskingTest, KeepsTheQuestionsThatWereAsked) {
  ask_shipped();
  ask("What colour is the medium thing?");
  ask("Which size does the blue cross have?");
  QLineEdit& field = view<QuestionBar>().field();
  field.clear();
  QTest::keyClicks(&field, "draft");
  QTest::keyClick(&field, Qt::Key_Up);
  EXPECT_EQ(field.text(), "Which size does the blue cross have?");
  QTest::keyClick(&field, Qt::Key_Up);
  EXPECT_EQ(field.text(), "What colour is the medium thing?");
  QTest::keyClick(&field, Qt::Key_Return);
  ASSERT_TRUE(settle());
  EXPECT_EQ(inspection().evidence.question, "What colour is the medium thing?");
  QTest::keyClick(&field, Qt::Key_Up);
  QTest::keyClick(&field, Qt::Key_Down);
  EXPECT_EQ(field.text(), "What colour is the medium thing?");
}

TEST_F(AskingTest, SuggestsTheExamplesOwnQuestions) {
  ask_shipped();
  QCompleter& completer = *view<QuestionBar>().field().completer();
  completer.setCompletionPrefix("blue cross");
  EXPECT_EQ(completer.currentCompletion(), "Which size does the blue cross have?");
}

TEST_F(AskingTest, ShowsAnswersWithTheirProbabilities) {
  ask_shipped();
  const auto& answers = inspection().evidence.answers;
  ASSERT_GE(answers.size(), 5u);
  AnswersView& list = view<AnswersView>();
  for (std::size_t i = 0; i < 5; ++i) {
    const QRectF box = list.answer_box(i);
    ASSERT_FALSE(box.isEmpty());
    EXPECT_TRUE(i == 0 || box.top() >= list.answer_box(i - 1).bottom());
    EXPECT_TRUE(i == 0 || answers[i].probability <= answers[i - 1].probability);
  }
  hover(list, list.answer_box(0).center());
}

TEST_F(AskingTest, ExplainsTheAnswerThatIsClicked) {
  ask_shipped();
  AnswersView& list = view<AnswersView>();
  click(list, list.answer_box(1).center());
  const std::string second = inspection().evidence.answers[1].text;
  EXPECT_EQ(window_.inspector().state().weights.source, WeightSource::kRelevance);
  EXPECT_EQ(window_.inspector().shown().region_legend.of, "relevance for \"" + second + "\"");
  const TokenScores expected =
      window_.inspector().source()->relevance(example(), kQuestion, {}, second);
  for (std::size_t i = 0; i < expected.regions.size(); ++i) {
    EXPECT_NEAR(window_.inspector().shown().regions[i].weight, expected.regions[i], 1e-9);
  }
}

TEST_F(AskingTest, AnEditedQuestionIsAnotherQuestion) {
  ask_shipped();
  const std::string before = best_answer();
  ask("What is the shape of the blue object?");
  EXPECT_NE(best_answer(), before);
  EXPECT_EQ(best_answer(), "cross");
}

TEST_F(AskingTest, MarksWordsThatWereNotUnderstoodOrRead) {
  ask_shipped();
  QString question("What zorp is the red object");
  for (int i = 0; i < 40; ++i) question += " today";
  ask(question);
  const auto& words = inspection().evidence.words;
  EXPECT_FALSE(words[1].known);
  EXPECT_TRUE(words.back().cut);
  EXPECT_FALSE(view<WordsView>().word_box(1).isEmpty());
  EXPECT_TRUE(view<NoticeBar>().isVisible());
}

}  // namespace
}  // namespace vqalign::test
