#include <torch/csrc/autograd/autograd.h>

#include "vqalign/attention/multi_head_attention.h"

#include "tests/attention/golden.h"
#include "tests/attention/helpers.h"

namespace vqalign {
namespace {

using testing_helpers::bool_mask;
using testing_helpers::difference;
using testing_helpers::expect_values;
using testing_helpers::gradient_error;
using testing_helpers::kBatch;
using testing_helpers::kHeads;
using testing_helpers::kKeys;
using testing_helpers::kQueries;
using testing_helpers::kWidth;
using testing_helpers::wave;

/// Parameters in order of registration get waves of phase 1, 2, ... 8.
MultiHeadAttention waved_attention(torch::Dtype dtype) {
  MultiHeadAttention attention(kWidth, kHeads);
  attention->to(dtype);
  torch::NoGradGuard no_grad;
  double phase = 1;
  for (torch::Tensor& p : attention->parameters()) p.copy_(wave(p.sizes(), phase++));
  return attention;
}

struct GoldenCase {
  const char* name;
  torch::Tensor mask;
  const std::vector<double>* output;
  const std::vector<double>* weights;
};

std::vector<GoldenCase> golden_cases() {
  return {{"none", {}, &golden::attention_none, &golden::weights_none},
          {"mixed", bool_mask({0, 0, 0, 1, 1, 0, 1, 0, 0, 0}), &golden::attention_mixed,
           &golden::weights_mixed},
          {"all", bool_mask({1, 1, 1, 1, 1, 0, 0, 0, 0, 1}), &golden::attention_all,
           &golden::weights_all}};
}

TEST(MultiHeadAttention, ParametersAreRegisteredInTheReferencesOrder) {
  std::vector<std::string> names;
  MultiHeadAttention attention(kWidth, kHeads);
  for (const auto& p : attention->named_parameters()) names.push_back(p.key());
  EXPECT_EQ(names, (std::vector<std::string>{"linear_v.weight", "linear_v.bias", "linear_k.weight",
                                             "linear_k.bias", "linear_q.weight", "linear_q.bias",
                                             "linear_merge.weight", "linear_merge.bias"}));
}

// Without gradients LibTorch's fused attention runs, with them or a listener the explicit one.
TEST(MultiHeadAttention, MatchesTheOracleOnBothPaths) {
  for (const auto& [dtype, gradients] : {std::pair{torch::kFloat, true},
                                         {torch::kDouble, true},
                                         {torch::kFloat, false},
                                         {torch::kDouble, false}}) {
    const torch::AutoGradMode mode(gradients);
    MultiHeadAttention attention = waved_attention(dtype);
    const torch::Tensor queries = wave({kBatch, kQueries, kWidth}, 0.5, 1.5, dtype);
    const torch::Tensor memory = wave({kBatch, kKeys, kWidth}, 0.25, 1.5, dtype);
    const double tolerance = dtype == torch::kFloat ? 1e-5 : 1e-9;
    for (const GoldenCase& test : golden_cases()) {
      SCOPED_TRACE(test.name);
      std::vector<AttentionTap> taps;
      AttentionContext silent, listening;
      listening.request.weights = true;
      listening.taps = &taps;
      expect_values(attention->forward({queries, {}}, {memory, test.mask}, {}, silent),
                    *test.output, tolerance);
      expect_values(attention->forward({queries, {}}, {memory, test.mask}, {}, listening),
                    *test.output, tolerance);
      ASSERT_EQ(taps.size(), 1u);
      expect_values(taps[0].weights, *test.weights, tolerance);
    }
  }
}

// Scores so large that adding -1e9 would not swallow them: a fully masked row must be uniform
// still.
TEST(MultiHeadAttention, FullyMaskedRowsAreUniformWhateverTheScores) {
  const torch::NoGradGuard fused;
  MultiHeadAttention attention = waved_attention(torch::kFloat);
  const torch::Tensor queries = torch::randn({kBatch, kQueries, kWidth}) * 1000;
  const torch::Tensor memory = torch::randn({kBatch, kKeys, kWidth}) * 1000;
  const torch::Tensor mask = torch::ones({kBatch, kKeys}, torch::kBool);
  const torch::Tensor mean = attention->linear_merge->forward(
      attention->linear_v->forward(memory).mean(1, true).expand({-1, kQueries, -1}));
  const double size = mean.abs().max().item<double>();
  EXPECT_LT(difference(attention->forward({queries, {}}, {memory, mask}, {}, {}), mean),
            1e-5 * size);
  std::vector<AttentionTap> taps;
  AttentionContext context;
  context.request.weights = true;
  context.taps = &taps;
  EXPECT_LT(difference(attention->forward({queries, {}}, {memory, mask}, {}, context), mean),
            1e-5 * size);
  EXPECT_TRUE(torch::allclose(taps[0].weights, torch::full_like(taps[0].weights, 0.2)));
}

TEST(MultiHeadAttention, GradientsMatchFiniteDifferencesInDouble) {
  MultiHeadAttention attention = waved_attention(torch::kDouble);
  torch::Tensor queries = wave({kBatch, kQueries, kWidth}, 0.5, 0.6).requires_grad_();
  torch::Tensor memory = wave({kBatch, kKeys, kWidth}, 0.25, 0.6).requires_grad_();
  for (const GoldenCase& test : golden_cases()) {
    for (const double rate : {0.0, 0.4}) {
      SCOPED_TRACE(test.name);
      const auto f = [&] {
        DropoutStreams streams(12);
        AttentionContext context;
        context.dropout_rate = rate;
        context.streams = &streams;
        return attention->forward({queries, {}}, {memory, test.mask}, {}, context);
      };
      EXPECT_LT(gradient_error(f, queries), 1e-7);
      EXPECT_LT(gradient_error(f, memory), 1e-7);
      EXPECT_LT(gradient_error(f, attention->linear_q->weight), 1e-7);
      EXPECT_LT(gradient_error(f, attention->linear_v->bias), 1e-7);
    }
  }
}

/// Attention spelled out in double with dropout() on the weights: what every fast path must equal.
torch::Tensor spelled_out(MultiHeadAttentionImpl& attention, const torch::Tensor& queries,
                          const torch::Tensor& memory, const torch::Tensor& mask, int64_t heads,
                          double rate, DropoutStreams& streams) {
  const int64_t batch = queries.size(0), width = queries.size(2), size = width / heads;
  const auto split = [&](const torch::Tensor& x) {
    return x.view({batch, -1, heads, size}).permute({0, 2, 1, 3});
  };
  const torch::Tensor q = split(attention.linear_q->forward(queries));
  const torch::Tensor k = split(attention.linear_k->forward(memory));
  const torch::Tensor v = split(attention.linear_v->forward(memory));
  torch::Tensor scores = torch::einsum("bhnd,bhmd->bhnm", {q, k}) / std::sqrt(double(size));
  if (mask.defined()) scores = scores.masked_fill(mask.view({batch, 1, 1, -1}), -1e9);
  const torch::Tensor weights = dropout(torch::softmax(scores, -1), rate, streams);
  const torch::Tensor heads_out = torch::einsum("bhnm,bhmd->bnhd", {weights, v});
  return attention.linear_merge->forward(heads_out.reshape({batch, -1, width}));
}

struct ShapeCase {
  int64_t batch, queries, keys, width, heads;
};

class AttentionShapes : public ::testing::TestWithParam<ShapeCase> {};

TEST_P(AttentionShapes, SinglePrecisionEqualsTheParts) {
  const auto [batch, n, m, width, heads] = GetParam();
  MultiHeadAttention attention(width, heads), wide(width, heads);
  wide->to(torch::kDouble);
  {
    torch::NoGradGuard no_grad;
    for (size_t i = 0; i < 8; ++i) wide->parameters()[i].copy_(attention->parameters()[i]);
  }
  const torch::Tensor queries = torch::randn({batch, n, width}) * 2;
  const torch::Tensor memory = torch::randn({batch, m, width}) * 2;
  const torch::Tensor weights = torch::randn({batch, n, width});
  torch::Tensor mask = torch::rand({batch, m}) < 0.3;
  mask[0].fill_(true);
  for (const torch::Tensor& key_mask : {torch::Tensor(), mask}) {
    for (const double rate : {0.0, 0.1, 0.5}) {
      DropoutStreams one(21), two(21);
      AttentionContext context;
      context.dropout_rate = rate;
      context.streams = &one;
      std::vector<torch::Tensor> leaves{queries.clone().requires_grad_(),
                                        memory.clone().requires_grad_()};
      std::vector<torch::Tensor> wide_leaves{queries.to(torch::kDouble).requires_grad_(),
                                             memory.to(torch::kDouble).requires_grad_()};
      const torch::Tensor y =
          attention->forward({leaves[0], {}}, {leaves[1], key_mask}, {}, context);
      const torch::Tensor expected =
          spelled_out(*wide, wide_leaves[0], wide_leaves[1], key_mask, heads, rate, two);
      EXPECT_EQ(one.next(), two.next());
      EXPECT_LT(difference(y, expected), 2e-5);
      for (const torch::Tensor& p : attention->parameters()) leaves.push_back(p);
      for (const torch::Tensor& p : wide->parameters()) wide_leaves.push_back(p);
      const auto actual = torch::autograd::grad({(y * weights).sum()}, leaves);
      const auto reference = torch::autograd::grad({(expected * weights).sum()}, wide_leaves);
      for (size_t i = 0; i < actual.size(); ++i) {
        EXPECT_LT(difference(actual[i], reference[i]),
                  2e-5 * (1 + reference[i].abs().max().item<double>()))
            << i << " at rate " << rate;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, AttentionShapes,
                         ::testing::Values(ShapeCase{3, 5, 7, 12, 2}, ShapeCase{2, 1, 1, 8, 8},
                                           ShapeCase{2, 17, 33, 24, 3}, ShapeCase{2, 64, 16, 64, 4},
                                           ShapeCase{1, 40, 130, 32, 1},
                                           ShapeCase{3, 100, 100, 128, 2}));

TEST(MultiHeadAttention, PaddingAndOrderOfKeysChangeNothing) {
  MultiHeadAttention attention(16, 4);
  const torch::Tensor queries = torch::randn({2, 6, 16}), memory = torch::randn({2, 9, 16});
  const torch::Tensor none = torch::zeros({2, 9}, torch::kBool);
  for (const bool dropping : {false, true}) {
    DropoutStreams streams(1);
    AttentionContext context;
    context.streams = &streams;
    context.dropout_rate = dropping ? 1e-9 : 0.0;  // the explicit path, dropping nothing
    const torch::Tensor expected = attention->forward({queries, {}}, {memory, none}, {}, context);
    const torch::Tensor order = torch::randperm(9);
    EXPECT_LT(difference(attention->forward({queries, {}}, {memory.index_select(1, order), none},
                                            {}, context),
                         expected),
              1e-6);
    const torch::Tensor padded = torch::cat({memory, torch::randn({2, 4, 16}) * 50}, 1);
    const torch::Tensor mask = torch::cat({none, torch::ones({2, 4}, torch::kBool)}, 1);
    EXPECT_LT(difference(attention->forward({queries, {}}, {padded, mask}, {}, context), expected),
              1e-6);
    EXPECT_GT(difference(attention->forward({queries, {}}, {padded, {}}, {}, context), expected),
              1e-2);
  }
}

TEST(MultiHeadAttention, ValidRowsAloneGiveWhatPaddedRowsGive) {
  const torch::NoGradGuard no_grad;
  MultiHeadAttention attention(16, 4);
  torch::Tensor mask = torch::zeros({3, 5}, torch::kBool);
  mask[0].slice(0, 2) = true;
  mask[1] = true;
  const torch::Tensor x = torch::randn({3, 5, 16}), other = torch::randn({3, 4, 16});
  const ValidRows valid(mask);
  const Sequences padded{x, mask}, rows{valid.take(x), mask, &valid};
  const torch::Tensor itself = attention->forward(rows, rows, {}, {});
  EXPECT_LT(difference(itself, valid.take(attention->forward(padded, padded, {}, {}))), 1e-5);
  EXPECT_LT(difference(attention->forward({other, {}}, rows, {}, {}),
                       attention->forward({other, {}}, padded, {}, {})),
            1e-5);
}

TEST(MultiHeadAttention, RunsUnderAutocast) {
  MultiHeadAttention attention(32, 4);
  const torch::Tensor queries = torch::randn({3, 10, 32}), memory = torch::randn({3, 20, 32});
  torch::Tensor mask = torch::rand({3, 20}) < 0.3;
  mask[1].fill_(true);
  const torch::Tensor expected = attention->forward({queries, {}}, {memory, mask}, {}, {});
  DropoutStreams streams(3);
  std::vector<AttentionTap> taps;
  AttentionContext dropping;
  dropping.streams = &streams;
  dropping.dropout_rate = 1e-9;
  AttentionContext tapping;
  tapping.taps = &taps;
  tapping.request = {true, true};
  for (const AttentionContext& context : {AttentionContext{}, dropping, tapping}) {
    attention->zero_grad();
    torch::Tensor y;
    {
      const testing_helpers::AutocastGuard autocast;
      y = attention->forward({queries, {}}, {memory, mask}, {}, context);
    }
    EXPECT_EQ(y.scalar_type(), torch::kBFloat16);
    EXPECT_LT(difference(y, expected), 0.03);
    y.sum().backward();
    const torch::Tensor gradient = attention->linear_v->weight.grad();
    EXPECT_EQ(gradient.scalar_type(), torch::kFloat);
    EXPECT_TRUE(gradient.isfinite().all().item<bool>());
  }
}

TEST(MultiHeadAttention, EmptyBatch) {
  MultiHeadAttention attention(8, 2);
  DropoutStreams streams(3);
  AttentionContext context;
  for (DropoutStreams* dropping : {static_cast<DropoutStreams*>(nullptr), &streams}) {
    context.streams = dropping;
    context.dropout_rate = 0.1;
    EXPECT_EQ(
        attention
            ->forward({torch::zeros({0, 3, 8}), {}},
                      {torch::zeros({0, 5, 8}), torch::zeros({0, 5}, torch::kBool)}, {}, context)
            .sizes(),
        (at::IntArrayRef{0, 3, 8}));
  }
}

}  // namespace
}  // namespace vqalign
