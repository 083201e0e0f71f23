#include "vqalign/data/question_prior.h"

#include "tests/data/data_test_support.h"

namespace vqalign {
namespace {

/// `votes` people say `answer`, the rest of ten say "x" and their number.
Annotation said(int64_t id, const std::string& type, const std::string& answer, int64_t votes) {
  Annotation annotation{id, 1, type, "other", answer, {}};
  for (int64_t i = 1; i <= 10; ++i) {
    annotation.answers.push_back({i, i <= votes ? answer : "x" + std::to_string(i), "yes"});
  }
  return annotation;
}

TEST(QuestionPrior, TakesTheAnswerThatScoresBest) {
  // "blue" is once certain (1), "red" twice likely (0.6 each): 1.2 beats 1.
  const std::vector<Question> questions = {{1, 1, "q?"}, {2, 2, "q?"}, {3, 3, "q?"}, {4, 4, "r?"}};
  const std::vector<Annotation> annotations = {said(3, "t", "Red", 2), said(1, "t", "blue", 10),
                                               said(2, "t", "red.", 2), said(4, "u", "green", 9)};
  const QuestionPrior prior(questions, annotations);
  EXPECT_EQ(prior.texts(), 2);
  EXPECT_EQ(prior.answer("q?", "any"), "red");
  EXPECT_EQ(prior.answer("Q?", "u"), "green");    // a text never asked: its type's
  EXPECT_EQ(prior.answer("s?", "never"), "red");  // neither: the best of all
  EXPECT_EQ(
      prior.answers({{9, 9, "r?"}, {10, 9, "s?"}}, {said(9, "t", "", 1), said(10, "t", "", 1)}),
      (std::vector<std::string>{"green", "red"}));
}

TEST(QuestionPrior, TakesTheFirstOfEquals) {
  const QuestionPrior prior({{1, 1, "q"}, {2, 1, "q"}},
                            {said(1, "t", "b", 10), said(2, "t", "a", 10)});
  EXPECT_EQ(prior.answer("q", "t"), "b");
}

TEST(QuestionPrior, OfNothingIsNothing) {
  EXPECT_EQ(QuestionPrior({}, {}).answer("q", "t"), "");
  EXPECT_EQ(QuestionPrior({{1, 1, "q"}}, {said(2, "t", "a", 10)}).answer("q", "t"), "");
}

TEST(QuestionPrior, IsScoredOnAnotherSplit) {
  const TestFolder folder;
  write_questions(folder / "q.json", {{1, 1, "q"}}, "train2014");
  write_annotations(folder / "a.json", {said(1, "t", "yes", 9)}, "train2014");
  Dataset dataset;
  dataset.questions = {{5, 1, "q"}, {6, 1, "r"}};
  dataset.annotations = {said(5, "t", "yes", 3), said(6, "u", "no", 9)};
  const PriorScore prior =
      score_prior({"train2014", folder / "q.json", folder / "a.json", {}}, dataset);
  EXPECT_EQ(prior.split, "train2014");
  EXPECT_EQ(prior.texts, 1);
  EXPECT_EQ(prior.score.overall, 45);
  EXPECT_EQ(prior.score.per_question_type.at("t"), 90);
  EXPECT_NE(error_of(
                [&] {
                  score_prior({"test", folder / "q.json", {}, {}}, dataset);
                },
                folder / "q.json")
                .find("no annotations"),
            std::string::npos);
}

}  // namespace
}  // namespace vqalign
