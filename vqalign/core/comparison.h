#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "vqalign/core/json.h"

namespace vqalign {

/// The quantile of Student's t-distribution: the t with P(T <= t) = `probability`, in (0, 1), for
/// `freedom` > 0 degrees of freedom; ten digits (bisection on incomplete_beta()).
double student_quantile(double probability, double freedom);

/// A mean and the interval that covers the true one with 95 %: mean -+ t(0.975, n - 1) s / sqrt(n),
/// s the sample's standard deviation. For values that are about normally distributed.
struct MeanInterval {
  std::size_t count = 0;
  double mean = 0;
  std::optional<double> half_width;  ///< none of fewer than two values
};
MeanInterval mean_interval(std::span<const double> values);
/// {"mean", "half_width" or null, `counted`: how many values}
Json interval_json(const MeanInterval& interval, const char* counted);

/// Student's two-sided t-test of pairs, by their differences, at least two: p of t = mean /
/// (s / sqrt(n)) with n - 1 degrees of freedom, against differences of mean 0. Where they do not
/// vary 1 when they are 0, otherwise 0.
double paired_t_p(std::span<const double> differences);

/// Holm's step-down correction (Scandinavian Journal of Statistics, 1979): the i-th smallest of m
/// p-values becomes the largest of (m - j + 1) p_(j), j <= i, at most 1. In the order given. With
/// those below 0.05 taken as found, the chance that any of these is false is at most 0.05.
std::vector<double> holm_adjusted(std::span<const double> p_values);

/// A figure of one run made of its questions. Without bins it is the mean of `values`. With bins it
/// is sum over bins |sum of the bin's values| / N: for values accuracy - confidence the expected
/// calibration error.
struct QuestionScores {
  std::vector<double> values;  ///< [N]
  std::vector<uint8_t> bins;   ///< [N], or empty

  double figure() const;
};

/// The same figure of runs of two settings, one a seed, paired: runs of the same place share their
/// seed, values of the same place their question.
struct PairedRuns {
  std::vector<QuestionScores> base;
  std::vector<QuestionScores> other;
};

/// How much a figure of the other setting is above that of the base.
struct PairedDifference {
  double difference = 0;     ///< of the means over seeds
  double low = 0, high = 0;  ///< 95 %, the bootstrap's percentiles
  double p_value = 1;        ///< two-sided
};

struct BootstrapOptions {
  int64_t replicates = 10000;
  uint64_t seed = 1;
  int threads = 0;  ///< 0: all; the result is the same for any number
  /// Called now and then, from any thread; may throw to stop.
  std::function<void()> check = {};
};

/// The paired bootstrap over seeds and questions together (Efron and Tibshirani, 1993, chapters 13
/// and 16; both are samples of what there could be, so both are drawn anew). Replicate r draws S
/// seeds, then N questions, with replacement, by Random(seed, r).below(); the same questions for
/// every seed drawn, the same seeds and questions for both settings and for all `figures`. Its
/// difference is the mean over the seeds drawn of other's figure minus base's, each of the
/// questions drawn. The interval lies between the 2.5 and 97.5 percentiles, interpolated linearly;
/// p = 2 (1 + min(those <= 0, those >= 0)) / (replicates + 1), at most 1. Of few seeds the
/// part of the interval that seeds make is too narrow, by sqrt((S - 1) / S) times 1.96 / t(0.975,
/// S - 1), which is 0.37 for S = 3 and 0.63 for 5, and p too small with it: three seeds whose
/// differences have one sign, as chance alone gives one time in four, are enough for p < 0.05 where
/// questions vary less. paired_t_p() of the seeds' differences has no such fault. All
/// figures must have the same S >= 1 and N >= 1.
std::vector<PairedDifference> paired_bootstrap(std::span<const PairedRuns> figures,
                                               const BootstrapOptions& options);

}  // namespace vqalign
