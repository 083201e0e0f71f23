#include "vqalign/train/question_states.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cassert>
#include <set>

#include "vqalign/data/batch.h"

namespace vqalign {
namespace {

constexpr std::size_t kBatch = 64;

std::string key_of(const int64_t* tokens, std::size_t count) {
  return {reinterpret_cast<const char*>(tokens), count * sizeof(int64_t)};
}

}  // namespace

DistinctQuestions distinct_questions(const ModelBundle& bundle, const Dataset& dataset) {
  using Tokens = DistinctQuestions::value_type;
  const auto shorter = [](const Tokens& a, const Tokens& b) {
    return std::pair(a.size(), a) < std::pair(b.size(), b);
  };
  std::set<Tokens, decltype(shorter)> distinct(shorter);
  for (const Question& question : dataset.questions) {
    distinct.insert(bundle.vocabulary.encode(question.question, bundle.config.language.max_tokens));
  }
  distinct.erase(Tokens{});
  return {distinct.begin(), distinct.end()};
}

int64_t QuestionStates::bytes_for(const ModelBundle& bundle, const DistinctQuestions& questions) {
  std::size_t tokens = 0;
  for (const auto& question : questions) tokens += question.size();
  return static_cast<int64_t>(tokens * sizeof(float)) * bundle.config.language.width;
}

QuestionStates::QuestionStates(ModelBundle& bundle, const DistinctQuestions& questions,
                               torch::Device device, Progress& progress, const CancelToken& cancel)
    : width_(bundle.config.language.width) {
  const torch::NoGradGuard constant;
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

void QuestionStates::read(ModelBundle& bundle, const DistinctQuestions& questions,
                          torch::Device device) {
  const torch::Tensor tokens = padded_tokens(questions);
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
