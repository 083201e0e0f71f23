// The distances on a GPU in float32 against the same on the CPU in float64: what two roundings
// make of the same sums differs by more than one does.

#include "tests/align/helpers.h"
#include "tests/cuda_device/device.h"
#include "vqalign/align/conditional_transport.h"
#include "vqalign/align/cuda/fused_distances.h"
#include "vqalign/align/cuda/fused_transport.h"
#include "vqalign/align/mmd.h"
#include "vqalign/align/optimal_transport.h"
#include "vqalign/align/point_network.h"

namespace vqalign {
namespace {

using on_device::DeviceTest;
using on_device::expect_all_agree;

const SetCase kDeviceCases[] = {
    {"one_point", 2, 2, 1, 1, 8},        {"one_query", 1, 2, 1, 5, 4},
    {"odd_width", 2, 3, 33, 31, 17},     {"batch", 16, 8, 100, 100, 64},
    {"masked", 3, 2, 37, 40, 16, true},  {"masked_tiles", 4, 8, 100, 14, 64, true},
    {"no_queries", 2, 1, 0, 5, 8},       {"no_keys", 2, 1, 5, 0, 8},
    {"many_keys", 2, 1, 3, 1000, 8},     {"most_points", 1, 2, 1000, 1000, 64},
    {"widest", 1, 2, 70, 66, 256},       {"no_samples", 0, 2, 5, 5, 8},
    {"many_samples", 64, 8, 14, 14, 64},
};

/// float32 on a GPU, float64 on the CPU.
torch::ScalarType type_on(torch::Device device) {
  return device.is_cpu() ? torch::kFloat64 : torch::kFloat32;
}

HeadSets moved(const HeadSets& sets, torch::Device device) {
  const auto mask = [&](const torch::Tensor& padding) {
    return padding.defined() ? padding.to(device) : padding;
  };
  // Copied before it becomes a leaf, and of the layout that attention hands out.
  const auto points = [&](const torch::Tensor& of) { return of.to(torch::kFloat32).to(device); };
  const HeadSets there{points(sets.queries), points(sets.keys), mask(sets.query_mask),
                       mask(sets.key_mask)};
  return leaves(there, type_on(device));
}

using Distance = std::function<torch::Tensor(const HeadSets&)>;

/// Values and the gradients of queries and keys under a factor for each head, on a device.
std::vector<torch::Tensor> results_on(torch::Device device, const SetCase& shape,
                                      const Distance& distance) {
  const HeadSets sets = moved(random_sets(shape), device);
  const torch::Tensor values = distance(sets);
  torch::manual_seed(5);
  const torch::Tensor factors = torch::randn(values.sizes()).to(device);
  (values * factors).sum().backward();
  return {values, sets.queries.grad(), sets.keys.grad()};
}

/// Lifts all hidden units far above zero: among a million some lie so near to it that float32 and
/// float64 take them for different sides. What comes out is put around zero again: of features that
/// are nearly parallel, 1 - cos keeps few digits.
void make_smooth(std::initializer_list<PointNetwork*> networks, const torch::Tensor& points) {
  const torch::NoGradGuard constant;
  for (PointNetwork* network : networks) {
    if (network->candidate) network->candidate->bias.fill_(4);
    network->first->bias.fill_(4);
    network->second->bias -= network->forward(points, {}).mean({0, 1, 2});
  }
}

class DistancesOnDevice : public DeviceTest<testing::TestWithParam<SetCase>> {};

TEST_P(DistancesOnDevice, MmdIsTheCpus) {
  const auto distance = [](const HeadSets& sets) { return mmd(sets); };
  expect_all_agree(results_on(torch::kCUDA, GetParam(), distance),
                   results_on(torch::kCPU, GetParam(), distance));
}

TEST_P(DistancesOnDevice, OptimalTransportIsTheCpus) {
  const auto distance = [](const HeadSets& sets) { return optimal_transport(sets); };
  expect_all_agree(results_on(torch::kCUDA, GetParam(), distance),
                   results_on(torch::kCPU, GetParam(), distance));
}

TEST_P(DistancesOnDevice, ConditionalTransportIsTheCpus) {
  const auto results = [&](torch::Device device, bool standardise) {
    torch::manual_seed(4);
    Critic critic(GetParam().width, 10);
    Navigator navigator(GetParam().width, 10);
    if (GetParam().samples > 10) {
      const torch::Tensor points = random_sets(GetParam()).queries.to(torch::kFloat32);
      make_smooth({critic.get(), navigator.get()}, points);
    }
    critic->to(device, type_on(device));
    navigator->to(device, type_on(device));
    auto found = results_on(device, GetParam(), [&](const HeadSets& sets) {
      return conditional_transport(sets, critic, navigator, 0.3, /*block=*/0, standardise);
    });
    for (const torch::nn::Module* network :
         std::initializer_list<torch::nn::Module*>{critic.get(), navigator.get()}) {
      for (const torch::Tensor& parameter : network->parameters()) {
        const torch::Tensor gradient = parameter.grad();
        found.push_back(gradient.defined() ? gradient : torch::zeros_like(parameter));
      }
    }
    return found;
  };
  for (const bool standardise : {true, false}) {
    SCOPED_TRACE(standardise);
    expect_all_agree(results(torch::kCUDA, standardise), results(torch::kCPU, standardise));
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, DistancesOnDevice, testing::ValuesIn(kDeviceCases),
                         [](const auto& info) { return info.param.name; });

class DistanceKernelsOnDevice : public DeviceTest<> {};

// Or the tests above would compare the operators of LibTorch.
TEST_F(DistanceKernelsOnDevice, ServeTheShapesOfTheseTests) {
  const cuda::CudaKernels* kernels = cuda::cuda_kernels();
  if (kernels == nullptr) GTEST_SKIP() << "this build has no kernels (VQALIGN_CUDA)";
  for (const SetCase& shape : kDeviceCases) {
    const HeadSets sets = moved(random_sets(shape), torch::kCUDA);
    Critic critic(shape.width, 10);
    Navigator navigator(shape.width, 10);
    critic->to(torch::kCUDA);
    navigator->to(torch::kCUDA);
    EXPECT_TRUE(cuda::fused_mmd_fits(sets, kernels->distances)) << shape.name;
    EXPECT_TRUE(cuda::fused_sinkhorn_fits(sets, kernels->distances)) << shape.name;
    const cuda::FusedTransport transport{critic->weights(), navigator->weights(), 0.3, true};
    EXPECT_TRUE(transport.fits(sets, kernels->transport)) << shape.name;
  }
}

TEST_F(DistanceKernelsOnDevice, GiveTheSameBitsOnEveryRun) {
  const SetCase shape{"", 8, 8, 100, 100, 64};
  for (const Distance& distance :
       {Distance([](const HeadSets& sets) { return mmd(sets); }),
        Distance([](const HeadSets& sets) { return optimal_transport(sets); })}) {
    const auto first = results_on(torch::kCUDA, shape, distance);
    const auto second = results_on(torch::kCUDA, shape, distance);
    for (std::size_t i = 0; i < first.size(); ++i) EXPECT_TRUE(first[i].equal(second[i])) << i;
  }
}

}  // namespace
}  // namespace vqalign
