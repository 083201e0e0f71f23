#pragma once

#include <cstdint>

namespace vqalign {

/// By what a float16 training multiplies its loss, so that small gradients are not lost below the
/// smallest float16 (Micikevicius et al., "Mixed precision training", ICLR 2018, section 3.2).
/// Dynamic: a step whose gradients overflow is left out and the scale halved; after kCleanSteps
/// without one it is doubled. A training in another number type has a scale of 1 that stays.
class LossScale {
 public:
  static constexpr double kFirst = 65536;
  static constexpr int64_t kCleanSteps = 2000;

  /// What a training state keeps.
  struct State {
    double scale = kFirst;
    int64_t clean_steps = 0;  ///< since the scale last changed

    bool operator==(const State&) const = default;
  };

  /// 1, always.
  LossScale() : state_{1, 0} {}
  /// Dynamic, from there on.
  explicit LossScale(const State& state) : dynamic_(true), state_(state) {}

  bool dynamic() const { return dynamic_; }
  double value() const { return state_.scale; }
  const State& state() const { return state_; }

  /// To be told of every step whether its gradients are numbers. Returns whether they may be no
  /// numbers for the scale's sake, which is then lower; a scale of 1 is never to blame.
  bool to_blame(bool finite);

 private:
  bool dynamic_ = false;
  State state_;
};

}  // namespace vqalign
