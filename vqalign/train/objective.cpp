#include "vqalign/train/objective.h"

#include <torch/torch.h>

#include "vqalign/train/precision.h"

namespace vqalign {
namespace {

/// The labelled objects of each of the batch's pictures.
std::vector<const std::vector<LabelledObject>*> objects_of(const TrainingSetup& setup,
                                                           const Batch& batch) {
  std::vector<const std::vector<LabelledObject>*> objects(
      static_cast<std::size_t>(batch.pictures.sizes.size(0)));
  const auto index = batch.picture_index.accessor<int64_t, 1>();
  for (int64_t b = 0; b < batch.size(); ++b) {
    const auto row = static_cast<std::size_t>(batch.rows[static_cast<std::size_t>(b)]);
    objects[static_cast<std::size_t>(index[b])] =
        &setup.labels.of(setup.train.questions[row].image_id);
  }
  return objects;
}

}  // namespace

torch::Tensor sample_losses(TrainingSetup& setup, const RunOptions& options, const Batch& batch,
                            torch::Device device, DropoutStreams& streams, StepResult& result) {
  PassOptions pass;
  pass.streams = &streams;
  pass.taps.queries_keys = setup.alignment->active();
  const Autocast autocast(options.train, device);
  const ModelOutput output = setup.bundle.model(model_input(batch, device), pass);
  torch::Tensor samples = torch::binary_cross_entropy_with_logits(
                              output.logits, batch.targets.to(device), {}, {}, at::Reduction::None)
                              .sum(1);
  result.loss = samples.mean().item<double>();
  if (setup.alignment->active()) {
    const torch::Tensor distance = (*setup.alignment).forward(output.taps);
    result.distance = distance.mean().item<double>();
    samples = samples + options.align.weight * distance;
  }
  if (setup.guide) {
    const torch::Tensor objects = setup.guide(output.grid, objects_of(setup, batch));
    result.object_loss = objects.item<double>();
    samples = samples + options.train.object_weight * objects;
  }
  return samples;
}

}  // namespace vqalign
