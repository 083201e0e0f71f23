#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace vqalign {

/// Decides how many steps a training takes. Without minutes that is epochs * steps an epoch. With
/// minutes the first steps are measured and the number that fits the rest of the time, evaluations
/// included, is fixed; with both, what ends first ends. A first share of the steps may teach
/// objects alone.
class StepPlan {
 public:
  struct Limits {
    int64_t steps_per_epoch = 1;
    std::optional<int64_t> epochs;
    std::optional<double> minutes;
    double evaluation_share = 0;  ///< cost of one evaluation in units of a training epoch
    /// Share of the steps, or of the minutes, at whose beginning objects alone are taught.
    double object_share = 0;
  };

  explicit StepPlan(const Limits& limits);

  /// 0 while still measuring.
  int64_t total_steps() const { return total_steps_; }
  /// As stored by an earlier session of the same training.
  void fix(int64_t total_steps) { total_steps_ = total_steps; }
  void fix_object_steps(int64_t steps) { object_steps_ = steps; }

  /// Whether the step after `steps_done` teaches objects alone.
  bool objects_only(int64_t steps_done) const {
    return !object_steps_ || steps_done < *object_steps_;
  }
  /// Nothing while still measuring.
  std::optional<int64_t> object_steps() const { return object_steps_; }

  /// Tells that a step took that long and that so many seconds passed since the command began.
  /// Steps that teach objects alone, which are shorter, are measured apart. Returns whether this
  /// fixed a number of steps. `scoring_seconds`: what an evaluation takes beyond its share of
  /// steps.
  bool measure(double step_seconds, double spent, int64_t steps_done, double scoring_seconds = 0);

  /// Whether the time is up: a machine that slowed down must not overrun the bound.
  bool out_of_time(double spent, double evaluation_seconds) const;

 private:
  double measured_step() const;
  void fix_questions(double spent, int64_t steps_done, double scoring_seconds);

  Limits limits_;
  int64_t most_steps_;    ///< by the epochs
  int64_t most_objects_;  ///< of those, with objects alone
  int64_t total_steps_ = 0;
  std::optional<int64_t> object_steps_;
  int64_t measured_ = 0;
  double measured_seconds_ = 0;
};

}  // namespace vqalign
