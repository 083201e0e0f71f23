#include "vqalign/align/point_network.h"

#include "brute_force.h"
#include "helpers.h"
#include "vqalign/align/discriminator.h"
#include "vqalign/align/gradient_reversal.h"

namespace vqalign {
namespace {

struct NetworkCase {
  std::string name;
  int64_t points, width, hidden, outputs;
  bool highway;
  double slope;
};

const NetworkCase kNetworkCases[] = {
    {"critic", 7, 8, 10, 10, true, 0.0},       {"navigator", 7, 8, 10, 10, false, 0.0},
    {"discriminator", 7, 8, 10, 1, true, 0.1}, {"one_point", 1, 5, 3, 2, true, 0.0},
    {"width_one", 3, 1, 1, 1, true, 0.1},      {"odd_sizes", 37, 19, 17, 5, true, 0.2},
    {"wide", 20, 64, 64, 33, false, 0.1},      {"many_points", 300, 6, 4, 3, true, 0.1},
};

std::vector<torch::Tensor*> members(PointNetworkWeights& weights) {
  std::vector<torch::Tensor*> all = {&weights.first_weight, &weights.first_bias,
                                     &weights.second_weight, &weights.second_bias};
  if (weights.gate_weight.defined()) {
    all.insert(all.end(), {&weights.gate_weight, &weights.gate_bias, &weights.candidate_weight,
                           &weights.candidate_bias});
  }
  return all;
}

PointNetworkWeights random_weights(const NetworkCase& shape) {
  torch::manual_seed(3);
  const auto normal = [](std::vector<int64_t> sizes) {
    return torch::randn(sizes, torch::kFloat64) / std::sqrt(static_cast<double>(sizes.back()));
  };
  PointNetworkWeights weights;
  if (shape.highway) {
    weights.gate_weight = normal({shape.width, shape.width});
    weights.gate_bias = normal({shape.width});
    weights.candidate_weight = normal({shape.width, shape.width});
    weights.candidate_bias = normal({shape.width});
  }
  weights.first_weight = normal({shape.hidden, shape.width});
  weights.first_bias = normal({shape.hidden});
  weights.second_weight = normal({shape.outputs, shape.hidden});
  weights.second_bias = normal({shape.outputs});
  weights.negative_slope = shape.slope;
  return weights;
}

PointNetworkWeights weight_leaves(PointNetworkWeights weights, torch::ScalarType type) {
  for (torch::Tensor* tensor : members(weights)) {
    *tensor = tensor->detach().to(type).clone().requires_grad_();
  }
  return weights;
}

class PointNetworkTest : public testing::TestWithParam<NetworkCase> {
 protected:
  PointNetworkTest() {
    torch::manual_seed(5);
    points_ = torch::randn({2, 2, GetParam().points, GetParam().width}, torch::kFloat64);
    mask_ = torch::zeros({2, GetParam().points}, torch::kBool);
    if (GetParam().points > 2) mask_[1].slice(0, 1, GetParam().points - 1).fill_(true);
    weights_ = random_weights(GetParam());
  }

  torch::Tensor brute(const torch::Tensor& points) const {
    torch::Tensor outputs =
        torch::zeros({2, 2, points.size(2), GetParam().outputs}, torch::kFloat64);
    for (int64_t b = 0; b < 2; ++b) {
      for (int64_t h = 0; h < 2; ++h) {
        for (int64_t i = 0; i < points.size(2); ++i) {
          if (mask_[b][i].item<bool>()) continue;
          const torch::Tensor row = points[b][h][i].contiguous();
          const double* entries = row.data_ptr<double>();
          outputs[b][h][i] = torch::tensor(
              brute::network({entries, entries + row.size(0)}, weights_), torch::kFloat64);
        }
      }
    }
    return outputs;
  }

