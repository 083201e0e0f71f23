#include "vqalign/train/step_plan.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace vqalign {
namespace {

constexpr int64_t kWarmSteps = 2;       // Left out: first-time allocations and cold caches.
constexpr int64_t kMeasuredSteps = 12;  // Enough to average, few enough to cost nothing.
constexpr double kSafety = 0.94;        // Share of the time that is planned with.
constexpr double kClosingSeconds = 2.0;
constexpr int64_t kNoBound = std::numeric_limits<int64_t>::max();

}  // namespace

StepPlan::StepPlan(const Limits& limits)
    : limits_(limits), most_steps_(kNoBound), most_objects_(kNoBound) {
  if (limits_.object_share == 0) object_steps_ = 0;
  if (limits_.minutes && !limits_.epochs) return;
  most_steps_ = limits_.epochs.value_or(1) * limits_.steps_per_epoch;
  most_objects_ = static_cast<int64_t>(limits_.object_share * static_cast<double>(most_steps_));
  if (limits_.minutes && most_objects_ > 0) return;
  object_steps_ = most_objects_;
  if (!limits_.minutes) total_steps_ = most_steps_;
}

bool StepPlan::measure(double step_seconds, double spent, int64_t steps_done,
                       double scoring_seconds) {
  if (total_steps_ > 0) return false;
  if (steps_done >= most_steps_) {
    total_steps_ = steps_done;
    return true;
  }
  const int64_t phase_begun = object_steps_.value_or(0);
  if (object_steps_ && steps_done <= phase_begun) return false;
  if (steps_done > phase_begun + kWarmSteps) {
    ++measured_;
    measured_seconds_ += step_seconds;
  }
  const double budget = *limits_.minutes * 60;
  const double share = object_steps_ ? 0.2 + limits_.object_share : 0.2 * limits_.object_share;
  const bool short_of_time = spent > share * budget && measured_ > 0;
  const bool last_of_objects = !object_steps_ && steps_done >= most_objects_;
  if (measured_ < kMeasuredSteps && !short_of_time && !last_of_objects) return false;
  if (object_steps_) {
    fix_questions(spent, steps_done, scoring_seconds);
    return true;
  }
  const double left = limits_.object_share * budget - spent;
  const auto more =
      last_of_objects ? int64_t{0} : static_cast<int64_t>(std::max(0.0, left) / measured_step());
  object_steps_ = std::min(steps_done + more, most_objects_);
  measured_ = 0;
  measured_seconds_ = 0;
  return true;
}

double StepPlan::measured_step() const {
  return measured_seconds_ / static_cast<double>(measured_);
}

void StepPlan::fix_questions(double spent, int64_t steps_done, double scoring_seconds) {
  const double budget = *limits_.minutes * 60;
  const double step = measured_step();
  const double left = kSafety * budget - kClosingSeconds - spent;
  // Steps s cost s * step, and an evaluation after every started epoch.
  const double evaluation =
      limits_.evaluation_share * step * static_cast<double>(limits_.steps_per_epoch) +
      scoring_seconds;
  const double per_epoch = step * static_cast<double>(limits_.steps_per_epoch) + evaluation;
  const double whole_epochs = std::floor(std::max(0.0, left) / per_epoch);
  const double rest = std::max(0.0, left - whole_epochs * per_epoch - evaluation);
  const auto more = static_cast<int64_t>(
      whole_epochs * static_cast<double>(limits_.steps_per_epoch) + std::floor(rest / step));
  total_steps_ = steps_done + more;
  total_steps_ = std::min(total_steps_, most_steps_);
  total_steps_ = std::max(total_steps_, steps_done);
}

bool StepPlan::out_of_time(double spent, double evaluation_seconds) const {
  if (!limits_.minutes) return false;
  return spent + evaluation_seconds + kClosingSeconds > *limits_.minutes * 60;
}

}  // namespace vqalign
