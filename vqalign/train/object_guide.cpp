#include "vqalign/train/object_guide.h"

#include <torch/torch.h>

#include <cassert>

namespace vqalign {
namespace {

/// Saliency is right almost everywhere by calling all cells empty: weighed up, it learns as fast as
/// the attributes.
constexpr double kSaliencyWeight = 4.0;
constexpr int64_t kNoObject = -1;

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
      const auto& [x1, y1, x2, y2] = list[i].box;
      const float x = 0.5F * (x1 + x2), y = 0.5F * (y1 + y2);
      for (int64_t m = 0; m < count; ++m) {
        if (x >= box[p][m][0] && x < box[p][m][2] && y >= box[p][m][1] && y < box[p][m][3]) {
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
    attributes_[i] = register_module(kObjectAttributes[i], torch::nn::Linear(width, classes[i]));
  }
}

torch::Tensor ObjectGuideImpl::forward(
    const GridCells& grid, const std::vector<const std::vector<LabelledObject>*>& objects) {
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
  const torch::Tensor features = grid.cells.features.flatten(0, 1).index_select(
      0, present.flatten().nonzero().squeeze(1).to(grid.cells.features.device()));
  for (std::size_t i = 0; i < attributes_.size(); ++i) {
    const torch::Tensor classes = classes_of(chosen, objects, i).to(features.device());
    loss = loss + F::cross_entropy(attributes_[i](features).to(torch::kFloat32), classes);
  }
  return loss;
}

}  // namespace vqalign