  torch::Tensor points_, mask_;
  PointNetworkWeights weights_;
};

TEST_P(PointNetworkTest, ValueIsTheDefinition) {
  const torch::Tensor expected = brute(points_);
  for (const auto type : {torch::kFloat32, torch::kFloat64}) {
    const double tolerance = type == torch::kFloat32 ? 1e-5 : 1e-12;
    expect_close(point_network(points_.to(type), mask_, weight_leaves(weights_, type)), expected,
                 tolerance, "outputs");
    const torch::Tensor strided = points_.to(type).transpose(1, 2).contiguous().transpose(1, 2);
    expect_close(point_network(strided, mask_, weight_leaves(weights_, type)), expected, tolerance,
                 "strided");
  }
}

TEST_P(PointNetworkTest, GradientsInFloatAreThoseInDouble) {
  const torch::Tensor factors =
      torch::randn({2, 2, GetParam().points, GetParam().outputs}, torch::kFloat64);
  std::vector<torch::Tensor> expected;
  for (const auto type : {torch::kFloat64, torch::kFloat32}) {
    PointNetworkWeights weights = weight_leaves(weights_, type);
    const torch::Tensor x = points_.to(type).clone().requires_grad_();
    (point_network(x, mask_, weights) * factors).sum().backward();
    std::vector<torch::Tensor> gradients = {x.grad()};
    for (const torch::Tensor* tensor : members(weights)) gradients.push_back(tensor->grad());
    if (type == torch::kFloat64) {
      expected = gradients;
    } else {
      for (std::size_t i = 0; i < expected.size(); ++i) {
        expect_close(gradients[i], expected[i], 2e-5, "gradient " + std::to_string(i));
      }
    }
  }
}

TEST_P(PointNetworkTest, GradientsAreTheSlopes) {
  if (points_.numel() > 300) return;  // the smaller sizes cover it
  torch::manual_seed(9);
  const torch::Tensor factors =
      torch::randn({2, 2, GetParam().points, GetParam().outputs}, torch::kFloat64);
  const auto value = [&] { return (brute(points_) * factors).sum().item<double>(); };
  PointNetworkWeights weights = weight_leaves(weights_, torch::kFloat32);
  const torch::Tensor x = points_.to(torch::kFloat32).clone().requires_grad_();
  (point_network(x, mask_, weights) * factors).sum().backward();
  expect_close(x.grad(), brute::finite_differences(points_, value, 1e-6), 2e-4, "points");
  const std::vector<torch::Tensor*> theirs = members(weights_);
  const std::vector<torch::Tensor*> ours = members(weights);
  for (std::size_t i = 0; i < theirs.size(); ++i) {
    expect_close(ours[i]->grad(), brute::finite_differences(*theirs[i], value, 1e-6), 2e-4,
                 "parameter " + std::to_string(i));
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, PointNetworkTest, testing::ValuesIn(kNetworkCases),
                         [](const auto& info) { return info.param.name; });

TEST(PointNetwork, WithoutPointsGivesNothingAndZeroGradients) {
  PointNetwork network({4, 3, 2, true, 0.0}, Role::kAlly);
  const torch::Tensor y = network.forward(torch::zeros({2, 3, 0, 4}), {});
  EXPECT_EQ(y.sizes(), (std::vector<int64_t>{2, 3, 0, 2}));
  y.sum().backward();
  EXPECT_EQ(network.first->weight.grad().abs().sum().item<float>(), 0.F);
}

TEST(PointNetwork, OfAnAdversaryReversesItsParametersButNotItsInputs) {
  PointNetwork ally({4, 3, 2, true, 0.1}, Role::kAlly);
  PointNetwork adversary({4, 3, 2, true, 0.1}, Role::kAdversary);
  {
    const torch::NoGradGuard copying;
    for (const auto& item : ally.named_parameters()) {
      adversary.named_parameters()[item.key()].copy_(item.value());
    }
  }
  const torch::Tensor points = torch::randn({1, 2, 5, 4});
  const torch::Tensor x = points.clone().requires_grad_();
  const torch::Tensor y = points.clone().requires_grad_();
  ally.forward(x, {}).square().sum().backward();
  adversary.forward(y, {}).square().sum().backward();
  expect_close(y.grad(), x.grad(), 1e-6, "inputs");
  for (const auto& item : ally.named_parameters()) {
    expect_close(adversary.named_parameters()[item.key()].grad(), -item.value().grad(), 1e-6,
                 item.key());
  }
}

TEST(GradientReversal, IsIdentityForwardAndMinusOneBackward) {
  const torch::Tensor x = torch::randn({3, 2}).requires_grad_();
  const torch::Tensor y = gradient_reversal(x);
  EXPECT_TRUE(torch::equal(x, y));
  (y * torch::arange(6).view({3, 2})).sum().backward();
  EXPECT_TRUE(torch::equal(x.grad(), -torch::arange(6).view({3, 2}).to(torch::kFloat32)));
}

TEST(AdversarialLikelihood, IsTheDefinition) {
  for (const SetCase& shape : kSetCases) {
    HeadSets logits = random_sets(shape);
    logits.queries = logits.queries.slice(3, 0, 1).contiguous();
    logits.keys = logits.keys.slice(3, 0, 1).contiguous();
    torch::Tensor expected =
        torch::zeros({logits.queries.size(0), logits.queries.size(1)}, torch::kFloat64);
    brute::sum_over_heads(logits, {}, [&](const brute::Head& head, int64_t b, int64_t h) {
      expected[b][h] = brute::adversarial_likelihood(head.queries, head.keys);
      return 0.0;
    });
    expect_close(adversarial_likelihood(logits), expected, 1e-12, shape.name);
    expect_close(adversarial_likelihood(leaves(logits)), expected, 1e-6, shape.name);
  }
}

TEST(AdversarialLikelihood, OfHugeLogitsIsFinite) {
  const HeadSets logits{torch::tensor({-1e4F, 1e4F}).view({1, 1, 2, 1}).requires_grad_(),
                        torch::tensor({1e4F}).view({1, 1, 1, 1}).requires_grad_()};
  const torch::Tensor value = adversarial_likelihood(logits);
  EXPECT_NEAR(value.item<double>(), -5e3 - 1e4, 1.0);
  value.sum().backward();
  EXPECT_TRUE(torch::isfinite(logits.queries.grad()).all().item<bool>());
}

}  // namespace
}  // namespace vqalign
