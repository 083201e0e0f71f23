// What attention does between its matrix products on a GPU against the CPU: values and gradients in
// float32, and the very same dropped units.

#include "vqalign/attention/attention_weights.h"

#include "tests/cuda_device/device.h"
#include "vqalign/attention/cuda/attention_kernels.h"
#include "vqalign/attention/feed_forward.h"
#include "vqalign/attention/layer_norm.h"
#include "vqalign/attention/multi_head_attention.h"
#include "vqalign/attention/valid_rows.h"

namespace vqalign {
namespace {

using on_device::DeviceTest;
using on_device::expect_agree;
using on_device::expect_all_agree;
using Results = std::vector<torch::Tensor>;

struct LayerCase {
  std::string name;
  int64_t samples, rows, width;
  double rate;
};

void PrintTo(const LayerCase& shape, std::ostream* out) {
  *out << shape.name;
}

const LayerCase kLayerCases[] = {
    {"one_row", 1, 1, 8, 0.1},
    {"three_numbers", 3, 5, 3, 0.5},
    {"nothing_dropped", 2, 9, 40, 0.0},
    {"words", 64, 14, 512, 0.1},
    {"regions", 64, 100, 512, 0.1},
    {"odd", 7, 33, 257, 0.3},
    {"many_rows", 1, 1000, 8, 0.1},
    {"widest", 2, 3, 4096, 0.1},
    {"beyond_a_block", 2, 3, 12000, 0.1},
    {"no_samples", 0, 5, 8, 0.1},
};

/// Numbers alike on every device, as a leaf of one of them.
torch::Tensor leaf(at::IntArrayRef sizes, uint64_t seed, torch::Device device,
                   torch::ScalarType type = torch::kFloat) {
  torch::manual_seed(seed);
  return torch::randn(sizes).to(device, type).requires_grad_();
}

/// Appends the gradients of `leaves` under a factor for each number of `values`, with these.
Results with_gradients(const torch::Tensor& values, const Results& leaves) {
  torch::manual_seed(5);
  (values * torch::randn(values.sizes()).to(values.device(), values.scalar_type()))
      .sum()
      .backward();
  Results results = {values};
  for (const torch::Tensor& tensor : leaves) {
    results.push_back(tensor.grad().defined() ? tensor.grad() : torch::zeros_like(tensor));
  }
  return results;
}

void expect_same(const std::function<Results(torch::Device)>& on, double tolerance = 1e-5) {
  expect_all_agree(on(torch::kCUDA), on(torch::kCPU), tolerance);
}

class LayersOnDevice : public DeviceTest<testing::TestWithParam<LayerCase>> {
 protected:
  static std::vector<int64_t> sizes() {
    return {GetParam().samples, GetParam().rows, GetParam().width};
  }
};

TEST_P(LayersOnDevice, DropoutDropsTheVerySameUnits) {
  if (GetParam().rate == 0.0) return;
  for (const torch::ScalarType type :
       {torch::kFloat, torch::kBFloat16, torch::kHalf, torch::kDouble}) {
    const auto on = [&](torch::Device device) {
      DropoutStreams streams(3, 7);
      const torch::Tensor x = torch::ones(sizes(), type).to(device).requires_grad_();
      return with_gradients(dropout(x, GetParam().rate, streams), {x});
    };
    const Results actual = on(torch::kCUDA), expected = on(torch::kCPU);
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(actual[i].cpu().equal(expected[i])) << type << i;
  }
}

TEST_P(LayersOnDevice, PassesHaveTheMasksOfTheCpu) {
  if (GetParam().rate == 0.0) return;
  const torch::NoGradGuard constant;
  const torch::Tensor one = torch::ones(sizes());
  DropoutStreams streams = DropoutStreams::of_passes(3, 2, 3), same = streams;
  const torch::Tensor spread = dropout_in_each_pass(one.cuda(), GetParam().rate, streams);
  EXPECT_TRUE(spread.cpu().equal(dropout_in_each_pass(one, GetParam().rate, same)));
  DropoutStreams again = DropoutStreams::of_passes(3, 2, 3);
  const torch::Tensor repeated = one.cuda().unsqueeze(0).repeat({3, 1, 1, 1});
  EXPECT_TRUE(dropout(repeated, GetParam().rate, again).equal(spread));
}

TEST_P(LayersOnDevice, ResidualNormIsTheCpus) {
  for (const torch::ScalarType type : {torch::kFloat, torch::kBFloat16}) {
    expect_same(
        [&](torch::Device device) {
          const torch::Tensor x = leaf(sizes(), 1, device), update = leaf(sizes(), 2, device, type);
          LayerNorm norm(GetParam().width);
          norm->to(device);
          DropoutStreams streams(3, 7);
          return with_gradients(residual_norm(x, update, norm, GetParam().rate, &streams),
                                {x, update, norm->a_2, norm->b_2});
        },
        type == torch::kFloat ? 1e-5 : 1e-2);
  }
}

TEST_P(LayersOnDevice, NormAloneIsTheCpus) {
  expect_same([&](torch::Device device) {
    const torch::Tensor x = leaf(sizes(), 1, device);
    const torch::Tensor a = leaf({GetParam().width}, 2, device);
    const torch::Tensor b = leaf({GetParam().width}, 3, device);
    return with_gradients(reference_layer_norm(x, a, b), {x, a, b});
  });
}

TEST_P(LayersOnDevice, FeedForwardIsTheCpus) {
  if (GetParam().width > 4096) return;
  expect_same([&](torch::Device device) {
    torch::manual_seed(4);
    Mlp mlp(8, GetParam().width, 8);
    mlp->to(device);
    const torch::Tensor x = leaf({GetParam().samples, GetParam().rows, 8}, 1, device);
    DropoutStreams streams(3, 7);
    Results leaves = mlp->parameters();
    leaves.push_back(x);
    return with_gradients(mlp->forward(x, GetParam().rate, &streams), leaves);
  });
}

TEST_P(LayersOnDevice, AttentionWeightsAreTheCpus) {
  for (const bool masked : {false, true}) {
    for (const torch::ScalarType type : {torch::kFloat, torch::kBFloat16}) {
      const int64_t samples = std::min<int64_t>(GetParam().samples, 8), keys = GetParam().width;
      torch::Tensor key_mask;
      if (masked) {
        key_mask = torch::zeros({samples, keys}, torch::kBool);
        key_mask.slice(1, keys / 2).fill_(true);
        key_mask.slice(0, 0, 1).fill_(true);  // no key at all
      }
      expect_same(
          [&](torch::Device device) {
            const torch::Tensor scores = leaf({samples, 2, GetParam().rows, keys}, 1, device, type);
            DropoutStreams streams(3, 7);
            return with_gradients(softmax_dropout(scores, masked ? key_mask.to(device) : key_mask,
                                                  0.125, GetParam().rate, &streams),
                                  {scores});
          },
          type == torch::kFloat ? 1e-5 : 1e-2);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, LayersOnDevice, testing::ValuesIn(kLayerCases),
                         [](const auto& info) { return info.param.name; });

class AttentionOnDevice : public DeviceTest<> {};

TEST_F(AttentionOnDevice, IsTheCpusWithMaskAndDropout) {
  expect_same([](torch::Device device) {
    torch::manual_seed(4);
    MultiHeadAttention attention(64, 8);
    attention->to(device);
    const torch::Tensor x = leaf({4, 20, 64}, 1, device);
    torch::Tensor mask = torch::zeros({4, 20}, torch::kBool);
    mask[1].slice(0, 3).fill_(true);
    DropoutStreams streams(3, 7);
    AttentionContext context;
    context.dropout_rate = 0.1;
    context.streams = &streams;
    const Sequences sequences{x, mask.to(device)};
    Results leaves = attention->parameters();
    leaves.push_back(x);
    return with_gradients(attention->forward(sequences, sequences, {}, context), leaves);
  });
}

TEST_F(AttentionOnDevice, RowsOfPaddedSequencesAreTheCpus) {
  expect_same([](torch::Device device) {
    torch::Tensor mask = torch::zeros({4, 9}, torch::kBool);
    mask[1].slice(0, 3).fill_(true);
    mask[2].fill_(true);
    const ValidRows valid(mask.to(device));
    const torch::Tensor x = leaf({4, 9, 16}, 1, device), rows = leaf({3, 30, 5}, 2, device);
    const torch::Tensor back = valid.spread(valid.take(x) * 2);
    const torch::Tensor heads = valid.spread_heads(rows, 4);
    return with_gradients(torch::cat({back.flatten(), heads.flatten()}), {x, rows});
  });
}

TEST_F(AttentionOnDevice, Float16IsFloat32Rounded) {
  const auto on = [](torch::ScalarType type) {
    const torch::Tensor x = leaf({8, 30, 512}, 1, torch::kCUDA);
    const torch::Tensor update = leaf({8, 30, 512}, 2, torch::kCUDA, type);
    LayerNorm norm(512);
    norm->to(torch::kCUDA);
    DropoutStreams streams(3, 7);
    return with_gradients(residual_norm(x, update, norm, 0.1, &streams), {x, update});
  };
  const Results half = on(torch::kHalf), single = on(torch::kFloat);
  for (int i = 0; i < 3; ++i) expect_agree(half[i], single[i], std::to_string(i), 4e-3);
}

TEST_F(AttentionOnDevice, GivesTheSameBitsOnEveryRun) {
  const auto run = [] {
    const torch::Tensor x = leaf({64, 100, 512}, 1, torch::kCUDA);
    LayerNorm norm(512);
    norm->to(torch::kCUDA);
    DropoutStreams streams(3, 7);
    return with_gradients(residual_norm(x, x * 2, norm, 0.1, &streams), {x, norm->a_2, norm->b_2});
  };
  const Results first = run(), second = run();
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_TRUE(first[i].equal(second[i])) << i;
}

// Or the tests above would compare the operators of LibTorch.
TEST_F(AttentionOnDevice, KernelsServeTheShapesOfTheseTests) {
  const cuda::AttentionKernels* kernels = cuda::attention_kernels();
  if (kernels == nullptr) GTEST_SKIP() << "this build has no kernels (VQALIGN_CUDA)";
  for (const int64_t width : {1, 2, 512, 4096}) {
    EXPECT_TRUE(kernels->norm_fits(width)) << width;
    EXPECT_TRUE(kernels->weights_fit(width)) << width;
  }
}

}  // namespace
}  // namespace vqalign
