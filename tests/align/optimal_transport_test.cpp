#include "vqalign/align/optimal_transport.h"

#include "brute_force.h"
#include "helpers.h"

namespace vqalign {
namespace {

class OptimalTransportTest : public testing::TestWithParam<SetCase> {};

torch::Tensor values_of(const HeadSets& sets, const std::function<double(const brute::Head&)>& f) {
  torch::Tensor values =
      torch::zeros({sets.queries.size(0), sets.queries.size(1)}, torch::kFloat64);
  brute::sum_over_heads(sets, {}, [&](const brute::Head& head, int64_t b, int64_t h) {
    values[b][h] = f(head);
    return 0.0;
  });
  return values;
}

TEST_P(OptimalTransportTest, ValueFollowsTheSchedule) {
  const HeadSets sets = random_sets(GetParam());
  for (const SinkhornOptions options : {SinkhornOptions{}, SinkhornOptions{0.3, 1},
                                        SinkhornOptions{0.05, 3}, SinkhornOptions{1e-3, 200}}) {
    const torch::Tensor expected = values_of(sets, [&](const brute::Head& head) {
      return brute::scheduled_transport(head, options.epsilon, options.iterations);
    });
    const std::string what = "epsilon " + std::to_string(options.epsilon);
    expect_close(optimal_transport(sets, options), expected, 1e-10, what + " float64");
    expect_close(optimal_transport(leaves(sets), options), expected, 1e-4, what + " float32");
  }
}

TEST_P(OptimalTransportTest, GradientIsTheSlopeOfTheConvergedEntropicObjective) {
  const HeadSets sets = random_sets(GetParam());
  const SinkhornOptions converged{0.2, 1000};
  const torch::Tensor factors =
      torch::rand({sets.queries.size(0), sets.queries.size(1)}, torch::kFloat64) + 0.5;
  std::map<std::pair<int64_t, int64_t>, double> blurs;
  brute::sum_over_heads(sets, {}, [&](const brute::Head& head, int64_t b, int64_t h) {
    return blurs[{b, h}] = converged.epsilon * brute::mean_cost(head);
  });
  const auto objective = [&] {
    return brute::sum_over_heads(sets, factors, [&](const brute::Head& head, int64_t b, int64_t h) {
      return brute::entropic_transport(head, blurs[{b, h}]).objective;
    });
  };
  if (sets.queries.numel() > 200) return;  // brute force would take minutes
  const torch::Tensor query_slope = brute::finite_differences(sets.queries, objective);
  const torch::Tensor key_slope = brute::finite_differences(sets.keys, objective);
  for (const auto type : {torch::kFloat32, torch::kFloat64}) {
    const HeadSets points = leaves(sets, type);
    (optimal_transport(points, converged) * factors).sum().backward();
    const double tolerance = type == torch::kFloat32 ? 1e-4 : 1e-5;
    expect_close(points.queries.grad(), query_slope, tolerance, "queries");
    expect_close(points.keys.grad(), key_slope, tolerance, "keys");
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, OptimalTransportTest, testing::ValuesIn(kSetCases),
                         [](const auto& info) { return info.param.name; });

TEST(OptimalTransport, WithLittleBlurIsTheBestAssignment) {
  for (int64_t points = 1; points <= 6; ++points) {
    const HeadSets sets = random_sets({"", 4, 3, points, points, 3}, 20 + points);
    const torch::Tensor expected = values_of(sets, brute::assignment);
    expect_close(optimal_transport(leaves(sets), {1e-3, 2000}), expected, 2e-3,
                 std::to_string(points) + " points");
  }
}

TEST(OptimalTransport, TwentyIterationsComeCloseToConvergence) {
  const HeadSets sets = random_sets({"", 4, 4, 6, 6, 8});
  expect_close(optimal_transport(leaves(sets)), values_of(sets, brute::assignment), 0.03,
               "default options");
}

TEST(OptimalTransport, OfShiftedSetsIsTheShift) {
  // All costs differ by terms of one index alone, so the plan that pairs each point with its own
  // image is optimal: |shift|^2 / d.
  const torch::Tensor q = random_sets({"", 2, 2, 5, 5, 4}).queries;
  const torch::Tensor shift = torch::tensor({3.0, 0.0, -4.0, 0.0}, torch::kFloat64);
  expect_close(optimal_transport(leaves({q, q + shift}), {1e-4, 5000}),
               torch::full({2, 2}, 25.0 / 4), 1e-3, "shift");
}

TEST(OptimalTransport, EpsilonIsInUnitsOfTheMeanCost) {
  const HeadSets sets = leaves(random_sets(kSetCases[3]));
  const torch::Tensor expected = optimal_transport(sets);
  for (const double scale : {1e-3, 1e3}) {
    expect_close(optimal_transport({sets.queries * scale, sets.keys * scale}) / (scale * scale),
                 expected, 1e-4, "scaled by " + std::to_string(scale));
  }
}

}  // namespace
}  // namespace vqalign
