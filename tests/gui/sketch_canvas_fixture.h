#pragma once

#include <gtest/gtest.h>

#include <QApplication>
#include <QMouseEvent>
#include <QTest>

#include "vqalign/gui/sketch/sketch_canvas.h"

namespace vqalign::test {

/// A canvas of 456 x 456: the picture of 144 pixels is shown three times as large, 12 from the
/// edge.
class SketchCanvasTest : public testing::Test {
 protected:
  SketchCanvasTest() {
    canvas_.resize(456, 456);
    Sketch sketch;
    sketch.shapes = {{1, 0, 0, 40, 60, 40, 0}, {2, 1, 2, 100, 80, 30, 0}};
    canvas_.set_sketch(sketch);
    canvas_.show();
    canvas_.setFocus();
  }

  static QPoint at(double x, double y) {
    return {static_cast<int>(12 + 3 * x), static_cast<int>(12 + 3 * y)};
  }
  void click(double x, double y) {
    QTest::mouseClick(&canvas_, Qt::LeftButton, Qt::NoModifier, at(x, y));
  }
  void drag(QPoint from, QPoint to, Qt::KeyboardModifiers keys = {}) {
    QTest::mousePress(&canvas_, Qt::LeftButton, keys, from);
    for (int step = 1; step <= 4; ++step) move(from + (to - from) * step / 4, keys);
    QTest::mouseRelease(&canvas_, Qt::LeftButton, keys, to);
  }
  /// QTest::mouseMove() holds no button.
  void move(QPoint to, Qt::KeyboardModifiers keys = {}) {
    QMouseEvent event(QEvent::MouseMove, to, canvas_.mapToGlobal(to), Qt::NoButton, Qt::LeftButton,
                      keys);
    QApplication::sendEvent(&canvas_, &event);
  }
  void key(Qt::Key code, Qt::KeyboardModifiers keys = {}) { QTest::keyClick(&canvas_, code, keys); }
  const SketchShape& shape(std::size_t place) { return canvas_.sketch().shapes.at(place); }
  int64_t selected_id() { return canvas_.selected() ? canvas_.selected()->id : 0; }

  SketchCanvas canvas_;
};

}  // namespace vqalign::test
