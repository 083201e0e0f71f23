#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "vqalign/train/event_file.h"
#include "vqalign/train/training_state.h"

namespace vqalign {

/// What one training step found out; what the step did not have is empty.
struct StepResult {
  std::optional<double> loss;      ///< mean over samples of BCE summed over answers
  std::optional<double> distance;  ///< mean over samples of the regulariser, before its weight
  std::map<std::string, double> distances;  ///< of a head, by family of attention
  std::optional<double> object_loss;        ///< of the guide by labelled objects, before its weight
  std::optional<double> relevance_loss;     ///< of the guide by relevant regions, before its weight
  double gradient_norm = 0;                 ///< before clipping
  double learning_rate = 0;
  std::optional<double> loss_scale;  ///< of a float16 training
  bool skipped = false;              ///< its gradients overflowed for that scale: nothing moved
  double encoding_seconds = 0;       ///< spent on pictures that no later step encodes again

  bool finite() const;  ///< whether every part of the loss is a number
};

/// `value` with so many decimals.
std::string fixed(double value, int decimals);

/// The losses of a step for the progress line, each behind two spaces: the answers' smoothed over
/// steps, then what of the others the step had.
std::string describe(const StepResult& result, double smooth_loss);

/// The curves of a training for TensorBoard: of each step what it had. Writes nothing when no
/// folder is named.
class TrainingLog {
 public:
  /// `align`: the kind of distance, the name of its curves.
  TrainingLog(const std::filesystem::path& folder, std::string align);

  void step(int64_t step, const StepResult& result);
  void score(int64_t step, double accuracy, double loss);

 private:
  std::string align_;
  std::optional<EventFile> events_;
};

/// Tells of a resumed training when its length has changed (`total_steps`, 0 while unknown), when
/// it has nothing left to do, and when another kind of device than before, or another number of the
/// CPU's threads, will make numbers that differ in their last bits.
void log_resumption(const TrainingProgress& at, int64_t total_steps, const std::string& device,
                    int64_t threads);

/// Throws the Error of a training whose loss or gradient is no number any more.
[[noreturn]] void report_divergence(const StepResult& result, int64_t step);
/// The same of a tensor that was trained.
[[noreturn]] void report_divergence(const std::string& tensor, int64_t step);

}  // namespace vqalign
