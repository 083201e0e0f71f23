#pragma once

#include <ATen/autocast_mode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

namespace vqalign::testing_helpers {

/// The sizes of the attention that golden.h holds numbers for.
inline constexpr int64_t kBatch = 2, kQueries = 3, kKeys = 5, kWidth = 8, kHeads = 2;

/// A mask of kBatch rows, row-major; 1 = padding.
inline torch::Tensor bool_mask(std::initializer_list<int> values) {
  return torch::tensor(std::vector<int>(values)).view({kBatch, -1}).to(torch::kBool);
}

/// The k-th element (row-major) is scale * cos(0.7 k + phase), as in
/// tests/oracle/mcan_attention.py.
inline torch::Tensor wave(at::IntArrayRef shape, double phase, double scale = 0.4,
                          torch::Dtype dtype = torch::kDouble) {
  int64_t count = 1;
  for (const int64_t extent : shape) count *= extent;
  return ((torch::arange(count, torch::kDouble) * 0.7 + phase).cos() * scale).view(shape).to(dtype);
}

inline void expect_values(const torch::Tensor& actual, const std::vector<double>& expected,
                          double tolerance) {
  ASSERT_EQ(actual.numel(), static_cast<int64_t>(expected.size()));
  const torch::Tensor flat = actual.detach().to(torch::kDouble).reshape(-1).contiguous();
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(flat.const_data_ptr<double>()[i], expected[i], tolerance) << "element " << i;
  }
}

/// Largest |a - b|; NaN anywhere makes it NaN, which no EXPECT_LT passes.
inline double difference(const torch::Tensor& a, const torch::Tensor& b) {
  EXPECT_EQ(a.sizes(), b.sizes());
  return (a.detach().to(torch::kDouble) - b.detach().to(torch::kDouble)).abs().max().item<double>();
}

/// Largest difference between autograd's gradient of sum(f() * weights) with respect to `leaf` and
/// central differences with the given step.
inline double gradient_error(const std::function<torch::Tensor()>& f, torch::Tensor leaf,
                             double step = 1e-6) {
  const torch::Tensor weights = wave(f().sizes(), 0.37, 1.0).to(leaf.scalar_type());
  const torch::Tensor gradient = torch::autograd::grad({(f() * weights).sum()}, {leaf})[0];
  torch::NoGradGuard no_grad;
  torch::Tensor values = leaf.view(-1), numeric = torch::zeros_like(values);
  for (int64_t i = 0; i < values.numel(); ++i) {
    const double value = values[i].item<double>();
    values[i] = value + step;
    const double above = (f() * weights).sum(torch::kDouble).item<double>();
    values[i] = value - step;
    const double below = (f() * weights).sum(torch::kDouble).item<double>();
    values[i] = value;
    numeric[i] = (above - below) / (2 * step);
  }
  return difference(gradient.reshape(-1), numeric);
}

/// Restores the number of threads.
class ThreadsGuard {
 public:
  ThreadsGuard() : before_(at::get_num_threads()) {}
  ~ThreadsGuard() { at::set_num_threads(before_); }

 private:
  int before_;
};

/// bfloat16 autocast on the CPU while it lives.
class AutocastGuard {
 public:
  AutocastGuard() {
    at::autocast::set_autocast_enabled(at::kCPU, true);
    at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
  }
  ~AutocastGuard() {
    at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(at::kCPU, false);
  }
};

}  // namespace vqalign::testing_helpers
