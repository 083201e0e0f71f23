#include "vqalign/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace vqalign {
namespace {

double reference_rate(const TrainOptions& options, int64_t step, double steps_per_epoch) {
  double rate = options.learning_rate;
  const auto floor_steps = std::max<int64_t>(1, static_cast<int64_t>(steps_per_epoch));
  const int64_t epoch = (step - 1) / floor_steps;
  for (const int64_t decayed : options.decay_epoch_numbers()) {
    if (epoch >= decayed) rate *= options.decay;
  }
  for (int stage = 1; stage <= 3; ++stage) {
    if (step <= static_cast<int64_t>(steps_per_epoch * stage)) return rate * stage / 4.0;
  }
  return rate;
}

double cosine_rate(const TrainOptions& options, int64_t step, int64_t total_steps) {
  const double warm = std::max(1.0, options.warmup * static_cast<double>(total_steps));
  const auto now = static_cast<double>(step);
  if (now < warm) return options.learning_rate * now / warm;
  const double span = std::max(1.0, static_cast<double>(total_steps) - warm);
  const double share = std::clamp((now - warm) / span, 0.0, 1.0);
  return options.learning_rate * 0.5 * (1.0 + std::cos(std::numbers::pi * share));
}

}  // namespace

double learning_rate(const TrainOptions& options, int64_t step, int64_t total_steps,
                     double steps_per_epoch) {
  return options.schedule == "cosine" ? cosine_rate(options, step, total_steps)
                                      : reference_rate(options, step, steps_per_epoch);
}

double relevance_weight(const TrainOptions& options, int64_t step, int64_t total_steps) {
  if (options.relevance_share == 0) return options.relevance_weight;
  const double fall = options.relevance_share * static_cast<double>(total_steps);
  return options.relevance_weight * std::max(0.0, 1.0 - static_cast<double>(step - 1) / fall);
}

}  // namespace vqalign
