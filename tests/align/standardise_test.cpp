#include "vqalign/align/standardise.h"

#include "brute_force.h"
#include "helpers.h"
#include "vqalign/core/error.h"

namespace vqalign {
namespace {

torch::Tensor present(const torch::Tensor& points, const torch::Tensor& mask) {
  return mask.defined() ? points.masked_fill(mask.unsqueeze(1).unsqueeze(3), 0) : points;
}

class StandardiseTest : public testing::TestWithParam<SetCase> {};

TEST_P(StandardiseTest, EqualsTheDefinition) {
  const HeadSets sets = random_sets(GetParam());
  const HeadSets result = standardised(sets);
  const int64_t samples = GetParam().samples - (GetParam().masked ? 1 : 0);
  for (int64_t b = 0; b < samples; ++b) {
    for (int64_t h = 0; h < GetParam().heads; ++h) {
      const brute::Head expected = brute::standardised(brute::head_of(sets, b, h));
      const brute::Head actual = brute::head_of(result, b, h);
      ASSERT_EQ(actual.queries.size(), expected.queries.size());
      for (std::size_t i = 0; i < expected.queries.size(); ++i) {
        for (std::size_t j = 0; j < expected.queries[i].size(); ++j) {
          EXPECT_NEAR(actual.queries[i][j], expected.queries[i][j], 1e-9);
        }
      }
      for (std::size_t i = 0; i < expected.keys.size(); ++i) {
        for (std::size_t j = 0; j < expected.keys[i].size(); ++j) {
          EXPECT_NEAR(actual.keys[i][j], expected.keys[i][j], 1e-9);
        }
      }
    }
  }
}

TEST_P(StandardiseTest, MovingAndScalingBothSetsTogetherChangesNextToNothing) {
  const HeadSets sets = random_sets(GetParam());
  HeadSets moved = sets;
  moved.queries = sets.queries * 50 - 7;
  moved.keys = sets.keys * 50 - 7;
  const HeadSets expected = standardised(sets), actual = standardised(moved);
  // The last sample of a masked case has no query; nothing is promised for it.
  const int64_t samples = GetParam().samples - (GetParam().masked ? 1 : 0);
  const auto points = [&](const torch::Tensor& x, const torch::Tensor& mask) {
    return present(x, mask).slice(0, 0, samples);
  };
  // Not exactly: the smoothing of the variance weighs less in the larger sets.
  expect_close(points(actual.queries, sets.query_mask), points(expected.queries, sets.query_mask),
               1e-3, "queries");
  expect_close(points(actual.keys, sets.key_mask), points(expected.keys, sets.key_mask), 1e-3,
               "keys");
}

TEST_P(StandardiseTest, TheFusedKernelAgreesWithTheComposition) {
  const auto run = [&](torch::ScalarType type) {
    const HeadSets sets = leaves(random_sets(GetParam()), type);
    const HeadSets result = standardised(sets);
    const torch::Tensor q = present(result.queries, sets.query_mask);
    const torch::Tensor k = present(result.keys, sets.key_mask);
    const int64_t samples = GetParam().samples - (GetParam().masked ? 1 : 0);
    // A gradient without symmetry, of the samples that have points on both sides.
    (q.slice(0, 0, samples).pow(3).sum() + k.slice(0, 0, samples).sin().sum()).backward();
    return std::array{q.slice(0, 0, samples), k.slice(0, 0, samples), sets.queries.grad(),
                      sets.keys.grad()};
  };
  const auto fused = run(torch::kFloat32), composed = run(torch::kFloat64);
  for (std::size_t i = 0; i < fused.size(); ++i) {
    expect_close(fused[i], composed[i], 2e-5, "tensor " + std::to_string(i));
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, StandardiseTest, testing::ValuesIn(kSetCases),
                         [](const auto& info) { return info.param.name; });

TEST(Standardise, PointsThatCoincideStayFiniteWithTheirGradients) {
  const HeadSets sets = leaves({torch::ones({2, 1, 3, 4}), torch::ones({2, 1, 5, 4})});
  const HeadSets result = standardised(sets);
  EXPECT_LT(result.queries.abs().max().item<float>(), 1e-4F);
  (result.queries.sum() + result.keys.square().sum()).backward();
  EXPECT_TRUE(torch::isfinite(sets.queries.grad()).all().item<bool>());
  EXPECT_TRUE(torch::isfinite(sets.keys.grad()).all().item<bool>());
}

TEST(Standardise, WhatPaddingHoldsReachesNeitherPointsNorGradients) {
  HeadSets sets = leaves(random_sets({"", 3, 2, 6, 5, 4, true}));
  const HeadSets clean = standardised(sets);
  const torch::Tensor filled =
      sets.queries.detach().masked_fill(sets.query_mask.unsqueeze(1).unsqueeze(3), NAN);
  sets.queries = filled.requires_grad_();
  const HeadSets result = standardised(sets);
  expect_close(present(result.queries, sets.query_mask), present(clean.queries, sets.query_mask),
               1e-6, "queries");
  expect_close(result.keys, clean.keys, 1e-6, "keys");
  present(result.queries, sets.query_mask).sum().backward();
  EXPECT_TRUE(torch::isfinite(sets.queries.grad()).all().item<bool>());
}

TEST(Standardise, BesideAnEmptySetPointsAndGradientsAreZeros) {
  const HeadSets sets = leaves({torch::ones({2, 1, 0, 4}), torch::ones({2, 1, 500, 4})});
  // What the result's memory may hold before.
  for (int i = 0; i < 4; ++i) torch::full({2, 500, 1, 4}, NAN);
  const HeadSets result = standardised(sets);
  EXPECT_EQ(result.keys.abs().sum().item<float>(), 0.0F);
  result.keys.sum().backward();
  EXPECT_EQ(sets.keys.grad().abs().sum().item<float>(), 0.0F);
}

TEST(Standardise, RefusesSetsThatDoNotFit) {
  EXPECT_THROW(standardised({torch::ones({1, 1, 2, 3}), torch::ones({1, 1, 2, 4})}), Error);
}

}  // namespace
}  // namespace vqalign
