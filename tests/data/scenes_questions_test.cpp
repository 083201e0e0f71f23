#include "vqalign/data/scenes_questions.h"

#include <gtest/gtest.h>

#include <cctype>
#include <set>

#include "vqalign/data/scenes_pair.h"
#include "vqalign/data/scenes_phrasing.h"

namespace vqalign::scenes {
namespace {

TEST(ScenePairs, BothPicturesAreAskedTheSameWithOtherAnswers) {
  int asked = 0;
  for (int64_t index = 0; index < 100; ++index) {
    const ScenePair pair = make_pair({}, 5, 0, index, 8);
    ASSERT_EQ(pair[0].questions.size(), pair[1].questions.size());
    std::set<std::string> texts;
    for (std::size_t k = 0; k < pair[0].questions.size(); ++k) {
      EXPECT_EQ(pair[0].questions[k].text, pair[1].questions[k].text);
      EXPECT_NE(pair[0].questions[k].truth.answer, pair[1].questions[k].truth.answer);
      EXPECT_TRUE(texts.insert(pair[0].questions[k].text).second);
      ++asked;
    }
  }
  EXPECT_GT(asked, 600);
}

TEST(ScenePhrasing, EveryKindHasFourPhrasings) {
  for (int kind = 0; kind <= static_cast<int>(Kind::kWhichMore); ++kind) {
    Query query;
    query.kind = static_cast<Kind>(kind);
    query.a.shape = 1;
    query.b.shape = 2;
    query.number = 3;
    std::set<std::string> texts;
    for (query.phrasing = 0; query.phrasing < 4; ++query.phrasing) {
      const std::string text = phrase(query);
      texts.insert(text);
      EXPECT_TRUE(std::isupper(text[0]) != 0 && text.back() == '?') << text;
      EXPECT_EQ(text.find_first_of("{}"), std::string::npos) << text;
      EXPECT_NE(question_type(text), "none of the above") << text;
    }
    EXPECT_EQ(texts.size(), 4U) << kind;
  }
}

TEST(ScenePhrasing, WordsAreEnglish) {
  Query query;
  query.a = {7, 7, 2};
  EXPECT_EQ(phrase(query), "Is there a large orange crescent?");
  query.a.size = -1;
  EXPECT_EQ(phrase(query), "Is there an orange crescent?");
  query.a = {};
  query.phrasing = 6;
  EXPECT_EQ(phrase(query), "Is there an object?");
  EXPECT_EQ(plural_shape(4), "crosses");
  EXPECT_EQ(plural_shape(0), "circles");
}

TEST(ScenePhrasing, QuestionTypeIsTheLongestBeginning) {
  EXPECT_EQ(question_type("What color is the star?"), "what color is the");
  EXPECT_EQ(question_type("What color does the star have?"), "what color");
  EXPECT_EQ(question_type("What is left of the star?"), "what is");
  EXPECT_EQ(question_type("Isolated words?"), "none of the above");
  EXPECT_EQ(question_type("Is the"), "is the");
  EXPECT_EQ(question_type(""), "none of the above");
}

/// Hand-made pictures at the margins: one pixel decides between an answer and a close call.
TEST(SceneQuestions, CloseCallsAreNotAsked) {
  const auto at = [](int x, int y) {
    SceneObject object;
    object.box[0] = x - 5;
    object.box[1] = y - 5;
    object.box[2] = x + 5;
    object.box[3] = y + 5;
    return object;
  };
  Scene scene{100, 100, {at(36, 40), at(50, 40)}, {}, false};
  scene.objects[1].shape = 1;
  Query query;
  query.kind = Kind::kRelationIs;
  query.a.shape = 0;
  query.b.shape = 1;
  query.value = kLeftOf;
  EXPECT_EQ(evaluate(query, scene)->answer, "yes");
  query.value = kRightOf;
  EXPECT_EQ(evaluate(query, scene)->answer, "no");
  query.value = kAbove;
  EXPECT_FALSE(evaluate(query, scene).has_value());
  scene.objects[0] = at(39, 40);
  query.value = kLeftOf;
  EXPECT_FALSE(evaluate(query, scene).has_value());

  query.kind = Kind::kPlace;
  EXPECT_FALSE(evaluate(query, scene).has_value());
  scene.objects[0] = at(30, 70);
  EXPECT_EQ(evaluate(query, scene)->answer, "bottom left");
  scene.objects[0] = at(45, 55);
  EXPECT_EQ(evaluate(query, scene)->answer, "center");

  scene.objects.push_back(at(80, 80));
  EXPECT_FALSE(evaluate(query, scene).has_value()) << "two circles: no longer the circle";
  query.kind = Kind::kCount;
  EXPECT_EQ(evaluate(query, scene)->answer, "2");
  EXPECT_EQ(evaluate(query, scene)->about, (std::vector<int>{0, 2}));
}

}  // namespace
}  // namespace vqalign::scenes
