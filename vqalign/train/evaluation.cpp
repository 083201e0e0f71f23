#include "vqalign/train/evaluation.h"

#include <torch/nn/functional/loss.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <chrono>

#include "vqalign/core/error.h"
#include "vqalign/core/log.h"
#include "vqalign/data/batch_sampler.h"
#include "vqalign/train/batch_memory.h"
#include "vqalign/train/precision.h"
#include "vqalign/vision/feature_store.h"

namespace vqalign {
namespace {

[[noreturn]] void refuse_logits(const Dataset& dataset, const Batch& batch,
                                const torch::Tensor& logits) {
  const auto first = torch::isfinite(logits).all(1).logical_not().nonzero()[0].item<int64_t>();
  const int64_t row = batch.rows[static_cast<std::size_t>(first)];
  fail(dataset.name, ": question ", dataset.questions[static_cast<std::size_t>(row)].question_id,
       ": the model gives probabilities that are no numbers");
}

[[noreturn]] void refuse_without_features(const Dataset& dataset, const Question& question) {
  const bool viewed = dataset.augmentation.views() > 1;
  const int64_t id = viewed ? original_image_id(question.image_id) : question.image_id;
  const int64_t view = viewed ? view_index(question.image_id) : 0;
  throw Error(concat(dataset.name, ": question ", question.question_id, " has image_id ", id,
                     ", which has no features in ", dataset.features.string(),
                     view > 0 ? concat(" of its view ", view) : ""),
              view > 0 ? "extract with the same data.mirror, data.crops and data.crop_side" : "");
}

void count_words(const Batch& batch, int64_t unknown, Predictions& result) {
  const auto questions = [](const torch::Tensor& rows) { return rows.sum().item<int64_t>(); };
  result.with_unknown_words += questions(batch.tokens.eq(unknown).any(1));
  result.without_words += questions(batch.tokens.eq(Vocabulary::kPadding).all(1));
}

/// The answers to a batch, with their probabilities.
void keep_answers(const ModelBundle& bundle, const Batch& batch, const torch::Tensor& logits,
                  Predictions& result) {
  const torch::Tensor best = logits.argmax(1);
  const torch::Tensor confidences =
      bundle.calibration.probabilities(logits.amax(1).to(torch::kDouble));
  for (std::size_t i = 0; i < batch.rows.size(); ++i) {
    const auto row = static_cast<std::size_t>(batch.rows[i]);
    result.answers[row] = bundle.answers[static_cast<std::size_t>(best.data_ptr<int64_t>()[i])];
    result.confidences[row] = confidences.data_ptr<double>()[i];
  }
  if (result.probabilities.defined()) {
    result.probabilities.index_copy_(0, torch::tensor(batch.rows),
                                     bundle.calibration.probabilities(logits));
  }
}

/// The logits of a batch, float32 [B, A] on the CPU.
torch::Tensor logits_of(ModelBundle& bundle, const Batch& batch, const EvaluationOptions& options,
                        at::Generator& generator) {
  const Autocast autocast(options.precision, options.device);
  ModelInput input = model_input(batch, options.device);
  if (options.noise > 0) {
    input.regions = encoded_regions(bundle.model, input, options.noise, generator);
    input.pictures.reset();
  }
  const ModelOutput output =
      bundle.model(input, PassOptions{.streams = nullptr, .taps = options.taps});
  if (options.observe) options.observe(output);
  return output.logits.cpu();
}

}  // namespace

DatasetInputs dataset_inputs(const ModelConfig& config, const Dataset& dataset,
                             const Vocabulary& vocabulary, const AnswerList* answers,
                             const CancelToken* cancel, const SoftTargets* targets) {
  DatasetInputs result;
  const bool stored = !dataset.features.empty();
  if (stored != (config.vision.encoder == "features")) {
    throw UsageError(stored ? "the model sees pictures, --features gives it stored features"
                            : "the model takes stored features: name them with --features");
  }
  if (stored) {
    result.features = open_features(dataset.features, config.vision.feature_width,
                                    config.vision.max_regions, cancel);
    for (const Question& question : dataset.questions) {
      if (!result.features->has(question.image_id)) refuse_without_features(dataset, question);
    }
  }
  result.inputs = {.dataset = &dataset,
                   .vocabulary = &vocabulary,
                   .answers = answers,
                   .targets = targets,
                   .features = stored ? result.features.get() : dataset.encodings.get(),
                   .scale = picture_scale(config.vision),
                   .max_tokens = config.language.max_tokens};
  return result;
}

void warn_of_slow_order(const DatasetInputs& source) {
  if (!source.features || source.features->random_access()) return;
  log_warning(concat(source.inputs.dataset->features.string(), ": pictures of a ",
                     source.features->format(), " are slow to read in random order; vqalign pack ",
                     "makes a store of it that is not"));
}

ModelInput model_input(const Batch& batch, torch::Device device) {
  const Batch& own = placed(batch);
  ModelInput input;
  input.tokens = own.tokens.to(device);
  input.picture_index = own.picture_index.to(device);
  if (own.regions.features.defined()) {
    input.regions = to_device(own.regions, device);
  } else {
    input.pictures = to_device(own.pictures, device);
  }
  return input;
}

RegionBatch encoded_regions(VqaModel& model, const ModelInput& input, double noise,
                            at::Generator& generator) {
  RegionBatch regions = model->encode_pictures(input);
  if (noise > 0) {
    const torch::Tensor drawn =
        torch::empty(regions.features.sizes()).normal_(0.0, noise, generator);
    regions.features =
        regions.features +
        drawn.to(regions.features.options()).masked_fill(regions.mask.unsqueeze(2), 0.0);
  }
  return regions;
}

Predictions predict(ModelBundle& bundle, const Dataset& dataset, const EvaluationOptions& options,
                    Progress& progress, const CancelToken& cancel, const std::string& stage) {
  const torch::InferenceMode no_grad;
  bundle.model->eval();
  const AnswerList answers(bundle.answers, bundle.priors);
  const bool annotated = options.targets != nullptr || !dataset.annotations.empty();
  const DatasetInputs source =
      dataset_inputs(bundle.config, dataset, bundle.vocabulary, annotated ? &answers : nullptr,
                     &cancel, options.targets);
  BatchLoader loader(source.inputs, options.data, &cancel, options.device);
  loader.start(evaluation_batches(question_shapes(source.inputs, &cancel), options.batch_size));

  const auto count = static_cast<int64_t>(dataset.questions.size());
  Predictions result;
  result.answers.resize(dataset.questions.size());
  result.confidences.resize(dataset.questions.size());
  if (options.keep_probabilities) {
    result.probabilities = torch::zeros({count, static_cast<int64_t>(answers.size())});
  }
  at::Generator generator = at::detail::createCPUGenerator(options.seed);
  double loss = 0;
  int64_t outside = 0, done = 0;
  progress.begin(stage, count, "questions");
  const auto begun = std::chrono::steady_clock::now();
  BatchMemory memory(options.device, options.batch_option);
  const auto next = [&loader] { return loader.next(); };
  while (const std::optional<Batch> batch = memory.with(options.batch_size, next)) {
    const torch::Tensor logits =
        memory.with(batch->size(), [&] { return logits_of(bundle, *batch, options, generator); });
    if (!torch::isfinite(logits).all().item<bool>()) refuse_logits(dataset, *batch, logits);
    count_words(*batch, bundle.vocabulary.unknown(), result);
    keep_answers(bundle, *batch, logits, result);
    if (batch->targets.defined()) {
      loss += torch::binary_cross_entropy_with_logits(logits, batch->targets, {}, {},
                                                      at::Reduction::Sum)
                  .item<double>();
      outside += batch->targets.sum(1).eq(0).sum().item<int64_t>();
    }
    done += batch->size();
    progress.update(done);
  }
  progress.end();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begun;
  result.seconds = seconds.count();
  if (annotated && count > 0) {
    result.loss = loss / static_cast<double>(count);
    result.outside_answer_list = static_cast<double>(outside) / static_cast<double>(count);
  }
  return result;
}

}  // namespace vqalign
