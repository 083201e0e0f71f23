#pragma once

#include <gtest/gtest.h>
#include <torch/types.h>

#include <filesystem>

#include "vqalign/core/formats/safetensors.h"

namespace vqalign::test {

/// Two safetensors files hold the same, bit for bit; their metadata tells times and may differ.
inline void expect_same_tensors(const std::filesystem::path& a, const std::filesystem::path& b) {
  const Safetensors first = read_safetensors(a), second = read_safetensors(b);
  ASSERT_EQ(first.tensors.size(), second.tensors.size());
  for (const auto& [name, tensor] : first.tensors) {
    EXPECT_TRUE(torch::equal(tensor, second.find(name))) << name;
  }
}

}  // namespace vqalign::test
