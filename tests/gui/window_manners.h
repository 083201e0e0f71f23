#pragma once

#include <QAbstractButton>
#include <QAbstractSpinBox>
#include <QApplication>
#include <QButtonGroup>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QTabBar>
#include <QTextBrowser>
#include "vqalign/gui/app/help_dialog.h"
#include "vqalign/gui/browser/browser_view.h"
#include "vqalign/gui/models/edit_state.h"
#include "vqalign/gui/sketch/sketch_view.h"
#include "vqalign/inspect/shipped_files.h"
#include "window_fixture.h"

namespace vqalign::test {

/// A window with the fake answerer and a question answered.
class MannersTest : public WindowTest {
 protected:
  void fake_question() {
    fake_ = load_fake();
    window_.open_picture(example_text(), "first");
    ASSERT_TRUE(settle());
  }
  std::shared_ptr<FakeAnswerer> fake_;
};

}  // namespace vqalign::test
