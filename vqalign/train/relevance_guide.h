#pragma once

#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/pimpl.h>

#include <vector>

#include "vqalign/data/object_labels.h"
#include "vqalign/fusion/vqa_model.h"

namespace vqalign {

/// What a question's labels tell of relevance.
struct SpokenObjects {
  const std::vector<LabelledObject>* objects = nullptr;  ///< all of its picture
  const std::vector<int64_t>* about = nullptr;  ///< those it speaks of; null: nothing is known
};

/// Teaches the guided attention which regions a question speaks of, where a dataset says so: a
/// guest of training like the alignment, no part of the model file. A linear map of a region's
/// state behind every guided block tells whether the region holds the centre of such an object, so
/// that binding words to regions need not be found through the answers alone.
class RelevanceGuideImpl : public torch::nn::Module {
 public:
  /// `layers`, `width`: the guided blocks' number and the width of their states.
  RelevanceGuideImpl(int64_t layers, int64_t width);

  /// `picture_index` int64 [B]: a question's picture in output.boxes. `spoken`: B of them. Returns
  /// a scalar: the binary cross-entropy, relevant regions weighted four times, mean over unpadded
  /// regions of questions with labels and over blocks; 0 where there are none.
  torch::Tensor forward(const ModelOutput& output, const torch::Tensor& picture_index,
                        const std::vector<SpokenObjects>& spoken);

 private:
  torch::nn::ModuleList blocks_;
};
TORCH_MODULE(RelevanceGuide);

}  // namespace vqalign
