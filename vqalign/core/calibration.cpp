#include "vqalign/core/calibration.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace vqalign {
namespace {

constexpr double kAccurate = 0.5;
constexpr double kCertain = 0.05;
constexpr double kLeastConfidence = 1e-7;

/// A prediction with the mean accuracy of all that have its confidence.
struct Ranked {
  double confidence = 0;
  double accuracy = 0;
};

/// Calls `visit(begin, end)` for each stretch of equal confidences.
template <typename Visit>
void for_ties(const std::vector<Ranked>& ranked, Visit visit) {
  for (std::size_t begin = 0, end = 0; begin < ranked.size(); begin = end) {
    while (end < ranked.size() && ranked[end].confidence == ranked[begin].confidence) ++end;
    visit(begin, end);
  }
}

/// The predictions, the least confident first.
std::vector<Ranked> ranked_of(std::span<const double> confidences,
                              std::span<const double> accuracies) {
  assert(confidences.size() == accuracies.size());
  std::vector<Ranked> ranked;
  ranked.reserve(confidences.size());
  for (std::size_t i = 0; i < confidences.size(); ++i) {
    ranked.push_back({confidences[i], accuracies[i]});
  }
  // By accuracy too, so that sums do not depend on the order of the predictions.
  std::sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) {
    return a.confidence != b.confidence ? a.confidence < b.confidence : a.accuracy < b.accuracy;
  });
  for_ties(ranked, [&ranked](std::size_t begin, std::size_t end) {
    double sum = 0;
    for (std::size_t i = begin; i < end; ++i) sum += ranked[i].accuracy;
    for (std::size_t i = begin; i < end; ++i) {
      ranked[i].accuracy = sum / static_cast<double>(end - begin);
    }
  });
  return ranked;
}

double logit(double probability) {
  return std::log(probability) - std::log1p(-probability);
}

double sigmoid(double x) {
  return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
}

double mean_of(double sum, std::size_t count) {
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

}  // namespace

std::size_t confidence_bin(double confidence, int bins) {
  const int bin = static_cast<int>(std::ceil(confidence * bins)) - 1;
  return static_cast<std::size_t>(std::clamp(bin, 0, bins - 1));
}

std::vector<ReliabilityBin> reliability_bins(std::span<const double> confidences,
                                             std::span<const double> accuracies, int bins) {
  assert(confidences.size() == accuracies.size() && bins > 0);
  std::vector<ReliabilityBin> found(static_cast<std::size_t>(bins));
  for (std::size_t i = 0; i < confidences.size(); ++i) {
    ReliabilityBin& bin = found[confidence_bin(confidences[i], bins)];
    ++bin.count;
    bin.confidence += confidences[i];
    bin.accuracy += accuracies[i];
  }
  for (ReliabilityBin& bin : found) {
    bin.confidence = mean_of(bin.confidence, bin.count);
    bin.accuracy = mean_of(bin.accuracy, bin.count);
  }
  return found;
}

double expected_calibration_error(std::span<const double> confidences,
                                  std::span<const double> accuracies, int bins) {
  assert(confidences.size() == accuracies.size() && bins > 0);
  // A bin's |mean accuracy - mean confidence| times its size is the size of its summed difference.
  std::vector<double> differences(static_cast<std::size_t>(bins), 0.0);
  for (std::size_t i = 0; i < confidences.size(); ++i) {
    differences[confidence_bin(confidences[i], bins)] += accuracies[i] - confidences[i];
  }
  double sum = 0;
  for (const double difference : differences) sum += std::abs(difference);
  return mean_of(sum, confidences.size());
}

double adaptive_calibration_error(std::span<const double> confidences,
                                  std::span<const double> accuracies, int bins) {
  assert(bins > 0);
  const std::vector<Ranked> ranked = ranked_of(confidences, accuracies);
  const auto count = static_cast<std::size_t>(bins);
  double sum = 0;
  for (std::size_t bin = 0; bin < count; ++bin) {
    double difference = 0;
    for (std::size_t i = bin * ranked.size() / count; i < (bin + 1) * ranked.size() / count; ++i) {
      difference += ranked[i].accuracy - ranked[i].confidence;
    }
    sum += std::abs(difference);
  }
  return mean_of(sum, ranked.size());
}

double brier_score(std::span<const double> confidences, std::span<const double> accuracies) {
  assert(confidences.size() == accuracies.size());
  double sum = 0;
  for (std::size_t i = 0; i < confidences.size(); ++i) {
    sum += (confidences[i] - accuracies[i]) * (confidences[i] - accuracies[i]);
  }
  return mean_of(sum, confidences.size());
}

