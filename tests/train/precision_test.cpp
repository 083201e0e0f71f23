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
  {
    const Autocast autocast("bfloat16", torch::kCPU);
    EXPECT_EQ(type_of_product(), torch::kBFloat16);
  }
  EXPECT_EQ(type_of_product(), torch::kFloat32);
  const Autocast autocast("float32", torch::kCPU);
  EXPECT_EQ(type_of_product(), torch::kFloat32);
}

TEST(Precision, Float16IsRefusedOnTheCpuWhichOnlyEmulatesIt) {
  EXPECT_THROW(check_precision("p", "float16", torch::kCPU), UsageError);
  check_precision("p", "float16", torch::kCUDA);
  check_precision("p", "bfloat16", torch::kCUDA);
}

TEST(Precision, AutoTakesWhatTheCheckAllows) {
  bool refused = false;
  try {
    check_precision("p", "bfloat16", torch::kCPU);
  } catch (const UsageError&) {
    refused = true;
  }
  check_precision("p", "auto", torch::kCPU);
  const Autocast autocast("auto", torch::kCPU);
  EXPECT_EQ(type_of_product(), refused ? torch::kFloat32 : torch::kBFloat16);
}

}  // namespace
}  // namespace vqalign
