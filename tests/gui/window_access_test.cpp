// Names, focus, themes, resolution: whether everybody can use the window.
#include "window_manners.h"

namespace vqalign::test {
namespace {

TEST_F(MannersTest, TabReachesEverythingAndEverythingHasAName) {
  fake_question();
  for (const char* name : {"browser", "sketch"}) window_.show_panel(name);
  QTest::qWait(50);
  QSet<QWidget*> reached;
  view<QuestionBar>().field().setFocus();
  for (int i = 0; i < 400; ++i) {
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
    QWidget* at = QApplication::focusWidget();
    ASSERT_NE(at, nullptr);
    if (reached.contains(at) && at == &view<QuestionBar>().field()) break;
    reached.insert(at);
  }
  for (QWidget* widget : window_.findChildren<QWidget*>()) {
    if (!widget->isVisible() || !(widget->focusPolicy() & Qt::TabFocus)) continue;
    const bool part = qobject_cast<QLineEdit*>(widget) &&
                      (qobject_cast<QComboBox*>(widget->parentWidget()) ||
                       qobject_cast<QAbstractSpinBox*>(widget->parentWidget()));
    const QString kind = QString::fromUtf8(widget->metaObject()->className());
    if (part || kind == "QComboBoxPrivateContainer") continue;
    // Of buttons of which one is chosen, Tab comes to that one and arrow keys to the others.
    const auto* choice = qobject_cast<QAbstractButton*>(widget);
    const bool other = choice && choice->group() && choice->group()->exclusive();
    EXPECT_TRUE(reached.contains(widget) || other || !widget->isEnabled())
        << kind.toStdString() << " " << widget->accessibleName().toStdString();
    const auto* button = qobject_cast<QAbstractButton*>(widget);
    const bool named = !widget->accessibleName().isEmpty() || (button && !button->text().isEmpty());
    EXPECT_TRUE(named) << kind.toStdString() << " in "
                       << widget->parentWidget()->metaObject()->className();
  }
}

TEST_F(MannersTest, FocusIsVisible) {
  fake_question();
  for (Canvas* canvas : window_.findChildren<Canvas*>()) {
    if (canvas->focusPolicy() == Qt::NoFocus || !canvas->isVisible()) continue;
    view<QuestionBar>().field().setFocus();
    const QImage before = picture_of(*canvas);
    canvas->setFocus();
    EXPECT_GT(changed_pixels(before, picture_of(*canvas)), 100)
        << canvas->accessibleName().toStdString();
  }
}

TEST_F(MannersTest, DarkAndLight) {
  fake_question();
  window_.set_theme(Theme::kDark);
  QTest::qWait(20);
  const QImage dark = picture_of(window_);
  window_.set_theme(Theme::kLight);
  QTest::qWait(20);
  const QImage light = picture_of(window_);
  const auto mean = [](const QImage& image) {
    return image.scaled(1, 1, Qt::IgnoreAspectRatio, Qt::SmoothTransformation)
        .pixelColor(0, 0)
        .lightness();
  };
  EXPECT_LT(mean(dark), 100);
  EXPECT_GT(mean(light), 180);
}

TEST_F(MannersTest, HighResolutionIsSharp) {
  fake_question();
  for (Canvas* canvas : window_.findChildren<Canvas*>()) {
    if (!canvas->isVisible()) continue;
    QImage once(canvas->size(), QImage::Format_RGB32), twice(canvas->size() * 2, once.format());
    twice.setDevicePixelRatio(2);
    canvas->render(&once);
    canvas->render(&twice);
    twice.setDevicePixelRatio(1);
    EXPECT_GT(changed_pixels(once.scaled(twice.size()), twice), 200)
        << canvas->accessibleName().toStdString();
    const QImage back = twice.scaled(once.size(), Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
    int64_t far = 0;
    for (int y = 0; y < once.height(); ++y) {
      for (int x = 0; x < once.width(); ++x) {
        far += std::abs(qGreen(once.pixel(x, y)) - qGreen(back.pixel(x, y))) > 96;
      }
    }
    EXPECT_LT(far, once.width() * once.height() / 50) << canvas->accessibleName().toStdString();
  }
}

TEST_F(MannersTest, HelpSaysWhatAttentionDoesNotExplain) {
  QTest::keyClick(&window_, Qt::Key_F1);
  QTest::qWait(20);
  auto* help = window_.findChild<HelpDialog*>();
  ASSERT_NE(help, nullptr);
  EXPECT_TRUE(help->isVisible());
  const QString text = help->findChild<QTextBrowser*>()->toPlainText();
  EXPECT_TRUE(text.contains("does not tell by itself why"));
  EXPECT_TRUE(text.contains("Ctrl+Shift+E"));
}

}  // namespace
}  // namespace vqalign::test
