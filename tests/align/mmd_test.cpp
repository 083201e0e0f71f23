#include "vqalign/align/mmd.h"

#include "brute_force.h"
#include "helpers.h"

namespace vqalign {
namespace {

class MmdTest : public testing::TestWithParam<SetCase> {};

torch::Tensor brute_values(const HeadSets& sets) {
  torch::Tensor values =
      torch::zeros({sets.queries.size(0), sets.queries.size(1)}, torch::kFloat64);
  brute::sum_over_heads(sets, {}, [&](const brute::Head& head, int64_t b, int64_t h) {
    values[b][h] = brute::mmd(head, brute::median_distance(head));
    return 0.0;
  });
  return values;
}

TEST_P(MmdTest, ValueIsTheDefinition) {
  const HeadSets sets = random_sets(GetParam());
  expect_close(mmd(sets), brute_values(sets), 1e-12, "float64");
  expect_close(mmd(leaves(sets)), brute_values(sets), 2e-6, "float32");
}

TEST_P(MmdTest, GradientIsTheSlopeAtFixedSigma) {
  const HeadSets sets = random_sets(GetParam());
  const torch::Tensor factors =
      torch::rand({sets.queries.size(0), sets.queries.size(1)}, torch::kFloat64) + 0.5;
  std::map<std::pair<int64_t, int64_t>, double> sigmas;
  brute::sum_over_heads(sets, {}, [&](const brute::Head& head, int64_t b, int64_t h) {
    return sigmas[{b, h}] = brute::median_distance(head);
  });
  const auto value = [&] {
    return brute::sum_over_heads(sets, factors, [&](const brute::Head& head, int64_t b, int64_t h) {
      return brute::mmd(head, sigmas[{b, h}]);
    });
  };
  const torch::Tensor query_slope = brute::finite_differences(sets.queries, value);
  const torch::Tensor key_slope = brute::finite_differences(sets.keys, value);
  for (const auto type : {torch::kFloat32, torch::kFloat64}) {
    const HeadSets points = leaves(sets, type);
    (mmd(points) * factors).sum().backward();
    const double tolerance = type == torch::kFloat32 ? 1e-5 : 1e-7;
    expect_close(points.queries.grad(), query_slope, tolerance, "queries");
    expect_close(points.keys.grad(), key_slope, tolerance, "keys");
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, MmdTest, testing::ValuesIn(kSetCases),
                         [](const auto& info) { return info.param.name; });

TEST(MmdSigma, IsTheMeanOfTheTwoMiddleDistancesOfAnEvenCount) {
  // Joint set 0, 1, 3, 7 on a line: distances 1, 2, 3, 4, 6, 7, so sigma = 3.5.
  const torch::Tensor line = torch::tensor({0.F, 1.F, 3.F, 7.F}).view({1, 1, 4, 1});
  const HeadSets sets{line.slice(2, 0, 2), line.slice(2, 2, 4)};
  const auto k = [](double distance) { return std::exp(-distance * distance / (2 * 3.5 * 3.5)); };
  const double expected =
      (2 + 2 * k(1)) / 4 + (2 + 2 * k(4)) / 4 - 2 * (k(3) + k(7) + k(2) + k(6)) / 4;
  EXPECT_NEAR(mmd(sets).item<double>(), expected, 1e-6);
}

TEST(MmdSigma, DoesNotDependOnTheScaleOfThePoints) {
  const HeadSets sets = leaves(random_sets(kSetCases[3]));
  const torch::Tensor expected = mmd(sets);
  for (const double scale : {1e-6, 1e-3, 1e3, 1e6}) {
    expect_close(mmd({sets.queries * scale, sets.keys * scale}), expected, 1e-5,
                 "scaled by " + std::to_string(scale));
  }
}

TEST(MmdSigma, OfMostlyCoincidingPointsIsZeroAndTheKernelItsLimit) {
  // Queries a a a a, keys a a a b: 21 of 28 pairs coincide. k = 1 where points are equal.
  torch::Tensor q = torch::full({1, 1, 4, 3}, 0.37F);
  torch::Tensor k = q.clone();
  k[0][0][3] += 2;
  q.requires_grad_();
  k.requires_grad_();
  const torch::Tensor value = mmd({q, k});
  EXPECT_NEAR(value.item<double>(), 1 + 10.0 / 16 - 2 * 12.0 / 16, 1e-6);
  value.sum().backward();
  EXPECT_EQ(q.grad().abs().max().item<float>(), 0.F);
  EXPECT_EQ(k.grad().abs().max().item<float>(), 0.F);
}

TEST(Mmd, VanishesForEqualSetsAndGrowsWithTheirDistance) {
  const HeadSets sets = leaves(random_sets({"", 2, 3, 9, 9, 6}));
  expect_close(mmd({sets.queries, sets.queries}), torch::zeros({2, 3}), 1e-3, "equal sets");
  const torch::Tensor near = mmd({sets.queries, sets.queries + 0.1});
  const torch::Tensor far = mmd({sets.queries, sets.queries + 1.0});
  EXPECT_TRUE((near > 0).all().item<bool>());
  EXPECT_TRUE((far > 5 * near).all().item<bool>()) << near << far;
}

TEST(Mmd, KeepsItsDigitsFarFromTheOrigin) {
  const HeadSets sets = random_sets(kSetCases[3]);
  const torch::Tensor expected = mmd(sets);
  const HeadSets moved = leaves({sets.queries + 1000, sets.keys + 1000});
  expect_close(mmd(moved), expected, 1e-3, "moved by 1000");
}

}  // namespace
}  // namespace vqalign