double negative_log_likelihood(std::span<const double> confidences,
                               std::span<const double> accuracies) {
  assert(confidences.size() == accuracies.size());
  double sum = 0;
  for (std::size_t i = 0; i < confidences.size(); ++i) {
    const double c = std::clamp(confidences[i], kLeastConfidence, 1 - kLeastConfidence);
    sum -= accuracies[i] * std::log(c) + (1 - accuracies[i]) * std::log1p(-c);
  }
  return mean_of(sum, confidences.size());
}

std::optional<double> auroc(std::span<const double> confidences,
                            std::span<const double> accuracies) {
  const std::vector<Ranked> ranked = ranked_of(confidences, accuracies);
  double right = 0, wrong = 0, in_order = 0;
  for_ties(ranked, [&](std::size_t begin, std::size_t end) {
    const double right_here = ranked[begin].accuracy * static_cast<double>(end - begin);
    const double wrong_here = static_cast<double>(end - begin) - right_here;
    in_order += right_here * (wrong + wrong_here / 2);
    right += right_here;
    wrong += wrong_here;
  });
  if (!(right > 0 && wrong > 0)) return std::nullopt;
  return in_order / (right * wrong);
}

std::vector<CoveredRisk> risk_coverage_curve(std::span<const double> confidences,
                                             std::span<const double> accuracies) {
  const std::vector<Ranked> ranked = ranked_of(confidences, accuracies);
  std::vector<CoveredRisk> curve;
  curve.reserve(ranked.size());
  double wrong = 0;
  for (std::size_t kept = 1; kept <= ranked.size(); ++kept) {
    wrong += 1 - ranked[ranked.size() - kept].accuracy;
    curve.push_back({static_cast<double>(kept) / static_cast<double>(ranked.size()),
                     wrong / static_cast<double>(kept)});
  }
  return curve;
}

double risk_coverage_area(std::span<const double> confidences, std::span<const double> accuracies) {
  double sum = 0;
  const std::vector<CoveredRisk> curve = risk_coverage_curve(confidences, accuracies);
  for (const CoveredRisk& point : curve) sum += point.risk;
  return mean_of(sum, curve.size());
}

CalibrationFigures calibration_figures(std::span<const double> confidences,
                                       std::span<const double> accuracies) {
  return {.ece = expected_calibration_error(confidences, accuracies),
          .ece_adaptive = adaptive_calibration_error(confidences, accuracies),
          .brier = brier_score(confidences, accuracies),
          .nll = negative_log_likelihood(confidences, accuracies),
          .auroc = auroc(confidences, accuracies),
          .aurc = risk_coverage_area(confidences, accuracies)};
}

double scaled_probability(double probability, double temperature) {
  if (probability <= 0 || probability >= 1) return probability;
  return sigmoid(logit(probability) / temperature);
}

std::optional<double> fitted_temperature(std::span<const double> confidences,
                                         std::span<const double> accuracies) {
  assert(confidences.size() == accuracies.size());
  std::vector<double> logits;
  for (const double confidence : confidences) {
    logits.push_back(logit(std::clamp(confidence, kLeastConfidence, 1 - kLeastConfidence)));
  }
  // The likelihood's slope in 1 / T, which rises with 1 / T.
  const auto slope = [&](double temperature) {
    double sum = 0;
    for (std::size_t i = 0; i < logits.size(); ++i) {
      sum += (sigmoid(logits[i] / temperature) - accuracies[i]) * logits[i];
    }
    return sum;
  };
  double low = std::log(kLeastTemperature), high = std::log(kMostTemperature);
  if (!(slope(kLeastTemperature) > 0 && slope(kMostTemperature) < 0)) return std::nullopt;
  constexpr int kHalvings = 60;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2;
    (slope(std::exp(middle)) > 0 ? low : high) = middle;
  }
  return std::exp((low + high) / 2);
}

double accuracy_versus_uncertainty(std::span<const double> accuracies,
                                   std::span<const double> p_values) {
  assert(accuracies.size() == p_values.size());
  std::size_t agreeing = 0;
  for (std::size_t i = 0; i < accuracies.size(); ++i) {
    if ((accuracies[i] >= kAccurate) == (p_values[i] < kCertain)) ++agreeing;
  }
  return mean_of(static_cast<double>(agreeing), accuracies.size());
}

}  // namespace vqalign
