#include "vqalign/core/formats/tensor_memory.h"

#include <gtest/gtest.h>
#include <malloc.h>
#include <torch/types.h>

#include <vector>

namespace vqalign {
namespace {

class TensorMemory : public ::testing::Test {
 protected:
  TensorMemory() { reuse_tensor_memory(); }
};

TEST_F(TensorMemory, BlocksOfAnySizeAreAlignedAndKeepWhatIsWritten) {
  std::vector<torch::Tensor> tensors;
  for (const int64_t size : {0, 1, 7, 8, 63, 64, 65, 4096, 1 << 20}) {
    tensors.push_back(torch::full({size}, size % 251, torch::kByte));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(tensors.back().const_data_ptr()) % 64, 0u) << size;
  }
  for (const torch::Tensor& tensor : tensors) {
    EXPECT_TRUE((tensor == tensor.numel() % 251).all().item<bool>()) << tensor.numel();
  }
}

TEST_F(TensorMemory, TensorsFromBeforeAndAfterLiveSideBySide) {
  torch::Tensor grown = torch::arange(5, torch::kInt);
  grown.resize_({1000});
  EXPECT_TRUE(grown.narrow(0, 0, 5).equal(torch::arange(5, torch::kInt)));
  EXPECT_TRUE(grown.clone().equal(grown));
}

#if !defined(__SANITIZE_ADDRESS__)
TEST_F(TensorMemory, SaysWhenThereIsNotEnough) {
  try {
    torch::empty({int64_t{1} << 60}, torch::kByte);
    FAIL() << "an exbibyte was handed out";
  } catch (const std::exception& error) {
    EXPECT_NE(std::string(error.what()).find("not enough memory"), std::string::npos);
  }
}

#if defined(__GLIBC__)
TEST_F(TensorMemory, AHoleIsFilledByATensorOfTheSameSize) {
  constexpr int64_t kFloats = 20'000;  // below the size that is mapped apart
  std::vector<torch::Tensor> tensors;
  for (int i = 0; i < 200; ++i) tensors.push_back(torch::empty({kFloats}));
  for (int i = 0; i < 200; i += 2) tensors[static_cast<std::size_t>(i)] = torch::Tensor();
  const std::size_t before = mallinfo2().arena;
  for (int i = 0; i < 200; i += 2) tensors[static_cast<std::size_t>(i)] = torch::empty({kFloats});
  EXPECT_LT(mallinfo2().arena - before, 10 * kFloats * sizeof(float));
}
#endif
#endif

}  // namespace
}  // namespace vqalign
