#include "window_fixture.h"

#include <QCursor>
#include <QLineEdit>
#include <QScrollArea>
#include <algorithm>

#include "vqalign/inspect/shipped_files.h"

namespace vqalign::test {
namespace {

constexpr int kLongest = 30'000;  // milliseconds

}  // namespace

WindowTest::WindowTest() : window_({.keeps_settings = false, .theme = Theme::kLight}) {
  QObject::connect(&window_, &MainWindow::problem, &window_,
                   [this](const QString& message, const QString& hint) {
                     problems_ << message + QString::fromUtf8("; ") + hint;
                   });
  window_.resize(1280, 800);
  window_.show();
  EXPECT_TRUE(QTest::qWaitForWindowExposed(&window_));
}

void WindowTest::load_shipped() {
  window_.open_model(QString::fromStdString(shipped_model().string()));
  ASSERT_TRUE(settle());
  ASSERT_NE(window_.inspector().source(), nullptr);
}

std::shared_ptr<FakeAnswerer> WindowTest::load_fake(FakeShape shape) {
  const auto fake = std::make_shared<FakeAnswerer>(std::move(shape));
  window_.load_model({}, [fake] { return fake; });
  EXPECT_TRUE(settle());
  return fake;
}

bool WindowTest::settle() {
  const bool done = QTest::qWaitFor([this] { return window_.settled(); }, kLongest);
  QTest::qWait(0);
  return done;
}

void WindowTest::ask_shipped() {
  load_shipped();
  window_.open_picture(example_text(), QString::fromUtf8(kQuestion));
  ASSERT_TRUE(settle());
  ASSERT_NE(window_.inspector().inspection(), nullptr);
}

void WindowTest::ask(const QString& question) {
  QLineEdit& field = view<QuestionBar>().field();
  field.selectAll();
  QTest::keyClicks(&field, question);
  QTest::keyClick(&field, Qt::Key_Return);
  ASSERT_TRUE(settle());
}

QAction& WindowTest::action(const QString& text) {
  QList<QAction*> actions = window_.findChildren<QAction*>();
  std::stable_partition(actions.begin(), actions.end(), [](QAction* one) { return !one->menu(); });
  for (QAction* action : actions) {
    const QString shown = action->text().section(u'\t', 0, 0).remove(u'&').remove(QChar(0x2026));
    const bool undoes = shown.startsWith(text + u' ') && (text == "Undo" || text == "Redo");
    if (shown == text || undoes) return *action;
  }
  ADD_FAILURE() << "no menu entry " << text.toStdString();
  return *window_.findChildren<QAction*>().front();
}

QComboBox& WindowTest::combo(const QString& name) {
  for (QComboBox* box : window_.findChildren<QComboBox*>()) {
    if (box->accessibleName() == name) return *box;
  }
  ADD_FAILURE() << "no list " << name.toStdString();
  return *window_.findChild<QComboBox*>();
}

void WindowTest::hover(QWidget& widget, QPointF at) {
  QTest::mouseMove(&widget, at.toPoint());
  QTest::qWait(0);
}

void WindowTest::click(QWidget& widget, QPointF at) {
  QTest::mouseClick(&widget, Qt::LeftButton, {}, at.toPoint());
  ASSERT_TRUE(settle());
}

QPointF WindowTest::reveal(const HeadSite& site) {
  HeadsOverview& overview = view<HeadsOverview>();
  const QPointF centre = overview.head_box(site).center();
  auto* scroll = qobject_cast<QScrollArea*>(overview.parentWidget()->parentWidget());
  EXPECT_NE(scroll, nullptr);
  scroll->ensureVisible(int(centre.x()), int(centre.y()));
  QTest::qWait(0);
  return centre;
}

int64_t WindowTest::changed_pixels(const QImage& before, const QImage& after) {
  EXPECT_EQ(before.size(), after.size());
  int64_t changed = 0;
  for (int y = 0; y < before.height(); ++y) {
    for (int x = 0; x < before.width(); ++x) {
      if (before.pixel(x, y) != after.pixel(x, y)) ++changed;
    }
  }
  return changed;
}

std::filesystem::path WindowTest::example(const char* name) {
  return std::filesystem::path(VQALIGN_SOURCE_DIR) / "examples" / "scenes" / name;
}

QString WindowTest::example_text(const char* name) {
  return QString::fromStdString(example(name).string());
}

std::filesystem::path WindowTest::test_file(const std::string& name) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const auto folder = std::filesystem::path(testing::TempDir()) / "vqalign_gui" /
                      (std::string(test->test_suite_name()) + "." + test->name());
  std::filesystem::create_directories(folder);
  return folder / name;
}

QString WindowTest::test_file_text(const std::string& name) {
  return QString::fromStdString(test_file(name).string());
}

}  // namespace vqalign::test
