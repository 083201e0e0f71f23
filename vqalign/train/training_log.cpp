#include "vqalign/train/training_log.h"

#include <cmath>
#include <cstdio>

#include "vqalign/core/error.h"

namespace vqalign {

bool StepResult::finite() const {
  return std::isfinite(loss) && std::isfinite(distance) && std::isfinite(object_loss) &&
         std::isfinite(relevance_loss);
}

std::string fixed(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

std::string describe(const StepResult& result, double smooth_loss) {
  std::string text;
  if (result.loss > 0) text += "  loss " + fixed(smooth_loss, 4);
  if (result.distance > 0) text += "  distance " + fixed(result.distance, 4);
  if (result.object_loss > 0) text += "  objects " + fixed(result.object_loss, 3);
  if (result.relevance_loss > 0) text += "  relevance " + fixed(result.relevance_loss, 3);
  return text;
}

TrainingLog::TrainingLog(const std::filesystem::path& folder, std::string align)
    : align_(std::move(align)) {
  if (!folder.empty()) events_.emplace(folder);
}

void TrainingLog::step(int64_t step, const StepResult& result) {
  if (!events_) return;
  events_->scalar("train/loss", result.loss, step);
  events_->scalar("train/gradient_norm", result.gradient_norm, step);
  events_->scalar("train/learning_rate", result.learning_rate, step);
  if (result.object_loss > 0) events_->scalar("train/object_loss", result.object_loss, step);
  if (result.relevance_loss > 0)
    events_->scalar("train/relevance_loss", result.relevance_loss, step);
  if (align_ != "none") events_->scalar("align/" + align_, result.distance, step);
}

void TrainingLog::score(int64_t step, double accuracy, double loss) {
  if (!events_) return;
  events_->scalar("val/accuracy", accuracy, step);
  events_->scalar("val/loss", loss, step);
  events_->flush();
}

void report_divergence(const StepResult& result, int64_t step) {
  throw Error(concat("training diverged in step ", step, ": loss is ", result.loss,
                     ", alignment distance is ", result.distance, ", object loss is ",
                     result.object_loss, ", relevance loss is ", result.relevance_loss,
                     ", learning rate is ", result.learning_rate),
              "lower train.learning_rate or set train.gradient_clip; the last saved state is kept");
}

}  // namespace vqalign
