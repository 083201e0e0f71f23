#include "vqalign/cli/uncertainty.h"

#include "vqalign/cli/text_output.h"
#include "vqalign/core/error.h"
#include "vqalign/train/poor_sets.h"

namespace vqalign {

Json uncertainty_json(const Uncertainty& uncertainty) {
  const MeasuredPasses& measured = uncertainty.measured;
  Json json = Json::object()
                  .set("pavpu", rounded(measured.pavpu, 2))
                  .set("ece", uncertainty.figures.ece)
                  .set("brier", uncertainty.figures.brier)
                  .set("passes", measured.count);
  const Json all = calibration_json(uncertainty.figures);
  for (const char* key : {"ece_adaptive", "nll", "auroc", "aurc"}) json.set(key, all.at(key));
  return json;
}

std::string uncertainty_text(const Uncertainty& uncertainty) {
  return concat("uncertainty     PAvPU ", fixed_text(uncertainty.measured.pavpu, 2), " %, ",
                calibration_text(uncertainty.figures), " over ", uncertainty.measured.count,
                " passes\n");
}

void warn_about_model(const ModelBundle& bundle, int64_t passes) {
  const std::string alone = one_answer_line(std::ssize(bundle.answers), passes);
  const bool alike = alone.empty() && passes > 0 && !bundle.config.has_dropout();
  warn_with({alone, alike
                        ? "the model has no dropout: its passes are all alike, and PAvPU tells its "
                          "accuracy alone"
                        : ""});
}

Json calibration_json(const CalibrationFigures& figures) {
  return Json::object()
      .set("ece", figures.ece)
      .set("ece_adaptive", figures.ece_adaptive)
      .set("brier", figures.brier)
      .set("nll", figures.nll)
      .set("auroc", figures.auroc ? Json(*figures.auroc) : Json())
      .set("aurc", figures.aurc);
}

std::string calibration_text(const CalibrationFigures& figures) {
  return concat("ECE ", fixed_text(figures.ece, 4), " (adaptive bins ",
                fixed_text(figures.ece_adaptive, 4), "), Brier ", fixed_text(figures.brier, 4),
                ", NLL ", fixed_text(figures.nll, 4), ", AUROC ",
                figures.auroc ? fixed_text(*figures.auroc, 4) : "- (all or none right)", ", AURC ",
                fixed_text(figures.aurc, 4));
}

}  // namespace vqalign
