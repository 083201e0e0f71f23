#pragma once

#include <gtest/gtest.h>
#include <torch/cuda.h>
#include <torch/types.h>

#include <string>

/// What the tests on a real GPU share.
namespace vqalign::on_device {

/// A test that is skipped, with one line, where LibTorch has no CUDA or finds no GPU.
template <typename Base = testing::Test>
class DeviceTest : public Base {
 protected:
  void SetUp() override {
    if (!torch::cuda::is_available()) GTEST_SKIP() << "LibTorch has no CUDA or finds no GPU here";
  }
};

/// Fails where two results, the first of a device, differ by more than a part of the largest
/// expected number (and a floor for those that vanish). Names the worst entry alone.
inline void expect_agree(const torch::Tensor& actual, const torch::Tensor& expected,
                         const std::string& what, double tolerance = 1e-5) {
  EXPECT_TRUE(actual.is_cuda()) << what << " lies on " << actual.device();
  ASSERT_EQ(actual.sizes(), expected.sizes()) << what;
  if (expected.numel() == 0) return;
  const torch::Tensor a = actual.detach().cpu().to(torch::kFloat64).reshape(-1);
  const torch::Tensor e = expected.detach().cpu().to(torch::kFloat64).reshape(-1);
  ASSERT_TRUE(torch::isfinite(a).all().item<bool>()) << what << " is not finite";
  const torch::Tensor errors = (a - e).abs();
  const auto worst = errors.argmax().item<int64_t>();
  EXPECT_LE(errors[worst].item<double>(), tolerance * (e.abs().max().item<double>() + 1e-3))
      << what << ", entry " << worst << ": " << a[worst].item<double>() << ", expected "
      << e[worst].item<double>() << " among numbers up to " << e.abs().max().item<double>();
}

}  // namespace vqalign::on_device
