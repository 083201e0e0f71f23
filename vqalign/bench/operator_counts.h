#pragma once

#include <cstdint>
#include <functional>

namespace vqalign {

/// What work on a device is made of.
struct WorkCounts {
  int64_t launches = 0;
  int64_t bytes = 0;       ///< Read from and written to the device's memory.
  int64_t operations = 0;  ///< On floating-point numbers.

  WorkCounts& operator+=(const WorkCounts& other);
};

/// Counts LibTorch's operators under `work`, as they would be on a device in float32. Each operator
/// that makes a tensor or changes one counts as one launch that reads its inputs once (what is
/// broadcast as often as it lies in memory) and writes its results once, which is the least that it
/// can do; views and allocations count as nothing. Floating-point numbers count four bytes whatever
/// their type, for float64 on the CPU is what takes the same operators as float32 on a device. A
/// product of matrices is two operations for each pair of factors, any other result one a number.
WorkCounts count_operators(const std::function<void()>& work);

}  // namespace vqalign
