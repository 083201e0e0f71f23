#pragma once

#include <span>

namespace vqalign {

/// Welch's two-sided t-test: whether two samples of unequal variance have the same mean.
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

/// Expected calibration error (Naeini et al., AAAI 2015; Guo et al., ICML 2017): predictions are
/// put into `bins` equal bins of confidence ((i-1)/bins, i/bins]; the mean over predictions of
/// |mean accuracy - mean confidence| of their bin. `confidences` and `accuracies` are parallel, in
/// 0..1, as is the result; 0 without predictions.
double expected_calibration_error(std::span<const double> confidences,
                                  std::span<const double> accuracies, int bins = 15);

/// Brier score of the predictions made: the mean of (confidence - accuracy)^2, where an accuracy
/// may be a fraction, as VQA's is. In 0..1; 0 without predictions.
double brier_score(std::span<const double> confidences, std::span<const double> accuracies);

/// PAvPU (Mukhoti and Gal, 2018) over predictions: the share that is accurate and certain, or
/// inaccurate and uncertain. Accurate: an accuracy of at least 0.5. Certain: a p-value under 0.05.
double accuracy_versus_uncertainty(std::span<const double> accuracies,
                                   std::span<const double> p_values);

}  // namespace vqalign
