#pragma once

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

namespace vqalign::test {

/// The picture of waves that tests/oracle/efficientnet_lite.py draws, 0 to 255: float
/// [1, 3, H, W].
inline torch::Tensor oracle_waves(int64_t height, int64_t width) {
  const torch::Tensor y = torch::arange(height).view({-1, 1});
  const torch::Tensor x = torch::arange(width).view({1, -1});
  const auto over = [](const torch::Tensor& value, int64_t divisor) {
    return torch::floor_divide(value, divisor);
  };
  const torch::Tensor picture =
      torch::stack({over(x * x, 7) + y * 3, over(y * y, 5) + x * 2, over(x * y, 11) + x + y});
  return (picture % 256).to(torch::kFloat32).unsqueeze(0);
}

inline void expect_near(const torch::Tensor& found, const torch::Tensor& expected,
                        double tolerance) {
  ASSERT_EQ(found.sizes(), expected.sizes());
  EXPECT_LE((found - expected).abs().max().item<double>(), tolerance);
}

}  // namespace vqalign::test
