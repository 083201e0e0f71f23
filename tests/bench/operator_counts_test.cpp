#include "vqalign/bench/operator_counts.h"

#include <gtest/gtest.h>
#include <torch/types.h>

namespace vqalign {
namespace {

torch::Tensor doubles(std::vector<int64_t> sizes) {
  return torch::ones(sizes, torch::kFloat64);
}

TEST(OperatorCounts, AnOperatorReadsItsInputsAndWritesItsResult) {
  const torch::Tensor x = doubles({3, 5}), y = doubles({3, 5});
  const WorkCounts counts = count_operators([&] { x + y; });
  EXPECT_EQ(counts.launches, 1);
  EXPECT_EQ(counts.bytes, 3 * 15 * 4);
  EXPECT_EQ(counts.operations, 15);
}

TEST(OperatorCounts, WhatIsBroadcastIsReadAsItLies) {
  const torch::Tensor x = doubles({3, 5}), row = doubles({1, 5});
  EXPECT_EQ(count_operators([&] { x* row.expand({3, 5}); }).bytes, (15 + 5 + 15) * 4);
}

TEST(OperatorCounts, AProductOfMatricesIsTwoOperationsAPairOfFactors) {
  const torch::Tensor x = doubles({2, 3, 4}), y = doubles({2, 4, 5});
  const WorkCounts counts = count_operators([&] { torch::matmul(x, y); });
  EXPECT_EQ(counts.launches, 1);
  EXPECT_EQ(counts.bytes, (24 + 40 + 30) * 4);
  EXPECT_EQ(counts.operations, 2 * 2 * 3 * 4 * 5);
}

TEST(OperatorCounts, ALayerIsOneLaunch) {
  const torch::Tensor x = doubles({7, 3}), weight = doubles({5, 3}), bias = doubles({5});
  const WorkCounts counts = count_operators([&] { torch::linear(x, weight, bias); });
  EXPECT_EQ(counts.launches, 1);
  EXPECT_EQ(counts.bytes, (21 + 15 + 5 + 35) * 4);
  EXPECT_EQ(counts.operations, 2 * 7 * 3 * 5);
}

TEST(OperatorCounts, ViewsAndAllocationsAreNothing) {
  const torch::Tensor x = doubles({3, 5});
  const WorkCounts counts = count_operators([&] {
    x.transpose(0, 1).unsqueeze(0).slice(1, 0, 2);
    torch::empty_like(x);
  });
  EXPECT_EQ(counts.launches, 0);
  EXPECT_EQ(counts.bytes, 0);
}

TEST(OperatorCounts, InPlaceAndBackwardCount) {
  torch::Tensor x = doubles({7});
  EXPECT_EQ(count_operators([&] { x.mul_(2.0); }).launches, 1);
  torch::Tensor leaf = doubles({7}).requires_grad_();
  const torch::Tensor upstream = doubles({7});
  const int64_t forward = count_operators([&] { leaf.exp(); }).launches;
  EXPECT_EQ(forward, 1);
  EXPECT_EQ(count_operators([&] { leaf.exp().backward(upstream); }).launches, 2);
}

}  // namespace
}  // namespace vqalign
