#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vqalign/core/cancel.h"
#include "vqalign/core/progress.h"

namespace vqalign {

/// One of several pieces of work that are timed side by side.
struct Contender {
  std::string name;
  std::function<void()> run;
};

/// What one run took.
struct RunCost {
  double seconds = 0;      ///< by the clock on the wall
  double cpu_seconds = 0;  ///< of processors, summed over the threads
};

/// What the rounds said of one contender. A ratio is taken within each round, between runs that lie
/// seconds apart, so that a machine which slows down for a while slows both sides of it.
struct Timing {
  double seconds = 0;     ///< median over the rounds
  double ratio = 1;       ///< median over the rounds of its time over the first contender's
  double ratio_low = 1;   ///< first quartile of these
  double ratio_high = 1;  ///< third quartile
  double cpu_ratio = 1;   ///< median ratio of processor time, which other programs disturb less
};

/// The `share` quantile (0.5: the median) with linear interpolation between the two neighbours;
/// `values` may be in any order and must not be empty.
double quantile(std::vector<double> values, double share);

/// `rounds[r][c]`: what contender c took in round r. At least one round, all of equal length.
std::vector<Timing> summarise(const std::vector<std::vector<RunCost>>& rounds);

/// Runs every contender once to warm up and then once in each of `rounds` rounds, in an order that
/// is shuffled anew for each. Cancelled between two runs when a stop was asked for.
std::vector<Timing> time_side_by_side(std::span<const Contender> contenders, int64_t rounds,
                                      const std::string& stage, Progress& progress,
                                      const CancelToken& cancel);

/// The first line of what the work throws; empty where it throws nothing. Cancelled goes through.
std::string problem_of(const std::function<void()>& work);

/// What came of a contender: its times, or its problem_of().
struct Outcome {
  std::optional<Timing> timing;
  std::string problem;
};

/// time_side_by_side() of the contenders that run: each is run once more before, and one that
/// throws is left out. Ratios are to the first of the others.
std::vector<Outcome> time_those_that_run(std::span<const Contender> contenders, int64_t rounds,
                                         const std::string& stage, Progress& progress,
                                         const CancelToken& cancel);

/// How long one call takes.
double seconds_of(const std::function<void()>& work);

}  // namespace vqalign
