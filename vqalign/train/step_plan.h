#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace vqalign {

/// Decides how many steps a training takes. Without minutes that is epochs * steps an epoch. With
/// minutes the first steps are measured and the number that fits the rest of the time, evaluations
/// included, is fixed; with both, what ends first ends.
class StepPlan {
 public:
  struct Limits {
    int64_t steps_per_epoch = 1;
    std::optional<int64_t> epochs;
    std::optional<double> minutes;
    double evaluation_share = 0;  ///< cost of one evaluation in units of a training epoch
  };

  explicit StepPlan(const Limits& limits);

  /// 0 while still measuring.
  int64_t total_steps() const { return total_steps_; }
  /// As stored by an earlier session of the same training.
  void fix(int64_t total_steps) { total_steps_ = total_steps; }

  /// Tells that a step took that long and that so many seconds passed since the command began.
  void measure(double step_seconds, double spent, int64_t steps_done);

  /// Whether the time is up: a machine that slowed down must not overrun the bound.
  bool out_of_time(double spent, double evaluation_seconds) const;

 private:
  Limits limits_;
  int64_t total_steps_ = 0;
  int64_t measured_ = 0;
  double measured_seconds_ = 0;
};

}  // namespace vqalign
