#include "vqalign/train/poor_sets.h"

#include <gtest/gtest.h>

#include <vector>

namespace vqalign {
namespace {

using Values = std::vector<double>;

TEST(PoorSets, FewQuestions) {
  EXPECT_EQ(few_questions_line("val", 1),
            "val has 1 question: accuracy, calibration and certainty of fewer than 10 say little");
  EXPECT_EQ(few_questions_line("val", 9),
            "val has 9 questions: accuracy, calibration and certainty of fewer than 10 say little");
  for (const int64_t enough : {0, 10, 1'000'000}) EXPECT_EQ(few_questions_line("val", enough), "");
}

TEST(PoorSets, OneAnswer) {
  EXPECT_EQ(one_answer_line(1, 0),
            "the model knows a single answer and gives it to every question");
  EXPECT_EQ(
      one_answer_line(1, 2),
      "the model knows a single answer and gives it to every question: passes have no other to "
      "compare it with, none counts as certain, and PAvPU tells its errors alone");
  for (const int64_t answers : {0, 2, 3129}) EXPECT_EQ(one_answer_line(answers, 5), "");
}

TEST(PoorSets, AllOrNoneRight) {
  EXPECT_EQ(undivided_line("val", Values{0, 0}, 0.5),
            "val: none of the 2 answers is right: nothing tells right from wrong, AUROC is not "
            "defined");
  EXPECT_EQ(undivided_line("val", Values{0, 0}, 1),
            "val: none of the 2 answers is right, as no question has an answer that the model "
            "knows: nothing tells right from wrong, AUROC is not defined");
  EXPECT_EQ(undivided_line("val", Values{1, 1, 1}, 0),
            "val: all of the 3 answers are right: nothing tells right from wrong, AUROC is not "
            "defined");
  EXPECT_EQ(undivided_line("val", Values{1}, 0),
            "val: the only answer is right: nothing tells right from wrong, AUROC is not defined");
  EXPECT_EQ(undivided_line("val", Values{0}, 0),
            "val: the only answer is wrong: nothing tells right from wrong, AUROC is not defined");
  for (const Values& divided :
       {Values{}, Values{0.5}, Values{0, 1}, Values{1, 0.9}, Values{0, 0.3}}) {
    EXPECT_EQ(undivided_line("val", divided, 1), "");
  }
}

}  // namespace
}  // namespace vqalign
