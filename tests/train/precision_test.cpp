#include "vqalign/train/precision.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

torch::Dtype type_of_product() {
  const torch::Tensor x = torch::ones({4, 4});
  return torch::matmul(x, x).scalar_type();
}

TEST(Precision, Bfloat16HoldsForItsScopeAlone) {
  TrainOptions options;
  options.precision = "bfloat16";
  {
    const Autocast autocast(options, torch::kCPU);
    EXPECT_EQ(type_of_product(), torch::kBFloat16);
  }
  EXPECT_EQ(type_of_product(), torch::kFloat32);
  options.precision = "float32";
  const Autocast autocast(options, torch::kCPU);
  EXPECT_EQ(type_of_product(), torch::kFloat32);
}

TEST(Precision, Float16IsRefusedOnTheCpuWhichOnlyEmulatesIt) {
  TrainOptions options;
  options.precision = "float16";
  EXPECT_THROW(check_precision(options, torch::kCPU), UsageError);
  check_precision(options, torch::kCUDA);
  options.precision = "bfloat16";
  check_precision(options, torch::kCUDA);
}

TEST(Precision, AutoTakesWhatTheCheckAllows) {
  TrainOptions options;
  options.precision = "bfloat16";
  bool refused = false;
  try {
    check_precision(options, torch::kCPU);
  } catch (const UsageError&) {
    refused = true;
  }
  options.precision = "auto";
  check_precision(options, torch::kCPU);
  const Autocast autocast(options, torch::kCPU);
  EXPECT_EQ(type_of_product(), refused ? torch::kFloat32 : torch::kBFloat16);
}

}  // namespace
}  // namespace vqalign
