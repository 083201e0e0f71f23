#include "vqalign/train/objective.h"

#include <torch/nn/functional/loss.h>
#include <torch/types.h>

#include "vqalign/train/precision.h"

namespace vqalign {
namespace {

/// The ids of the batch's pictures.
std::vector<int64_t> images_of(const TrainingSetup& setup, const Batch& batch) {
  std::vector<int64_t> ids(static_cast<std::size_t>(batch.pictures.sizes.size(0)));
  const auto index = batch.picture_index.accessor<int64_t, 1>();
  for (int64_t b = 0; b < batch.size(); ++b) {
    const auto row = static_cast<std::size_t>(batch.rows[static_cast<std::size_t>(b)]);
    ids[static_cast<std::size_t>(index[b])] = setup.train.questions[row].image_id;
  }
  return ids;
}

/// The labelled objects of each of the batch's pictures.
std::vector<const std::vector<LabelledObject>*> objects_of(const TrainingSetup& setup,
                                                           const Batch& batch) {
  std::vector<const std::vector<LabelledObject>*> objects;
  for (const int64_t id : images_of(setup, batch)) objects.push_back(&setup.labels.of(id));
  return objects;
}

/// What is known of the objects that each question speaks of.
std::vector<SpokenObjects> spoken_of(const TrainingSetup& setup, const Batch& batch) {
  std::vector<SpokenObjects> spoken;
  for (const int64_t row : batch.rows) {
    const Question& question = setup.train.questions[static_cast<std::size_t>(row)];
    const auto found = setup.labels.about.find(question.question_id);
    const bool known = found != setup.labels.about.end();
    spoken.push_back({&setup.labels.of(question.image_id), known ? &found->second : nullptr});
  }
  return spoken;
}

torch::Tensor guide_loss(TrainingSetup& setup, const RunOptions& options, const Batch& batch,
                         const GridCells& grid, StepResult& result) {
  const torch::Tensor loss =
      setup.guide(grid, objects_of(setup, batch), [&setup](const torch::Tensor& features) {
        return setup.bundle.model->project_features(features);
      });
  result.object_loss = loss.item<double>();
  return options.train.object_weight * loss;
}

/// A batch for the model: of pictures whose regions change no more, the regions.
ModelInput training_input(TrainingSetup& setup, const Batch& batch, torch::Device device,
                          StepResult& result) {
  VqaModel& model = setup.bundle.model;
  ModelInput input = model_input(batch, device);
  if (setup.question_states) {
    input.word_states = setup.question_states->of(batch.tokens).to(device);
  }
  if (!input.pictures || !setup.regions || !model->vision_frozen()) return input;
  const double before = setup.regions->seconds();
  const RegionBatch regions = setup.regions->regions_of(
      batch.pictures, images_of(setup, batch), picture_scale(model->config().vision).multiple,
      [&](const PictureBatch& one) {
        ModelInput alone;
        alone.pictures = to_device(one, device);
        return model->encode_pictures(alone);
      });
  result.encoding_seconds = setup.regions->seconds() - before;
  input.pictures.reset();
  input.regions = to_device(regions, device);
  return input;
}

}  // namespace

torch::Tensor object_loss(TrainingSetup& setup, const RunOptions& options, const Batch& batch,
                          torch::Device device, StepResult& result) {
  const Autocast autocast(options.train, device);
  const GridCells grid = setup.bundle.model->encode_cells(*model_input(batch, device).pictures);
  return guide_loss(setup, options, batch, grid, result);
}

torch::Tensor sample_losses(TrainingSetup& setup, const RunOptions& options, const Batch& batch,
                            double relevance_weight, torch::Device device, DropoutStreams& streams,
                            StepResult& result) {
  PassOptions pass;
  pass.streams = &streams;
  pass.taps.queries_keys = setup.alignment->active();
  const Autocast autocast(options.train, device);
  const ModelOutput output = setup.bundle.model(training_input(setup, batch, device, result), pass);
  torch::Tensor samples = torch::binary_cross_entropy_with_logits(
                              output.logits, batch.targets.to(device), {}, {}, at::Reduction::None)
                              .sum(1);
  result.loss = samples.mean().item<double>();
  if (setup.alignment->active()) {
    const torch::Tensor distance = (*setup.alignment).forward(output.taps);
    result.distance = distance.mean().item<double>();
    result.distances = setup.alignment->last_values();
    samples = samples + options.align.weight * distance;
  }
  if (setup.guide && !setup.bundle.model->vision_frozen())
    samples = samples + guide_loss(setup, options, batch, output.grid, result);
  if (setup.relevance && relevance_weight > 0) {
    const torch::Tensor relevance =
        setup.relevance(output, batch.picture_index, spoken_of(setup, batch));
    result.relevance_loss = relevance.item<double>();
    samples = samples + relevance_weight * relevance;
  }
  return samples;
}

}  // namespace vqalign
