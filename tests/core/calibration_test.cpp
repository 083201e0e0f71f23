// Numbers from tests/oracle/calibration.py and by hand.
#include "vqalign/core/calibration.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "vqalign/core/philox.h"

namespace vqalign {
namespace {

using Values = std::vector<double>;

struct OracleCase {
  Values confidences, accuracies;
  double error_of_four, error, brier, adaptive_of_three, adaptive, nll, auroc;
  Values risks;
  double aurc;
};

const OracleCase kOracleCases[] = {
    {{0.9, 0.8, 0.8, 0.55, 0.3, 0.3, 0.2},
     {1, 0.6, 0, 1, 0.3, 0.9, 0},
     0.30714285714286,
     0.33571428571429,
     0.18464285714286,
     0.25,
     0.33571428571429,
     0.72050679946658,
     0.67269736842105,
     {0, 0.35, 0.46666666666667, 0.35, 0.36, 0.36666666666667, 0.45714285714286},
     0.33578231292517},
    {{0.99, 0.95, 0.95, 0.95, 0.6, 0.4, 0.4, 0.1},
     {0.9, 1, 1, 0, 0.3, 0.6, 0.6, 0},
     0.2175,
     0.2175,
     0.13695,
     0.1425,
     0.2175,
     0.74701278444467,
     0.72727272727273,
     {0.1, 0.21666666666667, 0.25555555555556, 0.275, 0.36, 0.36666666666667, 0.37142857142857,
      0.45},
     0.29941468253968},
    {{0.5, 0.5, 0.5, 0.5},
     {1, 0, 0.3, 0.6},
     0.025,
     0.025,
     0.1375,
     0.025,
     0.025,
     0.69314718055995,
     0.5,
     {0.525, 0.525, 0.525, 0.525},
     0.525},
};

TEST(CalibrationError, ByHand) {
  // Two in (0.8, 0.9], one in (0.1, 0.2]: of ten bins.
  const Values confidences = {0.85, 0.89, 0.15}, accuracies = {1.0, 0.0, 0.3};
  EXPECT_NEAR(expected_calibration_error(confidences, accuracies, 10),
              (std::abs(1.0 - 1.74) + 0.15) / 3, 1e-15);
  // In one bin differences of both signs cancel.
  EXPECT_NEAR(expected_calibration_error(confidences, accuracies, 1), std::abs(1.3 - 1.89) / 3,
              1e-15);
}

TEST(CalibrationError, BinsIncludeTheirUpperEnd) {
  // 0.2 belongs to (0.1, 0.2], 0 to the first bin, 1 to the last.
  EXPECT_NEAR(expected_calibration_error(Values{0.2, 0.15}, Values{0, 0.35}, 10), 0.0, 1e-15);
  EXPECT_NEAR(expected_calibration_error(Values{0.2, 0.25}, Values{0, 0.45}, 10), 0.2, 1e-15);
  EXPECT_EQ(expected_calibration_error(Values{0, 1}, Values{0, 1}), 0);
  EXPECT_EQ(expected_calibration_error(Values{0, 1}, Values{1, 0}), 1);
  EXPECT_EQ(expected_calibration_error(Values{}, Values{}), 0);
}

TEST(CalibrationError, FifteenBinsUnlessTold) {
  const Values confidences = {1.0 / 15 - 0.001, 1.0 / 15 + 0.001}, accuracies = {0, 1};
  EXPECT_NEAR(expected_calibration_error(confidences, accuracies),
              (1.0 / 15 - 0.001 + 1 - 1.0 / 15 - 0.001) / 2, 1e-15);
}

TEST(ReliabilityBins, AreWhatTheErrorIsTheMeanGapOf) {
  EXPECT_EQ(reliability_bins({}, {}).size(), std::size_t(kCalibrationBins));
  for (const OracleCase& sample : kOracleCases) {
    for (const int bins : {1, 4, kCalibrationBins}) {
      const auto found = reliability_bins(sample.confidences, sample.accuracies, bins);
      double gaps = 0;
      std::size_t counted = 0;
      for (std::size_t b = 0; b < found.size(); ++b) {
        double confidence = 0, accuracy = 0, count = 0;
        for (std::size_t i = 0; i < sample.confidences.size(); ++i) {
          const double c = sample.confidences[i];
          if (c > double(b + 1) / bins || (c <= double(b) / bins && b > 0)) continue;
          confidence += c;
          accuracy += sample.accuracies[i];
          ++count;
        }
        ASSERT_EQ(double(found[b].count), count);
        EXPECT_NEAR(found[b].confidence, count > 0 ? confidence / count : 0, 1e-12);
        EXPECT_NEAR(found[b].accuracy, count > 0 ? accuracy / count : 0, 1e-12);
        gaps += count * std::abs(found[b].accuracy - found[b].confidence);
        counted += found[b].count;
      }
      EXPECT_EQ(counted, sample.confidences.size());
      EXPECT_NEAR(gaps / double(counted),
                  expected_calibration_error(sample.confidences, sample.accuracies, bins), 1e-12);
    }
  }
}

TEST(BrierScore, ByHand) {
  EXPECT_NEAR(brier_score(Values{0.9, 0.4}, Values{1, 0.6}), (0.01 + 0.04) / 2, 1e-15);
  EXPECT_EQ(brier_score(Values{1, 0}, Values{0, 1}), 1);
  EXPECT_EQ(brier_score(Values{}, Values{}), 0);
}

TEST(AccuracyVersusUncertainty, CountsAgreement) {
  // Accurate and certain; accurate, uncertain; inaccurate, certain; inaccurate and uncertain.
  EXPECT_EQ(accuracy_versus_uncertainty(Values{1, 1, 0, 0}, Values{0.01, 0.2, 0.01, 0.2}), 0.5);
  // Half right is accurate, p = 0.05 is uncertain.
  EXPECT_EQ(accuracy_versus_uncertainty(Values{0.5, 0.5}, Values{0.049, 0.05}), 0.5);
  EXPECT_EQ(accuracy_versus_uncertainty(Values{0.49}, Values{0.05}), 1);
  EXPECT_EQ(accuracy_versus_uncertainty(Values{}, Values{}), 0);
}

TEST(Calibration, AgreesWithTheScript) {
  for (const OracleCase& c : kOracleCases) {
    EXPECT_NEAR(expected_calibration_error(c.confidences, c.accuracies, 4), c.error_of_four, 1e-13);
    EXPECT_NEAR(expected_calibration_error(c.confidences, c.accuracies), c.error, 1e-13);
    EXPECT_NEAR(brier_score(c.confidences, c.accuracies), c.brier, 1e-13);
    EXPECT_NEAR(adaptive_calibration_error(c.confidences, c.accuracies, 3), c.adaptive_of_three,
                1e-13);
    EXPECT_NEAR(adaptive_calibration_error(c.confidences, c.accuracies), c.adaptive, 1e-13);
    EXPECT_NEAR(negative_log_likelihood(c.confidences, c.accuracies), c.nll, 1e-13);
    EXPECT_NEAR(*auroc(c.confidences, c.accuracies), c.auroc, 1e-13);
    EXPECT_NEAR(risk_coverage_area(c.confidences, c.accuracies), c.aurc, 1e-13);
    const std::vector<CoveredRisk> curve = risk_coverage_curve(c.confidences, c.accuracies);
    ASSERT_EQ(curve.size(), c.risks.size());
    for (std::size_t i = 0; i < curve.size(); ++i) {
      EXPECT_NEAR(curve[i].risk, c.risks[i], 1e-13);
      EXPECT_NEAR(curve[i].coverage, double(i + 1) / double(curve.size()), 1e-15);
    }
  }
}

/// Predictions with many ties and fractional accuracies.
struct Drawn {
  Values confidences, accuracies;

