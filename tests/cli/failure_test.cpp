#include "vqalign/cli/failure.h"

#include <c10/util/Exception.h>
#include <gtest/gtest.h>

#include <new>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

template <typename Thrown>
Failure failure_of(const Thrown& thrown) {
  try {
    throw thrown;
  } catch (...) {
    return describe_current_exception();
  }
}

c10::Error of_torch(const std::string& text) {
  return {{__func__, __FILE__, 0}, text};
}

void expect_failure(const Failure& failure, int status, const std::string& line) {
  EXPECT_EQ(failure.status, status) << line;
  EXPECT_EQ(failure.line, line);
}

TEST(Failure, WhatTheGpuSaysIsOneLine) {
  expect_failure(
      failure_of(of_torch("CUDA error: no kernel image is available for execution on the device\n"
                          "Search for `cudaErrorNoKernelImageForDevice'")),
      1, "this build's LibTorch has no code for this GPU; a build for newer or older GPUs may");
  expect_failure(failure_of(of_torch("CUDA error: an illegal memory access was encountered\nmore")),
                 1, "the GPU failed: CUDA error: an illegal memory access was encountered");
  expect_failure(failure_of(of_torch("CUDA out of memory. Tried to allocate 20 GiB")), 1,
                 "not enough memory for this; smaller batches (--batch-size) need less");
}

TEST(Failure, EveryKindHasItsStatus) {
  expect_failure(failure_of(UsageError("--device is gpu", "leave it out")), 2,
                 "--device is gpu; leave it out");
  expect_failure(failure_of(Error("a.json: is empty")), 1, "a.json: is empty");
  expect_failure(failure_of(std::bad_alloc()), 1,
                 "not enough memory for this; smaller batches (--batch-size) need less");
  expect_failure(failure_of(of_torch("shapes differ\nat line 3")), 1,
                 "internal error, please report it: shapes differ");
  EXPECT_EQ(failure_of(Cancelled()).status, kCancelledStatus);
}

}  // namespace
}  // namespace vqalign
