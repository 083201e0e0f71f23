#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace vqalign {

// How well confidences go with accuracies. Every function takes two parallel lists: of each
// prediction the probability that the model gives it, and what it counts, both in 0..1. An accuracy
// may be a fraction, as VQA's is: a prediction of accuracy a counts as a share a of it being right
// and 1 - a of it being wrong. None gives a number that is none, and none depends on the order of
// the predictions.

/// The bins of reliability diagrams and of the calibration error.
inline constexpr int kCalibrationBins = 15;

/// Which of `bins` equal bins of confidence holds one: bin i has (i / bins, (i + 1) / bins], the
/// first its lower end too.
std::size_t confidence_bin(double confidence, int bins = kCalibrationBins);

/// One bin of a reliability diagram.
struct ReliabilityBin {
  std::size_t count = 0;
  double confidence = 0;  ///< means over its predictions; 0 without any
  double accuracy = 0;
};

/// The bins of a reliability diagram, which expected_calibration_error() is the mean gap of.
std::vector<ReliabilityBin> reliability_bins(std::span<const double> confidences,
                                             std::span<const double> accuracies,
                                             int bins = kCalibrationBins);

/// Expected calibration error (Naeini et al., AAAI 2015; Guo et al., ICML 2017): predictions are
/// put into `bins` equal bins (confidence_bin()); the mean over predictions of |mean accuracy -
/// mean confidence| of their bin. In 0..1; 0 without predictions.
double expected_calibration_error(std::span<const double> confidences,
                                  std::span<const double> accuracies, int bins = kCalibrationBins);

/// The same with adaptive bins, which hold as many predictions each (Nguyen and O'Connor, EMNLP
/// 2015; Nixon et al., CVPR workshops 2019): of n predictions in the order of their confidence, bin
/// b of B has those at floor(b n / B) to floor((b + 1) n / B) - 1. Equal confidences stand for one
/// another: each counts with their mean accuracy.
double adaptive_calibration_error(std::span<const double> confidences,
                                  std::span<const double> accuracies, int bins = kCalibrationBins);

/// Brier score (Brier, Monthly Weather Review 1950) of the predictions made: the mean of
/// (confidence - accuracy)^2. In 0..1; 0 without predictions.
double brier_score(std::span<const double> confidences, std::span<const double> accuracies);

/// Negative log-likelihood, in nats (the logarithmic score: Good, 1952; Gneiting and Raftery,
/// 2007): the mean of -a log c - (1 - a) log(1 - c) for confidence c and accuracy a, where c is
/// kept within 1e-7 and 1 - 1e-7, so that a prediction costs 16.1 at most. 0 without predictions.
double negative_log_likelihood(std::span<const double> confidences,
                               std::span<const double> accuracies);

/// Area under the ROC curve of being right with the confidence as score, by ranks (Hanley and
/// McNeil, 1982): the chance that of a prediction that is right and one that is wrong, drawn by
/// their shares, the right one has more confidence; equal confidences count one half. Nothing where
/// all are right, all are wrong or there are none: it is not defined.
std::optional<double> auroc(std::span<const double> confidences,
                            std::span<const double> accuracies);

/// A point of a risk-coverage curve.
struct CoveredRisk {
  double coverage = 0;  ///< share of the predictions that are kept, the most confident
  double risk = 0;      ///< 1 - their mean accuracy
};

/// Risk against coverage (El-Yaniv and Wiener, JMLR 2010; Geifman and El-Yaniv, NeurIPS 2017): a
/// point for each number of predictions kept, from 1 to all. Where some of equal confidence are
/// kept and others not, each counts with their mean accuracy, which is the mean over their orders.
std::vector<CoveredRisk> risk_coverage_curve(std::span<const double> confidences,
                                             std::span<const double> accuracies);

/// The area under it, AURC (Geifman, Uziel and El-Yaniv, ICLR 2019): the mean of the risks of its
/// points. In 0..1, lower is better; 0 without predictions.
double risk_coverage_area(std::span<const double> confidences, std::span<const double> accuracies);

/// All of these figures.
struct CalibrationFigures {
  double ece = 0;                    ///< expected_calibration_error(), 15 bins
  double ece_adaptive = 0;           ///< adaptive_calibration_error(), 15 bins
  double brier = 0;                  ///< brier_score()
  double nll = 0;                    ///< negative_log_likelihood()
  std::optional<double> auroc = {};  ///< auroc()
  double aurc = 0;                   ///< risk_coverage_area()
};
CalibrationFigures calibration_figures(std::span<const double> confidences,
                                       std::span<const double> accuracies);

/// A probability scaled by a temperature: sigmoid(logit(p) / T), which for p = sigmoid(z) is
/// sigmoid(z / T). 0 and 1 stay what they are.
double scaled_probability(double probability, double temperature);

constexpr double kLeastTemperature = 0.05;
constexpr double kMostTemperature = 20;

/// Temperature scaling (Guo et al., ICML 2017): the temperature that makes
/// negative_log_likelihood() of the scaled confidences least, the only minimum there is (it is
/// convex in 1 / T). Nothing where that lies outside of kLeastTemperature to kMostTemperature: all
/// are right, all that claim more than one half are wrong, or there are no predictions.
std::optional<double> fitted_temperature(std::span<const double> confidences,
                                         std::span<const double> accuracies);

/// PAvPU (Mukhoti and Gal, 2018) over predictions: the share that is accurate and certain, or
/// inaccurate and uncertain. Accurate: an accuracy of at least 0.5. Certain: a p-value under 0.05.
double accuracy_versus_uncertainty(std::span<const double> accuracies,
                                   std::span<const double> p_values);

}  // namespace vqalign
