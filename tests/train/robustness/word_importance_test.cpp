#include "vqalign/train/robustness/word_importance.h"

#include <torch/types.h>
#include <torch/utils.h>

#include "tests/train/robustness/small_model.h"
#include "vqalign/language/question_attack.h"
#include "vqalign/train/robustness/kept_regions.h"

namespace vqalign {
namespace {

class WordImportance : public SmallModelTest {
 protected:
  /// Probabilities [A] of one question asked by itself.
  torch::Tensor asked(const Question& question, const std::string& text) {
    const torch::InferenceMode no_grad;
    bundle_.model->eval();
    Dataset one = dataset_.same_pictures();
    one.questions = {{question.question_id, question.image_id, text}};
    const DatasetInputs source =
        dataset_inputs(bundle_.config, one, bundle_.vocabulary, nullptr, nullptr);
    const Batch batch = make_batch(source.inputs, {0}, nullptr);
    return bundle_.model(model_input(batch, torch::kCPU)).logits[0].sigmoid();
  }
};

TEST_F(WordImportance, OrdersWordsByWhatTheirRemovalTakesFromTheOwnAnswer) {
  dataset_.questions.resize(10);
  const WordOrders orders = words_by_importance(bundle_, dataset_, options_, progress_, cancel_);
  ASSERT_EQ(orders.size(), 10u);
  for (std::size_t i = 0; i < orders.size(); ++i) {
    const Question& question = dataset_.questions[i];
    const std::size_t words = attackable_words(question.question).size();
    ASSERT_EQ(orders[i].size(), words);
    const torch::Tensor whole = asked(question, question.question);
    const auto own = whole.argmax().item<int64_t>();
    double before = 2;
    std::vector<bool> seen(words);
    for (const std::size_t word : orders[i]) {
      const torch::Tensor without = asked(question, without_word(question.question, word));
      const double lost = (whole[own] - without[own]).item<double>();
      EXPECT_LE(lost, before + 1e-5) << question.question;
      before = lost;
      seen[word] = true;
    }
    EXPECT_EQ(std::count(seen.begin(), seen.end(), true), std::ptrdiff_t(words));
  }
  dataset_.encodings = kept_regions(bundle_, dataset_, options_, progress_, cancel_);
  ASSERT_TRUE(dataset_.encodings);
  EXPECT_EQ(words_by_importance(bundle_, dataset_, options_, progress_, cancel_), orders);
}

TEST_F(WordImportance, TakesQuestionsOfFewAndOfManyWords) {
  std::string endless;
  for (int i = 0; i < 5000; ++i) endless += "circle ";
  for (const std::string& text : {std::string(), std::string("?"), std::string("why"), endless}) {
    dataset_.questions.resize(1);
    dataset_.questions[0].question = text;
    const WordOrders orders = words_by_importance(bundle_, dataset_, options_, progress_, cancel_);
    EXPECT_EQ(orders[0].size(), attackable_words(text).size());
  }
  dataset_.questions.clear();
  EXPECT_TRUE(words_by_importance(bundle_, dataset_, options_, progress_, cancel_).empty());
}

}  // namespace
}  // namespace vqalign
