#include "vqalign/train/object_guide.h"

#include <torch/nn/functional/linear.h>
#include <torch/nn/functional/loss.h>
#include <torch/nn/functional/normalization.h>
#include <torch/types.h>

#include <cassert>

namespace vqalign {
namespace {

/// Saliency is right almost everywhere by calling all cells empty: weighed up, it learns as fast as
/// the attributes.
constexpr double kSaliencyWeight = 4.0;
constexpr int64_t kNoObject = -1;
/// Of a class's vector: a probability of 0.9 among ten takes a state of some 18 along it. Words are
/// bound to regions slowest where states are much quieter or much louder than that.
constexpr double kVectorLength = 0.25;

/// For every cell of [P, M] the index of its object in its picture's list, or kNoObject.
torch::Tensor object_of_cell(const RegionBatch& cells,
                             const std::vector<const std::vector<LabelledObject>*>& objects) {
  const torch::Tensor boxes = cells.boxes.cpu().contiguous();
  const int64_t pictures = boxes.size(0), count = boxes.size(1);
  assert(static_cast<int64_t>(objects.size()) == pictures);
  torch::Tensor chosen = torch::full({pictures, count}, kNoObject, torch::kLong);
  const auto box = boxes.accessor<float, 3>();
  auto out = chosen.accessor<int64_t, 2>();
  for (int64_t p = 0; p < pictures; ++p) {
    const std::vector<LabelledObject>& list = *objects[static_cast<std::size_t>(p)];
    for (std::size_t i = 0; i < list.size(); ++i) {
      for (int64_t m = 0; m < count; ++m) {
        if (list[i].centre_in(&box[p][m][0])) {
          out[p][m] = static_cast<int64_t>(i);
        }
      }
    }
  }
  return chosen;
}

/// int64 [n]: attribute `which` of the objects in `chosen`, cell by cell.
torch::Tensor classes_of(const torch::Tensor& chosen,
                         const std::vector<const std::vector<LabelledObject>*>& objects,
                         std::size_t which) {
  std::vector<int64_t> classes;
  const auto index = chosen.accessor<int64_t, 2>();
  for (int64_t p = 0; p < chosen.size(0); ++p) {
    for (int64_t m = 0; m < chosen.size(1); ++m) {
      if (index[p][m] == kNoObject) continue;
      const auto& list = *objects[static_cast<std::size_t>(p)];
      classes.push_back(list[static_cast<std::size_t>(index[p][m])].classes[which]);
    }
  }
  return torch::tensor(classes, torch::kLong);
}

}  // namespace

ObjectGuideImpl::ObjectGuideImpl(int64_t width, const std::array<int64_t, 3>& classes) {
  for (std::size_t i = 0; i < classes.size(); ++i) {
    vectors_[i] = register_parameter(kObjectAttributes[i], torch::randn({classes[i], width}));
  }
}

torch::Tensor ObjectGuideImpl::forward(
    const GridCells& grid, const std::vector<const std::vector<LabelledObject>*>& objects,
    const Projection& project) {
  namespace F = torch::nn::functional;
  const torch::Tensor chosen = object_of_cell(grid.cells, objects);
  const torch::Tensor present = chosen.ne(kNoObject);
  torch::Tensor loss = torch::zeros({}, grid.cells.features.options().dtype(torch::kFloat32));
  if (grid.saliency.defined()) {
    const torch::Tensor real = grid.cells.mask.logical_not();
    const torch::Tensor target = present.to(grid.saliency.device(), torch::kFloat32);
    loss = loss + kSaliencyWeight * F::binary_cross_entropy_with_logits(
                                        grid.saliency.to(torch::kFloat32).masked_select(real),
                                        target.masked_select(real));
  }
  if (!present.any().item<bool>()) return loss;
  const torch::Tensor states = project(grid.cells.features.flatten(0, 1).index_select(
      0, present.flatten().nonzero().squeeze(1).to(grid.cells.features.device())));
  for (std::size_t i = 0; i < vectors_.size(); ++i) {
    const torch::Tensor classes = classes_of(chosen, objects, i).to(states.device());
    const torch::Tensor vectors =
        F::normalize(vectors_[i], F::NormalizeFuncOptions().dim(1)) * kVectorLength;
    loss = loss + F::cross_entropy(F::linear(states, vectors).to(torch::kFloat32), classes);
  }
  return loss;
}

}  // namespace vqalign
