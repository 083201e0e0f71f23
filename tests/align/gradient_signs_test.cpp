// Who descends and who climbs, by the cosine between the gradient that Alignment hands out and the
// true gradient of the distance (finite differences): +1 descends, -1 climbs.

#include "brute_force.h"
#include "helpers.h"
#include "vqalign/align/alignment.h"

namespace vqalign {
namespace {

constexpr int64_t kHeadWidth = 4;
constexpr double kEpsilon = 0.2;  // Wide enough for Sinkhorn to converge.

double cosine(const torch::Tensor& x, const torch::Tensor& y) {
  const torch::Tensor a = x.detach().to(torch::kFloat64).flatten();
  const torch::Tensor b = y.to(torch::kFloat64).flatten();
  return (a.dot(b) / (a.norm() * b.norm())).item<double>();
}

class GradientSigns : public testing::TestWithParam<std::string> {
 protected:
  GradientSigns() {
    torch::manual_seed(2);
    AlignOptions options;
    options.kind = kind_;
    options.standardise = !plain_;
    options.epsilon = kEpsilon;
    options.iterations = 300;
    options.families = {"image_self"};
    alignment_ = std::make_unique<Alignment>(options, kHeadWidth, 1);
    torch::manual_seed(8);
    input_ = torch::randn({2, 5, 6}, torch::kFloat64);
    query_projection_ = torch::randn({6, 2 * kHeadWidth}, torch::kFloat64);
    key_projection_ = torch::randn({6, 2 * kHeadWidth}, torch::kFloat64);
  }

  HeadSets sets(const torch::Tensor& query_projection, const torch::Tensor& key_projection) const {
    const auto heads = [&](const torch::Tensor& projection) {
      return torch::matmul(input_.to(projection.scalar_type()), projection)
          .view({2, 5, 2, kHeadWidth})
          .transpose(1, 2);
    };
    return {heads(query_projection), heads(key_projection)};
  }

  PointNetworkWeights weights(const std::string& network) {
    const auto parameter = [&](const std::string& name) {
      const auto* found = doubles_.find(network + "_image_self_0." + name);
      return found ? *found : torch::Tensor();
    };
    return {parameter("gate.weight"),
            parameter("gate.bias"),
            parameter("candidate.weight"),
            parameter("candidate.bias"),
            parameter("first.weight"),
            parameter("first.bias"),
            parameter("second.weight"),
            parameter("second.bias"),
            network == "discriminator" ? 0.1 : 0.0};
  }

  static brute::Points through(const brute::Points& points, const PointNetworkWeights& weights) {
    brute::Points seen;
    for (const brute::Point& x : points) seen.push_back(brute::network(x, weights));
    return seen;
  }

  /// The distance summed over samples and heads, in double, by loops.
  double truth() {
    return brute::sum_over_heads(
        sets(query_projection_, key_projection_), {},
        [&](const brute::Head& head, int64_t b, int64_t h) {
          const auto seen = [&](const std::string& network) {
            const brute::Head points = plain_ ? head : brute::standardised(head);
            return brute::Head{through(points.queries, weights(network)),
                               through(points.keys, weights(network))};
          };
          if (kind_ == "ct") {
            return brute::conditional_transport(seen("critic"), seen("navigator"), 0.5);
          }
          if (kind_ == "gan") {
            const brute::Head logits = seen("discriminator");
            return brute::adversarial_likelihood(logits.queries, logits.keys);
          }
          if (kind_ == "ot") {
            // The entropic objective at the blur of the unchanged points; see optimal_transport.h.
            const auto [entry, is_new] =
                frozen_.try_emplace({b, h}, kEpsilon * brute::mean_cost(head));
            return brute::entropic_transport(head, entry->second).objective;
          }
          const auto [entry, is_new] = frozen_.try_emplace({b, h}, brute::median_distance(head));
          return brute::mmd(head, entry->second);
        });
  }

  const bool plain_ = GetParam().ends_with("_plain");
  const std::string kind_ = GetParam().substr(0, GetParam().find('_'));
  std::unique_ptr<Alignment> alignment_;
  torch::OrderedDict<std::string, torch::Tensor> doubles_;
  torch::Tensor input_, query_projection_, key_projection_;
  std::map<std::pair<int64_t, int64_t>, double> frozen_;
};

TEST_P(GradientSigns, ProjectionsAndNavigatorDescendCriticAndDiscriminatorClimb) {
  const torch::Tensor query_projection = query_projection_.to(torch::kFloat32).requires_grad_();
  const torch::Tensor key_projection = key_projection_.to(torch::kFloat32).requires_grad_();
  const HeadSets points = sets(query_projection, key_projection);
  alignment_->forward({{AttentionFamily::kImageSelf, 0, points.queries, points.keys, {}, {}, {}}})
      .sum()
      .backward();
  for (const auto& item : alignment_->named_parameters()) {
    doubles_.insert(item.key(), item.value().detach().to(torch::kFloat64).clone());
  }
  const auto slope = [&](const torch::Tensor& variable) {
    return brute::finite_differences(
        variable, [&] { return truth(); }, 1e-6);
  };
  EXPECT_GT(cosine(query_projection.grad(), slope(query_projection_)), 0.9999) << "queries";
  EXPECT_GT(cosine(key_projection.grad(), slope(key_projection_)), 0.9999) << "keys";
  for (const auto& item : alignment_->named_parameters()) {
    const double expected = item.key().starts_with("navigator") ? 1.0 : -1.0;
    EXPECT_NEAR(cosine(item.value().grad(), slope(doubles_[item.key()])), expected, 1e-3)
        << item.key();
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, GradientSigns,
                         testing::Values("ct", "ct_plain", "gan", "gan_plain", "ot", "mmd"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace vqalign
