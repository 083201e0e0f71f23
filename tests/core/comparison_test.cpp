// Numbers from printed tables, closed forms and tests/oracle/comparison.py.
#include "vqalign/core/comparison.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <stdexcept>
#include <vector>

#include "vqalign/core/statistics.h"

namespace vqalign {
namespace {

using Values = std::vector<double>;

TEST(StudentQuantile, AgreesWithTables) {
  const double cases[][3] = {
      {0.975, 1, 12.706204736}, {0.975, 2, 4.302652730},  {0.975, 3, 3.182446305},
      {0.975, 4, 2.776445105},  {0.975, 9, 2.262157163},  {0.975, 30, 2.042272456},
      {0.95, 5, 2.015048373},   {0.995, 10, 3.169272673}, {0.975, 1e7, 1.959964222}};
  for (const auto& [probability, freedom, expected] : cases) {
    EXPECT_NEAR(student_quantile(probability, freedom), expected, 1e-8) << freedom;
    EXPECT_NEAR(student_quantile(1 - probability, freedom), -expected, 1e-8) << freedom;
  }
}

TEST(StudentQuantile, AgreesWithClosedForms) {
  for (const double p : {0.51, 0.6, 0.9, 0.999, 0.999999}) {
    const double one = std::tan(M_PI * (p - 0.5));
    const double two = (2 * p - 1) / std::sqrt(2 * p * (1 - p));
    EXPECT_NEAR(student_quantile(p, 1), one, 1e-9 * std::max(1.0, one));
    EXPECT_NEAR(student_quantile(p, 2), two, 1e-9 * std::max(1.0, two));
  }
  EXPECT_NEAR(student_quantile(0.5, 7), 0, 1e-12);
}

TEST(MeanInterval, ByHand) {
  // s = 1, n = 3: 4.302652730 / sqrt(3).
  const MeanInterval three = mean_interval(Values{1, 2, 3});
  EXPECT_EQ(three.count, 3u);
  EXPECT_DOUBLE_EQ(three.mean, 2);
  EXPECT_NEAR(three.half_width.value(), 2.484137712, 1e-8);
  EXPECT_EQ(mean_interval(Values{5, 5}).half_width.value(), 0);
  EXPECT_EQ(mean_interval(Values{5}).mean, 5);
  EXPECT_FALSE(mean_interval(Values{5}).half_width);
  EXPECT_EQ(mean_interval(Values{}).count, 0u);
}

TEST(PairedT, AgreesWithClosedForms) {
  // One degree of freedom is Cauchy's distribution, two have a root for theirs.
  const std::vector<double> two = {1, 3};  // t = 2
  EXPECT_NEAR(paired_t_p(two), 1 - 2 / std::numbers::pi * std::atan(2.0), 1e-12);
  const std::vector<double> three = {-4.7, -0.56, -1.1};
  const double mean = -6.36 / 3;
  double squares = 0;
  for (const double value : three) squares += (value - mean) * (value - mean);
  const double t = mean / std::sqrt(squares / 2 / 3);
  EXPECT_NEAR(paired_t_p(three), 1 - std::abs(t) / std::sqrt(2 + t * t), 1e-12);
  EXPECT_NEAR(paired_t_p(three), 0.244, 5e-4);
  EXPECT_EQ(paired_t_p(std::vector<double>{0, 0}), 1);
  EXPECT_EQ(paired_t_p(std::vector<double>{2, 2, 2}), 0);
}

TEST(Holm, ByHand) {
  // Sorted: 0.01 * 4, 0.02 * 3, 0.03 * 2 -> at least 0.06, 0.04 * 1 -> at least 0.06.
  const Values adjusted = holm_adjusted(Values{0.04, 0.01, 0.03, 0.02});
  const Values expected = {0.06, 0.04, 0.06, 0.06};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(adjusted[i], expected[i], 1e-15);
  EXPECT_EQ(holm_adjusted(Values{0.7, 0.6}), (Values{1, 1}));
  EXPECT_EQ(holm_adjusted(Values{0.3}), Values{0.3});
  EXPECT_TRUE(holm_adjusted(Values{}).empty());
}

/// The oracle's example().
std::vector<QuestionScores> example(int seeds, int questions, int salt, bool bins) {
  std::vector<QuestionScores> runs;
  for (int s = 0; s < seeds; ++s) {
    QuestionScores& run = runs.emplace_back();
    for (int q = 0; q < questions; ++q) {
      const int number = (37 * q + 11 * s * s + 5 * salt + q * q * (salt + 1)) % 61;
      run.values.push_back(number / 64.0 - (bins ? 0.25 : 0));
      if (bins) run.bins.push_back(static_cast<uint8_t>((7 * q + s + salt) % 5));
    }
  }
  return runs;
}

TEST(PairedBootstrap, AgreesWithTheOracle) {
  struct Case {
    bool bins;
    int seeds, questions;
    double difference, low, high, p_value;
  };
  const Case cases[] = {
      {false, 3, 20, -0.013020833333333, -0.14866536458333, 0.1203515625, 0.85429141716567},
      {false, 1, 7, 0.16294642857143, -0.010100446428571, 0.32483258928571, 0.075848303393214},
      {true, 3, 20, -0.0078125, -0.12793619791667, 0.11291015625, 0.93013972055888},
      {true, 1, 7, 0.140625, -0.10279017857143, 0.316015625, 0.37125748502994}};
  for (const Case& expected : cases) {
    const PairedRuns runs = {example(expected.seeds, expected.questions, 0, expected.bins),
                             example(expected.seeds, expected.questions, 3, expected.bins)};
    for (const int threads : {1, 3}) {
      const auto found = paired_bootstrap(
          {&runs, 1}, {.replicates = 500, .seed = 9, .threads = threads, .check = {}});
      EXPECT_NEAR(found.at(0).difference, expected.difference, 1e-12);
      EXPECT_NEAR(found.at(0).low, expected.low, 1e-12);
      EXPECT_NEAR(found.at(0).high, expected.high, 1e-12);
      EXPECT_NEAR(found.at(0).p_value, expected.p_value, 1e-12);
    }
  }
}

TEST(PairedBootstrap, FiguresTogetherAreAsEachAlone) {
  const std::vector<PairedRuns> both = {{example(2, 30, 0, false), example(2, 30, 3, false)},
                                        {example(2, 30, 0, true), example(2, 30, 3, true)}};
  const BootstrapOptions options{.replicates = 200, .seed = 4, .threads = 2, .check = {}};
  const auto together = paired_bootstrap(both, options);
  for (std::size_t i = 0; i < both.size(); ++i) {
    const auto alone = paired_bootstrap({&both[i], 1}, options);
    EXPECT_EQ(together[i].low, alone[0].low);
    EXPECT_EQ(together[i].p_value, alone[0].p_value);
  }
}

TEST(PairedBootstrap, TheSameRunsDoNotDiffer) {
  const PairedRuns runs = {example(3, 20, 1, false), example(3, 20, 1, false)};
  const auto found = paired_bootstrap({&runs, 1}, {});
  EXPECT_EQ(found[0].difference, 0);
  EXPECT_EQ(found[0].p_value, 1);
  EXPECT_EQ(found[0].low, 0);
  EXPECT_EQ(found[0].high, 0);
}

TEST(PairedBootstrap, StopsWhenTold) {
  const PairedRuns runs = {example(1, 5, 0, false), example(1, 5, 1, false)};
  BootstrapOptions options;
  options.check = [] { throw std::runtime_error("stop"); };
  EXPECT_THROW(paired_bootstrap({&runs, 1}, options), std::runtime_error);
}

TEST(QuestionScores, WithBinsTheyAreTheCalibrationError) {
  const Values confidences = {0.85, 0.89, 0.15, 0.5}, accuracies = {1.0, 0.0, 0.3, 0.6};
  QuestionScores scores;
  for (std::size_t i = 0; i < confidences.size(); ++i) {
    scores.values.push_back(accuracies[i] - confidences[i]);
    scores.bins.push_back(static_cast<uint8_t>(std::ceil(confidences[i] * 15) - 1));
  }
  EXPECT_NEAR(scores.figure(), expected_calibration_error(confidences, accuracies), 1e-15);
}

}  // namespace
}  // namespace vqalign
