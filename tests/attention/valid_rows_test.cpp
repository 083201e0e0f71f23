#include "vqalign/attention/valid_rows.h"

#include <gtest/gtest.h>
#include <torch/types.h>

namespace vqalign {
namespace {

torch::Tensor mask_of(const std::vector<std::vector<int>>& padding) {
  torch::Tensor mask =
      torch::zeros({int64_t(padding.size()), int64_t(padding[0].size())}, torch::kBool);
  for (std::size_t b = 0; b < padding.size(); ++b) {
    for (std::size_t t = 0; t < padding[b].size(); ++t) {
      mask[int64_t(b)][int64_t(t)] = padding[b][t] != 0;
    }
  }
  return mask;
}

TEST(ValidRows, TakesWhatIsNoPaddingAndPutsItBack) {
  const ValidRows valid(mask_of({{0, 0, 1}, {0, 1, 0}}));
  const torch::Tensor x = torch::arange(12, torch::kFloat).view({2, 3, 2});
  const torch::Tensor rows = valid.take(x);
  EXPECT_TRUE(rows.equal(torch::tensor({{{0.f, 1.f}, {2.f, 3.f}, {6.f, 7.f}, {10.f, 11.f}}})));
  const torch::Tensor back = valid.spread(rows);
  EXPECT_TRUE(back.equal(torch::tensor(
      {{{0.f, 1.f}, {2.f, 3.f}, {0.f, 0.f}}, {{6.f, 7.f}, {0.f, 0.f}, {10.f, 11.f}}})));
}

TEST(ValidRows, ASequenceThatIsAllPaddingKeepsItsRows) {
  const ValidRows valid(mask_of({{1, 1}, {0, 1}}));
  const torch::Tensor x = torch::rand({2, 2, 3});
  ASSERT_EQ(valid.take(x).size(1), 3);
  EXPECT_TRUE(valid.spread(valid.take(x))[0].equal(x[0]));
}

TEST(ValidRows, WithoutPaddingItIsTheSameTensor) {
  const torch::Tensor x = torch::rand({2, 3, 4});
  for (const ValidRows& valid :
       {ValidRows(), ValidRows(torch::Tensor()), ValidRows(torch::zeros({2, 3}, torch::kBool))}) {
    EXPECT_TRUE(valid.take(x).is_same(x));
    EXPECT_TRUE(valid.spread(x).is_same(x));
  }
  const torch::Tensor none = torch::rand({0, 3, 4});
  EXPECT_TRUE(ValidRows(torch::zeros({0, 3}, torch::kBool)).take(none).is_same(none));
}

TEST(ValidRows, GradientsReachTheRowsTheyBelongTo) {
  const ValidRows valid(mask_of({{0, 1}, {0, 0}}));
  const torch::Tensor x = torch::rand({2, 2, 1}, torch::requires_grad());
  const torch::Tensor factor = torch::tensor({2.f, 3.f, 5.f, 7.f}).view({2, 2, 1});
  (valid.spread(valid.take(x)) * factor).sum().backward();
  EXPECT_TRUE(x.grad().flatten().equal(torch::tensor({2.f, 0.f, 5.f, 7.f})));
}

TEST(ValidRows, RowsOfHeadsComeToTheirExamplesAndTheirGradientsBack) {
  const ValidRows valid(mask_of({{0, 0, 1}, {0, 1, 0}}));
  const torch::Tensor rows = torch::arange(8, torch::kFloat).view({2, 4, 1}).requires_grad_();
  const torch::Tensor heads = valid.spread_heads(rows, 2);  // [examples, heads, positions, 1]
  EXPECT_TRUE(heads.flatten().equal(
      torch::tensor({0.f, 1.f, 0.f, 4.f, 5.f, 0.f, 2.f, 0.f, 3.f, 6.f, 0.f, 7.f})));
  (heads.flatten() * torch::arange(1, 13, torch::kFloat)).sum().backward();
  EXPECT_TRUE(
      rows.grad().flatten().equal(torch::tensor({1.f, 2.f, 7.f, 9.f, 4.f, 5.f, 10.f, 12.f})));
}

}  // namespace
}  // namespace vqalign
