#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "vqalign/train/event_file.h"

namespace vqalign {

/// What one training step found out.
struct StepResult {
  double loss = 0;            ///< mean over samples of BCE summed over answers
  double distance = 0;        ///< mean over samples of the regulariser, before its weight
  double object_loss = 0;     ///< of the guide by labelled objects, before its weight
  double relevance_loss = 0;  ///< of the guide by relevant regions, before its weight
  double gradient_norm = 0;
  double learning_rate = 0;

  bool finite() const;  ///< whether every part of the loss is a number
};

/// `value` with so many decimals.
std::string fixed(double value, int decimals);

/// The losses of a step for the progress line, each behind two spaces: the answers' smoothed over
/// steps, then what of the others the step had.
std::string describe(const StepResult& result, double smooth_loss);

/// The curves of a training for TensorBoard; writes nothing when no folder is named.
class TrainingLog {
 public:
  /// `align`: the kind of distance, or "none".
  TrainingLog(const std::filesystem::path& folder, std::string align);

  bool active() const { return events_.has_value(); }
  void step(int64_t step, const StepResult& result);
  void score(int64_t step, double accuracy, double loss);

 private:
  std::string align_;
  std::optional<EventFile> events_;
};

/// Throws the Error of a training whose loss is no number any more.
[[noreturn]] void report_divergence(const StepResult& result, int64_t step);

}  // namespace vqalign
