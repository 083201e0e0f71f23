#include "vqalign/train/robustness/word_importance.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "vqalign/language/question_attack.h"

namespace vqalign {
namespace {

/// Questions with each of their words left out, behind the whole one each.
struct Variants {
  Dataset dataset;
  std::vector<std::vector<int64_t>> batches;  ///< no question's variants are parted
  std::vector<std::size_t> asked;             ///< which question each whole one is, in order
};

Variants variants_of(const Dataset& dataset, const WordOrders& orders, std::size_t most_words,
                     int64_t batch_size) {
  Variants variants{dataset.same_pictures(), {}, {}};
  std::vector<Question>& questions = variants.dataset.questions;
  for (std::size_t i = 0; i < orders.size(); ++i) {
    if (orders[i].size() < 2) continue;
    variants.asked.push_back(i);
    if (variants.batches.empty() ||
        static_cast<int64_t>(variants.batches.back().size()) >= batch_size) {
      variants.batches.emplace_back();
    }
    const auto add = [&](Question question) {
      variants.batches.back().push_back(static_cast<int64_t>(questions.size()));
      questions.push_back(std::move(question));
    };
    const Question& whole = dataset.questions[i];
    add(whole);
    for (std::size_t word = 0; word < std::min(orders[i].size(), most_words); ++word) {
      add({whole.question_id, whole.image_id, without_word(whole.question, word)});
    }
  }
  return variants;
}

/// Sorts a question's words by what its own answer's logit loses without each.
/// `logits` [1 + tried words, A]: of the whole question, then without each word.
void sort_words(std::vector<std::size_t>& order, const torch::Tensor& logits) {
  const torch::Tensor own = logits.select(1, logits[0].argmax().item<int64_t>()).contiguous();
  const auto* values = own.data_ptr<float>();
  const auto tried = static_cast<std::size_t>(own.size(0) - 1);
  std::vector<double> lost(order.size(), -INFINITY);
  for (std::size_t word = 0; word < tried; ++word) {
    const double loss = values[0] - values[word + 1];
    lost[word] = std::isfinite(loss) ? loss : 0;
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return lost[a] > lost[b]; });
}

}  // namespace

WordOrders words_by_importance(ModelBundle& bundle, const Dataset& dataset,
                               const EvaluationOptions& options, Progress& progress,
                               const CancelToken& cancel) {
  const torch::InferenceMode no_grad;
  bundle.model->eval();
  WordOrders orders(dataset.questions.size());
  for (std::size_t i = 0; i < orders.size(); ++i) {
    orders[i].resize(attackable_words(dataset.questions[i].question).size());
    std::iota(orders[i].begin(), orders[i].end(), std::size_t{0});
  }
  const auto most_words = static_cast<std::size_t>(bundle.config.language.max_tokens);
  const Variants variants = variants_of(dataset, orders, most_words, options.batch_size);
  const DatasetInputs source =
      dataset_inputs(bundle.config, variants.dataset, bundle.vocabulary, nullptr, &cancel);
  BatchLoader loader(source.inputs, options.data, &cancel, options.device);
  loader.start(variants.batches);
  progress.begin("words", static_cast<int64_t>(variants.asked.size()), "questions");
  std::size_t done = 0;
  while (const std::optional<Batch> batch = loader.next()) {
    const ModelOutput output = bundle.model(model_input(*batch, options.device), PassOptions{});
    const torch::Tensor logits = output.logits.to(torch::kCPU, torch::kFloat);
    for (int64_t row = 0; row < batch->size();) {
      std::vector<std::size_t>& order = orders[variants.asked[done++]];
      const auto rows = static_cast<int64_t>(1 + std::min(order.size(), most_words));
      sort_words(order, logits.slice(0, row, row + rows));
      row += rows;
    }
    progress.update(static_cast<int64_t>(done));
  }
  progress.end();
  return orders;
}

}  // namespace vqalign
