// Numbers from tests/oracle/statistics.py and by hand.
#include "vqalign/core/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace vqalign {
namespace {

using Values = std::vector<double>;

TEST(IncompleteBeta, AgreesWithIntegration) {
  const double cases[][4] = {{1, 1, 0.3, 0.3},
                             {2, 3, 0.4, 0.5248},
                             {10, 3, 0.9, 0.8891300222},
                             {40, 60, 0.45, 0.8462247976814},
                             {3.5, 7.25, 0.05, 0.0032862499151}};
  for (const auto& [a, b, x, expected] : cases) {
    EXPECT_NEAR(incomplete_beta(a, b, x), expected, 1e-10) << a << " " << b << " " << x;
    EXPECT_NEAR(incomplete_beta(b, a, 1 - x), 1 - expected, 1e-10);
  }
  EXPECT_EQ(incomplete_beta(2, 3, 0), 0);
  EXPECT_EQ(incomplete_beta(2, 3, 1), 1);
  // I_x(1/2, 1/2) is the arcsine distribution, singular at both ends.
  EXPECT_NEAR(incomplete_beta(0.5, 0.5, 0.25), 1.0 / 3, 1e-13);
  EXPECT_NEAR(incomplete_beta(1e4, 1e4, 0.5), 0.5, 1e-9);
}

TEST(WelchTest, AgreesWithIntegration) {
  struct Case {
    Values a, b;
    double t, degrees_of_freedom, p_value;
  };
  const Case cases[] = {
      {{1, 2, 3, 4}, {2, 4, 6, 8, 10}, -2.2514363231594, 5.5207877461707, 0.069133593192},
      {{0.91, 0.93, 0.88, 0.95, 0.90},
       {0.20, 0.80, 0.50, 0.40, 0.60},
       4.1101049553434,
       4.1167751082179,
       0.013887493562},
      {{0.5, 0.5, 0.5}, {0.25, 0.75}, 0, 1, 1},
      {{0.1, 0.2}, {0.15, 0.4, 0.35}, -1.6431676725155, 2.9850746268657, 0.199345230443},
  };
  for (const Case& example : cases) {
    const WelchTest test = welch_t_test(example.a, example.b);
    EXPECT_NEAR(test.t, example.t, 1e-11);
    EXPECT_NEAR(test.degrees_of_freedom, example.degrees_of_freedom, 1e-11);
    EXPECT_NEAR(test.p_value, example.p_value, 1e-10);
    EXPECT_NEAR(welch_t_test(example.b, example.a).p_value, test.p_value, 1e-14);
  }
}

TEST(WelchTest, SamplesThatDoNotVary) {
  EXPECT_EQ(welch_t_test(Values{0.5, 0.5}, Values{0.5, 0.5, 0.5}).p_value, 1);
  const WelchTest apart = welch_t_test(Values{0.5, 0.5}, Values{0.25, 0.25});
  EXPECT_EQ(apart.p_value, 0);
  EXPECT_TRUE(std::isinf(apart.t) && apart.t > 0);
  EXPECT_EQ(apart.degrees_of_freedom, 2);
}

TEST(WelchTest, FarApartIsCertainBeyondDoubt) {
  const WelchTest test = welch_t_test(Values(20, 0.0), Values{1, 1.0000001, 1, 1.0000001});
  EXPECT_LT(test.p_value, 1e-15);
  EXPECT_GE(test.p_value, 0);
}

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

}  // namespace
}  // namespace vqalign
