#include <gtest/gtest.h>

#include <QTemporaryDir>

#include "vqalign/gui/sketch/sketch.h"
#include "vqalign/inspect/answerer.h"

namespace vqalign::test {
namespace {

/// The shipped model, asked about what is drawn.
class SketchAnswers : public testing::Test {
 protected:
  std::string ask(const std::string& question) {
    const QString path = folder_.filePath("sketch.png");
    EXPECT_TRUE(sketch_picture(sketch_).save(path));
    const AnswerEvidence evidence = answerer_.ask(path.toStdString(), question, {});
    EXPECT_TRUE(evidence.in_domain.value_or(false));
    return evidence.answers.at(0).text;
  }

  QTemporaryDir folder_;
  Answerer answerer_{VQALIGN_SOURCE_DIR "/models/scenes.safetensors"};
  Sketch sketch_;
};

TEST_F(SketchAnswers, FollowColourAndPlace) {
  sketch_.shapes = {{1, 0, 0, 40, 40, 44, 0}};
  EXPECT_EQ(ask("What colour is the circle?"), "red");
  sketch_.shapes[0].x = 104;
  sketch_.shapes[0].y = 100;
  EXPECT_EQ(ask("What colour is the circle?"), "red");
  sketch_.shapes[0].colour = 2;
  EXPECT_EQ(ask("What colour is the circle?"), "blue");
}

TEST_F(SketchAnswers, FollowWhatIsAdded) {
  sketch_.shapes = {{1, 0, 0, 40, 40, 44, 0}};
  EXPECT_EQ(ask("Is there a square?"), "no");
  EXPECT_EQ(ask("How many circles are there?"), "1");
  sketch_.shapes.push_back({2, 1, 3, 100, 96, 44, 0});
  EXPECT_EQ(ask("Is there a square?"), "yes");
  EXPECT_EQ(ask("What colour is the square?"), "yellow");
  sketch_.shapes[1].shape = 0;
  EXPECT_EQ(ask("How many circles are there?"), "2");
  EXPECT_EQ(ask("Is there a square?"), "no");
}

}  // namespace
}  // namespace vqalign::test
