// Distances in blocks against those in one piece, against brute force and finite differences.
#include "vqalign/align/blockwise.h"

#include <torch/csrc/autograd/autograd.h>
#include <torch/utils.h>

#include "brute_force.h"
#include "helpers.h"
#include "vqalign/align/conditional_transport.h"
#include "vqalign/align/mmd.h"
#include "vqalign/core/error.h"

namespace vqalign {
namespace {

struct BlockedDistance {
  std::string name;
  std::function<torch::Tensor(const HeadSets&, int64_t block)> of;
};

torch::Tensor transported(const HeadSets& sets, int64_t block) {
  torch::manual_seed(41);
  Critic critic(sets.queries.size(3), 10);
  Navigator navigator(sets.queries.size(3), 10);
  critic->to(sets.queries.scalar_type());
  navigator->to(sets.queries.scalar_type());
  return conditional_transport(sets, critic, navigator, 0.3, block);
}

struct Slopes {
  torch::Tensor values, queries, keys;
};

/// Values and, heads weighted differently, gradients.
Slopes slopes_of(const BlockedDistance& distance, const HeadSets& sets, torch::ScalarType type,
                 int64_t block) {
  const HeadSets points = leaves(sets, type);
  const torch::Tensor values = distance.of(points, block);
  const torch::Tensor factors =
      torch::linspace(0.5, 1.5, values.numel(), values.options().requires_grad(false));
  (values * factors.view_as(values)).sum().backward();
  return {values.detach(), points.queries.grad(), points.keys.grad()};
}

class BlockwiseTest : public testing::TestWithParam<BlockedDistance> {};

TEST_P(BlockwiseTest, IsTheDistanceInOnePiece) {
  for (const SetCase& shape : kSetCases) {
    const HeadSets sets = random_sets(shape);
    const Slopes whole = slopes_of(GetParam(), sets, torch::kFloat64, 1000);
    for (const int64_t block : {1, 2, 3, 5}) {
      for (const auto type : {torch::kFloat64, torch::kFloat32}) {
        const bool wide = type == torch::kFloat64;
        const Slopes parts = slopes_of(GetParam(), sets, type, block);
        const std::string what = shape.name + ", blocks of " + std::to_string(block);
        EXPECT_EQ(parts.values.scalar_type(), type);
        expect_close(parts.values, whole.values, wide ? 1e-12 : 1e-4, what);
        expect_close(parts.queries, whole.queries, wide ? 1e-11 : 3e-4, what + ", queries");
        expect_close(parts.keys, whole.keys, wide ? 1e-11 : 3e-4, what + ", keys");
      }
    }
  }
}

TEST_P(BlockwiseTest, LargeSetsComeInBlocksByThemselves) {
  // More pairs than are compared at once; in float32, fused or not, against double in one piece.
  const SetCase large{"", 1, 1, 3000, 1500, 4};
  ASSERT_EQ(blockwise::block_of(0, large.queries, large.keys), blockwise::kBlock);
  const HeadSets sets = random_sets(large);
  const Slopes whole = slopes_of(GetParam(), sets, torch::kFloat64, 1'000'000);
  const Slopes parts = slopes_of(GetParam(), sets, torch::kFloat32, 0);
  expect_close(parts.values, whole.values, 1e-4, "values");
  expect_close(parts.queries, whole.queries, 1e-3, "queries");
  expect_close(parts.keys, whole.keys, 1e-3, "keys");
}

TEST_P(BlockwiseTest, IsTheSameForAnyNumberOfThreads) {
  const HeadSets sets = random_sets({"", 1, 2, 300, 170, 6});
  const int threads = torch::get_num_threads();
  torch::set_num_threads(1);
  const Slopes one = slopes_of(GetParam(), sets, torch::kFloat32, 64);
  for (const int count : {2, 3}) {
    torch::set_num_threads(count);
    const Slopes more = slopes_of(GetParam(), sets, torch::kFloat32, 64);
    EXPECT_TRUE(torch::equal(more.values, one.values)) << count;
    EXPECT_TRUE(torch::equal(more.queries, one.queries)) << count;
    EXPECT_TRUE(torch::equal(more.keys, one.keys)) << count;
  }
  torch::set_num_threads(threads);
}

TEST_P(BlockwiseTest, OfNoPointsIsZeroAndOfCoincidingOnesFinite) {
  for (const auto& [queries, keys] : {std::pair<int64_t, int64_t>{0, 3}, {3, 0}}) {
    const Slopes none =
        slopes_of(GetParam(), {torch::ones({2, 2, queries, 4}), torch::ones({2, 2, keys, 4})},
                  torch::kFloat32, 2);
    EXPECT_EQ(none.values.abs().sum().item<float>(), 0.F);
  }
  HeadSets masked{torch::ones({1, 1, 5, 4}), torch::ones({1, 1, 4, 4})};
  masked.key_mask = torch::ones({1, 4}, torch::kBool);
  EXPECT_EQ(slopes_of(GetParam(), masked, torch::kFloat32, 2).values.item<float>(), 0.F);
  const Slopes alike =
      slopes_of(GetParam(), {torch::full({1, 2, 5, 4}, 0.3), torch::full({1, 2, 7, 4}, 0.3)},
                torch::kFloat32, 2);
  for (const torch::Tensor& numbers : {alike.values, alike.queries, alike.keys}) {
    EXPECT_TRUE(torch::isfinite(numbers).all().item<bool>());
  }
}

TEST_P(BlockwiseTest, WhatPaddingHoldsChangesNothing) {
  const HeadSets sets = random_sets({"", 3, 2, 9, 7, 6, true});
  HeadSets filled = sets;
  filled.queries = sets.queries.masked_fill(sets.query_mask.unsqueeze(1).unsqueeze(3), NAN);
  filled.keys = sets.keys.masked_fill(sets.key_mask.unsqueeze(1).unsqueeze(3), INFINITY);
  const Slopes expected = slopes_of(GetParam(), sets, torch::kFloat64, 4);
  const Slopes actual = slopes_of(GetParam(), filled, torch::kFloat64, 4);
  EXPECT_TRUE(torch::equal(actual.values, expected.values));
  EXPECT_TRUE(torch::equal(actual.queries, expected.queries));
  EXPECT_TRUE(torch::equal(actual.keys, expected.keys));
}

TEST_P(BlockwiseTest, WorksWithoutGradientsAndRefusesSecondOnes) {
  const HeadSets sets = leaves(random_sets({"", 1, 2, 6, 5, 4}));
  const torch::Tensor values = GetParam().of(sets, 2);
  EXPECT_THROW(torch::autograd::grad({values.square().sum()}, {sets.queries}, {},
                                     /*retain_graph=*/true, /*create_graph=*/true),
               Error);
  const torch::NoGradGuard measuring;
  const torch::Tensor again = GetParam().of(sets, 2);
  EXPECT_FALSE(again.requires_grad());
  EXPECT_TRUE(torch::equal(again, values));
}

INSTANTIATE_TEST_SUITE_P(All, BlockwiseTest,
                         testing::Values(BlockedDistance{"ct", transported},
                                         BlockedDistance{
                                             "ot",
                                             [](const HeadSets& sets, int64_t block) {
                                               return optimal_transport(sets, {0.05, 20, block});
                                             }},
                                         BlockedDistance{"mmd", mmd}),
                         [](const auto& info) { return info.param.name; });

TEST(Blockwise, GradientsAreTheSlopesOfTheDefinitions) {
  const HeadSets sets = random_sets({"", 1, 2, 6, 5, 3});
  const auto slope_of = [&](const std::function<double(const brute::Head&, int64_t, int64_t)>& f) {
    return brute::finite_differences(sets.queries,
                                     [&] { return brute::sum_over_heads(sets, {}, f); });
  };
  const auto gradient_of = [&](const std::function<torch::Tensor(const HeadSets&)>& distance) {
    const HeadSets points = leaves(sets, torch::kFloat64);
    distance(points).sum().backward();
    return points.queries.grad();
  };
  std::map<int64_t, double> sigmas, blurs;
  const SinkhornOptions converged{0.2, 1000, 2};
  brute::sum_over_heads(sets, {}, [&](const brute::Head& head, int64_t, int64_t h) {
    blurs[h] = converged.epsilon * brute::mean_cost(head);
    return sigmas[h] = brute::median_distance(head);
  });
  expect_close(gradient_of([](const HeadSets& points) { return mmd(points, 2); }),
               slope_of([&](const brute::Head& head, int64_t, int64_t h) {
                 return brute::mmd(head, sigmas[h]);
               }),
               1e-7, "mmd");
  expect_close(
      gradient_of([&](const HeadSets& points) { return optimal_transport(points, converged); }),
      slope_of([&](const brute::Head& head, int64_t, int64_t h) {
        return brute::entropic_transport(head, blurs[h]).objective;
      }),
      1e-5, "ot");
  // Critic and navigator the identity: their features are the points.
  expect_close(gradient_of([](const HeadSets& points) {
                 return conditional_transport(points, points.queries, points.keys, 0.3, 2);
               }),
               slope_of([](const brute::Head& head, int64_t, int64_t) {
                 return brute::conditional_transport(head, head, 0.3);
               }),
               1e-7, "ct");
}

TEST(Blockwise, TransportOfOutliersAtASmallBlurIsTheOneOfOnePiece) {
  // Sums that leave float32's range are taken again, for queries and for keys.
  HeadSets sets = random_sets({"", 1, 2, 9, 8, 3});
  sets.queries[0][0][2] += 40;
  sets.keys[0][1][5] -= 40;
  const auto slopes = [&](torch::ScalarType type, int64_t block) {
    return slopes_of({"ot",
                      [](const HeadSets& points, int64_t size) {
                        return optimal_transport(points, {1e-3, 100, size});
                      }},
                     sets, type, block);
  };
  const Slopes whole = slopes(torch::kFloat64, 1000);
  for (const auto type : {torch::kFloat64, torch::kFloat32}) {
    const Slopes parts = slopes(type, 4);
    const double tolerance = type == torch::kFloat64 ? 1e-9 : 1e-3;
    expect_close(parts.values, whole.values, tolerance, "values");
    expect_close(parts.queries, whole.queries, tolerance, "queries");
    expect_close(parts.keys, whole.keys, tolerance, "keys");
  }
}

TEST(Blockwise, BlocksAreForSetsThatAreLargerThanThey) {
  EXPECT_EQ(blockwise::block_of(0, 2048, 2048), 0);
  EXPECT_EQ(blockwise::block_of(0, 2048, 2049), blockwise::kBlock);
  EXPECT_EQ(blockwise::block_of(0, 0, 0), 0);
  EXPECT_EQ(blockwise::block_of(0, int64_t{1} << 40, int64_t{1} << 40), blockwise::kBlock);
  EXPECT_EQ(blockwise::block_of(100, 100, 7), 0);
  EXPECT_EQ(blockwise::block_of(99, 100, 7), 99);
}

}  // namespace
}  // namespace vqalign
