#include "vqalign/train/classifier_start.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>

#include "vqalign/core/error.h"
#include "vqalign/data/batch.h"

namespace vqalign {
namespace {

/// Answers read at once.
constexpr int64_t kAnswers = 64;

/// A sigmoid of the bias alone then gives the prior; those of answers never seen are bounded.
void use_priors(const AnswerList& answers, torch::Tensor bias) {
  constexpr double kLeast = 1e-5;
  bias.copy_(torch::tensor(answers.priors()).clamp(kLeast, 1 - kLeast).logit());
}

/// Vectors [n, width] of answers as sentences: the mean of their states, of length 1; of an answer
/// without tokens zero.
torch::Tensor sentence_vectors(ModelBundle& bundle, std::span<const std::string> texts) {
  std::vector<std::vector<int64_t>> rows;
  for (const std::string& text : texts) {
    rows.push_back(bundle.vocabulary.encode(text, bundle.config.language.max_tokens));
  }
  const torch::Tensor tokens = padded_tokens(rows);
  const torch::Tensor states =
      bundle.model->language()->read(tokens, bundle.config.marks, AttentionContext());
  const torch::Tensor own = tokens.ne(0).unsqueeze(2);
  const torch::Tensor sums = states.masked_fill(own.logical_not(), 0).sum(1);
  return sums / sums.norm(2, {1}, /*keepdim=*/true).clamp_min(1e-12);
}

/// Rows of like answers start alike: a random map of their vectors, of the spread that a linear
/// map's weights start with.
void use_answer_vectors(ModelBundle& bundle, torch::Tensor weight) {
  const std::span<const std::string> answers(bundle.answers);
  std::vector<torch::Tensor> parts;
  for (std::size_t begin = 0; begin < answers.size(); begin += kAnswers) {
    parts.push_back(sentence_vectors(
        bundle, answers.subspan(begin, std::min<std::size_t>(kAnswers, answers.size() - begin))));
  }
  const torch::Tensor vectors = torch::cat(parts);
  const double spread = 1 / std::sqrt(3.0 * static_cast<double>(weight.size(1)));
  weight.copy_(vectors.matmul(torch::randn({vectors.size(1), weight.size(1)}) * spread));
}

}  // namespace

void start_classifier(const TrainRequest& request, TrainingSetup& setup) {
  const TrainOptions& options = request.options.train;
  const torch::NoGradGuard no_grad;
  const auto parameters = setup.bundle.model->named_parameters();
  if (options.prior_bias) use_priors(setup.answers, parameters["proj.bias"]);
  if (!options.answer_vectors) return;
  if (!setup.bundle.config.language.pretrained()) {
    throw UsageError("train.answer_vectors needs a pretrained encoder, language.encoder is lstm",
                     "set train.answer_vectors=false, or language.encoder=minilm");
  }
  use_answer_vectors(setup.bundle, parameters["proj.weight"]);
}

}  // namespace vqalign
