#include "vqalign/gui/sketch/sketch_view.h"

#include <gtest/gtest.h>

#include <QAbstractButton>
#include <QFile>
#include <QMenu>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <set>

#include "vqalign/gui/sketch/sketch_canvas.h"
#include "vqalign/gui/sketch/sketch_samples.h"

namespace vqalign::test {
namespace {

class SketchViewTest : public testing::Test {
 protected:
  SketchViewTest() {
    view_.resize(420, 520);
    view_.show();
    QApplication::setActiveWindow(&view_);
  }

  QAbstractButton* button(const char* name) {
    auto* found = view_.findChild<QAbstractButton*>(name);
    EXPECT_TRUE(found) << name;
    return found;
  }
  void press(const char* name) { QTest::mouseClick(button(name), Qt::LeftButton); }
  void click_picture(double x, double y) {
    SketchCanvas& canvas = view_.canvas();
    QTest::mouseClick(&canvas, Qt::LeftButton, {}, canvas.to_widget({x, y}).toPoint());
  }

  SketchView view_;
};

TEST_F(SketchViewTest, FitsInto420By520) {
  EXPECT_LE(view_.minimumSizeHint().width(), 420);
  EXPECT_LE(view_.minimumSizeHint().height(), 520);
  EXPECT_EQ(view_.size(), QSize(420, 520));
  EXPECT_GE(view_.canvas().picture_rect().width(), 288) << "twice the picture's size";
}

TEST_F(SketchViewTest, ChosenShapeIsAddedByAClick) {
  QSignalSpy changed(&view_, &SketchView::picture_changed);
  press("triangle");
  press("green");
  press("large");
  click_picture(50, 90);
  ASSERT_EQ(view_.sketch().shapes.size(), 1U);
  const SketchShape& shape = view_.sketch().shapes[0];
  EXPECT_EQ(shape.shape, 2);
  EXPECT_EQ(shape.colour, 1);
  EXPECT_EQ(shape.extent, 44);
  EXPECT_NEAR(shape.x, 50, 1);
  EXPECT_NEAR(shape.y, 90, 1);
  ASSERT_EQ(changed.size(), 1);
  const auto told = changed[0][0].value<QImage>();
  EXPECT_EQ(told, view_.image());
  EXPECT_EQ(told.size(), QSize(144, 144));
  EXPECT_EQ(told.pixel(50, 92), qRgb(35, 150, 60));
  EXPECT_TRUE(button("select")->isChecked());
  click_picture(120, 20);
  EXPECT_EQ(view_.sketch().shapes.size(), 1U) << "a shape is added once";
}

TEST_F(SketchViewTest, ColourAndSizeChangeTheSelectedShape) {
  view_.set_sketch(sketch_samples()[0].sketch);
  click_picture(104, 70);
  EXPECT_TRUE(button("blue")->isChecked());
  EXPECT_TRUE(button("large")->isChecked());
  press("orange");
  press("small");
  EXPECT_EQ(view_.sketch().shapes[1].colour, 7);
  EXPECT_EQ(view_.sketch().shapes[1].extent, 16);
  EXPECT_EQ(view_.sketch().shapes[0], sketch_samples()[0].sketch.shapes[0]);
  press("undo drawing");
  press("undo drawing");
  EXPECT_EQ(view_.sketch(), sketch_samples()[0].sketch);
  EXPECT_TRUE(button("blue")->isChecked()) << "the palette follows undo";
}

TEST_F(SketchViewTest, ColourOfTheNextShapeLeavesTheSelectedOneAlone) {
  view_.set_sketch(sketch_samples()[0].sketch);
  click_picture(104, 70);
  press("star");
  press("pink");
  EXPECT_EQ(view_.sketch(), sketch_samples()[0].sketch);
  click_picture(72, 125);
  EXPECT_EQ(view_.sketch().shapes.back().colour, 8);
}

TEST_F(SketchViewTest, KeyboardAloneAddsAndEdits) {
  button("select")->setFocus();
  for (int i = 0; i < 2; ++i) QTest::keyClick(view_.focusWidget(), Qt::Key_Right);
  EXPECT_TRUE(button("square")->isChecked());
  QTest::keyClick(view_.focusWidget(), Qt::Key_Return);
  ASSERT_EQ(view_.sketch().shapes.size(), 1U);
  EXPECT_EQ(view_.sketch().shapes[0].shape, 1);
  EXPECT_EQ(view_.sketch().shapes[0].x, 72);
  view_.canvas().setFocus();
  QTest::keyClick(&view_.canvas(), Qt::Key_Return);
  ASSERT_EQ(view_.sketch().shapes.size(), 2U);
  EXPECT_EQ(view_.sketch().shapes[1].shape, 1);
  EXPECT_NE(view_.sketch().shapes[1].y, view_.sketch().shapes[0].y);
}

TEST_F(SketchViewTest, EveryControlHasANameAndTheFocusOfTheKeyboard) {
  std::set<QString> names;
  for (const QToolButton* control : view_.findChildren<QToolButton*>()) {
    EXPECT_FALSE(control->accessibleName().isEmpty());
    EXPECT_FALSE(control->toolTip().isEmpty());
    EXPECT_TRUE(names.insert(control->accessibleName()).second)
        << control->accessibleName().toStdString();
  }
  EXPECT_EQ(names.size(), 9U + 10 + 3 + 9);
  EXPECT_FALSE(view_.canvas().accessibleName().isEmpty());

  // A walk by Tab comes by each group of choices, each enabled action, the canvas, and round again.
  button("select")->setFocus();
  std::set<QString> met;
  for (int i = 0; i < 40; ++i) {
    met.insert(view_.focusWidget()->accessibleName());
    QTest::keyClick(view_.focusWidget(), Qt::Key_Tab);
  }
  for (const char* name :
       {"select", "red", "medium", "add shape", "random picture", "sketch menu", "empty picture"}) {
    EXPECT_TRUE(met.contains(name)) << name;
  }
}

TEST_F(SketchViewTest, ButtonsDoWhatTheySay) {
  view_.set_sketch(sketch_samples()[2].sketch);
  EXPECT_FALSE(button("delete shape")->isEnabled());
  click_picture(45, 70);
  EXPECT_FALSE(button("send backward")->isEnabled());
  press("bring forward");
  EXPECT_EQ(view_.sketch().shapes[1].id, 1);
  EXPECT_FALSE(button("bring forward")->isEnabled());
  press("send backward");
  EXPECT_EQ(view_.sketch().shapes[0].id, 1);
  press("delete shape");
  EXPECT_EQ(view_.sketch().shapes.size(), 1U);
  press("clear picture");
  EXPECT_TRUE(view_.sketch().shapes.empty());
  EXPECT_FALSE(button("clear picture")->isEnabled());
  press("random picture");
  EXPECT_FALSE(view_.sketch().shapes.empty());
  for (int i = 0; i < 5; ++i) press("undo drawing");
  EXPECT_EQ(view_.sketch(), sketch_samples()[2].sketch);
  EXPECT_FALSE(button("undo drawing")->isEnabled());
}

TEST_F(SketchViewTest, MenuOffersReadySketches) {
  const QMenu* menu = qobject_cast<QToolButton*>(button("sketch menu"))->menu();
  ASSERT_TRUE(menu);
  menu->actions().at(1)->trigger();
  EXPECT_EQ(view_.sketch(), sketch_samples()[1].sketch);
}

TEST_F(SketchViewTest, SavesAndOpens) {
  QTemporaryDir folder;
  QSignalSpy problem(&view_, &SketchView::problem);
  view_.set_sketch(sketch_samples()[1].sketch);
  EXPECT_TRUE(view_.save_picture(folder.filePath("ü.png")));
  EXPECT_TRUE(view_.save_sketch(folder.filePath("ü.json")));
  EXPECT_EQ(QImage(folder.filePath("ü.png")).convertToFormat(QImage::Format_RGB888), view_.image());
  view_.set_sketch({});
  EXPECT_TRUE(view_.open_sketch(folder.filePath("ü.json")));
  EXPECT_EQ(view_.sketch(), sketch_samples()[1].sketch);
  press("undo drawing");
  EXPECT_TRUE(view_.sketch().shapes.empty());
  EXPECT_EQ(problem.size(), 0);
}

TEST_F(SketchViewTest, BadFilesAreToldAndNothingChanges) {
  QTemporaryDir folder;
  QSignalSpy problem(&view_, &SketchView::problem);
  view_.set_sketch(sketch_samples()[1].sketch);
  QFile broken(folder.filePath("broken.json"));
  ASSERT_TRUE(broken.open(QIODevice::WriteOnly));
  broken.write("{\"format\": \"vqalign sketch\", ");
  broken.close();
  EXPECT_FALSE(view_.open_sketch(folder.filePath("broken.json")));
  EXPECT_FALSE(view_.open_sketch(folder.filePath("none.json")));
  EXPECT_FALSE(view_.open_sketch(folder.path()));
  EXPECT_FALSE(view_.open_sketch(VQALIGN_SOURCE_DIR "/models/scenes.safetensors"));
  EXPECT_FALSE(view_.save_picture(folder.filePath("no/such/folder.png")));
  EXPECT_FALSE(view_.save_sketch(folder.filePath("no/such/folder.json")));
  ASSERT_EQ(problem.size(), 6);
  for (const auto& told : problem) EXPECT_FALSE(told[0].toString().isEmpty());
  EXPECT_TRUE(problem[0][0].toString().contains("broken.json"));
  EXPECT_EQ(view_.sketch(), sketch_samples()[1].sketch);
}

}  // namespace
}  // namespace vqalign::test
