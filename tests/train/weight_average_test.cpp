#include "vqalign/train/weight_average.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <vector>

#include "vqalign/attention/linear.h"

namespace vqalign {
namespace {

/// The average written out: each weight's share is its own gain times what later steps left of it.
double brute_force(const std::vector<double>& weights, double decay) {
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    double share = 1;
    for (std::size_t t = i; t < weights.size(); ++t) {
      const double d = t == 0 ? 1 : std::min(decay, double(t) / (double(t) + 9));
      share *= t == i ? (t == 0 ? 1 : 1 - d) : d;
    }
    sum += share * weights[i];
  }
  return sum;
}

TEST(WeightAverage, IsTheWeightedMeanOfAllSteps) {
  torch::Tensor weight = torch::tensor({3.0}, torch::kFloat64).requires_grad_();
  std::vector<double> seen = {3.0};
  WeightAverage average({{"w", weight}}, 0.8);
  for (int step = 1; step <= 60; ++step) {
    const torch::NoGradGuard no_grad;
    weight.mul_(0.9).add_(step % 7);
    seen.push_back(weight.item<double>());
    average.update(step);
    EXPECT_NEAR(average.state()[0].second.item<double>(), brute_force(seen, 0.8), 1e-12) << step;
  }
}

TEST(WeightAverage, IsThereInPlaceOfTheWeightsForAWhile) {
  Linear linear(16, 8);
  WeightAverage average({{"w", linear->weight}}, 0.9);
  const torch::Tensor mean = linear->weight.detach().clone();
  torch::Tensor last;
  {
    const torch::NoGradGuard no_grad;
    linear->weight.mul_(2);
    last = linear->weight.detach().clone();
    const torch::Tensor x = torch::randn({3, 16});
    // Linear keeps weights laid out for few rows, which must be the average's now.
    linear(x);
    const AveragedWeights averaged(average);
    EXPECT_TRUE(torch::equal(linear->weight, mean));
    EXPECT_TRUE(torch::allclose(linear(x), at::linear(x, mean, linear->bias), 1e-4, 1e-5));
  }
  EXPECT_TRUE(torch::equal(linear->weight, last));
  EXPECT_TRUE(torch::equal(average.state()[0].second, mean));
}

TEST(WeightAverage, NoneIsKeptOfDecayZero) {
  torch::Tensor weight = torch::ones({2});
  WeightAverage average({{"w", weight}}, 0);
  average.update(1);
  const AveragedWeights averaged(average);
  EXPECT_TRUE(average.state().empty());
  EXPECT_TRUE(torch::equal(weight, torch::ones({2})));
}

}  // namespace
}  // namespace vqalign
