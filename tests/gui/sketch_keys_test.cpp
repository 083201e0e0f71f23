#include <QLineEdit>
#include <QVBoxLayout>
#include <QWheelEvent>

#include "tests/gui/sketch_canvas_fixture.h"

namespace vqalign::test {
namespace {

TEST_F(SketchCanvasTest, KeysMoveResizeAndTurn) {
  click(40, 60);
  key(Qt::Key_Right);
  key(Qt::Key_Right);
  key(Qt::Key_Up, Qt::ShiftModifier);
  EXPECT_EQ(shape(0).x, 42);
  EXPECT_EQ(shape(0).y, 52);
  EXPECT_EQ(canvas_.undo_stack().count(), 1);
  key(Qt::Key_BracketRight);
  key(Qt::Key_BracketRight);
  EXPECT_EQ(shape(0).angle, 30);
  key(Qt::Key_BracketLeft);
  key(Qt::Key_BracketLeft);
  key(Qt::Key_BracketLeft);
  EXPECT_EQ(shape(0).angle, 345);
  key(Qt::Key_Plus);
  EXPECT_EQ(shape(0).extent, 42);
  for (int i = 0; i < 100; ++i) key(Qt::Key_Minus);
  EXPECT_EQ(shape(0).extent, kLeastExtent);
  EXPECT_EQ(canvas_.undo_stack().count(), 3);
  key(Qt::Key_Z, Qt::ControlModifier);
  key(Qt::Key_Z, Qt::ControlModifier);
  key(Qt::Key_Z, Qt::ControlModifier);
  EXPECT_EQ(shape(0), (SketchShape{1, 0, 0, 40, 60, 40, 0}));
  key(Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
  EXPECT_EQ(shape(0).x, 42);
}

TEST_F(SketchCanvasTest, WheelTurnsWithControlOnly) {
  click(40, 60);
  const auto wheel = [&](Qt::KeyboardModifiers keys) {
    QWheelEvent event(at(40, 60), canvas_.mapToGlobal(at(40, 60)), {}, {0, 120}, Qt::NoButton, keys,
                      Qt::NoScrollPhase, false);
    QApplication::sendEvent(&canvas_, &event);
    return event.isAccepted();
  };
  EXPECT_FALSE(wheel({}));
  EXPECT_EQ(shape(0).angle, 0);
  EXPECT_TRUE(wheel(Qt::ControlModifier));
  EXPECT_EQ(shape(0).angle, 15);
}

TEST_F(SketchCanvasTest, DeleteAndDuplicate) {
  click(40, 60);
  key(Qt::Key_D, Qt::ControlModifier);
  ASSERT_EQ(canvas_.sketch().shapes.size(), 3U);
  EXPECT_EQ(shape(2), (SketchShape{3, 0, 0, 50, 70, 40, 0}));
  EXPECT_EQ(selected_id(), 3);
  key(Qt::Key_Delete);
  EXPECT_EQ(canvas_.sketch().shapes.size(), 2U);
  EXPECT_EQ(selected_id(), 0);
  key(Qt::Key_Delete);
  EXPECT_EQ(canvas_.sketch().shapes.size(), 2U) << "nothing is selected";
  canvas_.undo_stack().undo();
  EXPECT_EQ(selected_id(), 3) << "undo selects what comes back";
}

TEST_F(SketchCanvasTest, OrderDecidesWhatCoversWhat) {
  Sketch sketch;
  sketch.shapes = {{1, 0, 0, 60, 72, 44, 0}, {2, 1, 2, 80, 72, 44, 0}};
  canvas_.set_sketch(sketch);
  click(45, 72);
  EXPECT_EQ(canvas_.image().pixel(70, 72), qRgb(40, 85, 220));
  key(Qt::Key_PageUp);
  EXPECT_EQ(canvas_.image().pixel(70, 72), qRgb(215, 35, 40));
  key(Qt::Key_PageUp);
  EXPECT_EQ(canvas_.undo_stack().count(), 1) << "it is in front already";
  key(Qt::Key_PageDown);
  EXPECT_EQ(canvas_.image().pixel(70, 72), qRgb(40, 85, 220));
  EXPECT_EQ(selected_id(), 1);
}

TEST_F(SketchCanvasTest, TabWalksAndTellsTheShapesThenLeaves) {
  QWidget window;
  auto* layout = new QVBoxLayout(&window);
  auto* before = new QLineEdit;
  auto* canvas = new SketchCanvas;
  auto* after = new QLineEdit;
  for (QWidget* widget : {static_cast<QWidget*>(before), static_cast<QWidget*>(canvas),
                          static_cast<QWidget*>(after)}) {
    layout->addWidget(widget);
  }
  canvas->set_sketch(canvas_.sketch());
  window.show();
  window.activateWindow();
  before->setFocus();
  EXPECT_EQ(canvas->accessibleName(), "picture of 2 shapes");
  QTest::keyClick(before, Qt::Key_Tab);
  ASSERT_EQ(window.focusWidget(), canvas);
  QTest::keyClick(canvas, Qt::Key_Tab);
  EXPECT_EQ(canvas->accessibleName(), "red circle, large, at 40, 60");
  QTest::keyClick(canvas, Qt::Key_Tab);
  EXPECT_EQ(canvas->accessibleName(), "blue square, medium, at 100, 80");
  QTest::keyClick(canvas, Qt::Key_Right);
  EXPECT_EQ(canvas->accessibleName(), "blue square, medium, at 101, 80");
  QTest::keyClick(canvas, Qt::Key_Backtab, Qt::ShiftModifier);
  EXPECT_EQ(canvas->accessibleName(), "red circle, large, at 40, 60");
  QTest::keyClick(canvas, Qt::Key_Tab);
  QTest::keyClick(canvas, Qt::Key_Tab);
  EXPECT_EQ(window.focusWidget(), after);
  QTest::keyClicks(after, "[]1+-");
  EXPECT_EQ(after->text(), "[]1+-");
  EXPECT_EQ(canvas->sketch().shapes[1].angle, 0);
}

}  // namespace
}  // namespace vqalign::test
