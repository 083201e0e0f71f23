#include "vqalign/train/extraction.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <optional>
#include <unordered_set>

#include "vqalign/core/error.h"
#include "vqalign/core/formats/packed_store.h"
#include "vqalign/data/batch_sampler.h"

namespace vqalign {
namespace {

/// The dataset with one question a picture, so that batches of questions are batches of pictures.
Dataset one_question_a_picture(const Dataset& dataset) {
  Dataset pictures;
  pictures.name = dataset.name;
  pictures.images = dataset.images;
  std::unordered_set<int64_t> seen;
  for (const Question& question : dataset.questions) {
    if (seen.insert(question.image_id).second) pictures.questions.push_back(question);
  }
  return pictures;
}

/// The regions of picture `index`, without padding.
RegionFeatures picture_of(const RegionBatch& batch, int64_t index) {
  const torch::Tensor real = batch.mask[index].logical_not().nonzero().squeeze(1);
  const auto size = [&](int64_t side) {
    return static_cast<int64_t>(batch.sizes[index][side].item<float>());
  };
  return {batch.features[index].index_select(0, real), batch.boxes[index].index_select(0, real),
          size(0), size(1)};
}

}  // namespace

PackedSummary extract_features(ModelBundle& bundle, const Dataset& dataset,
                               const EvaluationOptions& options, const ExtractionTarget& target,
                               Progress& progress, const CancelToken& cancel) {
  if (bundle.config.vision.encoder == "features") {
    throw UsageError("the model has no encoder of pictures: it takes stored features");
  }
  const torch::InferenceMode no_grad;
  bundle.model->eval();
  const Dataset pictures = one_question_a_picture(dataset);
  if (pictures.questions.empty()) fail(dataset.name, ": has no pictures");
  const DatasetInputs source =
      dataset_inputs(bundle.config, pictures, bundle.vocabulary, nullptr, &cancel);
  BatchLoader loader(source.inputs, options.data, &cancel);
  loader.start(evaluation_batches(question_shapes(source.inputs, &cancel), options.batch_size));

  std::optional<PackedStoreWriter> writer;
  PackedSummary summary{.half = target.half};
  progress.begin("extracting", static_cast<int64_t>(pictures.questions.size()), "images");
  while (const std::optional<Batch> batch = loader.next()) {
    const RegionBatch regions =
        to_device(bundle.model->encode_pictures(model_input(*batch, options.device)), torch::kCPU);
    if (!writer) {
      summary.width = regions.features.size(2);
      writer.emplace(target.file, summary.width, target.half);
    }
    for (int64_t i = 0; i < batch->size(); ++i) {
      const int64_t row = batch->rows[static_cast<std::size_t>(i)];
      const int64_t id = pictures.questions[static_cast<std::size_t>(row)].image_id;
      const RegionFeatures picture = picture_of(regions, i);
      if (!torch::isfinite(picture.features).all().item<bool>()) {
        fail(dataset.name, ": image ", id, ": the model gives features that are no numbers");
      }
      writer->add(id, picture.image_width, picture.image_height, picture.boxes, picture.features);
      summary.regions += picture.features.size(0);
      ++summary.images;
    }
    progress.update(summary.images);
  }
  cancel.check();
  writer->finish();
  progress.end();
  summary.bytes = writer->bytes();
  return summary;
}

}  // namespace vqalign
