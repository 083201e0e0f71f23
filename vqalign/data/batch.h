#pragma once

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "vqalign/core/cancel.h"
#include "vqalign/data/answers.h"
#include "vqalign/data/dataset.h"
#include "vqalign/data/picture_cache.h"
#include "vqalign/language/tokenizer.h"
#include "vqalign/vision/feature_source.h"
#include "vqalign/vision/picture_batch.h"
#include "vqalign/vision/regions.h"

namespace vqalign {

class DeviceCopy;

/// B questions about P distinct pictures, ready for the model. Either `pictures` or `regions` is
/// filled.
struct Batch {
  torch::Tensor tokens;   ///< int64 [B, T], cut to the longest row, T >= 1; 0 = padding
  torch::Tensor targets;  ///< float32 [B, A], soft targets; undefined without annotations
  PictureBatch pictures;  ///< pixels of P pictures; its tensors are undefined with stored features
  RegionBatch regions;    ///< stored features of P pictures; undefined with pixels
  torch::Tensor picture_index;  ///< int64 [B], row b asks about picture picture_index[b] of 0..P-1
  std::vector<int64_t> rows;    ///< B indices into Dataset::questions
  /// The tensors on another device, where a loader copied them ahead (device_copy.h); else null.
  std::shared_ptr<const DeviceCopy> copy;

  int64_t size() const { return static_cast<int64_t>(rows.size()); }
};

/// What batches are made of. Everything pointed at must outlive the loader.
struct BatchInputs {
  const Dataset* dataset = nullptr;
  const Vocabulary* vocabulary = nullptr;
  const AnswerList* answers = nullptr;      ///< null: no targets
  const SoftTargets* targets = nullptr;     ///< null: made of the dataset's annotations
  const FeatureSource* features = nullptr;  ///< null: pictures of the dataset, scaled by `scale`
  PictureScale scale;
  int64_t max_tokens = 14;
};

/// Rows of tokens as int64 [B, T], 0 behind the tokens of a row; T is the longest row's, and at
/// least `width`.
torch::Tensor padded_tokens(const std::vector<std::vector<int64_t>>& rows, std::size_t width = 1);

/// One batch, made in the calling thread. `cache` may be null. Error naming the file of a picture
/// that cannot be read.
Batch make_batch(const BatchInputs& inputs, const std::vector<int64_t>& rows, PictureCache* cache,
                 const CancelToken* cancel = nullptr);

}  // namespace vqalign
