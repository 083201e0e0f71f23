#include "vqalign/attention/feed_forward.h"

#include "tests/attention/golden.h"
#include "tests/attention/helpers.h"

namespace vqalign {
namespace {

using testing_helpers::difference;
using testing_helpers::expect_values;
using testing_helpers::gradient_error;
using testing_helpers::wave;

/// Parameters in order of registration get waves of phase 1, 2, 3, 4.
Mlp waved_mlp(int64_t in, int64_t hidden, int64_t out, torch::Dtype dtype) {
  Mlp mlp(in, hidden, out);
  mlp->to(dtype);
  torch::NoGradGuard no_grad;
  double phase = 1;
  for (torch::Tensor& p : mlp->parameters()) p.copy_(wave(p.sizes(), phase++));
  return mlp;
}

TEST(Mlp, ParametersAreNamedAsInTheReference) {
  Mlp mlp(8, 12, 4);
  std::vector<std::string> names;
  for (const auto& p : mlp->named_parameters()) names.push_back(p.key());
  EXPECT_EQ(names, (std::vector<std::string>{"fc.linear.weight", "fc.linear.bias", "linear.weight",
                                             "linear.bias"}));
  EXPECT_EQ(mlp->fc->linear->weight.sizes(), (at::IntArrayRef{12, 8}));
  EXPECT_EQ(mlp->linear->weight.sizes(), (at::IntArrayRef{4, 12}));
}

TEST(Mlp, MatchesTheOracle) {
  for (const auto dtype : {torch::kFloat, torch::kDouble}) {
    Mlp mlp = waved_mlp(8, 12, 4, dtype);
    expect_values(mlp->forward(wave({3, 8}, 0.1, 2.0, dtype), 0.0, nullptr), golden::mlp,
                  dtype == torch::kFloat ? 3e-6 : 1e-10);
  }
}

TEST(Mlp, GradientsMatchFiniteDifferencesWithAndWithoutDropout) {
  Mlp mlp = waved_mlp(5, 9, 3, torch::kDouble);
  torch::Tensor x = wave({2, 3, 5}, 0.7, 1.0).requires_grad_();
  for (const double rate : {0.0, 0.3}) {
    const auto f = [&] {
      DropoutStreams streams(6);
      return mlp->forward(x, rate, &streams);
    };
    EXPECT_LT(gradient_error(f, x), 1e-7);
    for (const torch::Tensor& p : mlp->parameters()) EXPECT_LT(gradient_error(f, p), 1e-7);
  }
}

// In single precision, where layers are fused, against the parts in double.
TEST(Mlp, SinglePrecisionEqualsItsPartsInDouble) {
  for (const double rate : {0.0, 0.1, 0.5}) {
    Mlp mlp(20, 33, 7), wide(20, 33, 7);
    wide->to(torch::kDouble);
    {
      torch::NoGradGuard no_grad;
      for (size_t i = 0; i < 4; ++i) wide->parameters()[i].copy_(mlp->parameters()[i]);
    }
    const torch::Tensor x = torch::randn({11, 13, 20}), weights = torch::randn({11, 13, 7});
    DropoutStreams one(3), two(3);
    const torch::Tensor xs = x.clone().requires_grad_();
    const torch::Tensor xd = x.to(torch::kDouble).requires_grad_();
    const torch::Tensor y = mlp->forward(xs, rate, &one);
    const torch::Tensor hidden = torch::relu(wide->fc->linear->forward(xd));
    const torch::Tensor expected = wide->linear->forward(dropout(hidden, rate, two));
    EXPECT_EQ(one.next(), two.next());
    EXPECT_LT(difference(y, expected), 1e-5);
    (y * weights).sum().backward();
    (expected * weights).sum().backward();
    EXPECT_LT(difference(xs.grad(), xd.grad()), 1e-5);
    for (size_t i = 0; i < 4; ++i) {
      const torch::Tensor reference = wide->parameters()[i].grad();
      EXPECT_LT(difference(mlp->parameters()[i].grad(), reference),
                1e-5 * (1 + reference.abs().max().item<double>()));
    }
  }
}

TEST(Mlp, RunsUnderAutocast) {
  Mlp mlp(20, 33, 7);
  const torch::Tensor x = torch::randn({11, 13, 20});
  const torch::Tensor expected = mlp->forward(x, 0.0, nullptr);
  DropoutStreams streams(1);
  torch::Tensor y, dropped;
  {
    const testing_helpers::AutocastGuard autocast;
    y = mlp->forward(x, 0.0, nullptr);
    dropped = mlp->forward(x, 0.1, &streams);
  }
  EXPECT_EQ(y.scalar_type(), torch::kBFloat16);
  EXPECT_LT(difference(y, expected), 0.03);
  dropped.sum().backward();
  EXPECT_EQ(mlp->fc->linear->weight.grad().scalar_type(), torch::kFloat);
  EXPECT_TRUE(mlp->fc->linear->weight.grad().isfinite().all().item<bool>());
}

TEST(Mlp, ManyRowsAreTheSameInPartsAndWhole) {
  Mlp mlp(8, 12, 4);
  const torch::Tensor x = torch::randn({5, 700, 8});
  const torch::Tensor whole = mlp->forward(x, 0.0, nullptr);
  ASSERT_TRUE(whole.requires_grad());
  const torch::NoGradGuard no_grad;
  const torch::Tensor parts = mlp->forward(x, 0.0, nullptr);
  EXPECT_EQ(parts.sizes(), whole.sizes());
  EXPECT_LT(difference(parts, whole), 1e-6);
}

TEST(Mlp, EmptyBatch) {
  Mlp mlp(4, 6, 2);
  DropoutStreams streams(1);
  EXPECT_EQ(mlp->forward(torch::zeros({0, 3, 4}), 0.1, &streams).sizes(),
            (at::IntArrayRef{0, 3, 2}));
}

}  // namespace
}  // namespace vqalign
