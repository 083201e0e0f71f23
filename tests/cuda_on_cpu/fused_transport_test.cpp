// Tensors through the CUDA kernels as cuda_on_cpu.h runs them, against the composition of
// LibTorch's operators in float64, and against what the CPU computes.

#include "vqalign/align/cuda/fused_transport.h"

#include <torch/csrc/autograd/autograd.h>

#include "tests/align/helpers.h"
#include "vqalign/align/conditional_transport.h"
#include "vqalign/core/error.h"

namespace vqalign {
namespace {

const cuda::TransportKernels kKernels = cuda::declared_kernels().transport;
constexpr double kRho = 0.3;

struct FusedCase {
  SetCase sets;
  int64_t hidden = 10;
  bool standardise = true;
};

const FusedCase kFusedCases[] = {
    {{"one_point", 2, 2, 1, 1, 8}},
    {{"paper", 1, 2, 100, 100, 64}},
    {{"masked", 3, 2, 37, 40, 16, true}, 10, false},
    {{"no_keys", 2, 1, 5, 0, 8}},
    {{"many_queries", 1, 1, 1000, 3, 8}},
    {{"many_keys", 1, 1, 2, 1000, 8}},
    {{"widest", 1, 1, 5, 6, 256}, 64},
    {{"features_beyond_a_block", 1, 1, 600, 35, 8}, 64},
};

/// Networks of fixed parameters, and what a backward pass left in them.
struct NetworkPair {
  explicit NetworkPair(const FusedCase& shape, torch::ScalarType type)
      : critic(shape.sets.width, shape.hidden), navigator(shape.sets.width, shape.hidden) {
    torch::manual_seed(4);
    const torch::NoGradGuard constant;
    for (const torch::Tensor& parameter : parameters()) {
      parameter.copy_(torch::randn(parameter.sizes(), torch::kFloat64) /
                      std::sqrt(static_cast<double>(parameter.size(-1))));
    }
    critic->to(type);
    navigator->to(type);
  }

  std::vector<torch::Tensor> parameters() const {
    std::vector<torch::Tensor> all = critic->parameters();
    for (const torch::Tensor& parameter : navigator->parameters()) all.push_back(parameter);
    return all;
  }

  Critic critic;
  Navigator navigator;
};

/// Values, then the gradients of points and parameters under a factor for each head.
std::vector<torch::Tensor> results_of(const FusedCase& shape, torch::ScalarType type, bool fused) {
  const HeadSets sets = leaves(random_sets(shape.sets), type);
  NetworkPair networks(shape, type);
  const torch::Tensor values =
      fused ? cuda::FusedTransport{networks.critic->weights(), networks.navigator->weights(), kRho,
                                   shape.standardise}(sets, kKernels)
            : conditional_transport(sets, networks.critic, networks.navigator, kRho,
                                    /*block=*/0, shape.standardise);
  torch::manual_seed(5);
  (values * torch::randn(values.sizes(), torch::kFloat64)).sum().backward();
  std::vector<torch::Tensor> results = {values, sets.queries.grad(), sets.keys.grad()};
  for (const torch::Tensor& parameter : networks.parameters()) results.push_back(parameter.grad());
  return results;
}

class FusedTransportTest : public testing::TestWithParam<FusedCase> {};

TEST_P(FusedTransportTest, IsTheCompositionInFloat64) {
  const auto actual = results_of(GetParam(), torch::kFloat32, true);
  const auto expected = results_of(GetParam(), torch::kFloat64, false);
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    expect_close(actual[i], expected[i], 1e-5, "result " + std::to_string(i));
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, FusedTransportTest, testing::ValuesIn(kFusedCases),
                         [](const auto& info) { return info.param.sets.name; });

TEST(FusedTransport, WithoutGradientsHasTheSameValues) {
  const FusedCase shape = {{"", 2, 2, 9, 5, 8}};
  const HeadSets sets = leaves(random_sets(shape.sets));
  NetworkPair networks(shape, torch::kFloat32);
  const cuda::FusedTransport fused{networks.critic->weights(), networks.navigator->weights(), kRho,
                                   true};
  const torch::Tensor expected = fused(sets, kKernels);
  const torch::NoGradGuard constant;
  const torch::Tensor actual = fused(sets, kKernels);
  EXPECT_FALSE(actual.requires_grad());
  EXPECT_TRUE(actual.equal(expected));
}

TEST(FusedTransport, ServesNeitherOtherTypesNorSizesBeyondABlock) {
  const auto fits = [](int64_t points, int64_t width, int64_t hidden, torch::ScalarType type) {
    const FusedCase shape = {{"", 1, 1, points, points, width}, hidden};
    NetworkPair networks(shape, type);
    return cuda::FusedTransport{networks.critic->weights(), networks.navigator->weights(), kRho,
                                true}
        .fits(leaves(random_sets(shape.sets), type), kKernels);
  };
  EXPECT_TRUE(fits(1000, 256, 64, torch::kFloat32));
  EXPECT_FALSE(fits(3, 4, 5, torch::kFloat64));
  EXPECT_FALSE(fits(3, 1024, 5, torch::kFloat32));
  EXPECT_FALSE(fits(20000, 4, 5, torch::kFloat32));
}

TEST(FusedTransport, HasNoSecondDerivatives) {
  const FusedCase shape = {{"", 1, 1, 2, 2, 4}};
  const HeadSets sets = leaves(random_sets(shape.sets));
  NetworkPair networks(shape, torch::kFloat32);
  const torch::Tensor value = cuda::FusedTransport{
      networks.critic->weights(), networks.navigator->weights(), kRho, true}(sets, kKernels);
  EXPECT_THROW(torch::autograd::grad({value.sum()}, {sets.queries}, {}, true, true), Error);
}

TEST(FusedTransport, SaysWhatDidNotStart) {
  const FusedCase shape = {{"", 1, 1, 2, 2, 4}};
  NetworkPair networks(shape, torch::kFloat32);
  cuda::TransportKernels broken = kKernels;
  broken.pairs = [](const cuda::Transport&, float*, CUstream_st*) -> const char* {
    return "no kernel image";
  };
  const cuda::FusedTransport fused{networks.critic->weights(), networks.navigator->weights(), kRho,
                                   true};
  try {
    fused(leaves(random_sets(shape.sets)), broken);
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "a CUDA kernel did not start: no kernel image");
  }
}

}  // namespace
}  // namespace vqalign
