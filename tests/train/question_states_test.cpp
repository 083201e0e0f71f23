#include "vqalign/train/question_states.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "tests/fusion/helpers.h"
#include "vqalign/core/error.h"

namespace vqalign {
namespace {

class QuestionStatesTest : public ::testing::Test {
 protected:
  QuestionStatesTest() {
    dataset_.name = "train2014";
    for (const char* text : {"a cat", "a mat, cats", "a cat", "", "cats"}) {
      dataset_.questions.push_back({int64_t(dataset_.questions.size()), 1, text});
    }
  }

  QuestionStates states() {
    SilentProgress progress;
    return QuestionStates(bundle_, distinct_questions(bundle_, dataset_), torch::kCPU, progress,
                          CancelToken());
  }

  std::vector<int64_t> encode(const char* text) const {
    return bundle_.vocabulary.encode(text, bundle_.config.language.max_tokens);
  }

  ModelBundle bundle_ = pretrained_bundle(/*tune=*/false);
  Dataset dataset_;
};

TEST_F(QuestionStatesTest, GiveWhatTheEncoderGives) {
  const torch::NoGradGuard no_grad;
  const std::vector<int64_t> longer = encode("a mat, cats"), shorter = encode("cats");
  ASSERT_GT(longer.size(), shorter.size());
  torch::Tensor tokens = torch::zeros({3, int64_t(longer.size()) + 1}, torch::kLong);
  std::copy(longer.begin(), longer.end(), tokens[0].data_ptr<int64_t>());
  std::copy(shorter.begin(), shorter.end(), tokens[1].data_ptr<int64_t>());
  const torch::Tensor found = states().of(tokens);
  const torch::Tensor expected =
      bundle_.model->language()->read(tokens, bundle_.config.marks, AttentionContext());
  ASSERT_EQ(found.sizes(), expected.sizes());
  const torch::Tensor padding = tokens.eq(0).unsqueeze(2);
  EXPECT_LT((found - expected.masked_fill(padding, 0)).abs().max().item<double>(), 1e-5);
  EXPECT_GT(found[0].abs().max().item<double>(), 0.1);
  EXPECT_EQ(found[2].abs().max().item<double>(), 0);  // a question without words
}

TEST_F(QuestionStatesTest, AModelGivenThemAnswersTheSame) {
  const torch::NoGradGuard no_grad;
  ModelInput input = oracle_input();
  const std::vector<int64_t> tokens = encode("a cat");
  input.tokens = torch::tensor(tokens).unsqueeze(0).repeat({3, 1});
  const torch::Tensor expected = bundle_.model(input).logits;
  input.word_states = states().of(input.tokens.contiguous());
  EXPECT_LT((bundle_.model(input).logits - expected).abs().max().item<double>(), 1e-5);
  input.word_states = input.word_states + 1;
  EXPECT_GT((bundle_.model(input).logits - expected).abs().max().item<double>(), 1e-4);
}

TEST_F(QuestionStatesTest, CountDistinctQuestionsOnce) {
  const auto tokens =
      int64_t(encode("a cat").size() + encode("a mat, cats").size() + encode("cats").size());
  EXPECT_EQ(QuestionStates::bytes_for(bundle_, distinct_questions(bundle_, dataset_)),
            tokens * 8 * 4);
  dataset_.questions.clear();
  EXPECT_EQ(QuestionStates::bytes_for(bundle_, distinct_questions(bundle_, dataset_)), 0);
  states();
}

TEST_F(QuestionStatesTest, CanBeStopped) {
  CancelToken stop;
  stop.request();
  SilentProgress progress;
  EXPECT_THROW(
      QuestionStates(bundle_, distinct_questions(bundle_, dataset_), torch::kCPU, progress, stop),
      Cancelled);
}

}  // namespace
}  // namespace vqalign
