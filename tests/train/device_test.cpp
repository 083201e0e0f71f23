#include "vqalign/train/device.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

constexpr int kTorch = 13000;

GpuDriver driver_of(int version, std::vector<GpuDriver::Gpu> gpus) {
  return {true, version, std::move(gpus)};
}

TEST(Device, WhatTheDriverTellsIsToldInOneLine) {
  const GpuDriver::Gpu fine{"H100", 90};
  EXPECT_EQ(gpu_problem(0, {}, kTorch), "this machine has no NVIDIA driver (libcuda.so.1)");
  EXPECT_EQ(gpu_problem(0, driver_of(12040, {fine}), kTorch),
            "the driver serves CUDA 12.4 at most, this build's LibTorch is made for 13.0");
  EXPECT_EQ(gpu_problem(0, driver_of(13000, {}), kTorch), "the driver finds no GPU");
  EXPECT_EQ(gpu_problem(7, driver_of(13000, {fine}), kTorch), "the last GPU here is cuda:0");
  EXPECT_EQ(gpu_problem(1, driver_of(13000, {fine, {"V100", 70}}), kTorch),
            "V100 has compute capability 7.0, the least is 8.0");
}

TEST(Device, WithinAMajorVersionAnOlderDriverServes) {
  EXPECT_EQ(gpu_problem(0, driver_of(12020, {{"A100", 80}}), 12060), "");
  EXPECT_EQ(gpu_problem(0, driver_of(13020, {{"RTX", 120}}), 12060), "");
}

TEST(Device, TheCpuNeedsNoDriver) {
  check_device("cpu");
  EXPECT_EQ(prepare_device("cpu"), torch::Device(torch::kCPU));
  EXPECT_FALSE(at::globalContext().deterministicAlgorithms());
  finish_work(torch::kCPU);
  EXPECT_THROW(check_device("gpu"), UsageError);
  EXPECT_THROW(check_device("cuda:4096"), UsageError);
}

TEST(Device, AskingTheDriverHarmsNothing) {
  const GpuDriver driver = gpu_driver();
  EXPECT_TRUE(driver.installed || driver.gpus.empty());
}

}  // namespace
}  // namespace vqalign
