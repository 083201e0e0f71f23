#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace vqalign {

/// How long the rest of an experiment will take, by the mean time of the runs that succeeded. One
/// that failed tells nothing: it may have ended in its first second.
class RunTimes {
 public:
  void succeeded(double seconds) {
    ++runs_;
    seconds_ += seconds;
  }

  /// Seconds left for runs that are under way since `spent` seconds each and `waiting` more, `jobs`
  /// at once; none before the first success. One that takes longer than the mean may end any time
  /// and takes nothing from what the others need.
  std::optional<double> left(const std::vector<double>& spent, std::size_t waiting,
                             int64_t jobs) const;

 private:
  std::size_t runs_ = 0;
  double seconds_ = 0;
};

}  // namespace vqalign
