#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <array>
#include <functional>
#include <vector>

#include "vqalign/data/object_labels.h"
#include "vqalign/vision/grid_cnn.h"

namespace vqalign {

/// Teaches the grid CNN what its cells show, where a dataset labels its objects: a guest of
/// training like the alignment, no part of the model file. The cell that holds an object's centre
/// is to stand out (the CNN's saliency) and to tell the object's attributes. An attribute's classes
/// are read off the region's state, its features as the co-attention gets them, by a short vector
/// each: short, so that the state must tell them loudly, above what else is in it. An object drawn
/// later hides an earlier one in the same cell.
class ObjectGuideImpl : public torch::nn::Module {
 public:
  /// `width`: of a region's state. `classes`: how many values each attribute has.
  ObjectGuideImpl(int64_t width, const std::array<int64_t, 3>& classes);

  using Projection = std::function<torch::Tensor(const torch::Tensor&)>;

  /// `objects`: a list for each of the P pictures. `project`: features to states. Returns a scalar:
  /// 4 times the binary cross-entropy of saliency, mean over unpadded cells (left out when the CNN
  /// has none), plus the cross-entropy of every attribute, mean over cells with an object.
  torch::Tensor forward(const GridCells& grid,
                        const std::vector<const std::vector<LabelledObject>*>& objects,
                        const Projection& project);

 private:
  std::array<torch::Tensor, 3> vectors_;  ///< [classes, width], of any length
};
TORCH_MODULE(ObjectGuide);

}  // namespace vqalign
