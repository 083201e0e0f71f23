#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <opencv2/imgcodecs.hpp>
#include <set>

#include "scenes_folder.h"
#include "statement_solver.h"
#include "vqalign/data/scenes_pair.h"
#include "vqalign/data/scenes_panels.h"
#include "vqalign/data/scenes_phrasing.h"
#include "vqalign/data/scenes_statements.h"

namespace vqalign::scenes {
namespace {

using test::Solution;
using test::Split;

SceneOptions boxes_only() {
  SceneOptions options;
  options.boxes = 1;
  return options;
}

TEST(Boxes, EveryStatementFollowsFromItsTextAndTheObjects) {
  const auto folder = test::fresh_folder("boxes");
  test::draw(folder, 6000, 0, 0, boxes_only());
  const Split split = test::load(folder, "train2014");
  const auto images = test::images_by_id(split);
  const auto& entries = split.truth.at("questions").as_array();
  ASSERT_EQ(entries.size(), 6000U);
  std::map<std::string, std::map<std::string, int>> by_text;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::string& text = split.questions[i].question;
    const std::string& answer = split.annotations[i].multiple_choice_answer;
    SCOPED_TRACE(concat(split.questions[i].question_id, ": ", text));
    Solution solution;
    ASSERT_NO_THROW(solution =
                        test::solve_statement(text, *images.at(split.questions[i].image_id)));
    EXPECT_EQ(answer, solution.answer);
    const bool yes_no = answer == "yes" || answer == "no";
    EXPECT_EQ(split.annotations[i].answer_type, yes_no ? "yes/no" : "number");
    EXPECT_EQ(entries[i].at("family").as_string(), "box");
    std::set<int64_t> about;
    for (const Json& index : entries[i].at("about").as_array()) about.insert(index.as_int());
    EXPECT_EQ(about, solution.about);
    ++by_text[text][answer];
  }
  int open = 0;
  for (const auto& [text, answers] : by_text) {
    EXPECT_GE(answers.size(), 2U) << text;
    if (text.starts_with("How many")) {
      ++open;
    } else {
      EXPECT_EQ(answers.at("yes"), answers.at("no")) << text;
    }
  }
  EXPECT_NEAR(open / static_cast<double>(by_text.size()), 0.6, 0.15);
  std::filesystem::remove_all(folder);
}

TEST(Boxes, OptionSetsTheirShareAndNoneLeavesPicturesAsTheyWere) {
  SceneOptions half;
  half.boxes = 0.5;
  int boxes = 0;
  for (int64_t index = 0; index < 200; ++index) {
    const ScenePair mixed = make_pair(half, 5, 0, index, 4);
    EXPECT_EQ(mixed[0].scene.panels.empty(), mixed[1].scene.panels.empty());
    if (!mixed[0].scene.panels.empty()) {
      ++boxes;
    } else if (index < 20) {
      EXPECT_EQ(mixed[0].png, make_pair({}, 5, 0, index, 4)[0].png);
    }
  }
  EXPECT_NEAR(boxes, 100, 25);
}

/// Every object lies in its panel, flush with a wall or clearly off it, and apart from the others.
void check_layout(const Scene& scene) {
  for (std::size_t i = 0; i < scene.objects.size(); ++i) {
    const SceneObject& object = scene.objects[i];
    const auto& panel = scene.panels.at(static_cast<std::size_t>(object.panel));
    for (const int edge : {0, 1, 2, 3}) {
      const int inward = edge < 2 ? object.box[edge] - panel[edge] : panel[edge] - object.box[edge];
      ASSERT_GE(inward, 0);
      EXPECT_TRUE(scene.towers || inward <= kTouchingGap || inward >= kClearGap) << inward;
    }
    for (std::size_t j = 0; j < i; ++j) {
      const auto& other = scene.objects[j].box;
      EXPECT_TRUE(object.box[0] >= other[2] || object.box[2] <= other[0] ||
                  object.box[1] >= other[3] || object.box[3] <= other[1]);
    }
  }
}

TEST(Boxes, PicturesShowWhatTheirObjectsSay) {
  for (int64_t index = 0; index < 60; ++index) {
    for (const DrawnScene& drawn : make_pair(boxes_only(), 3, 1, index, 2)) {
      const Scene& scene = drawn.scene;
      ASSERT_GE(scene.panels.size(), 2U);
      ASSERT_GE(scene.objects.size(), scene.panels.size());
      check_layout(scene);
      const cv::Mat picture = cv::imdecode(drawn.png, cv::IMREAD_COLOR);
      ASSERT_EQ(picture.cols, scene.width);
      ASSERT_EQ(picture.rows, scene.height);
      const auto grey = [&](int x) { return picture.at<cv::Vec3b>(scene.height / 2, x)[0]; };
      EXPECT_LT(grey(scene.panels[0][2] + 3), 185) << "between the boxes";
      for (const SceneObject& object : scene.objects) {
        if (object.shape == 5 || object.shape == 7) continue;  // nothing in their middle
        const auto& pixel = picture.at<cv::Vec3b>(static_cast<int>(object.centre_y()),
                                                  static_cast<int>(object.centre_x()));
        const auto [least, most] = std::minmax({pixel[0], pixel[1], pixel[2]});
        const bool grey_like = most - least < 20 && most > 60 && most < 230;
        EXPECT_FALSE(grey_like) << index;
      }
    }
  }
}

TEST(Boxes, BlocksOfATowerStandOnEachOther) {
  int towers = 0;
  for (int64_t index = 0; index < 60; ++index) {
    const Scene scene = make_pair(boxes_only(), 4, 1, index, 2)[0].scene;
    if (!scene.towers) continue;
    for (int panel = 0; panel < static_cast<int>(scene.panels.size()); ++panel) {
      const std::vector<int> blocks = objects_in(panel, scene);
      ASSERT_TRUE(!blocks.empty() && blocks.size() <= 4);
      int bottom = scene.height;
      for (const int index_of_block : blocks) {
        const SceneObject& block = scene.objects[static_cast<std::size_t>(index_of_block)];
        EXPECT_EQ(block.shape, 1);
        EXPECT_EQ(block.box[3], bottom);
        bottom = block.box[1] - 1;
      }
      ++towers;
    }
  }
  EXPECT_GT(towers, 20);
}

TEST(Statements, QuantitiesHoldFromTheirNumberOn) {
  const auto held = [](Compare compare, int number) {
    std::string counts;
    for (int count = 0; count <= 4; ++count) {
      if (Quantity{compare, number}.holds(count, 3)) counts += std::to_string(count);
    }
    return counts;
  };
  EXPECT_EQ(held(Compare::kSome, 1), "1234");
  EXPECT_EQ(held(Compare::kNone, 1), "0");
  EXPECT_EQ(held(Compare::kExactly, 2), "2");
  EXPECT_EQ(held(Compare::kAtLeast, 2), "234");
  EXPECT_EQ(held(Compare::kAtMost, 2), "012");
  EXPECT_EQ(held(Compare::kMoreThan, 2), "34");
  EXPECT_EQ(held(Compare::kLessThan, 2), "01");
  EXPECT_EQ(held(Compare::kEvery, 1), "3");
  EXPECT_FALSE((Quantity{Compare::kEvery, 1}.holds(0, 0)));
}

TEST(Statements, WordsAreEnglish) {
  Statement statement;
  statement.quantity = {Compare::kAtLeast, 1};
  statement.clauses.emplace_back().items.filter.colour = 7;
  std::set<std::string> texts;
  for (statement.phrasing = 0; statement.phrasing < 200; ++statement.phrasing) {
    texts.insert(phrase(statement));
  }
  EXPECT_EQ(texts.count("There is at least one orange item."), 1U);
  EXPECT_EQ(texts.count("Do you see at least 1 orange object?"), 1U);
  statement.quantity = {};
  statement.of_panels = statement.towers = true;
  statement.clauses[0].items.spot = Spot::kOn;
  statement.clauses[0].items.below = 2;
  texts.clear();
  for (statement.phrasing = 0; statement.phrasing < 1000; ++statement.phrasing) {
    texts.insert(phrase(statement));
    EXPECT_NE(question_type(*texts.rbegin()), "none of the above") << *texts.rbegin();
  }
  EXPECT_EQ(texts.count("There is a tower with an orange block on top of a blue block."), 1U);
  statement.asks_number = true;
  EXPECT_TRUE(phrase(statement).starts_with("How many ")) << phrase(statement);
  EXPECT_EQ(answer_type(statement), "number");
}

}  // namespace
}  // namespace vqalign::scenes
