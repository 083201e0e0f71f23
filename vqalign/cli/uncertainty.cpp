#include "vqalign/cli/uncertainty.h"

#include <torch/types.h>
#include <torch/utils.h>

#include "vqalign/cli/text_output.h"
#include "vqalign/core/error.h"
#include "vqalign/data/batch_sampler.h"
#include "vqalign/fusion/stochastic_passes.h"
#include "vqalign/inspect/ranking.h"

namespace vqalign {
namespace {

/// What the passes said about every question, in the dataset's order.
struct Verdicts {
  std::vector<std::string> answers;
  std::vector<double> confidences;
  std::vector<double> p_values;

  explicit Verdicts(std::size_t count) : answers(count), confidences(count), p_values(count) {}
};

/// Pictures turned into regions, with noise where it is asked for, and words into vectors where
/// their encoder is a constant.
ModelInput encoded(ModelRun& run, ModelInput input, at::Generator& generator) {
  RegionBatch regions = run.bundle.model->encode_pictures(input);
  if (run.options.noise > 0) {
    // Drawn on the CPU, whose generator this is, so that a seed means the same on every device.
    const torch::Tensor noise = torch::empty(regions.features.sizes())
                                    .normal_(0.0, run.options.noise, generator)
                                    .to(regions.features.device());
    regions.features = regions.features + noise.masked_fill(regions.mask.unsqueeze(2), 0.0);
  }
  input.pictures.reset();
  input.regions = std::move(regions);
  input.word_states = run.bundle.model->encode_words(input.tokens);
  return input;
}

/// What the passes [passes, A] say about question `row`.
void judge(const ModelRun& run, const torch::Tensor& passes, std::size_t row, Verdicts& verdicts) {
  AnswerEvidence evidence;
  rank_answers(evidence, passes, run.bundle.answers, run.bundle.priors, /*top=*/1,
               /*temperature=*/1);
  verdicts.answers[row] = evidence.answers[0].text;
  verdicts.confidences[row] = evidence.answers[0].probability;
  // A model with a single answer has nothing to doubt it with.
  verdicts.p_values[row] = evidence.certainty ? evidence.certainty->p_value : 0.0;
}

}  // namespace

Json Uncertainty::to_json() const {
  return Json::object()
      .set("pavpu", rounded(measured.pavpu, 2))
      .set("ece", figures.ece)
      .set("brier", figures.brier)
      .set("passes", measured.count)
      .set("ece_adaptive", figures.ece_adaptive)
      .set("nll", figures.nll)
      .set("auroc", figures.auroc)
      .set("aurc", figures.aurc);
}

std::string Uncertainty::to_text() const {
  return concat("uncertainty     PAvPU ", fixed_text(measured.pavpu, 2), " %, ",
                calibration_text(figures), " over ", measured.count, " passes\n");
}

Json calibration_json(const CalibrationFigures& figures) {
  return Json::object()
      .set("ece", figures.ece)
      .set("ece_adaptive", figures.ece_adaptive)
      .set("brier", figures.brier)
      .set("nll", figures.nll)
      .set("auroc", figures.auroc)
      .set("aurc", figures.aurc);
}

std::string calibration_text(const CalibrationFigures& figures) {
  return concat("ECE ", fixed_text(figures.ece, 4), " (adaptive bins ",
                fixed_text(figures.ece_adaptive, 4), "), Brier ", fixed_text(figures.brier, 4),
                ", NLL ", fixed_text(figures.nll, 4), ", AUROC ", fixed_text(figures.auroc, 4),
                ", AURC ", fixed_text(figures.aurc, 4));
}

Uncertainty measure_uncertainty(ModelRun& run, int64_t passes, Progress& progress,
                                const CancelToken& cancel) {
  const torch::InferenceMode no_grad;
  run.bundle.model->eval();
  const DatasetInputs source =
      dataset_inputs(run.bundle.config, run.dataset, run.bundle.vocabulary, nullptr, &cancel);
  BatchLoader loader(source.inputs, run.options.data, &cancel);
  loader.start(evaluation_batches(question_shapes(source.inputs, &cancel), run.options.batch_size));
  at::Generator generator = at::detail::createCPUGenerator(run.options.seed);
  const PassesRequest request{.passes = passes, .seed = run.options.seed, .cancel = &cancel};
  Verdicts verdicts(run.dataset.questions.size());
  int64_t done = 0;
  progress.begin("repeated passes", static_cast<int64_t>(run.dataset.questions.size()),
                 "questions");
  while (const std::optional<Batch> batch = loader.next()) {
    const ModelInput input = encoded(run, model_input(*batch, run.options.device), generator);
    for (std::size_t i = 0; i < batch->rows.size(); ++i) {
      const ModelInput one = question_alone(input, static_cast<int64_t>(i));
      judge(run, stochastic_passes(run.bundle.model, one, request),
            static_cast<std::size_t>(batch->rows[i]), verdicts);
      progress.update(++done);
    }
  }
  progress.end();
  Uncertainty result;
  MeasuredPasses& measured = result.measured;
  measured.count = passes;
  measured.accuracies =
      score_predictions(verdicts.answers, run.dataset.annotations, Metric::kOfficial)
          .shown_accuracies();
  measured.confidences = std::move(verdicts.confidences);
  const ModelCalibration& calibration = run.bundle.calibration;
  for (double& confidence : measured.confidences) {
    if (!calibration.fitted_for_passes()) break;
    confidence = scaled_probability(confidence, calibration.passes_temperature);
  }
  measured.pavpu = 100 * accuracy_versus_uncertainty(measured.accuracies, verdicts.p_values);
  result.figures = calibration_figures(measured.confidences, measured.accuracies);
  result.p_values = std::move(verdicts.p_values);
  return result;
}

}  // namespace vqalign
