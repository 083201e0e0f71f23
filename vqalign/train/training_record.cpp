#include "vqalign/train/training_record.h"

#include <cmath>

namespace vqalign {

std::string data_name(const DataSource& source, const Dataset& dataset) {
  if (source.directory.empty()) return dataset.name;
  const auto folder = std::filesystem::absolute(source.directory / "x").lexically_normal();
  return (folder.parent_path().filename() / dataset.name).string();
}

Json training_record(const TrainRequest& request, const Dataset& train, const TrainingProgress& at,
                     int64_t epochs, double minutes) {
  RunOptions options = request.options;
  Json record = Json::object()
                    .set("recipe", request.recipe)
                    .set("data", data_name(request.train, train))
                    .set("questions", train.own_questions())
                    .set("seed", static_cast<int64_t>(request.seed))
                    .set("epochs", epochs)
                    .set("steps", at.step)
                    .set("align", options.align.kind)
                    .set("align_weight", options.align.weight)
                    .set("minutes", std::round(minutes * 10) / 10);
  if (at.best_epoch > 0) record.set("accuracy", at.best_overall);
  record.set("options", options_to_json(options.options()));
  return record;
}

TrainSummary training_summary(const TrainingProgress& at, int64_t epochs, double seconds,
                              double samples_per_second) {
  TrainSummary summary;
  summary.epochs = epochs;
  summary.steps = at.step;
  summary.seconds = seconds;
  summary.samples_per_second = samples_per_second;
  if (at.best_epoch > 0) summary.best_epoch = at.best_epoch;
  summary.best_overall = at.best_overall;
  return summary;
}

Json TrainSummary::to_json() const {
  Json best;
  if (best_epoch) best = Json::object().set("epoch", *best_epoch).set("overall", best_overall);
  return Json::object()
      .set("epochs", epochs)
      .set("steps", steps)
      .set("seconds", std::round(seconds * 100) / 100)
      .set("samples_per_second", std::round(samples_per_second * 100) / 100)
      .set("best", std::move(best));
}

}  // namespace vqalign