  explicit Drawn(uint64_t seed) {
    Random random(seed);
    for (uint32_t i = 0, count = 1 + random.below(60); i < count; ++i) {
      confidences.push_back(random.below(12) / 11.0);
      accuracies.push_back(random.below(11) / 10.0);
    }
  }

  Drawn shuffled() const {
    Drawn other = *this;
    std::reverse(other.confidences.begin(), other.confidences.end());
    std::reverse(other.accuracies.begin(), other.accuracies.end());
    return other;
  }
};

TEST(Calibration, RankingAgreesWithAllPairs) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    const Drawn drawn(seed);
    double right = 0, wrong = 0, in_order = 0;
    for (std::size_t i = 0; i < drawn.confidences.size(); ++i) {
      right += drawn.accuracies[i];
      wrong += 1 - drawn.accuracies[i];
      for (std::size_t j = 0; j < drawn.confidences.size(); ++j) {
        const double difference = drawn.confidences[i] - drawn.confidences[j];
        const double won = difference > 0 ? 1 : difference == 0 ? 0.5 : 0;
        in_order += drawn.accuracies[i] * (1 - drawn.accuracies[j]) * won;
      }
    }
    if (right == 0 || wrong == 0) {
      EXPECT_EQ(auroc(drawn.confidences, drawn.accuracies), std::nullopt);
      continue;
    }
    EXPECT_NEAR(*auroc(drawn.confidences, drawn.accuracies), in_order / (right * wrong), 1e-12);
  }
}

