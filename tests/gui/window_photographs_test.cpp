// The start page's way to a photograph, in a window that looks for models in a folder of the
// test's.
#include <QApplication>
#include <QFileDialog>
#include <QLineEdit>
#include <QPushButton>
#include <QTimer>
#include <QToolButton>

#include "photo_model.h"
#include "vqalign/gui/views/start_page.h"
#include "window_fixture.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

class PhotographsTest : public WindowTest {
 protected:
  PhotographsTest() { fs::create_directories(folder_); }
  ~PhotographsTest() override { fs::remove_all(folder_); }

  /// A window that finds what lies in the folder, with the shipped model.
  void open_window() {
    own_ = std::make_unique<MainWindow>(
        WindowOptions{.keeps_settings = false, .theme = Theme::kLight, .model_folders = {folder_}});
    QObject::connect(own_.get(), &MainWindow::problem, own_.get(),
                     [this](const QString& message) { problems_ << message; });
    own_->resize(1280, 800);
    window_.hide();
    own_->show();
    EXPECT_TRUE(QTest::qWaitForWindowActive(own_.get()));
    own_->open_model(QString::fromStdString(
        (fs::path(VQALIGN_SOURCE_DIR) / "models/scenes.safetensors").string()));
    ASSERT_TRUE(settled());
  }
  bool settled() {
    const bool done = QTest::qWaitFor([this] { return own_->settled(); }, 30'000);
    QTest::qWait(0);
    return done;
  }
  template <typename Widget>
  Widget* shown(const std::function<bool(Widget&)>& is_it) {
    for (Widget* widget : own_->findChild<StartPage*>()->findChildren<Widget*>()) {
      if (widget->isVisible() && is_it(*widget)) return widget;
    }
    return nullptr;
  }
  QPushButton* button() {
    return shown<QPushButton>(
        [](QPushButton& one) { return one.text().startsWith("Open a photograph"); });
  }
  QLabel* text(const QString& part) {
    return shown<QLabel>([&](QLabel& one) { return one.text().contains(part); });
  }
  QComboBox* choice() {
    return shown<QComboBox>(
        [](QComboBox& one) { return one.accessibleName() == "Model for photographs"; });
  }
  /// Presses the button by the keyboard and types a picture's path into the dialog.
  void open_photograph() {
    QTimer::singleShot(200, own_.get(), [] {
      auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
      ASSERT_NE(dialog, nullptr);
      EXPECT_EQ(dialog->windowTitle(), "Open a photograph");
      auto* name = dialog->findChild<QLineEdit*>();
      name->setText(example_text());
      QTest::keyClick(name, Qt::Key_Return);
    });
    button()->setFocus();
    QTest::keyClick(button(), Qt::Key_Space);
    ASSERT_TRUE(settled());
  }

  const fs::path folder_ = test_file("models");
  std::unique_ptr<MainWindow> own_;
};

TEST_F(PhotographsTest, OffersOneWithAModelAndGoesOnToAQuestion) {
  write_photo_model(folder_ / "holidays.safetensors", "holidays");
  open_window();
  ASSERT_NE(button(), nullptr);
  EXPECT_NE(text("holidays.safetensors"), nullptr);
  EXPECT_NE(text("trained on holidays"), nullptr);
  EXPECT_EQ(choice(), nullptr);
  EXPECT_EQ(text("README"), nullptr);
  open_photograph();
  EXPECT_EQ(own_->inspector().model().file, folder_ / "holidays.safetensors");
  EXPECT_EQ(own_->inspector().state().picture, example());
  QLineEdit& field = own_->findChild<QuestionBar*>()->field();
  EXPECT_EQ(own_->focusWidget(), &field);
  QTest::keyClicks(&field, "what is on the table");
  QTest::keyClick(&field, Qt::Key_Return);
  ASSERT_TRUE(settled());
  ASSERT_NE(own_->inspector().inspection(), nullptr);
  const std::string& best = own_->inspector().inspection()->evidence.answers.front().text;
  EXPECT_TRUE(best == "cup" || best == "lamp") << best;
  EXPECT_TRUE(problems_.isEmpty()) << problems_.join("\n").toStdString();
}

TEST_F(PhotographsTest, OneOfSeveralModelsIsChosen) {
  write_photo_model(folder_ / "a.safetensors", "holidays");
  write_photo_model(folder_ / "b.safetensors", "kitchens");
  fs::last_write_time(folder_ / "b.safetensors",
                      fs::last_write_time(folder_ / "a.safetensors") - std::chrono::hours(1));
  open_window();
  ASSERT_NE(choice(), nullptr);
  ASSERT_EQ(choice()->count(), 2);
  EXPECT_EQ(choice()->currentText(), "a.safetensors");
  choice()->setFocus();
  QTest::keyClick(choice(), Qt::Key_Down);
  EXPECT_NE(text("trained on kitchens"), nullptr);
  open_photograph();
  EXPECT_EQ(own_->inspector().model().file, folder_ / "b.safetensors");
}

TEST_F(PhotographsTest, TheModelInUseComesFirst) {
  write_photo_model(folder_ / "a.safetensors", "holidays");
  write_photo_model(folder_ / "elsewhere.model", "kitchens");
  open_window();
  EXPECT_EQ(choice(), nullptr);
  own_->open_model(QString::fromStdString((folder_ / "elsewhere.model").string()));
  ASSERT_TRUE(settled());
  ASSERT_NE(choice(), nullptr);
  EXPECT_EQ(choice()->currentText(), "elsewhere.model");
  EXPECT_EQ(choice()->count(), 2);
}

TEST_F(PhotographsTest, WithoutAModelALineBelowTheExamplesTellsHowToGetOne) {
  open_window();
  EXPECT_EQ(button(), nullptr);
  QLabel* line = text("see Photographs in the README");
  ASSERT_NE(line, nullptr);
  for (QToolButton* example : own_->findChild<StartPage*>()->findChildren<QToolButton*>()) {
    EXPECT_LT(example->mapTo(own_.get(), QPoint()).y(), line->mapTo(own_.get(), QPoint()).y());
  }
}

TEST_F(PhotographsTest, WhereTheModelsWeightsAreGoneNoOtherAnswers) {
  write_slim_photo_model(folder_ / "slim.safetensors", "holidays");
  open_window();
  ASSERT_NE(button(), nullptr);
  open_photograph();
  ASSERT_EQ(problems_.size(), 1);
  EXPECT_TRUE(
      problems_[0].contains("slim.safetensors: is slim and needs the weights of "
                            "efficientnet-lite0"))
      << problems_[0].toStdString();
  EXPECT_TRUE(own_->inspector().state().picture.empty());
  EXPECT_EQ(own_->inspector().model().file.filename(), "scenes.safetensors");
}

TEST_F(PhotographsTest, TabReachesButtonAndChoice) {
  write_photo_model(folder_ / "a.safetensors", "holidays");
  write_photo_model(folder_ / "b.safetensors", "kitchens");
  open_window();
  QSet<QWidget*> reached;
  own_->findChild<StartPage*>()->setFocus();
  for (int i = 0; i < 100; ++i) {
    QWidget* at = QApplication::focusWidget();
    QTest::keyClick(at ? at : own_.get(), Qt::Key_Tab);
    reached.insert(QApplication::focusWidget());
  }
  EXPECT_TRUE(reached.contains(button()));
  EXPECT_TRUE(reached.contains(choice()));
}

}  // namespace
}  // namespace vqalign::test
