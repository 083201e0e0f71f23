#pragma once

#include <gtest/gtest.h>

#include <QAction>
#include <QComboBox>
#include <QDockWidget>
#include <QTest>
#include <filesystem>
#include <memory>

#include "fake_answerer.h"
#include "vqalign/gui/app/main_window.h"
#include "vqalign/gui/views/answers_view.h"
#include "vqalign/gui/views/detail_panels.h"
#include "vqalign/gui/views/heads_panel.h"
#include "vqalign/gui/views/matrix_panel.h"
#include "vqalign/gui/views/notice_bar.h"
#include "vqalign/gui/views/picture_view.h"
#include "vqalign/gui/views/question_bar.h"
#include "vqalign/gui/views/words_view.h"

namespace vqalign::test {

/// A real window, offscreen, without settings of a user's own.
class WindowTest : public testing::Test {
 protected:
  static constexpr const char* kQuestion = "What is the shape of the red object?";

  WindowTest();

  void load_shipped();
  std::shared_ptr<FakeAnswerer> load_fake(FakeShape shape = {});
  /// Waits until nothing is computed; false after half a minute.
  bool settle();
  /// The shipped model, asked kQuestion about example(); with its answer on screen.
  void ask_shipped();
  /// Types into the question field and presses Return.
  void ask(const QString& question);

  template <typename View>
  View& view() {
    View* found = window_.findChild<View*>();
    EXPECT_NE(found, nullptr);
    return *found;
  }
  /// The menu entry of that text, without & and ellipsis.
  QAction& action(const QString& text);
  QComboBox& combo(const QString& accessible_name);
  QDockWidget& panel(const char* name) {
    return *window_.findChild<QDockWidget*>(QString::fromUtf8(name));
  }
  const Inspection& inspection() { return *window_.inspector().inspection(); }
  std::string best_answer() { return inspection().evidence.answers.front().text; }
  double best_probability() { return inspection().evidence.answers.front().probability; }

  /// Moves the pointer there as a hand does; what that shows is drawn when it returns.
  void hover(QWidget& widget, QPointF at);
  void click(QWidget& widget, QPointF at);
  /// Scrolls a head's thumbnail into sight; its centre.
  QPointF reveal(const HeadSite& site);
  /// How many pixels of the widget differ from an earlier picture of it.
  static int64_t changed_pixels(const QImage& before, const QImage& after);
  QImage picture_of(QWidget& widget) { return widget.grab().toImage(); }

  static std::filesystem::path example(const char* name = "stars.png");
  static QString example_text(const char* name = "stars.png");
  static std::filesystem::path test_file(const std::string& name);
  static QString test_file_text(const std::string& name);

  MainWindow window_;
  QStringList problems_;
};

}  // namespace vqalign::test
