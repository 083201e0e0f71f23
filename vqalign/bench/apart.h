#pragma once

#include <functional>
#include <string>

namespace vqalign {

constexpr double kMegabyte = 1e6;  ///< bytes

/// What a piece of work took in a process of its own.
struct ApartResult {
  double seconds = 0;
  double peak_bytes = 0;  ///< largest resident set
  std::string said;       ///< what the work returned
};

/// Runs `work` in a child process, so that the largest resident set is that of this work and not of
/// what went before, and waits for it. An Error of the work is thrown here. Call it only while this
/// process has no other thread.
ApartResult run_apart(const std::function<std::string()>& work);

/// The largest resident set that this process has had so far.
double own_peak_bytes();

}  // namespace vqalign
