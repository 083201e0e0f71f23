#include "vqalign/data/scenes.h"

#include <gtest/gtest.h>

#include <cctype>
#include <cstdio>
#include <map>
#include <set>

#include "scenes_folder.h"
#include "scenes_solver.h"

namespace vqalign::test {
namespace {

/// One dataset of full difficulty for all tests that only look.
const fs::path& dataset() {
  static const fs::path folder = [] {
    fs::path path = fresh_folder("shared");
    draw(path, 3000, 1500, 200);
    return path;
  }();
  return folder;
}

TEST(Scenes, EveryAnswerFollowsFromTheTextAndTheObjects) {
  for (const std::string subset : {"train2014", "val2014"}) {
    const Split split = load(dataset(), subset);
    const auto images = images_by_id(split);
    const auto& entries = split.truth.at("questions").as_array();
    ASSERT_EQ(split.questions.size(), split.annotations.size());
    ASSERT_EQ(split.questions.size(), entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const Question& question = split.questions[i];
      ASSERT_EQ(question.question_id, split.annotations[i].question_id);
      ASSERT_EQ(question.image_id, split.annotations[i].image_id);
      ASSERT_EQ(question.question_id, entries[i].at("question_id").as_int());
      SCOPED_TRACE(concat(subset, " ", question.question_id, ": ", question.question));
      Solution solution;
      ASSERT_NO_THROW(solution = solve_question(question.question, *images.at(question.image_id)));
      EXPECT_EQ(split.annotations[i].multiple_choice_answer, solution.answer);
      std::set<int64_t> about;
      for (const Json& index : entries[i].at("about").as_array()) about.insert(index.as_int());
      EXPECT_EQ(about, solution.about);
      EXPECT_EQ(about.size(), entries[i].at("about").as_array().size());
    }
  }
}

TEST(Scenes, SplitsHaveTheNumbersAskedForAndDisjointIds) {
  std::set<int64_t> questions;
  std::set<int64_t> images;
  const std::map<std::string, std::size_t> expected = {
      {"train2014", 3000}, {"val2014", 1500}, {"test2015", 200}};
  for (const auto& [subset, count] : expected) {
    const Split split = load(dataset(), subset, subset != "test2015");
    EXPECT_EQ(split.questions.size(), count);
    std::set<int64_t> asked;
    for (const Question& question : split.questions) {
      EXPECT_TRUE(questions.insert(question.question_id).second);
      asked.insert(question.image_id);
    }
    std::set<int64_t> drawn;
    for (const auto& [id, image] : images_by_id(split)) {
      EXPECT_TRUE(images.insert(id).second);
      drawn.insert(id);
      char name[64];
      std::snprintf(name, sizeof(name), "COCO_%s_%012lld.png", subset.c_str(),
                    static_cast<long long>(id));
      EXPECT_TRUE(fs::exists(dataset() / subset / name)) << name;
    }
    EXPECT_EQ(asked, drawn);
    const auto files = std::distance(fs::directory_iterator(dataset() / subset), {});
    EXPECT_EQ(static_cast<std::size_t>(files), drawn.size());
  }
  EXPECT_FALSE(fs::exists(dataset() / "v2_mscoco_test2015_annotations.json"));
}

/// What somebody knows who reads train's questions and never looks at a picture.
TEST(Scenes, NoQuestionTextTellsItsAnswer) {
  const Split train = load(dataset(), "train2014");
  const Split val = load(dataset(), "val2014");
  std::map<std::string, std::map<std::string, int>> by_text;
  std::map<std::string, int> overall;
  const auto best = [](const std::map<std::string, int>& counts) {
    std::string answer;
    int most = 0;
    for (const auto& [candidate, count] : counts) {
      if (count > most) answer = candidate;
      most = std::max(most, count);
    }
    return answer;
  };
  for (std::size_t i = 0; i < train.questions.size(); ++i) {
    ++by_text[train.questions[i].question][train.annotations[i].multiple_choice_answer];
    ++overall[train.annotations[i].multiple_choice_answer];
  }
  int right = 0;
  for (std::size_t i = 0; i < val.questions.size(); ++i) {
    const auto known = by_text.find(val.questions[i].question);
    const std::string guess = best(known == by_text.end() ? overall : known->second);
    if (guess == val.annotations[i].multiple_choice_answer) ++right;
  }
  EXPECT_LT(static_cast<double>(right) / val.questions.size(), 0.40);
  for (const auto& [text, answers] : by_text) {
    EXPECT_GE(answers.size(), 2U) << text;
    if (answers.count("yes") != 0) {
      EXPECT_EQ(answers.at("yes"), answers.at("no")) << text;
    }
  }
}

TEST(Scenes, FamiliesAndAnswerTypesAreSpread) {
  const Split train = load(dataset(), "train2014");
  std::map<std::string, double> families;
  for (const Json& entry : train.truth.at("questions").as_array()) {
    families[entry.at("family").as_string()] += 1.0 / 3000;
  }
  EXPECT_EQ(families.size(), scene_families().size());
  for (const std::string& family : scene_families()) {
    EXPECT_GT(families[family], 0.08) << family;
    EXPECT_LT(families[family], 0.17) << family;
  }
  std::map<std::string, double> types;
  for (const Annotation& annotation : train.annotations) {
    types[annotation.answer_type] += 1.0 / 3000;
    const bool yes_no =
        annotation.multiple_choice_answer == "yes" || annotation.multiple_choice_answer == "no";
    const bool number = std::isdigit(annotation.multiple_choice_answer[0]) != 0;
    EXPECT_EQ(annotation.answer_type, yes_no ? "yes/no" : number ? "number" : "other");
  }
  EXPECT_EQ(types.size(), 3U);
  EXPECT_LT(types["yes/no"], 0.6);
  EXPECT_GT(types["number"], 0.06);
}

TEST(Scenes, PeopleDisagreeAtTheRateSetAndTheTruthStaysTheMajority) {
  for (const double rate : {0.0, 0.1, 0.4}) {
    SceneOptions options;
    options.disagreement = rate;
    const fs::path folder = fresh_folder("disagreement");
    draw(folder, 0, 1000, 0, options);
    int others = 0;
    for (const Annotation& annotation : load(folder, "val2014").annotations) {
      ASSERT_EQ(annotation.answers.size(), 10U);
      int wrong = 0;
      for (std::size_t i = 0; i < 10; ++i) {
        EXPECT_EQ(annotation.answers[i].answer_id, static_cast<int64_t>(i) + 1);
        if (annotation.answers[i].answer != annotation.multiple_choice_answer) ++wrong;
      }
      EXPECT_LE(wrong, 4);
      others += wrong;
    }
    // At 0.4 the bound of four wrong ones in ten lowers the rate.
    EXPECT_NEAR(others / 10000.0, rate, rate == 0.4 ? 0.1 : 0.012);
    EXPECT_EQ(others == 0, rate == 0.0);
    fs::remove_all(folder);
  }
}

}  // namespace
}  // namespace vqalign::test
