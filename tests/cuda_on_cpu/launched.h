#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "cuda_on_cpu.h"
#include "vqalign/attention/cuda/launch_counts.h"

namespace vqalign::cuda {

/// The launches since it was made, against what is told of them.
class Launched {
 public:
  /// Expects as many launches as are counted, whose bytes are those of all arrays that they work on
  /// (of so many floats together) once at least and four times at most.
  void expect(const std::vector<LaunchCounts>& counted, int64_t floats) const {
    int64_t launches = 0, bytes = 0;
    for (const LaunchCounts& of : counted) {
      launches += of.launches;
      bytes += of.bytes;
      EXPECT_GT(of.operations, 0) << of.name;
    }
    EXPECT_EQ(cuda_on_cpu::launches - before_, launches);
    const int64_t once = floats * int64_t{sizeof(float)};
    EXPECT_GE(bytes, once);
    EXPECT_LE(bytes, 4 * once);
  }

 private:
  int64_t before_ = cuda_on_cpu::launches;
};

}  // namespace vqalign::cuda
