#include "vqalign/train/picture_encoding.h"

#include <ATen/Parallel.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <unordered_set>

#include "vqalign/data/batch_sampler.h"
#include "vqalign/data/device_copy.h"
#include "vqalign/train/batch_memory.h"
#include "vqalign/train/evaluation.h"

namespace vqalign {
namespace {

/// Pictures that are encoded at once: enough for every thread, little memory.
constexpr int64_t kAtOnce = 32;

/// One batch's pictures, in its order.
class BatchEncoder {
 public:
  BatchEncoder(ModelBundle& bundle, torch::Device device)
      : bundle_(bundle), device_(device), multiple_(picture_scale(bundle.config.vision).multiple) {}

  std::vector<RegionFeatures> operator()(const Batch& batch) {
    // Extents are read for each picture, which a device would have to be waited for.
    const PictureBatch pictures{placed(batch).pictures.pixels, batch.pictures.extents,
                                batch.pictures.sizes};
    const int64_t count = pictures.sizes.size(0);
    std::vector<RegionFeatures> made(static_cast<std::size_t>(count));
    const auto encode = [&](int64_t begin, int64_t end) {
      const torch::InferenceMode no_grad;
      for (int64_t p = begin; p < end; ++p) made[static_cast<std::size_t>(p)] = one(pictures, p);
    };
    // The first picture makes what an encoder keeps from call to call, which may not overlap.
    const int64_t first = warm_ ? 0 : 1;
    encode(0, first);
    warm_ = true;
    if (device_.is_cpu() && bundle_.model->vision()->reentrant()) {
      at::parallel_for(first, count, 1, encode);
    } else {
      encode(first, count);
    }
    return made;
  }

 private:
  RegionFeatures one(const PictureBatch& pictures, int64_t p) {
    ModelInput alone;
    alone.pictures = to_device(picture_alone(pictures, p, multiple_), device_);
    return BatchMemory(device_, {}).with(1, [&] {
      return without_padding(bundle_.model->encode_pictures(alone), 0);
    });
  }

  ModelBundle& bundle_;
  torch::Device device_;
  int64_t multiple_;
  bool warm_ = false;
};

}  // namespace

Dataset one_question_a_picture(const Dataset& dataset,
                               const std::function<bool(int64_t image_id)>& wanted) {
  Dataset pictures = dataset.same_pictures();
  pictures.features.clear();
  pictures.encodings.reset();
  std::unordered_set<int64_t> seen;
  for (const Question& question : dataset.questions) {
    if (!seen.insert(question.image_id).second) continue;
    if (wanted && !wanted(question.image_id)) continue;
    pictures.questions.push_back(question);
  }
  return pictures;
}

void encode_pictures(ModelBundle& bundle, const Dataset& pictures, const DataOptions& options,
                     torch::Device device, const CancelToken& cancel, const TakeRegions& take) {
  const torch::InferenceMode no_grad;
  bundle.model->eval();
  const DatasetInputs source =
      dataset_inputs(bundle.config, pictures, bundle.vocabulary, nullptr, &cancel);
  BatchLoader loader(source.inputs, options, &cancel, device);
  loader.start(evaluation_batches(question_shapes(source.inputs, &cancel), kAtOnce));
  BatchEncoder encode(bundle, device);
  while (const std::optional<Batch> batch = loader.next()) {
    std::vector<RegionFeatures> made = encode(*batch);
    for (std::size_t i = 0; i < made.size(); ++i) {
      const auto row = static_cast<std::size_t>(batch->rows[i]);
      take(pictures.questions[row].image_id, std::move(made[i]));
    }
  }
  cancel.check();
}

}  // namespace vqalign
