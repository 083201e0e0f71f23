// Tensors through the CUDA kernels of MMD and Sinkhorn as cuda_on_cpu.h runs them, against the
// composition of LibTorch's operators in float64.

#include "vqalign/align/cuda/fused_distances.h"

#include <torch/csrc/autograd/autograd.h>

#include "tests/align/helpers.h"
#include "vqalign/align/mmd.h"
#include "vqalign/core/error.h"

namespace vqalign {
namespace {

const cuda::DistanceKernels kDistances = cuda::declared_kernels().distances;
const SinkhornOptions kSchedule = {0.05, 8};

const SetCase kDistanceCases[] = {
    {"one_point", 2, 2, 1, 1, 8},       {"paper", 1, 1, 100, 100, 64},
    {"masked", 3, 2, 37, 40, 16, true}, {"no_queries", 2, 1, 0, 5, 8},
    {"many_keys", 1, 1, 3, 1000, 8},    {"widest", 1, 1, 70, 66, 256},
};

using Distance = std::function<torch::Tensor(const HeadSets&)>;

/// Values and the gradients of queries and keys under a factor for each head.
std::vector<torch::Tensor> distance_results(const HeadSets& sets, const Distance& distance) {
  const torch::Tensor values = distance(sets);
  torch::manual_seed(5);
  (values * torch::randn(values.sizes(), torch::kFloat64)).sum().backward();
  return {values, sets.queries.grad(), sets.keys.grad()};
}

class FusedDistanceTest : public testing::TestWithParam<SetCase> {
 protected:
  static void expect_same(const Distance& fused, const Distance& composed) {
    const auto actual = distance_results(leaves(random_sets(GetParam())), fused);
    const auto expected =
        distance_results(leaves(random_sets(GetParam()), torch::kFloat64), composed);
    for (std::size_t i = 0; i < actual.size(); ++i) {
      expect_close(actual[i], expected[i], 1e-5, "result " + std::to_string(i));
    }
  }
};

TEST_P(FusedDistanceTest, MmdIsTheCompositionInFloat64) {
  expect_same([](const HeadSets& sets) { return cuda::fused_mmd(sets, kDistances); },
              [](const HeadSets& sets) { return mmd(sets); });
}

TEST_P(FusedDistanceTest, SinkhornIsTheCompositionInFloat64) {
  expect_same(
      [](const HeadSets& sets) { return cuda::fused_sinkhorn(sets, kSchedule, kDistances); },
      [](const HeadSets& sets) { return optimal_transport(sets, kSchedule); });
}

INSTANTIATE_TEST_SUITE_P(Shapes, FusedDistanceTest, testing::ValuesIn(kDistanceCases),
                         [](const auto& info) { return info.param.name; });

TEST(FusedDistances, WithoutGradientsHaveTheSameValues) {
  const HeadSets sets = leaves(random_sets({"", 2, 2, 9, 5, 8}));
  const torch::Tensor mmds = cuda::fused_mmd(sets, kDistances);
  const torch::Tensor costs = cuda::fused_sinkhorn(sets, kSchedule, kDistances);
  const torch::NoGradGuard constant;
  EXPECT_TRUE(cuda::fused_mmd(sets, kDistances).equal(mmds));
  EXPECT_TRUE(cuda::fused_sinkhorn(sets, kSchedule, kDistances).equal(costs));
  EXPECT_FALSE(cuda::fused_mmd(sets, kDistances).requires_grad());
}

TEST(FusedDistances, ServeNeitherOtherTypesNorWidthsBeyondABlock) {
  const HeadSets doubles = random_sets({"", 1, 1, 2, 2, 4});
  const HeadSets wide = leaves(random_sets({"", 1, 1, 2, 2, 2048}));
  const HeadSets large = leaves(random_sets({"", 1, 1, 1000, 1000, 256}));
  EXPECT_FALSE(cuda::fused_mmd_fits(doubles, kDistances));
  EXPECT_FALSE(cuda::fused_sinkhorn_fits(doubles, kDistances));
  EXPECT_FALSE(cuda::fused_mmd_fits(wide, kDistances));
  EXPECT_FALSE(cuda::fused_sinkhorn_fits(wide, kDistances));
  EXPECT_TRUE(cuda::fused_mmd_fits(large, kDistances));
  EXPECT_TRUE(cuda::fused_sinkhorn_fits(large, kDistances));
}

TEST(FusedDistances, HaveNoSecondDerivatives) {
  const HeadSets sets = leaves(random_sets({"", 1, 1, 2, 2, 4}));
  const torch::Tensor value = cuda::fused_mmd(sets, kDistances);
  EXPECT_THROW(torch::autograd::grad({value.sum()}, {sets.queries}, {}, true, true), Error);
}

}  // namespace
}  // namespace vqalign
