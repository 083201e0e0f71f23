#include "vqalign/train/loss_scale.h"

#include <algorithm>

namespace vqalign {
namespace {

/// Beyond it the scaled loss itself would overflow a float32 before long.
constexpr double kMost = 0x1p100;

}  // namespace

bool LossScale::to_blame(bool finite) {
  if (!dynamic_) return false;
  if (!finite) {
    if (state_.scale <= 1) return false;
    state_ = {std::max(1.0, state_.scale / 2), 0};
    return true;
  }
  if (++state_.clean_steps >= kCleanSteps) state_ = {std::min(kMost, state_.scale * 2), 0};
  return false;
}

}  // namespace vqalign
