#pragma once

#include <gtest/gtest.h>
#include <torch/cuda.h>
#include <torch/types.h>

#include <algorithm>
#include <string>
#include <vector>

/// What the tests on a real GPU share.
namespace vqalign::on_device {

/// A test that is skipped, with one line, where LibTorch has no CUDA or finds no GPU.
template <typename Base = testing::Test>
class DeviceTest : public Base {
 protected:
  void SetUp() override {
    if (!torch::cuda::is_available()) GTEST_SKIP() << "LibTorch has no CUDA or finds no GPU here";
    Base::SetUp();
  }
};

/// Fails where two results, the first of a device, differ by more than a part of the largest
/// expected number, or of `floor` where all of them nearly vanish. Names the worst entry alone.
inline void expect_agree(const torch::Tensor& actual, const torch::Tensor& expected,
                         const std::string& what, double tolerance = 1e-5, double floor = 1e-3) {
  EXPECT_TRUE(actual.is_cuda()) << what << " lies on " << actual.device();
  ASSERT_EQ(actual.sizes(), expected.sizes()) << what;
  if (expected.numel() == 0) return;
  const torch::Tensor a = actual.detach().cpu().to(torch::kFloat64).reshape(-1);
  const torch::Tensor e = expected.detach().cpu().to(torch::kFloat64).reshape(-1);
  ASSERT_TRUE(torch::isfinite(a).all().item<bool>()) << what << " is not finite";
  const torch::Tensor errors = (a - e).abs();
  const auto worst = errors.argmax().item<int64_t>();
  EXPECT_LE(errors[worst].item<double>(), tolerance * (e.abs().max().item<double>() + floor))
      << what << ", entry " << worst << ": " << a[worst].item<double>() << ", expected "
      << e[worst].item<double>() << " among numbers up to " << e.abs().max().item<double>();
}

/// The same of results that belong together: a gradient that vanishes beside the others, a sum of
/// numbers that cancel, is held against a hundredth of what is largest among them.
inline void expect_all_agree(const std::vector<torch::Tensor>& actual,
                             const std::vector<torch::Tensor>& expected, double tolerance = 1e-5) {
  ASSERT_EQ(actual.size(), expected.size());
  double largest = 0;
  for (const torch::Tensor& one : expected) {
    if (one.numel() > 0) largest = std::max(largest, one.abs().max().item<double>());
  }
  for (std::size_t i = 0; i < actual.size(); ++i) {
    expect_agree(actual[i], expected[i], "result " + std::to_string(i), tolerance,
                 std::max(1e-3, 1e-2 * largest));
  }
}

}  // namespace vqalign::on_device
