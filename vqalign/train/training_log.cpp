#include "vqalign/train/training_log.h"

#include <cmath>
#include <cstdio>

#include "vqalign/core/error.h"
#include "vqalign/core/log.h"

namespace vqalign {

bool StepResult::finite() const {
  for (const std::optional<double>& part : {loss, distance, object_loss, relevance_loss}) {
    if (part && !std::isfinite(*part)) return false;
  }
  return true;
}

std::string fixed(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

std::string describe(const StepResult& result, double smooth_loss) {
  std::string text;
  if (result.loss) text += "  loss " + fixed(smooth_loss, 4);
  if (result.distance) text += "  distance " + fixed(*result.distance, 4);
  if (result.object_loss) text += "  objects " + fixed(*result.object_loss, 3);
  if (result.relevance_loss) text += "  relevance " + fixed(*result.relevance_loss, 3);
  return text;
}

TrainingLog::TrainingLog(const std::filesystem::path& folder, std::string align)
    : align_(std::move(align)) {
  if (!folder.empty()) events_.emplace(folder);
}

void TrainingLog::step(int64_t step, const StepResult& result) {
  if (!events_) return;
  const auto write = [&](const std::string& tag, const std::optional<double>& value) {
    if (value) events_->scalar(tag, *value, step);
  };
  write("train/loss", result.loss);
  write("train/object_loss", result.object_loss);
  write("train/relevance_loss", result.relevance_loss);
  if (!result.skipped) write("train/gradient_norm", result.gradient_norm);
  write("train/loss_scale", result.loss_scale);
  write("train/learning_rate", result.learning_rate);
  write("align/" + align_, result.distance);
  for (const auto& [family, value] : result.distances)
    write("align/" + align_ + "/" + family, value);
}

void TrainingLog::score(int64_t step, double accuracy, double loss) {
  if (!events_) return;
  events_->scalar("val/accuracy", accuracy, step);
  events_->scalar("val/loss", loss, step);
  events_->flush();
}

namespace {

[[noreturn]] void diverged(const std::string& what) {
  throw Error(what,
              "lower train.learning_rate or set train.gradient_clip; the last saved state is kept");
}

}  // namespace

void log_resumption(const TrainingProgress& at, int64_t total_steps, const std::string& device,
                    int64_t threads) {
  constexpr const char* kUnlike = ": not bit for bit what it would have been";
  if (at.device != device) {
    log_warning(concat("resumed on ", device, ", begun on ", at.device, kUnlike));
  } else if (device == "cpu" && at.threads != threads) {
    log_warning(concat("resumed with ", threads, " threads, begun with ", at.threads, kUnlike));
  }
  if (total_steps > 0 && at.total_steps > 0 && total_steps != at.total_steps) {
    log_info(concat("planned were ", at.total_steps, " steps, now ", total_steps));
  }
  if (total_steps > 0 && at.step >= total_steps && !at.unscored) {
    log_info(concat("nothing is left to do: ", at.step,
                    " steps are done already; --epochs with a larger number goes on"));
  }
}

void report_divergence(const StepResult& result, int64_t step) {
  std::string text = concat("training diverged in step ", step);
  const auto add = [&text](const char* name, const std::optional<double>& value) {
    if (value) text += concat(", ", name, " is ", *value);
  };
  add("loss", result.loss);
  add("alignment distance", result.distance);
  add("object loss", result.object_loss);
  add("relevance loss", result.relevance_loss);
  if (result.finite()) add("gradient norm", result.gradient_norm);
  add("learning rate", result.learning_rate);
  diverged(text);
}

void report_divergence(const std::string& tensor, int64_t step) {
  diverged(concat("training diverged before step ", step + 1, ": ", tensor,
                  " holds numbers that are not finite"));
}

}  // namespace vqalign