TEST(Temperature, IsTheLeastLikelihoodsOfTheScript) {
  EXPECT_NEAR(*fitted_temperature(kOracleCases[0].confidences, kOracleCases[0].accuracies),
              2.486781, 2e-6);
  EXPECT_NEAR(*fitted_temperature(kOracleCases[1].confidences, kOracleCases[1].accuracies),
              2.705474, 2e-6);
}

TEST(Temperature, NoneFitsWhatHasNoLeast) {
  EXPECT_FALSE(fitted_temperature({}, {}).has_value());
  EXPECT_FALSE(fitted_temperature(Values{0.9, 0.8}, Values{1, 1}).has_value());  // all right
  EXPECT_FALSE(fitted_temperature(Values{0.9, 0.8}, Values{0, 0}).has_value());  // all wrong
  EXPECT_FALSE(fitted_temperature(Values{0.5, 0.5}, Values{0, 1}).has_value());  // says nothing
  EXPECT_FALSE(fitted_temperature(Values{1, 1, 1}, Values{0.4, 0, 1}).has_value());
}

TEST(Temperature, ScalesTheLogit) {
  EXPECT_NEAR(scaled_probability(0.9, 2), 0.75, 1e-15);  // odds of 9 become 3
  EXPECT_NEAR(scaled_probability(0.1, 2), 0.25, 1e-15);
  EXPECT_NEAR(scaled_probability(0.75, 0.5), 0.9, 1e-15);
  EXPECT_EQ(scaled_probability(0.5, 7), 0.5);
  EXPECT_EQ(scaled_probability(0, 3), 0);
  EXPECT_EQ(scaled_probability(1, 3), 1);
}

TEST(Calibration, OrderOfPredictionsDoesNotMatter) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    const Drawn drawn(seed), other = drawn.shuffled();
    const CalibrationFigures a = calibration_figures(drawn.confidences, drawn.accuracies);
    const CalibrationFigures b = calibration_figures(other.confidences, other.accuracies);
    EXPECT_NEAR(a.ece, b.ece, 1e-13);
    EXPECT_EQ(a.ece_adaptive, b.ece_adaptive);
    EXPECT_NEAR(a.nll, b.nll, 1e-13);
    EXPECT_EQ(a.auroc, b.auroc);
    EXPECT_EQ(a.aurc, b.aurc);
  }
}

void expect_figures(const Values& confidences, const Values& accuracies,
                    const CalibrationFigures& expected) {
  const CalibrationFigures found = calibration_figures(confidences, accuracies);
  EXPECT_NEAR(found.ece, expected.ece, 1e-15);
  EXPECT_NEAR(found.ece_adaptive, expected.ece_adaptive, 1e-15);
  EXPECT_NEAR(found.brier, expected.brier, 1e-15);
  EXPECT_NEAR(found.nll, expected.nll, 1e-8);
  ASSERT_EQ(found.auroc.has_value(), expected.auroc.has_value());
  EXPECT_NEAR(found.auroc.value_or(0), expected.auroc.value_or(0), 1e-15);
  EXPECT_NEAR(found.aurc, expected.aurc, 1e-15);
}

TEST(Calibration, HasFiguresForEveryKindOfPredictions) {
  const double worst = -std::log(1e-7), least = -std::log1p(-1e-7), sure = -std::log(0.9);
  expect_figures({}, {}, {0, 0, 0, 0, {}, 0});
  expect_figures({0.9}, {1}, {0.1, 0.1, 0.01, sure, {}, 0});
  expect_figures({0.9}, {0}, {0.9, 0.9, 0.81, -std::log(0.1), {}, 1});
  expect_figures({1, 1}, {1, 1}, {0, 0, 0, least, {}, 0});  // all right, in a tie
  expect_figures({1, 0}, {0, 0}, {0.5, 0.5, 0.5, (worst + least) / 2, {}, 1});  // all wrong
  expect_figures({0, 1}, {1, 0}, {1, 1, 1, worst, 0, 0.75});  // never right when sure
  expect_figures({0, 1}, {0, 1}, {0, 0, 0, least, 1, 0.25});
}

}  // namespace
}  // namespace vqalign
