#include "vqalign/train/experiment/run_times.h"

#include <algorithm>

namespace vqalign {

std::optional<double> RunTimes::left(const std::vector<double>& spent, std::size_t waiting,
                                     int64_t jobs) const {
  if (runs_ == 0) return std::nullopt;
  const double mean = seconds_ / static_cast<double>(runs_);
  double work = mean * static_cast<double>(waiting);
  double longest = 0;
  for (const double seconds : spent) {
    const double rest = std::max(0.0, mean - seconds);
    work += rest;
    longest = std::max(longest, rest);
  }
  return std::max(longest, work / static_cast<double>(jobs));
}

}  // namespace vqalign
