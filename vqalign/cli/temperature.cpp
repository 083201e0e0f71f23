#include "vqalign/cli/temperature.h"

#include "vqalign/cli/text_output.h"
#include "vqalign/cli/uncertainty.h"
#include "vqalign/core/error.h"
#include "vqalign/core/philox.h"
#include "vqalign/train/poor_sets.h"

namespace vqalign {
namespace {

/// Confidences and accuracies of some of the questions.
struct Judged {
  std::vector<double> confidences, accuracies;
};

struct Halves {
  Judged fitted, reported;
};

Halves halves_of(const Dataset& dataset, const std::vector<double>& confidences,
                 const std::vector<double>& accuracies) {
  Halves halves;
  for (std::size_t i = 0; i < dataset.questions.size(); ++i) {
    Judged& half = is_fitted_on(dataset.questions[i].image_id) ? halves.fitted : halves.reported;
    half.confidences.push_back(confidences[i]);
    half.accuracies.push_back(accuracies[i]);
  }
  if (std::ssize(halves.fitted.confidences) < kFewestQuestions ||
      std::ssize(halves.reported.confidences) < kFewestQuestions) {
    fail(dataset.name, ": a temperature is fitted on one half of the pictures and told of the ",
         "other: ", halves.fitted.confidences.size(), " and ", halves.reported.confidences.size(),
         " questions, at least ", kFewestQuestions, " each are needed");
  }
  return halves;
}

CalibrationFigures figures_with(const Judged& half, double temperature) {
  std::vector<double> scaled;
  for (const double confidence : half.confidences) {
    scaled.push_back(scaled_probability(confidence, temperature));
  }
  return calibration_figures(scaled, half.accuracies);
}

/// Why no temperature fits: likelihood has a single top over 1 / T, so that it lies beyond the
/// bound that is the likelier one.
std::string misfit_text(const Judged& half) {
  const double least = figures_with(half, kLeastTemperature).nll;
  const double most = figures_with(half, kMostTemperature).nll;
  if (least == most) return "all claim one half, which none changes";
  if (least < most) {
    return "a lower one would fit better, as they are far more surely right or wrong than they "
           "claim";
  }
  return "a higher one would fit better, as more confidence does not make them right more often";
}

double fitted(const Dataset& dataset, const Judged& half, const char* what) {
  const std::optional<double> temperature = fitted_temperature(half.confidences, half.accuracies);
  if (temperature) return *temperature;
  double right = 0;
  for (const double accuracy : half.accuracies) right += accuracy;
  fail(dataset.name, ": no temperature of ", kLeastTemperature, " to ", kMostTemperature, " fits ",
       what, ": of the ", half.accuracies.size(), " answers to fit on ", fixed_text(right, 1),
       " are right; ", misfit_text(half));
}

}  // namespace

bool is_fitted_on(int64_t image_id) {
  const auto id = static_cast<uint64_t>(image_id);
  return philox4x32({static_cast<uint32_t>(id), static_cast<uint32_t>(id >> 32), 0, 0}, {0, 0})[0] %
             2 ==
         0;
}

TemperatureFit fit_temperatures(const Dataset& dataset, const std::vector<double>& confidences,
                                const std::vector<double>& accuracies,
                                const MeasuredPasses* passes) {
  const Halves single = halves_of(dataset, confidences, accuracies);
  TemperatureFit fit;
  fit.reported = std::ssize(single.reported.confidences);
  ModelCalibration& calibration = fit.calibration;
  calibration.questions = std::ssize(single.fitted.confidences);
  calibration.data = dataset.name;
  calibration.temperature = fitted(dataset, single.fitted, "the single pass");
  fit.before = figures_with(single.reported, 1);
  fit.after = figures_with(single.reported, calibration.temperature);
  if (!passes) return fit;
  const Halves repeated = halves_of(dataset, passes->confidences, passes->accuracies);
  calibration.passes = passes->count;
  calibration.passes_temperature = fitted(dataset, repeated.fitted, "the mean over passes");
  fit.passes_before = figures_with(repeated.reported, 1);
  fit.passes_after = figures_with(repeated.reported, calibration.passes_temperature);
  return fit;
}

bool TemperatureFit::fits_no_others() const {
  return after.nll > before.nll || (passes_after && passes_after->nll > passes_before->nll);
}

std::string TemperatureFit::worsened_text() const {
  std::string text;
  const auto add = [&text](const std::string& what, double from, double to) {
    if (to <= from) return;
    text +=
        concat(text.empty() ? "" : ", ", what, " ", fixed_text(from, 4), " to ", fixed_text(to, 4));
  };
  add("NLL", before.nll, after.nll);
  add("ECE", before.ece, after.ece);
  if (!passes_after) return text;
  add("NLL of passes", passes_before->nll, passes_after->nll);
  add("ECE of passes", passes_before->ece, passes_after->ece);
  return text;
}

Json TemperatureFit::to_json() const {
  Json json = Json::object().set("temperature", calibration.temperature);
  if (passes_after) json.set("passes_temperature", calibration.passes_temperature);
  json.set("fitted_on", calibration.questions)
      .set("reported_on", reported)
      .set("before", calibration_json(before))
      .set("after", calibration_json(after));
  if (!passes_after) return json;
  return json.set("passes_before", calibration_json(*passes_before))
      .set("passes_after", calibration_json(*passes_after));
}

std::string TemperatureFit::to_text() const {
  std::string text = concat("calibrated      ", calibration.text(), "; on the other ",
                            count_text(reported, "question"), "\n");
  text += "  before        " + calibration_text(before) + "\n";
  text += "  after         " + calibration_text(after) + "\n";
  if (!passes_after) return text;
  text += "  passes before " + calibration_text(*passes_before) + "\n";
  return text + "  passes after  " + calibration_text(*passes_after) + "\n";
}

}  // namespace vqalign
