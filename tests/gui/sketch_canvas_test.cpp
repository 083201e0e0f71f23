#include <QSignalSpy>
#include <cmath>
#include <limits>

#include "tests/gui/sketch_canvas_fixture.h"
#include "vqalign/core/error.h"
#include "vqalign/gui/sketch/sketch_geometry.h"

namespace vqalign::test {
namespace {

TEST_F(SketchCanvasTest, ClickSelectsTheTopmost) {
  click(40, 60);
  EXPECT_EQ(selected_id(), 1);
  click(100, 80);
  EXPECT_EQ(selected_id(), 2);
  click(10, 130);
  EXPECT_EQ(selected_id(), 0);
  Sketch stacked;
  stacked.shapes = {{5, 0, 0, 72, 72, 60, 0}, {7, 1, 1, 72, 72, 30, 0}};
  canvas_.set_sketch(stacked);
  click(72, 72);
  EXPECT_EQ(selected_id(), 7);
  click(72, 72 + 24);
  EXPECT_EQ(selected_id(), 5);
  EXPECT_FALSE(canvas_.undo_stack().canUndo());
}

TEST_F(SketchCanvasTest, RingIsSelectedThroughItsHoleUnlessSomethingIsSeenThere) {
  Sketch sketch;
  sketch.shapes = {{1, 0, 0, 76, 72, 12, 0}, {2, 5, 1, 72, 72, 80, 0}};
  canvas_.set_sketch(sketch);
  click(76, 72);
  EXPECT_EQ(selected_id(), 1);
  canvas_.select(0);
  click(60, 72);
  EXPECT_EQ(selected_id(), 2);
}

TEST_F(SketchCanvasTest, DragMovesLiveAndIsOneStep) {
  QSignalSpy changed(&canvas_, &SketchCanvas::sketch_changed);
  drag(at(45, 60), at(85, 40));
  EXPECT_EQ(shape(0).x, 80);
  EXPECT_EQ(shape(0).y, 40);
  EXPECT_EQ(changed.size(), 4);
  EXPECT_EQ(canvas_.undo_stack().count(), 1);
  EXPECT_EQ(canvas_.image().pixel(80, 40), qRgb(215, 35, 40));
  EXPECT_EQ(canvas_.image().pixel(40, 60), qRgb(168, 168, 168));
  canvas_.undo_stack().undo();
  EXPECT_EQ(shape(0).x, 40);
  EXPECT_EQ(canvas_.image().pixel(40, 60), qRgb(215, 35, 40));
  canvas_.undo_stack().redo();
  EXPECT_EQ(shape(0).x, 80);
  drag(at(80, 40), at(90, 40));
  EXPECT_EQ(canvas_.undo_stack().count(), 2) << "two drags are two steps";
}

TEST_F(SketchCanvasTest, CentreStaysInside) {
  drag(at(40, 60), at(-400, 900));
  EXPECT_EQ(shape(0).x, 0);
  EXPECT_EQ(shape(0).y, 144);
}

TEST_F(SketchCanvasTest, DragBackLeavesNoStep) {
  QTest::mousePress(&canvas_, Qt::LeftButton, {}, at(40, 60));
  move(at(70, 60));
  EXPECT_EQ(shape(0).x, 70);
  move(at(40, 60));
  QTest::mouseRelease(&canvas_, Qt::LeftButton, {}, at(40, 60));
  EXPECT_EQ(shape(0).x, 40);
  EXPECT_FALSE(canvas_.undo_stack().canUndo());
}

TEST_F(SketchCanvasTest, EscapeGivesUpADrag) {
  QTest::mousePress(&canvas_, Qt::LeftButton, {}, at(40, 60));
  move(at(70, 60));
  key(Qt::Key_Delete);
  EXPECT_EQ(canvas_.sketch().shapes.size(), 2U) << "nothing else happens while dragging";
  key(Qt::Key_Escape);
  EXPECT_EQ(shape(0).x, 40);
  move(at(90, 60));
  EXPECT_EQ(shape(0).x, 40);
  EXPECT_FALSE(canvas_.undo_stack().canUndo());
}

TEST_F(SketchCanvasTest, CornerResizesAndTheOppositeOneStays) {
  click(40, 60);
  // The frame's side is 1.2 extents: 48 pixels, from (16, 36) to (64, 84).
  drag(at(64, 84), at(76, 96));
  EXPECT_EQ(shape(0).extent, 50);
  EXPECT_NEAR(shape(0).x, 16 + 30, 1e-9);
  EXPECT_NEAR(shape(0).y, 36 + 30, 1e-9);
  EXPECT_EQ(canvas_.undo_stack().count(), 1);
  drag(at(76, 96), at(-300, -300));
  EXPECT_EQ(shape(0).extent, kLeastExtent);
  canvas_.undo_stack().undo();
  EXPECT_EQ(shape(0).extent, 50);
}

TEST_F(SketchCanvasTest, KnobTurns) {
  click(40, 60);
  const QPointF knob = canvas_.knob();
  EXPECT_NEAR(knob.x(), 12 + 3 * 40, 1e-9);
  EXPECT_NEAR(knob.y(), 12 + 3 * 36 - 20, 1e-9);
  drag(knob.toPoint(), at(90, 60));
  EXPECT_EQ(shape(0).angle, 90);
  drag(canvas_.knob().toPoint(), at(40 + 30, 60 + 31), Qt::ShiftModifier);
  EXPECT_EQ(shape(0).angle, 135);
}

TEST_F(SketchCanvasTest, KnobOfAShapeAtTheTopIsBelow) {
  Sketch sketch;
  sketch.shapes = {{1, 1, 0, 72, 2, 40, 0}};
  canvas_.set_sketch(sketch);
  canvas_.select(1);
  EXPECT_NEAR(canvas_.knob().y(), 12 + 3 * (2 + 24) + 20, 1e-9);
  drag(canvas_.knob().toPoint(), at(30, 2));
  EXPECT_EQ(shape(0).angle, 90) << "its lower side to the left";
}

TEST_F(SketchCanvasTest, ArmedClickAddsAndDragsInOneStep) {
  SketchShape star;
  star.shape = 3;
  star.colour = 3;
  star.extent = 27;
  canvas_.arm(star);
  QSignalSpy armed(&canvas_, &SketchCanvas::armed_changed);
  drag(at(20, 120), at(50, 110));
  ASSERT_EQ(canvas_.sketch().shapes.size(), 3U);
  EXPECT_EQ(shape(2), (SketchShape{3, 3, 3, 50, 110, 27, 0}));
  EXPECT_EQ(armed.size(), 1);
  EXPECT_FALSE(canvas_.is_armed());
  EXPECT_EQ(canvas_.undo_stack().count(), 1);
  canvas_.undo_stack().undo();
  EXPECT_EQ(canvas_.sketch().shapes.size(), 2U);
  canvas_.arm(star);
  click(40, 60);
  EXPECT_EQ(canvas_.sketch().shapes.size(), 2U) << "a click on a shape selects it";
  EXPECT_EQ(selected_id(), 1);
  key(Qt::Key_Escape);
  EXPECT_FALSE(canvas_.is_armed());
}

TEST_F(SketchCanvasTest, AddsInTheMiddleBesideOthersUntilFull) {
  canvas_.set_sketch({});
  SketchShape circle;
  circle.extent = 16;
  QSignalSpy full(&canvas_, &SketchCanvas::full);
  for (std::size_t i = 0; i < kMostSketchShapes; ++i) canvas_.add_in_middle(circle);
  ASSERT_EQ(canvas_.sketch().shapes.size(), kMostSketchShapes);
  EXPECT_NO_THROW(check_sketch(canvas_.sketch()));
  EXPECT_EQ(shape(0).x, 72);
  EXPECT_EQ(shape(0).y, 72);
  EXPECT_GE(std::hypot(shape(1).x - 72, shape(1).y - 72), 6);
  EXPECT_EQ(full.size(), 0);
  canvas_.add_in_middle(circle);
  EXPECT_EQ(full.size(), 1);
  EXPECT_EQ(canvas_.sketch().shapes.size(), kMostSketchShapes);
}

TEST_F(SketchCanvasTest, BadSketchIsRefusedAndTheOldOneStays) {
  Sketch bad = canvas_.sketch();
  bad.shapes[0].x = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(canvas_.set_sketch(bad), Error);
  EXPECT_THROW(canvas_.replace_all(bad, "x"), Error);
  bad = canvas_.sketch();
  bad.width = 1 << 30;
  EXPECT_THROW(canvas_.set_sketch(bad), Error);
  EXPECT_EQ(shape(0).x, 40);
}

TEST_F(SketchCanvasTest, KeepsTheAspect) {
  Sketch wide;
  wide.width = 192;
  wide.height = 96;
  canvas_.set_sketch(wide);
  canvas_.resize(216, 456);
  EXPECT_EQ(canvas_.picture_rect(), QRectF(12, 180, 192, 96));
  EXPECT_EQ(canvas_.to_picture(canvas_.to_widget({50, 60})), QPointF(50, 60));
}

TEST(SketchGeometry, ResizeOfATurnedShapeKeepsTheOppositeCorner) {
  const Sketch sketch;
  const SketchShape before{1, 1, 0, 72, 72, 30, 37};
  const QPointF anchor = frame_corners(before)[0];
  const QPointF pointer = frame_corners(before)[2] + QPointF(4, 9);
  const SketchShape after = resized(before, 2, pointer, sketch);
  EXPECT_NE(after.extent, before.extent);
  EXPECT_NEAR(frame_corners(after)[0].x(), anchor.x(), 1e-9);
  EXPECT_NEAR(frame_corners(after)[0].y(), anchor.y(), 1e-9);
  EXPECT_EQ(after.angle, 37);
}

}  // namespace
}  // namespace vqalign::test
