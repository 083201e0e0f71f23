#include <torch/csrc/autograd/autograd.h>

#include "vqalign/attention/layer_norm.h"

#include "tests/attention/golden.h"
#include "tests/attention/helpers.h"

namespace vqalign {
namespace {

using testing_helpers::difference;
using testing_helpers::expect_values;
using testing_helpers::gradient_error;
using testing_helpers::wave;

/// The formula term by term, every intermediate in autograd.
torch::Tensor formula(const torch::Tensor& x, const torch::Tensor& a, const torch::Tensor& b) {
  const torch::Tensor centred = x - x.mean(-1, true);
  const torch::Tensor variance = centred.square().sum(-1, true) / (x.size(-1) - 1);
  return a * centred / (variance.sqrt() + 1e-6) + b;
}

TEST(LayerNorm, OneTwoThreeFour) {
  for (const auto dtype : {torch::kFloat, torch::kDouble}) {
    const torch::Tensor x = torch::tensor({1.0, 2.0, 3.0, 4.0}).to(dtype);
    const torch::Tensor y = reference_layer_norm(x, torch::ones(4, dtype), torch::zeros(4, dtype));
    EXPECT_EQ(y.scalar_type(), dtype);
    expect_values(y, {-1.16189410, -0.38729803, 0.38729803, 1.16189410}, 2e-7);
  }
}

TEST(LayerNorm, MatchesTheOracle) {
  for (const auto dtype : {torch::kFloat, torch::kDouble}) {
    const torch::Tensor y = reference_layer_norm(
        wave({3, 8}, 0.1, 2.0, dtype), wave({8}, 0.3, 0.4, dtype), wave({8}, 0.9, 0.4, dtype));
    expect_values(y, golden::layer_norm, dtype == torch::kFloat ? 2e-6 : 1e-10);
  }
}

TEST(LayerNorm, ParametersAreNamedAsInTheReference) {
  LayerNorm norm(5);
  ASSERT_EQ(norm->named_parameters().size(), 2);
  EXPECT_EQ(norm->named_parameters()[0].key(), "a_2");
  EXPECT_EQ(norm->named_parameters()[1].key(), "b_2");
  EXPECT_TRUE(torch::equal(norm->a_2, torch::ones(5)));
  EXPECT_TRUE(torch::equal(norm->b_2, torch::zeros(5)));
}

TEST(LayerNorm, GradientsMatchFiniteDifferencesInDouble) {
  torch::Tensor x = wave({4, 7}, 0.2, 1.3).requires_grad_();
  torch::Tensor a = wave({7}, 0.5, 1.1).requires_grad_();
  torch::Tensor b = wave({7}, 0.8, 0.9).requires_grad_();
  const auto f = [&] { return reference_layer_norm(x, a, b); };
  for (const torch::Tensor& leaf : {x, a, b}) EXPECT_LT(gradient_error(f, leaf), 1e-7);
}

// Widths around the vector width, a row count that is no multiple of anything.
TEST(LayerNorm, SinglePrecisionMatchesTheFormulaInDouble) {
  for (const int64_t width : {2, 3, 15, 16, 17, 31, 96, 100, 512, 1030}) {
    // Spread, so that no row is nearly constant, where single precision has nothing to say.
    const torch::Tensor x =
        torch::randn({5, 53, width}) * 0.3 + torch::arange(width).remainder(5) * 4 + 10;
    const torch::Tensor a = torch::randn(width), b = torch::randn(width);
    const torch::Tensor weights = torch::randn({5, 53, width});
    const auto run = [&](auto&& f, torch::Dtype dtype) {
      std::vector<torch::Tensor> leaves;
      for (const torch::Tensor& leaf : {x, a, b}) {
        leaves.push_back(leaf.to(dtype).detach().clone().requires_grad_());
      }
      torch::Tensor y = f(leaves[0], leaves[1], leaves[2]);
      (y * weights.to(dtype)).sum().backward();
      return std::vector<torch::Tensor>{y, leaves[0].grad(), leaves[1].grad(), leaves[2].grad()};
    };
    const auto actual =
        run([](auto& x, auto& a, auto& b) { return reference_layer_norm(x, a, b); }, torch::kFloat);
    const auto expected = run(formula, torch::kDouble);
    for (size_t i = 0; i < actual.size(); ++i) {
      const double size = expected[i].abs().max().template item<double>();
      // With two elements the gradient of x is nothing but what cancels.
      EXPECT_LT(difference(actual[i], expected[i]), 4e-6 + 3e-5 * size)
          << "width " << width << " " << i;
    }
  }
}

TEST(LayerNorm, ConstantRowsGiveTheBiasAndFiniteGradients) {
  for (const auto dtype : {torch::kFloat, torch::kDouble}) {
    torch::Tensor x = torch::full({3, 6}, 2.5, dtype);
    x[1] = torch::arange(6, dtype);
    x.requires_grad_();
    const torch::Tensor a = torch::ones(6, dtype), b = wave({6}, 0.4, 1.0, dtype);
    const torch::Tensor y = reference_layer_norm(x, a, b);
    EXPECT_TRUE(torch::equal(y[0], b));
    (y * wave({3, 6}, 0.1, 1.0, dtype)).sum().backward();
    EXPECT_TRUE(x.grad().isfinite().all().item<bool>());
  }
}

TEST(LayerNorm, AcceptsViewsEmptyAndBfloat16) {
  const torch::Tensor base = torch::randn({6, 4, 10});
  const torch::Tensor a = torch::randn(10), b = torch::randn(10);
  const torch::Tensor view = base.transpose(0, 1);
  EXPECT_LT(
      difference(reference_layer_norm(view, a, b), reference_layer_norm(view.contiguous(), a, b)),
      1e-7);
  EXPECT_EQ(reference_layer_norm(torch::zeros({0, 4, 10}), a, b).sizes(),
            (at::IntArrayRef{0, 4, 10}));
  const torch::Tensor half = view.to(torch::kBFloat16);
  const torch::Tensor y = reference_layer_norm(half, a, b);
  EXPECT_EQ(y.scalar_type(), torch::kFloat);  // the residual stream stays in single precision
  EXPECT_LT(difference(y, reference_layer_norm(half.to(torch::kFloat), a, b)), 1e-6);
}

TEST(LayerNorm, ShiftAndScaleOfTheInputChangeNothing) {
  const torch::Tensor x = torch::randn({9, 64}), a = torch::randn(64), b = torch::randn(64);
  EXPECT_LT(difference(reference_layer_norm(x * 8 + 3, a, b), reference_layer_norm(x, a, b)), 2e-5);
}

struct ResidualCase {
  int64_t width;
  double rate;
  torch::Dtype update;
};

class ResidualNorm : public ::testing::TestWithParam<ResidualCase> {};

// Everything that the fused form returns against dropout(), addition and the formula in double.
TEST_P(ResidualNorm, EqualsItsParts) {
  const auto [width, rate, update_type] = GetParam();
  LayerNorm norm(width);
  {
    torch::NoGradGuard no_grad;
    norm->a_2.copy_(torch::randn(width));
    norm->b_2.copy_(torch::randn(width));
  }
  const torch::Tensor x = torch::randn({7, 19, width}).requires_grad_();
  const torch::Tensor update = torch::randn({7, 19, width}, update_type).requires_grad_();
  const torch::Tensor weights = torch::randn({7, 19, width});

  DropoutStreams fused(4, 17), apart(4, 17);
  const torch::Tensor y = residual_norm(x, update, norm, rate, &fused);
  EXPECT_EQ(y.scalar_type(), torch::kFloat);
  const auto actual =
      torch::autograd::grad({(y * weights).sum()}, {x, update, norm->a_2, norm->b_2});
  EXPECT_EQ(fused.next(), rate > 0 ? 18u : 17u);

  std::vector<torch::Tensor> leaves;
  for (const torch::Tensor& leaf : {x, update, norm->a_2, norm->b_2}) {
    leaves.push_back(leaf.detach().to(torch::kDouble).requires_grad_());
  }
  const torch::Tensor dropped = dropout(leaves[1], rate, apart);
  const torch::Tensor expected_y = formula(leaves[0] + dropped, leaves[2], leaves[3]);
  const auto expected = torch::autograd::grad({(expected_y * weights).sum()}, leaves);
  EXPECT_LT(difference(y, expected_y), 2e-5 * expected_y.abs().max().item<double>());
  for (size_t i = 0; i < actual.size(); ++i) {
    const double size = expected[i].abs().max().item<double>();
    const bool rounded = i == 1 && update_type == torch::kBFloat16;
    EXPECT_EQ(actual[i].scalar_type(), rounded ? torch::kBFloat16 : torch::kFloat);
    EXPECT_LT(difference(actual[i], expected[i]), (rounded ? 5e-3 : 3e-5) * size) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, ResidualNorm,
    ::testing::Values(ResidualCase{96, 0.1, torch::kFloat}, ResidualCase{96, 0.0, torch::kFloat},
                      ResidualCase{3, 0.5, torch::kFloat}, ResidualCase{37, 0.3, torch::kFloat},
                      ResidualCase{512, 0.1, torch::kFloat}, ResidualCase{1100, 0.1, torch::kFloat},
                      ResidualCase{96, 0.1, torch::kBFloat16},
                      ResidualCase{37, 0.0, torch::kBFloat16}));

TEST(ResidualNorm, NullStreamsMeanNoDropout) {
  LayerNorm norm(12);
  const torch::Tensor x = torch::randn({4, 12}), update = torch::randn({4, 12});
  EXPECT_LT(difference(residual_norm(x, update, norm, 0.5, nullptr), norm->forward(x + update)),
            1e-6);
}

TEST(ResidualNorm, GradientsDoNotDependOnTheThreadCount) {
  const testing_helpers::ThreadsGuard guard;
  LayerNorm norm(50);
  const torch::Tensor x = torch::randn({999, 50}).requires_grad_();
  const torch::Tensor update = torch::randn({999, 50}).requires_grad_();
  std::vector<std::vector<torch::Tensor>> runs;
  for (const int threads : {1, 2, 3}) {
    at::set_num_threads(threads);
    DropoutStreams streams(8);
    const torch::Tensor y = residual_norm(x, update, norm, 0.1, &streams);
    runs.push_back(torch::autograd::grad({y.square().sum()}, {x, update, norm->a_2, norm->b_2}));
    runs.back().push_back(y);
  }
  for (size_t i = 0; i < runs[0].size(); ++i) {
    EXPECT_TRUE(torch::equal(runs[0][i], runs[1][i])) << i;
    EXPECT_TRUE(torch::equal(runs[0][i], runs[2][i])) << i;
  }
}

}  // namespace
}  // namespace vqalign
