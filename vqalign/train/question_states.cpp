#include "vqalign/train/question_states.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cassert>
#include <set>

namespace vqalign {
namespace {

constexpr std::size_t kBatch = 64;

using TokenRow = std::vector<int64_t>;

std::string key_of(const int64_t* tokens, std::size_t count) {
  return {reinterpret_cast<const char*>(tokens), count * sizeof(int64_t)};
}

/// The distinct questions, short ones first, so that batches hold little padding.
std::vector<TokenRow> distinct_questions(const ModelBundle& bundle, const Dataset& dataset) {
  const auto shorter = [](const TokenRow& a, const TokenRow& b) {
    return std::pair(a.size(), a) < std::pair(b.size(), b);
  };
  std::set<TokenRow, decltype(shorter)> distinct(shorter);
  for (const Question& question : dataset.questions) {
    distinct.insert(bundle.vocabulary.encode(question.question, bundle.config.language.max_tokens));
  }
  distinct.erase(TokenRow{});
  return {distinct.begin(), distinct.end()};
}

}  // namespace

int64_t QuestionStates::bytes_for(const ModelBundle& bundle, const Dataset& dataset) {
  int64_t tokens = 0;
  for (const TokenRow& question : distinct_questions(bundle, dataset)) {
    tokens += static_cast<int64_t>(question.size());
  }
  return tokens * bundle.config.language.width * static_cast<int64_t>(sizeof(float));
}

QuestionStates::QuestionStates(ModelBundle& bundle, const Dataset& dataset, torch::Device device,
                               Progress& progress, const CancelToken& cancel)
    : width_(bundle.config.language.width) {
  const torch::NoGradGuard constant;
  const std::vector<TokenRow> questions = distinct_questions(bundle, dataset);
  progress.begin("reading questions", static_cast<int64_t>(questions.size()), "questions");
  for (std::size_t begin = 0; begin < questions.size(); begin += kBatch) {
    cancel.check();
    const std::size_t end = std::min(begin + kBatch, questions.size());
    read(bundle,
         {questions.begin() + std::ptrdiff_t(begin), questions.begin() + std::ptrdiff_t(end)},
         device);
    progress.update(static_cast<int64_t>(end));
  }
  progress.end();
}

void QuestionStates::read(ModelBundle& bundle, const std::vector<Tokens>& questions,
                          torch::Device device) {
  const auto longest = static_cast<int64_t>(questions.back().size());
  torch::Tensor tokens =
      torch::zeros({static_cast<int64_t>(questions.size()), longest}, torch::kLong);
  for (std::size_t i = 0; i < questions.size(); ++i) {
    std::copy(questions[i].begin(), questions[i].end(),
              tokens.data_ptr<int64_t>() + static_cast<int64_t>(i) * longest);
  }
  const torch::Tensor states =
      bundle.model->language()
          ->read(tokens.to(device), bundle.config.marks, AttentionContext())
          .to(torch::kCPU, torch::kFloat32);
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const auto count = static_cast<int64_t>(questions[i].size());
    states_[key_of(questions[i].data(), questions[i].size())] =
        states[static_cast<int64_t>(i)].slice(0, 0, count).clone();
  }
}

torch::Tensor QuestionStates::of(const torch::Tensor& tokens) const {
  assert(tokens.is_contiguous() && tokens.scalar_type() == torch::kLong);
  const int64_t rows = tokens.size(0), width = tokens.size(1);
  torch::Tensor result = torch::zeros({rows, width, width_});
  for (int64_t row = 0; row < rows; ++row) {
    const int64_t* begin = tokens.const_data_ptr<int64_t>() + row * width;
    const auto count = std::find(begin, begin + width, 0) - begin;
    if (count == 0) continue;
    result[row]
        .slice(0, 0, count)
        .copy_(states_.at(key_of(begin, static_cast<std::size_t>(count))));
  }
  return result;
}

}  // namespace vqalign
