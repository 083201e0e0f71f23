// What every distance promises, whichever it is: see head_sets.h.

#include <torch/csrc/autograd/autograd.h>

#include "helpers.h"
#include "vqalign/align/conditional_transport.h"
#include "vqalign/align/discriminator.h"
#include "vqalign/align/mmd.h"
#include "vqalign/align/optimal_transport.h"
#include "vqalign/core/error.h"

namespace vqalign {
namespace {

struct Distance {
  std::string name;
  std::function<torch::Tensor(const HeadSets&)> of;
};

torch::Tensor ct(const HeadSets& sets) {
  torch::manual_seed(41);
  Critic critic(sets.queries.size(3), 10);
  Navigator navigator(sets.queries.size(3), 10);
  return conditional_transport(sets, critic, navigator);
}

torch::Tensor gan(const HeadSets& sets) {
  torch::manual_seed(42);
  Discriminator discriminator(sets.queries.size(3), 10);
  return adversarial_likelihood(sets, discriminator);
}

class DistanceTest : public testing::TestWithParam<Distance> {
 protected:
  torch::Tensor of(const HeadSets& sets) const { return GetParam().of(sets); }

  /// Values and the gradients of their sum.
  std::array<torch::Tensor, 3> all_of(const HeadSets& sets) const {
    const HeadSets points = leaves(sets, sets.queries.scalar_type());
    const torch::Tensor values = of(points);
    values.sum().backward();
    return {values.detach(), points.queries.grad(), points.keys.grad()};
  }
};

const SetCase kMasked{"", 3, 2, 9, 7, 6, true};

HeadSets float_sets(const SetCase& shape) {
  return leaves(random_sets(shape));
}

TEST_P(DistanceTest, WhatPaddingHoldsChangesNothing) {
  const HeadSets sets = float_sets(kMasked);
  const auto expected = all_of(sets);
  for (const float filling : {0.F, 1e3F, -1e30F, INFINITY, NAN}) {
    HeadSets filled = sets;
    filled.queries =
        sets.queries.detach().masked_fill(sets.query_mask.unsqueeze(1).unsqueeze(3), filling);
    filled.keys = sets.keys.detach().masked_fill(sets.key_mask.unsqueeze(1).unsqueeze(3), filling);
    const auto actual = all_of(filled);
    for (int i = 0; i < 3; ++i) {
      expect_close(actual[i], expected[i], 1e-6, "filled with " + std::to_string(filling));
    }
  }
}

TEST_P(DistanceTest, PaddingReceivesNoGradient) {
  const HeadSets sets = float_sets(kMasked);
  const auto [values, queries, keys] = all_of(sets);
  const auto at = [](const torch::Tensor& gradient, const torch::Tensor& where) {
    return (gradient * where.unsqueeze(1).unsqueeze(3)).abs().sum().item<float>();
  };
  EXPECT_EQ(at(queries, sets.query_mask), 0.F);
  EXPECT_EQ(at(keys, sets.key_mask), 0.F);
  EXPECT_GT(queries[0].abs().sum().item<float>(), 0.F);
}

TEST_P(DistanceTest, MaskedIsTheSameAsCutOff) {
  const HeadSets sets = float_sets({"", 2, 2, 6, 5, 4});
  HeadSets padded{torch::constant_pad_nd(sets.queries.detach(), {0, 0, 0, 3}, 5.0),
                  torch::constant_pad_nd(sets.keys.detach(), {0, 0, 0, 2}, -5.0)};
  padded.query_mask = (torch::arange(9) >= 6).expand({2, 9});
  padded.key_mask = (torch::arange(7) >= 5).expand({2, 7});
  expect_close(of(padded), of(sets), 1e-5, "padded");
}

TEST_P(DistanceTest, OfAnEmptySetIsZeroWithoutGradient) {
  HeadSets sets = float_sets({"", 2, 2, 4, 3, 5});
  sets.query_mask = torch::zeros({2, 4}, torch::kBool);
  sets.query_mask[1].fill_(true);
  const auto by_queries = all_of(sets);
  EXPECT_EQ(by_queries[0][1].abs().sum().item<float>(), 0.F);
  EXPECT_NE(by_queries[0][0].abs().sum().item<float>(), 0.F);
  EXPECT_EQ(by_queries[1][1].abs().sum().item<float>(), 0.F);
  EXPECT_EQ(by_queries[2][1].abs().sum().item<float>(), 0.F);
  sets.query_mask = torch::Tensor();
  sets.key_mask = torch::ones({2, 3}, torch::kBool);
  for (const torch::Tensor& tensor : all_of(sets)) {
    EXPECT_EQ(tensor.abs().sum().item<float>(), 0.F) << "all keys masked";
  }
}

TEST_P(DistanceTest, OfNoPointsOrNoSamplesIsZero) {
  for (const auto& [samples, queries, keys] :
       {std::array<int64_t, 3>{2, 0, 3}, {2, 3, 0}, {2, 0, 0}, {0, 3, 3}}) {
    const HeadSets sets{torch::zeros({samples, 2, queries, 4}, torch::requires_grad()),
                        torch::zeros({samples, 2, keys, 4}, torch::requires_grad())};
    const torch::Tensor values = of(sets);
    ASSERT_EQ(values.sizes(), (std::vector<int64_t>{samples, 2}));
    EXPECT_EQ(values.abs().sum().item<float>(), 0.F);
    values.sum().backward();
  }
}

TEST_P(DistanceTest, DoesNotDependOnTheOrderOfPoints) {
  const HeadSets sets = float_sets({"", 2, 2, 9, 6, 5});
  const torch::Tensor queries = torch::randperm(9), keys = torch::randperm(6);
  const auto expected = all_of(sets);
  const auto actual = all_of(
      {sets.queries.detach().index_select(2, queries), sets.keys.detach().index_select(2, keys)});
  expect_close(actual[0], expected[0], 1e-5, "values");
  expect_close(actual[1], expected[1].index_select(2, queries), 1e-4, "query gradients");
  expect_close(actual[2], expected[2].index_select(2, keys), 1e-4, "key gradients");
}

TEST_P(DistanceTest, OfCoincidingPointsHasFiniteGradients) {
  const torch::Tensor point = torch::randn({5}) * 3;
  for (const auto& [queries, keys] : {std::pair<int64_t, int64_t>{1, 1}, {4, 4}, {5, 2}}) {
    const auto [values, query_gradient, key_gradient] =
        all_of({point.expand({2, 2, queries, 5}), point.expand({2, 2, keys, 5})});
    EXPECT_TRUE(torch::isfinite(values).all().item<bool>());
    EXPECT_TRUE(torch::isfinite(query_gradient).all().item<bool>());
    EXPECT_TRUE(torch::isfinite(key_gradient).all().item<bool>());
  }
}

TEST_P(DistanceTest, OfZerosHasFiniteGradients) {
  for (const torch::Tensor& tensor :
       all_of({torch::zeros({1, 2, 3, 5}), torch::zeros({1, 2, 4, 5})})) {
    EXPECT_TRUE(torch::isfinite(tensor).all().item<bool>());
  }
}

TEST_P(DistanceTest, OfBfloat16PointsIsComputedInFloat) {
  const HeadSets rounded = leaves(random_sets(kMasked), torch::kBFloat16);
  const auto actual = all_of(rounded);
  HeadSets exact = rounded;
  exact.queries = rounded.queries.to(torch::kFloat32);
  exact.keys = rounded.keys.to(torch::kFloat32);
  const auto expected = all_of(exact);
  EXPECT_EQ(actual[0].scalar_type(), torch::kFloat32);
  EXPECT_TRUE(torch::equal(actual[0], expected[0]));
  EXPECT_EQ(actual[1].scalar_type(), torch::kBFloat16);
  EXPECT_TRUE(torch::equal(actual[1], expected[1].to(torch::kBFloat16)));
  EXPECT_TRUE(torch::equal(actual[2], expected[2].to(torch::kBFloat16)));
}

TEST_P(DistanceTest, DoesNotDependOnTheLayoutInMemory) {
  const HeadSets sets = float_sets(kMasked);
  const torch::Tensor expected = of(sets);
  HeadSets other = sets;
  other.queries = sets.queries.detach().contiguous();
  other.keys = sets.keys.detach().permute({3, 0, 2, 1}).contiguous().permute({1, 3, 2, 0});
  EXPECT_TRUE(torch::equal(of(other), expected)) << of(other) << expected;
}

TEST_P(DistanceTest, IsTheSameForAnyNumberOfThreads) {
  const HeadSets sets = float_sets({"", 5, 3, 20, 17, 12, true});
  const int threads = torch::get_num_threads();
  torch::set_num_threads(1);
  const auto expected = all_of(sets);
  for (const int count : {2, 3}) {
    torch::set_num_threads(count);
    const auto actual = all_of(sets);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(torch::equal(actual[i], expected[i])) << count;
  }
  torch::set_num_threads(threads);
}

TEST_P(DistanceTest, WorksWithoutGradients) {
  const torch::NoGradGuard measuring;
  const HeadSets sets = float_sets(kMasked);
  EXPECT_FALSE(of(sets).requires_grad());
  const torch::Tensor only_queries =
      of({sets.queries, sets.keys.detach(), sets.query_mask, sets.key_mask});
  EXPECT_TRUE(torch::equal(of(sets), only_queries));
}

TEST_P(DistanceTest, RefusesSecondDerivativesInsteadOfForgettingThem) {
  const HeadSets sets = float_sets({"", 1, 2, 4, 3, 5});
  const torch::Tensor total = of(sets).square().sum();
  EXPECT_THROW(torch::autograd::grad({total}, {sets.queries}, {}, /*retain_graph=*/true,
                                     /*create_graph=*/true),
               Error);
}

TEST_P(DistanceTest, CanBeDifferentiatedAgain) {
  const HeadSets sets = float_sets({"", 1, 2, 4, 3, 5});
  const torch::Tensor total = of(sets).sum();
  const auto once = torch::autograd::grad({total}, {sets.queries}, {}, /*retain_graph=*/true);
  const auto twice = torch::autograd::grad({total}, {sets.queries});
  EXPECT_TRUE(torch::equal(once[0], twice[0]));
}

TEST_P(DistanceTest, RefusesSetsThatDoNotFit) {
  const auto zeros = [](std::vector<int64_t> sizes) { return torch::zeros(sizes); };
  EXPECT_THROW(of({zeros({1, 2, 3, 4}), zeros({1, 2, 3, 5})}), Error);
  EXPECT_THROW(of({zeros({1, 2, 3, 4}), zeros({1, 3, 3, 4})}), Error);
  EXPECT_THROW(of({zeros({1, 2, 3, 4}), zeros({2, 2, 3, 4})}), Error);
  EXPECT_THROW(of({zeros({1, 2, 3, 4}), zeros({1, 2, 3, 4}), torch::zeros({1, 4}, torch::kBool)}),
               Error);
  EXPECT_THROW(of({zeros({1, 2, 3, 4}), zeros({1, 2, 3, 4}), {}, torch::zeros({1, 3})}), Error);
}

INSTANTIATE_TEST_SUITE_P(
    All, DistanceTest,
    testing::Values(Distance{"ct", ct}, Distance{"gan", gan},
                    Distance{"ot", [](const HeadSets& sets) { return optimal_transport(sets); }},
                    Distance{"mmd", [](const HeadSets& sets) { return mmd(sets); }}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace vqalign
