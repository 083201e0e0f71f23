#include <gtest/gtest.h>

#include "tests/data/sample_annotations.h"
#include "vqalign/data/accuracy.h"

namespace vqalign {
namespace {

TEST(ExactMatch, IsTheMostCommonAnswer) {
  EXPECT_TRUE(is_exact_match("The Dog.", answered_by({"dog"})));
  EXPECT_FALSE(is_exact_match("cat", answered_by({"dog"})));
  EXPECT_TRUE(is_exact_match("two", answered_by({"3", "2", "TWO"})));
  EXPECT_FALSE(is_exact_match("3", answered_by({"3", "2", "TWO"})));
  // Where nobody agrees, anybody's will do.
  EXPECT_TRUE(is_exact_match("b", answered_by({"a cat", "b", "c"})));
  EXPECT_TRUE(is_exact_match(" yes\n", answered_by({"\tyes"})));
  EXPECT_FALSE(is_exact_match("", answered_by({"yes"})));
}

TEST(ExactMatch, IsToldWhereQuestionsHaveNotTenAnswers) {
  const Score ten = score_predictions({"no"}, {ten_answers(3)}, Metric::kOfficial);
  EXPECT_FALSE(ten.exact_match);
  EXPECT_TRUE(ten.exact.empty());
  EXPECT_EQ(ten.to_json().find("exact_match"), nullptr);

  const Score mixed = score_predictions(
      {"dog", "cat", "no"}, {answered_by({"dog"}), answered_by({"dog"}), ten_answers(3)},
      Metric::kOfficial);
  EXPECT_EQ(mixed.exact_match, 66.67);
  EXPECT_EQ(mixed.exact, (std::vector<uint8_t>{1, 0, 1}));
  EXPECT_EQ(mixed.single_answered, 2);
  EXPECT_EQ(mixed.overall, 33.33);  // the single answers count nothing
  EXPECT_EQ(mixed.to_json().at("exact_match").as_double(), 66.67);
  EXPECT_FALSE(mixed.only_exact());
  EXPECT_EQ(mixed.shown_overall(), 33.33);
  EXPECT_EQ(mixed.exact_per_answer_type.at("other"), 66.67);

  const Score single = score_predictions(
      {"dog", "cat"}, {answered_by({"dog"}), answered_by({"dog"})}, Metric::kOfficial);
  EXPECT_TRUE(single.only_exact());
  EXPECT_EQ(single.overall, 0);
  EXPECT_EQ(single.shown_overall(), 50);
  EXPECT_EQ(single.shown_answer_types().at("other"), 50);
}

}  // namespace
}  // namespace vqalign
