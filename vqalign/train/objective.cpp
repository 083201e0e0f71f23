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

torch::Tensor guide_loss(TrainingSetup& setup, const Batch& batch, const GridCells& grid) {
  return setup.guide(grid, objects_of(setup, batch), [&setup](const torch::Tensor& features) {
    return setup.bundle.model->project_features(features);
  });
}

/// A batch for the model: of pictures whose regions change no more, the regions.
ModelInput training_input(TrainingSetup& setup, const Batch& batch, torch::Device device,
                          StepLosses& losses) {
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
  losses.encoding_seconds = setup.regions->seconds() - before;
  input.pictures.reset();
  input.regions = to_device(regions, device);
  return input;
}

}  // namespace

StepResult StepLosses::read(const torch::Tensor& gradient_norms) const {
  StepResult result;
  std::vector<torch::Tensor> parts;
  std::vector<double*> to;
  const auto want = [&](const torch::Tensor& value, double& place) {
    parts.push_back(value.detach().view({1}));
    to.push_back(&place);
  };
  if (loss.defined()) want(loss, result.loss.emplace());
  if (distance.defined()) want(distance, result.distance.emplace());
  if (object_loss.defined()) want(object_loss, result.object_loss.emplace());
  if (relevance_loss.defined()) want(relevance_loss, result.relevance_loss.emplace());
  for (const auto& [family, value] : distances) want(value, result.distances[family]);
  parts.push_back(gradient_norms);
  const torch::Tensor values = torch::cat(parts).to(torch::kCPU, torch::kFloat64);
  for (std::size_t i = 0; i < to.size(); ++i) *to[i] = values.const_data_ptr<double>()[i];
  result.gradient_norm = total_norm(values.slice(0, static_cast<int64_t>(to.size())));
  result.encoding_seconds = encoding_seconds;
  return result;
}

StepLosses object_losses(TrainingSetup& setup, const RunOptions& options, const Batch& batch,
                         torch::Device device) {
  const Autocast autocast(options.train.precision, device);
  const GridCells grid = setup.bundle.model->encode_cells(*model_input(batch, device).pictures);
  StepLosses losses;
  losses.object_loss = guide_loss(setup, batch, grid);
  losses.minimised = options.train.object_weight * losses.object_loss;
  return losses;
}

StepLosses sample_losses(TrainingSetup& setup, const RunOptions& options, const Batch& batch,
                         double relevance_weight, torch::Device device, DropoutStreams& streams) {
  PassOptions pass;
  pass.streams = &streams;
  pass.taps.queries_keys = setup.alignment->active();
  const Autocast autocast(options.train.precision, device);
  StepLosses losses;
  const ModelOutput output = setup.bundle.model(training_input(setup, batch, device, losses), pass);
  torch::Tensor samples =
      torch::binary_cross_entropy_with_logits(output.logits, placed(batch).targets.to(device), {},
                                              {}, at::Reduction::None)
          .sum(1);
  losses.loss = samples.mean();
  if (setup.alignment->active()) {
    const torch::Tensor distance = (*setup.alignment).forward(output.taps);
    losses.distance = distance.mean();
    losses.distances = setup.alignment->last_values();
    samples = samples + options.align.weight * distance;
  }
  if (setup.guide && !setup.bundle.model->vision_frozen()) {
    losses.object_loss = guide_loss(setup, batch, output.grid);
    samples = samples + options.train.object_weight * losses.object_loss;
  }
  if (setup.relevance && relevance_weight > 0) {
    losses.relevance_loss = setup.relevance(output, batch.picture_index, spoken_of(setup, batch));
    samples = samples + relevance_weight * losses.relevance_loss;
  }
  losses.minimised = samples;
  return losses;
}

}  // namespace vqalign
