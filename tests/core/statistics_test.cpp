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

TEST(Spearman, AgreesWithRanksCountedOneByOne) {
  struct Case {
    Values a, b;
    double expected;
  };
  const Case cases[] = {
      {{3, 1, 4, 1, 5}, {2, 7, 1, 8, 2}, -0.78947368421053},
      {{0.1, 0.1, 0.2, 0.2, 0.2, 0.9}, {5, 4, 4, 4, 6, -1}, -0.49186937683796},
      {{1, 2, 3, 4, 5, 6, 7}, {2, 1, 4, 3, 7, 6, 5}, 0.78571428571429},
      {{0, 0, 0, 1}, {1, 0, 0, 0}, -0.33333333333333},
  };
  for (const Case& example : cases) {
    EXPECT_NEAR(*spearman(example.a, example.b), example.expected, 1e-13);
    EXPECT_NEAR(*spearman(example.b, example.a), example.expected, 1e-13);
  }
}

TEST(Spearman, OfOneOrderAndOfNone) {
  EXPECT_EQ(spearman(Values{1, 2, 3}, Values{-5, 0.1, 1e9}), 1);
  EXPECT_EQ(spearman(Values{1, 2, 3}, Values{3, 2, 1}), -1);
  EXPECT_FALSE(spearman(Values{}, Values{}));
  EXPECT_FALSE(spearman(Values{1}, Values{2}));
  EXPECT_FALSE(spearman(Values{1, 2}, Values{3, 3}));
  EXPECT_FALSE(spearman(Values{7, 7}, Values{1, 2}));
}

}  // namespace
}  // namespace vqalign
