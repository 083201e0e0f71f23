#include "vqalign/align/conditional_transport.h"

#include "brute_force.h"
#include "helpers.h"

namespace vqalign {
namespace {

constexpr double kRho = 0.3;

struct Features {
  HeadSets critic, navigator;
};

/// Critic and navigator features of different widths, the navigator's spread wide enough for plans
/// that are far from uniform.
Features random_features(const SetCase& shape) {
  Features features{random_sets(shape, 11), random_sets(shape, 12)};
  features.navigator.queries = features.navigator.queries.slice(3, 0, 3).contiguous() * 2;
  features.navigator.keys = features.navigator.keys.slice(3, 0, 3).contiguous() * 2;
  return features;
}

double brute_sum(const Features& features, const torch::Tensor& factors) {
  return brute::sum_over_heads(
      features.critic, factors, [&](const brute::Head& critic, int64_t b, int64_t h) {
        return brute::conditional_transport(critic, brute::head_of(features.navigator, b, h), kRho);
      });
}

torch::Tensor value_of(const Features& features) {
  return conditional_transport(features.critic, features.navigator.queries, features.navigator.keys,
                               kRho);
}

class ConditionalTransportTest : public testing::TestWithParam<SetCase> {};

TEST_P(ConditionalTransportTest, ValueIsTheDefinition) {
  const Features features = random_features(GetParam());
  const auto [B, H] = std::pair{features.critic.queries.size(0), features.critic.queries.size(1)};
  torch::Tensor expected = torch::zeros({B, H}, torch::kFloat64);
  for (int64_t b = 0; b < B; ++b) {
    for (int64_t h = 0; h < H; ++h) {
      torch::Tensor only = torch::zeros({B, H}, torch::kFloat64);
      only[b][h] = 1;
      expected[b][h] = brute_sum(features, only);
    }
  }
  expect_close(value_of(features), expected, 1e-12, "float64");
  expect_close(value_of({leaves(features.critic), leaves(features.navigator)}), expected, 1e-5,
               "float32");
}

TEST_P(ConditionalTransportTest, GradientIsTheSlope) {
  const Features features = random_features(GetParam());
  const torch::Tensor factors =
      torch::rand({features.critic.queries.size(0), features.critic.queries.size(1)},
                  torch::kFloat64) +
      0.5;
  const auto value = [&] { return brute_sum(features, factors); };
  const torch::Tensor slopes[] = {brute::finite_differences(features.critic.queries, value),
                                  brute::finite_differences(features.critic.keys, value),
                                  brute::finite_differences(features.navigator.queries, value),
                                  brute::finite_differences(features.navigator.keys, value)};
  for (const auto type : {torch::kFloat32, torch::kFloat64}) {
    const Features points{leaves(features.critic, type), leaves(features.navigator, type)};
    (value_of(points) * factors).sum().backward();
    const double tolerance = type == torch::kFloat32 ? 2e-5 : 1e-7;
    expect_close(points.critic.queries.grad(), slopes[0], tolerance, "critic of queries");
    expect_close(points.critic.keys.grad(), slopes[1], tolerance, "critic of keys");
    expect_close(points.navigator.queries.grad(), slopes[2], tolerance, "navigator of queries");
    expect_close(points.navigator.keys.grad(), slopes[3], tolerance, "navigator of keys");
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, ConditionalTransportTest, testing::ValuesIn(kSetCases),
                         [](const auto& info) { return info.param.name; });

TEST(ConditionalTransport, RhoWeighsTheDirectionFromQueriesToKeys) {
  // One query between two keys at costs 0 and 1, the navigator sure of the first: the query pays
  // 0, the keys pay (0 + 1) / 2 since each has nowhere else to go.
  const torch::Tensor q = torch::tensor({1.F, 0.F}).view({1, 1, 1, 2});
  const torch::Tensor k = torch::tensor({1.F, 0.F, 0.F, 1.F}).view({1, 1, 2, 2});
  const auto value = [&](double rho) {
    return conditional_transport({q, k}, q * 100, k, rho).item<double>();
  };
  EXPECT_NEAR(value(1.0), 0.0, 1e-6);
  EXPECT_NEAR(value(0.0), 0.5, 1e-6);
  EXPECT_NEAR(value(0.25), 0.375, 1e-6);
}

TEST(ConditionalTransport, SurvivesAffinitiesOfAnySize) {
  Features features = random_features(kSetCases[3]);
  for (const double scale : {1e2, 1e4, 1e8}) {
    Features points{leaves(features.critic), leaves(features.navigator)};
    points.navigator.queries = (points.navigator.queries.detach() * scale).requires_grad_();
    const torch::Tensor value = value_of(points);
    value.sum().backward();
    EXPECT_TRUE(torch::isfinite(value).all().item<bool>()) << scale;
    EXPECT_TRUE(torch::isfinite(points.navigator.queries.grad()).all().item<bool>()) << scale;
    EXPECT_TRUE(torch::isfinite(points.critic.keys.grad()).all().item<bool>()) << scale;
  }
}

TEST(ConditionalTransport, OfZeroCriticVectorsHasCostOneAndAFiniteGradient) {
  const HeadSets zeros{torch::zeros({1, 1, 3, 4}, torch::requires_grad()),
                       torch::ones({1, 1, 2, 4}, torch::requires_grad())};
  const torch::Tensor value =
      conditional_transport(zeros, torch::ones({1, 1, 3, 4}), torch::ones({1, 1, 2, 4}), 0.5);
  EXPECT_NEAR(value.item<double>(), 1.0, 1e-6);
  value.sum().backward();
  EXPECT_TRUE(torch::isfinite(zeros.queries.grad()).all().item<bool>());
  EXPECT_TRUE(torch::isfinite(zeros.keys.grad()).all().item<bool>());
}

}  // namespace
}  // namespace vqalign
