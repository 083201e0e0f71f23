#include "vqalign/data/augmentation.h"

#include <gtest/gtest.h>

#include <set>

#include "vqalign/core/error.h"
#include "vqalign/data/dataset.h"

namespace vqalign {
namespace {

TEST(MirroredText, ExchangesLeftAndRightAsWords) {
  EXPECT_EQ(mirrored_text("what is left of the bed?"), "what is right of the bed?");
  EXPECT_EQ(mirrored_text("Left, RIGHT and right-hand"), "Right, LEFT and left-hand");
  EXPECT_EQ(mirrored_text("the leftmost one"), "the rightmost one");
}

TEST(MirroredText, LeavesEverythingElse) {
  for (const char* text :
       {"", "?", "brightness", "leftover alright", "is it bright?", "l r", "é"}) {
    EXPECT_EQ(mirrored_text(text), text);
  }
}

TEST(Augmentation, CountsViews) {
  EXPECT_EQ(Augmentation{}.views(), 1);
  EXPECT_EQ((Augmentation{.mirror = true}).views(), 2);
  EXPECT_EQ((Augmentation{.mirror = true, .crops = 3}).views(), 8);
  EXPECT_EQ((Augmentation{.crops = 2}).views(), 3);
}

TEST(Augmentation, TheFirstViewIsThePictureAndPartsLieInside) {
  const Augmentation augmentation{.mirror = true, .crops = 5, .crop_side = 0.6};
  EXPECT_TRUE(augmentation.view(7, 0).whole());
  std::set<double> sides;
  for (int64_t index = 0; index < augmentation.views(); ++index) {
    const PictureCut view = augmentation.view(7, index);
    EXPECT_EQ(view.mirrored, index % 2 == 1);
    EXPECT_GE(view.side, 0.6);
    EXPECT_GE(view.left, 0);
    EXPECT_GE(view.top, 0);
    EXPECT_LE(view.left + view.side, 1 + 1e-12);
    EXPECT_LE(view.top + view.side, 1 + 1e-12);
    sides.insert(view.side);
  }
  EXPECT_EQ(sides.size(), 6u);  // the whole and five parts, each in two mirrorings
  EXPECT_NE(augmentation.view(7, 2).side, augmentation.view(8, 2).side);
  EXPECT_EQ(augmentation.view(7, 2).left, augmentation.view(7, 2).left);
}

Dataset two_questions() {
  Dataset dataset;
  dataset.name = "train2014";
  dataset.questions = {{1, 10, "What is left of it?"}, {2, 11, "How many?"}};
  dataset.annotations = {{1, 10, "what is", "other", "right lamp", {{1, "right lamp", "yes"}}},
                         {2, 11, "how many", "number", "2", {{1, "2", "yes"}}}};
  return dataset;
}

TEST(Augmentation, AddsQuestionsAboutViews) {
  Dataset dataset = two_questions();
  dataset.augment({.mirror = true, .crops = 1});
  ASSERT_EQ(dataset.questions.size(), 8u);
  ASSERT_EQ(dataset.annotations.size(), 8u);
  EXPECT_EQ(dataset.own_questions(), 2u);
  EXPECT_EQ(dataset.questions[0].question, "What is left of it?");
  EXPECT_EQ(dataset.questions[2].question, "What is right of it?");  // mirrored
  EXPECT_EQ(dataset.annotations[2].multiple_choice_answer, "left lamp");
  EXPECT_EQ(dataset.annotations[2].answers[0].answer, "left lamp");
  EXPECT_EQ(dataset.questions[4].question, "What is left of it?");  // a part
  EXPECT_EQ(dataset.annotations[4].multiple_choice_answer, "right lamp");
  EXPECT_EQ(dataset.questions[6].question, "What is right of it?");  // the part, mirrored
  for (std::size_t i = 0; i < 8; ++i) {
    const Question& question = dataset.questions[i];
    EXPECT_EQ(original_image_id(question.image_id), i % 2 == 0 ? 10 : 11);
    EXPECT_EQ(view_index(question.image_id), static_cast<int64_t>(i / 2));
    EXPECT_EQ(dataset.annotations[i].image_id, question.image_id);
    EXPECT_EQ(dataset.view(question.image_id).mirrored, (i / 2) % 2 == 1);
  }
}

TEST(Augmentation, OfNothingIsNothing) {
  Dataset empty;
  empty.augment({.mirror = true});
  EXPECT_TRUE(empty.questions.empty());
  Dataset dataset = two_questions();
  dataset.annotations.clear();
  dataset.augment({.mirror = true});
  EXPECT_EQ(dataset.questions.size(), 4u);
  EXPECT_TRUE(dataset.annotations.empty());
}

TEST(Augmentation, RefusesIdsThatLeaveNoRoom) {
  for (const int64_t id : {int64_t{-1}, int64_t{1} << 40}) {
    Dataset dataset = two_questions();
    dataset.questions[1].image_id = id;
    try {
      dataset.augment({.mirror = true});
      FAIL() << id;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(std::to_string(id)), std::string::npos);
    }
    Dataset untouched = two_questions();
    untouched.questions[1].image_id = id;
    untouched.augment({});
    EXPECT_EQ(untouched.questions.size(), 2u);
  }
}

}  // namespace
}  // namespace vqalign
