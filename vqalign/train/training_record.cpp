#include "vqalign/train/training_record.h"

#include <cmath>

namespace vqalign {

Json training_record(const TrainRequest& request, const Dataset& train, const TrainingProgress& at,
                     int64_t epochs, double minutes) {
  RunOptions options = request.options;
  Json record = Json::object()
                    .set("recipe", request.recipe)
                    .set("data", train.name)
                    .set("questions", train.questions.size())
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
