#include "vqalign/attention/linear.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <thread>

#include "tests/attention/helpers.h"

namespace vqalign {
namespace {

using testing_helpers::difference;

torch::Tensor in_double(Linear& linear, const torch::Tensor& x) {
  return at::linear(x.to(torch::kDouble), linear->weight.to(torch::kDouble),
                    linear->bias.to(torch::kDouble));
}

TEST(Linear, FewRowsAndManyGiveTheProductInDouble) {
  const torch::NoGradGuard no_grad;
  for (const int64_t in : {1, 7, 64, 300}) {
    Linear linear(in, 33);
    for (const int64_t rows : {1, 5, 55, 128, 129, 400}) {
      const torch::Tensor x = torch::randn({rows, in});
      const torch::Tensor expected = in_double(linear, x);
      EXPECT_LT(difference(linear(x), expected), 1e-5) << in << " to 33, " << rows << " rows";
      EXPECT_LT(difference(linear->product(x), expected - linear->bias), 1e-5);
    }
  }
}

TEST(Linear, AnyNumberOfDimensionsAndAnyStrides) {
  const torch::NoGradGuard no_grad;
  Linear linear(6, 4);
  for (const torch::Tensor& x :
       {torch::randn(6), torch::randn({2, 3, 6}), torch::randn({2, 2, 3, 6}), torch::randn({0, 6}),
        torch::randn({6, 5}).t(), torch::randn({3, 4, 12}).slice(2, 0, 12, 2)}) {
    const torch::Tensor y = linear(x), expected = in_double(linear, x);
    EXPECT_EQ(y.sizes(), expected.sizes());
    EXPECT_TRUE(at::allclose(y.to(torch::kDouble), expected, 1e-5, 1e-5)) << x.sizes();
  }
}

TEST(Linear, FollowsItsWeights) {
  Linear linear(32, 16);
  const torch::Tensor x = torch::randn({3, 32});
  const auto expect_current = [&] {
    const torch::InferenceMode no_grad;
    EXPECT_LT(difference(linear(x), in_double(linear, x)), 1e-5);
  };
  expect_current();
  {
    const torch::NoGradGuard no_grad;
    linear->weight.mul_(3.0);
  }
  expect_current();
  linear->weight.set_data(torch::randn({16, 32}));
  expect_current();
  linear->to(torch::kDouble);
  {
    const torch::NoGradGuard no_grad;
    EXPECT_LT(difference(linear(x.to(torch::kDouble)), in_double(linear, x)), 1e-12);
  }
  linear->to(torch::kFloat);
  expect_current();
}

TEST(Linear, GradientsAreThoseOfTheProduct) {
  Linear linear(8, 4);
  const torch::Tensor x = torch::randn({3, 8}, torch::requires_grad());
  {
    const torch::NoGradGuard no_grad;
    linear(x);
  }
  linear(x).sum().backward();
  EXPECT_LT(difference(x.grad(), linear->weight.sum(0).expand({3, 8})), 1e-6);
  EXPECT_LT(difference(linear->weight.grad(), x.sum(0).expand({4, 8})), 1e-6);
}

TEST(Linear, ThreadsMayShareIt) {
  Linear linear(64, 64);
  const torch::Tensor x = torch::randn({5, 64});
  const torch::Tensor expected = in_double(linear, x);
  std::vector<torch::Tensor> results(4);
  std::vector<std::thread> threads;
  for (torch::Tensor& result : results) {
    threads.emplace_back([&] {
      const torch::InferenceMode no_grad;
      result = linear(x);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const torch::Tensor& result : results) EXPECT_LT(difference(result, expected), 1e-5);
}

}  // namespace
}  // namespace vqalign
