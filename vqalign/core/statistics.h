#pragma once

#include <optional>
#include <span>

namespace vqalign {

/// Welch's two-sided t-test (Welch, Biometrika 1947): whether two samples of unequal variance have
/// the same mean.
struct WelchTest {
  double t = 0;
  double degrees_of_freedom = 0;  ///< after Welch and Satterthwaite
  double p_value = 1;
};

/// Both samples need at least two values. Where neither varies, p is 1 for equal means and 0
/// otherwise.
WelchTest welch_t_test(std::span<const double> a, std::span<const double> b);

/// The regularised incomplete beta function I_x(a, b), for a, b > 0 and x in [0, 1]; about 14
/// digits.
double incomplete_beta(double a, double b, double x);

/// The `share` quantile (0.5: the median) of values in ascending order, at least one, with linear
/// interpolation between the two neighbours.
double quantile_of_sorted(std::span<const double> sorted, double share);

/// Spearman's rank correlation (American Journal of Psychology, 1904) of pairs a_i, b_i: Pearson's
/// of the ranks, equal values sharing the mean of theirs; -1 to 1. Nothing where there are fewer
/// than two pairs or one side does not vary.
std::optional<double> spearman(std::span<const double> a, std::span<const double> b);

}  // namespace vqalign
