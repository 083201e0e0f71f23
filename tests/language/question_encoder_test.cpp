#include "vqalign/language/question_encoder.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "tests/language/question_encoder_golden.h"

namespace vqalign {
namespace {

/// The oracle's numbers: the k-th element is 0.6 cos(0.7 k + phase).
torch::Tensor wave(torch::IntArrayRef shape, double phase) {
  const int64_t count = c10::multiply_integers(shape);
  return (torch::cos(torch::arange(count, torch::kFloat64) * 0.7 + phase) * 0.6)
      .to(torch::kFloat32)
      .view(shape);
}

QuestionEncoder oracle_encoder() {
  const torch::NoGradGuard no_grad;
  QuestionEncoder encoder(5, 3, 4);
  encoder->embedding->weight.copy_(wave({5, 3}, 0.1));
  auto parameters = encoder->lstm->named_parameters();
  parameters["weight_ih_l0"].copy_(wave({16, 3}, 0.2));
  parameters["weight_hh_l0"].copy_(wave({16, 4}, 0.3));
  parameters["bias_ih_l0"].copy_(wave({16}, 0.4));
  parameters["bias_hh_l0"].copy_(wave({16}, 0.5));
  return encoder;
}

torch::Tensor oracle_tokens() {
  return torch::tensor({{2, 3, 4, 1}, {4, 2, 0, 0}}, torch::kInt64);
}

void expect_near(const torch::Tensor& found, const std::vector<double>& expected,
                 const char* what) {
  const torch::Tensor golden = torch::tensor(expected, torch::kFloat64).view(found.sizes());
  EXPECT_LT((found.to(torch::kFloat64) - golden).abs().max().item<double>(), 2e-6) << what;
}

TEST(QuestionEncoder, StatesAreTheOracles) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor states = oracle_encoder()->forward(oracle_tokens());
  EXPECT_EQ(states.sizes(), torch::IntArrayRef({2, 4, 4}));
  EXPECT_EQ(states.scalar_type(), torch::kFloat32);
  expect_near(states, golden::states, "states");
}

TEST(QuestionEncoder, TheShortcutAddsEachWordsOwnVector) {
  const torch::NoGradGuard no_grad;
  QuestionEncoder plain = oracle_encoder(), encoder(5, 3, 4, /*shortcut=*/true);
  auto parameters = encoder->named_parameters();
  for (const auto& item : plain->named_parameters()) parameters[item.key()].copy_(item.value());
  encoder->word_linear->weight.copy_(wave({4, 3}, 0.7));
  encoder->word_linear->bias.copy_(wave({4}, 0.8));
  const torch::Tensor own = encoder->forward(oracle_tokens()) - plain->forward(oracle_tokens());
  for (int64_t t = 0; t < 4; ++t) {
    const torch::Tensor word = plain->embedding->weight[oracle_tokens()[0][t]];
    const torch::Tensor expected = (wave({4, 3}, 0.7) * word).sum(1) + wave({4}, 0.8);
    EXPECT_LT((own[0][t] - expected).abs().max().item<double>(), 2e-6) << t;
  }
}

TEST(QuestionEncoder, GradientsAreTheOracles) {
  QuestionEncoder encoder = oracle_encoder();
  const torch::Tensor states = encoder->forward(oracle_tokens());
  expect_near(states.detach(), golden::states, "states");
  (states * wave({2, 4, 4}, 0.6)).sum().backward();
  auto parameters = encoder->lstm->named_parameters();
  expect_near(encoder->embedding->weight.grad(), golden::gradient_embedding, "embedding");
  expect_near(parameters["weight_ih_l0"].grad(), golden::gradient_weight_ih, "weight_ih");
  expect_near(parameters["weight_hh_l0"].grad(), golden::gradient_weight_hh, "weight_hh");
  expect_near(parameters["bias_ih_l0"].grad(), golden::gradient_bias_ih, "bias_ih");
  expect_near(parameters["bias_hh_l0"].grad(), golden::gradient_bias_hh, "bias_hh");
}

TEST(QuestionEncoder, ParametersHaveTheReferencesNamesAndShapes) {
  const QuestionEncoder encoder(7, 300, 8);
  std::vector<std::string> names;
  for (const auto& item : encoder->named_parameters()) names.push_back(item.key());
  EXPECT_EQ(names,
            (std::vector<std::string>{"embedding.weight", "lstm.weight_ih_l0", "lstm.weight_hh_l0",
                                      "lstm.bias_ih_l0", "lstm.bias_hh_l0"}));
  EXPECT_EQ(encoder->named_parameters()["embedding.weight"].sizes(), torch::IntArrayRef({7, 300}));
  EXPECT_EQ(encoder->named_parameters()["lstm.weight_ih_l0"].sizes(),
            torch::IntArrayRef({32, 300}));
}

/// float32 takes oneDNN's fused kernel, float64 LibTorch's own loop over time steps: two
/// implementations that must agree at the sizes of real training.
TEST(QuestionEncoder, FusedKernelAgreesWithTheLoopAtTrainingSize) {
  for (const auto& [batch, length, width] :
       {std::tuple{64, 14, 128}, std::tuple{1, 1, 96}, std::tuple{33, 5, 512}}) {
    torch::manual_seed(1);
    QuestionEncoder fused(50, 300, width);
    QuestionEncoder loop(50, 300, width);
    {
      const torch::NoGradGuard no_grad;
      auto source = fused->named_parameters();
      for (auto& item : loop->named_parameters()) item.value().copy_(source[item.key()]);
    }
    loop->to(torch::kFloat64);
    const torch::Tensor tokens = torch::randint(0, 50, {batch, length}, torch::kInt64);
    const torch::Tensor states = fused->forward(tokens);
    const torch::Tensor exact = loop->forward(tokens);
    EXPECT_LT((states - exact).abs().max().item<double>(), 1e-5) << batch << " " << width;
    const torch::Tensor weights = torch::randn_like(exact);
    (exact * weights).sum().backward();
    (states * weights.to(torch::kFloat32)).sum().backward();
    for (const auto& item : loop->named_parameters()) {
      const torch::Tensor wanted = item.value().grad();
      const torch::Tensor found = fused->named_parameters()[item.key()].grad();
      EXPECT_LE((found - wanted).norm().item<double>(), 1e-5 * wanted.norm().item<double>())
          << item.key();
    }
  }
}

TEST(QuestionEncoder, PaddingBehindChangesNoStateBefore) {
  const torch::NoGradGuard no_grad;
  QuestionEncoder encoder = oracle_encoder();
  const torch::Tensor tokens = torch::tensor({{3, 2}}, torch::kInt64);
  const torch::Tensor padded = torch::constant_pad_nd(tokens, {0, 3});
  EXPECT_TRUE(
      torch::allclose(encoder->forward(padded).slice(1, 0, 2), encoder->forward(tokens), 0, 1e-7));
}

TEST(QuestionEncoder, OnlyPaddingGivesFiniteStates) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor states = oracle_encoder()->forward(torch::zeros({2, 14}, torch::kInt64));
  EXPECT_TRUE(torch::isfinite(states).all().item<bool>());
}

TEST(QuestionEncoder, RepeatsBitForBit) {
  const auto gradients = [] {
    torch::manual_seed(3);
    QuestionEncoder encoder(40, 64, 96);
    const torch::Tensor tokens = torch::randint(0, 40, {32, 14}, torch::kInt64);
    encoder->forward(tokens).square().sum().backward();
    std::vector<torch::Tensor> result;
    for (const auto& parameter : encoder->parameters()) result.push_back(parameter.grad());
    return result;
  };
  const auto first = gradients();
  for (int run = 0; run < 5; ++run) {
    const auto again = gradients();
    for (std::size_t i = 0; i < first.size(); ++i) EXPECT_TRUE(torch::equal(first[i], again[i]));
  }
}

}  // namespace
}  // namespace vqalign
