#include "vqalign/train/batch_memory.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <new>
#include <stdexcept>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

TEST(BatchMemory, TheAdvisedBatchIsHalfOrWhatTheOthersTook) {
  EXPECT_EQ(fitting_batch(512, 0, 0), 256);
  EXPECT_EQ(fitting_batch(512, 1.0, 1000), 256);
  EXPECT_EQ(fitting_batch(512, 10.0, 1000), 90);
  EXPECT_EQ(fitting_batch(512, 1e6, 1000), 1);
  EXPECT_EQ(fitting_batch(3, 0, 0), 1);
  EXPECT_EQ(fitting_batch(1, 0, 0), 0);
  EXPECT_EQ(fitting_batch(1, 10.0, 1000), 0);
}

TEST(BatchMemory, WhatDoesNotFitIsToldWithWhatWould) {
  BatchMemory memory(torch::kCPU, "--batch-size ");
  EXPECT_EQ(memory.with(4, [] { return 7; }), 7);
  try {
    memory.with(64, [] { torch::empty({int64_t{1} << 60}); });
    FAIL() << "so much memory is nowhere";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()), "a batch of 64 takes more memory than there is");
    EXPECT_EQ(error.hint(), "--batch-size 32 should fit");
  }
  try {
    memory.with(1, [] { throw std::bad_alloc(); });
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.hint().find("smallest batch"), std::string::npos) << error.hint();
  }
}

TEST(BatchMemory, OtherFailuresPass) {
  BatchMemory memory(torch::kCPU, "--batch-size ");
  EXPECT_THROW(memory.with(4, [] { throw std::out_of_range("x"); }), std::out_of_range);
  EXPECT_THROW(memory.with(4, [] { torch::ones({2}).view({3}); }), c10::Error);
  EXPECT_THROW(memory.with(4, [] { throw Cancelled(); }), Cancelled);
}

}  // namespace
}  // namespace vqalign
