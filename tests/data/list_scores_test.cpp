#include "vqalign/data/list_scores.h"

#include <gtest/gtest.h>

#include "tests/data/sample_annotations.h"
#include "vqalign/core/philox.h"

namespace vqalign {
namespace {

TEST(ListScores, AreTheOfficialAccuracies) {
  // Spellings that the metric takes for the same in some questions and for different ones in
  // others.
  const std::vector<std::string> spellings = {"yes", "Yes", "Yes.",  " yes\n", "the yes", "2",
                                              "two", "a-b", "a\n-b", "ab",     "",        "a",
                                              "dog", "cat", "x,y",   "1,000",  "1000",    "none"};
  const AnswerList list({"yes", "Yes", "2", "ab", "a b", "", "dog", "x y", "1000", "0", "unseen"},
                        {});
  std::vector<Annotation> annotations;
  Random random(1, 0);
  for (uint32_t i = 0; i < 4000; ++i) {
    std::vector<std::string> answers;
    const uint32_t kinds = 1 + random.below(4), first = random.below(spellings.size());
    for (uint32_t k = 0; k < (i % 5 == 0 ? 3u : 10u); ++k) {
      answers.push_back(spellings[(first + random.below(kinds)) % spellings.size()]);
    }
    annotations.push_back(answered_by(answers, i % 7 != 0));
  }
  const ListScores scores(annotations, list);
  ASSERT_EQ(scores.size(), annotations.size());
  std::vector<std::string> predictions;
  for (std::size_t i = 0; i < annotations.size(); ++i) {
    for (std::size_t k = 0; k < list.size(); ++k) {
      EXPECT_EQ(scores.accuracy(i, int64_t(k)),
                question_accuracy(list.answers()[k], annotations[i], Metric::kOfficial))
          << i << ' ' << list.answers()[k];
    }
    predictions.push_back(list.answers()[random.below(uint32_t(list.size()))]);
  }
  EXPECT_EQ(scores.overall(predictions, list),
            score_predictions(predictions, annotations, Metric::kOfficial).overall);
}

TEST(ListScores, AreExactMatchesWhereEveryQuestionHasOneAnswer) {
  const AnswerList list({"Red", "blue", "a  red"}, {});
  std::vector<Annotation> annotations = {answered_by({"red"}, true), answered_by({"blue"}, true)};
  const ListScores scores(annotations, list);
  EXPECT_TRUE(scores.only_exact());
  const std::vector<std::string> predictions = {"Red", "Red"};
  EXPECT_EQ(scores.overall(predictions, list), 50);
  EXPECT_EQ(scores.overall(predictions, list),
            score_predictions(predictions, annotations, Metric::kOfficial).shown_overall());
  annotations.push_back(answered_by(std::vector<std::string>(10, "red"), true));
  EXPECT_FALSE(ListScores(annotations, list).only_exact());
  EXPECT_EQ(ListScores(annotations, list).accuracy(0, 0), 0)
      << "officially one vote counts nothing";
}

TEST(ListScores, OfNothingAreNothing) {
  const AnswerList list({"yes"}, {});
  EXPECT_EQ(ListScores().size(), 0u);
  EXPECT_EQ(ListScores({}, list).overall({}, list), 0);
}

}  // namespace
}  // namespace vqalign
