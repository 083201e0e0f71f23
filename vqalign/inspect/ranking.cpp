#include "vqalign/inspect/ranking.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <numeric>

#include "vqalign/core/calibration.h"
#include "vqalign/core/error.h"
#include "vqalign/core/statistics.h"

namespace vqalign {
namespace {

constexpr double kSignificance = 0.05;

std::vector<double> column(const torch::Tensor& samples, std::size_t answer) {
  const torch::Tensor one = samples.select(1, static_cast<int64_t>(answer)).contiguous();
  return {one.data_ptr<double>(), one.data_ptr<double>() + one.numel()};
}

}  // namespace

void rank_answers(AnswerEvidence& evidence, const torch::Tensor& passes,
                  const std::vector<std::string>& answers, const std::vector<float>& priors,
                  int64_t top, double temperature) {
  const torch::Tensor samples = passes.to(torch::kCPU, torch::kFloat64).contiguous();
  const torch::Tensor mean = samples.mean(0);
  const double* means = mean.data_ptr<double>();
  std::vector<std::size_t> order(answers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [means](std::size_t a, std::size_t b) { return means[a] > means[b]; });
  const auto scale = [temperature](double probability) {
    return temperature == 1 ? probability : scaled_probability(probability, temperature);
  };
  const bool several = samples.size(0) > 1;
  const std::size_t shown = std::min(order.size(), static_cast<std::size_t>(top));
  for (std::size_t i = 0; i < shown; ++i) {
    std::vector<double> scaled = column(samples, order[i]);
    for (double& probability : scaled) probability = scale(probability);
    const double spread = several ? torch::tensor(scaled, torch::kFloat64).std().item<double>() : 0;
    evidence.answers.push_back(
        {answers[order[i]], scale(means[order[i]]), priors[order[i]], spread});
  }
  if (!several) return;
  if (order.size() < 2) {
    evidence.certainty = Certainty{false, 1, answers[order[0]], std::nullopt};
    return;
  }
  const double p_value = welch_t_test(column(samples, order[0]), column(samples, order[1])).p_value;
  evidence.certainty =
      Certainty{p_value < kSignificance, p_value, answers[order[0]], answers[order[1]]};
}

void doubt_certainty(AnswerEvidence& evidence, bool has_dropout) {
  Certainty& certainty = *evidence.certainty;
  certainty.told = has_dropout && certainty.second.has_value();
  if (certainty.told) return;
  evidence.warnings.push_back(concat("The model ",
                                     certainty.second ? "has no dropout" : "knows a single answer",
                                     ", so its passes cannot tell how certain it is."));
}

}  // namespace vqalign
