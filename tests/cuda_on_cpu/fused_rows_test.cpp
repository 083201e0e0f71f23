// Tensors through the kernels of attention/cuda as cuda_on_cpu.h runs them, against what the CPU
// computes with the same masks.

#include "vqalign/attention/cuda/fused_rows.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "vqalign/attention/attention_weights.h"
#include "vqalign/attention/dropout_mask.h"
#include "vqalign/attention/layer_norm.h"
#include "vqalign/core/error.h"

namespace vqalign {
namespace {

const cuda::AttentionKernels kRowKernels = cuda::declared_attention_kernels();
constexpr double kRate = 0.3;
constexpr uint64_t kSeed = 9, kStream = 4;

const kernels::Mask kMask = dropout_mask(kRate, kSeed, kStream);

void expect_twins(const torch::Tensor& actual, const torch::Tensor& expected, const char* what) {
  ASSERT_EQ(actual.sizes(), expected.sizes()) << what;
  ASSERT_EQ(actual.scalar_type(), expected.scalar_type()) << what;
  const double tolerance = actual.scalar_type() == torch::kFloat ? 1e-5 : 1e-2;
  const double largest = expected.detach().abs().max().item<double>() + 1e-3;
  EXPECT_LE((actual - expected).detach().abs().max().item<double>(), tolerance * largest) << what;
}

TEST(FusedRows, DropoutOfEachPassIsTheCpus) {
  const torch::InferenceMode no_gradients;
  for (const torch::Dtype type : {torch::kFloat, torch::kBFloat16}) {
    const torch::Tensor in = torch::randn({3, 7, 33}).to(type), out = torch::empty_like(in);
    cuda::fused_dropout(kMask, in, out, 3, /*alike=*/false, kRowKernels);
    DropoutStreams streams = DropoutStreams::of_passes(kSeed, 0, 3);
    for (uint64_t i = 0; i < kStream; ++i) streams.take();
    DropoutStreams same = streams;
    EXPECT_TRUE(out.equal(dropout(in, kRate, streams)));
    cuda::fused_dropout(kMask, in[0], out, 3, /*alike=*/true, kRowKernels);
    EXPECT_TRUE(out.equal(dropout_in_each_pass(in[0], kRate, same)));
  }
}

TEST(FusedRows, ResidualNormIsTheCpus) {
  for (const torch::Dtype type : {torch::kFloat, torch::kBFloat16}) {
    const auto leaf = [](const torch::Tensor& x) { return x.detach().requires_grad_(); };
    const torch::Tensor x = leaf(torch::randn({4, 9, 40}));
    const torch::Tensor update = leaf(torch::randn({4, 9, 40}).to(type));
    LayerNorm norm(40);
    DropoutStreams streams(kSeed, kStream);
    const torch::Tensor expected = residual_norm(x, update, norm, kRate, &streams);
    const torch::Tensor d_y = torch::randn_like(expected);
    expected.backward(d_y);

    const torch::NoGradGuard constant;
    const cuda::NormTensors on{x, update, norm->a_2, norm->b_2, torch::empty({36, 2})};
    const torch::Tensor y = torch::empty_like(x), d_x = torch::empty_like(x);
    const torch::Tensor d_update = torch::empty_like(update);
    torch::Tensor d_a, d_b;
    cuda::fused_residual_norm(on, 1e-6F, kMask, y, 1, kRowKernels);
    cuda::fused_residual_norm_gradient(on, 1e-6F, kMask, d_y, d_x, d_update, d_a, d_b, kRowKernels);
    expect_twins(y, expected, "value");
    expect_twins(d_x, x.grad(), "gradient of x");
    expect_twins(d_update, update.grad(), "gradient of the update");
    expect_twins(d_a, norm->a_2.grad(), "gradient of a");
    expect_twins(d_b, norm->b_2.grad(), "gradient of b");
  }
}

TEST(FusedRows, AttentionWeightsAreTheCpus) {
  torch::Tensor key_mask = torch::zeros({2, 21}, torch::kBool);
  key_mask[0].slice(0, 5).fill_(true);
  key_mask[1].fill_(true);
  for (const torch::Dtype type : {torch::kFloat, torch::kBFloat16}) {
    const torch::Tensor scores = torch::randn({2, 3, 5, 21}).to(type).requires_grad_();
    DropoutStreams streams(kSeed, kStream);
    const torch::Tensor expected = softmax_dropout(scores, key_mask, 0.5, kRate, &streams);
    const torch::Tensor upstream = torch::randn_like(expected);
    expected.backward(upstream);

    const torch::NoGradGuard constant;
    const cuda::WeightTensors on{torch::empty_like(scores), key_mask, 0.5};
    const torch::Tensor dropped = torch::empty_like(scores), d_scores = torch::empty_like(scores);
    cuda::fused_attention_weights(on, kMask, scores, dropped, 1, kRowKernels);
    cuda::fused_attention_weights_gradient(on, kMask, upstream, d_scores, kRowKernels);
    expect_twins(on.weights, softmax_dropout(scores, key_mask, 0.5, 0.0, nullptr), "weights");
    expect_twins(dropped, expected, "dropped");
    expect_twins(d_scores, scores.grad(), "gradient");
  }
}

TEST(FusedRows, BiasReluIsTheComposition) {
  const torch::Tensor in = torch::randn({2, 9, 70}).requires_grad_();
  const torch::Tensor bias = torch::randn({70}).requires_grad_();
  DropoutStreams streams(kSeed, kStream);
  const torch::Tensor expected = dropout(torch::relu(in + bias), kRate, streams);
  const torch::Tensor d_y = torch::randn_like(expected);
  expected.backward(d_y);

  const torch::NoGradGuard constant;
  const torch::Tensor x = in.clone(), d_x = torch::empty_like(x);
  cuda::fused_bias_relu(kMask, x, bias, 1, kRowKernels);
  const torch::Tensor d_bias =
      cuda::fused_bias_relu_gradient(kMask.scale, x, d_y, d_x, kRowKernels);
  expect_twins(x, expected, "value");
  expect_twins(d_x, in.grad(), "gradient");
  expect_twins(d_bias, bias.grad(), "gradient of the bias");
}

TEST(FusedRows, SayWhatDidNotStart) {
  cuda::AttentionKernels broken = kRowKernels;
  broken.dropout = [](const cuda::MaskedRows&, cuda::Element, const void*, bool, void*,
                      CUstream_st*) -> const char* { return "no kernel image"; };
  const torch::Tensor x = torch::ones({3});
  EXPECT_THROW(cuda::fused_dropout(kMask, x, x, 1, false, broken), Error);
}

}  // namespace
}  // namespace vqalign
