#include "vqalign/train/uncertainty.h"

#include <torch/types.h>
#include <torch/utils.h>

#include "vqalign/data/batch_sampler.h"
#include "vqalign/fusion/stochastic_passes.h"
#include "vqalign/inspect/ranking.h"
#include "vqalign/train/batch_memory.h"
#include "vqalign/train/precision.h"

namespace vqalign {
namespace {

/// What the passes said about every question, in the dataset's order.
struct PassVerdicts {
  std::vector<std::string> answers;
  std::vector<double> confidences;
  std::vector<double> p_values;

  explicit PassVerdicts(std::size_t count) : answers(count), confidences(count), p_values(count) {}
};

/// Pictures turned into regions, with noise where it is asked for, and words into vectors where
/// their encoder is a constant.
ModelInput encoded(VqaModel& model, ModelInput input, double noise, at::Generator& generator) {
  input.regions = encoded_regions(model, input, noise, generator);
  input.pictures.reset();
  input.word_states = model->encode_words(input.tokens);
  return input;
}

/// What the passes [passes, A] say about question `row`.
void judge(const ModelBundle& bundle, const torch::Tensor& passes, std::size_t row,
           PassVerdicts& verdicts) {
  AnswerEvidence evidence;
  rank_answers(evidence, passes, bundle.answers, bundle.priors, /*top=*/1,
               /*temperature=*/1);
  verdicts.answers[row] = evidence.answers[0].text;
  verdicts.confidences[row] = evidence.answers[0].probability;
  verdicts.p_values[row] = evidence.certainty->p_value;
}

}  // namespace

Uncertainty measure_uncertainty(ModelBundle& bundle, const Dataset& dataset,
                                const EvaluationOptions& options, int64_t passes,
                                Progress& progress, const CancelToken& cancel) {
  const torch::InferenceMode no_grad;
  bundle.model->eval();
  const DatasetInputs source =
      dataset_inputs(bundle.config, dataset, bundle.vocabulary, nullptr, &cancel);
  BatchLoader loader(source.inputs, options.data, &cancel, options.device);
  loader.start(evaluation_batches(question_shapes(source.inputs, &cancel), options.batch_size));
  at::Generator generator = at::detail::createCPUGenerator(options.seed);
  const PassesRequest request{.passes = passes, .seed = options.seed, .cancel = &cancel};
  PassVerdicts verdicts(dataset.questions.size());
  int64_t done = 0;
  progress.begin("repeated passes", static_cast<int64_t>(dataset.questions.size()), "questions");
  BatchMemory memory(options.device, options.batch_option);
  const auto next = [&loader] { return loader.next(); };
  while (const std::optional<Batch> batch = memory.with(options.batch_size, next)) {
    const Autocast autocast(options.precision, options.device);
    const ModelInput input = memory.with(batch->size(), [&] {
      return encoded(bundle.model, model_input(*batch, options.device), options.noise, generator);
    });
    for (std::size_t i = 0; i < batch->rows.size(); ++i) {
      const ModelInput one = question_alone(input, static_cast<int64_t>(i));
      judge(bundle, stochastic_passes(bundle.model, one, request),
            static_cast<std::size_t>(batch->rows[i]), verdicts);
      progress.update(++done);
    }
  }
  progress.end();
  Uncertainty result;
  MeasuredPasses& measured = result.measured;
  measured.count = passes;
  measured.accuracies = score_predictions(verdicts.answers, dataset.annotations, Metric::kOfficial)
                            .shown_accuracies();
  measured.confidences = std::move(verdicts.confidences);
  const ModelCalibration& calibration = bundle.calibration;
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
