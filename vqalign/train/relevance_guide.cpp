#include "vqalign/train/relevance_guide.h"

#include <torch/nn/functional/loss.h>
#include <torch/nn/modules/linear.h>
#include <torch/types.h>

#include <algorithm>
#include <cassert>

namespace vqalign {
namespace {

/// Few of a picture's regions are relevant: weighed up, silence does not pay.
constexpr double kRelevantWeight = 4.0;

struct Targets {
  torch::Tensor relevant;  ///< float [B, M]
  torch::Tensor labelled;  ///< bool [B, 1]
};

Targets targets_of(const torch::Tensor& all_boxes, const torch::Tensor& picture_index,
                   const std::vector<SpokenObjects>& spoken) {
  const torch::Tensor boxes = all_boxes.to(torch::kCPU, torch::kFloat32).contiguous();
  const torch::Tensor index = picture_index.to(torch::kCPU);
  const auto questions = static_cast<int64_t>(spoken.size());
  const int64_t regions = boxes.size(1);
  Targets targets{torch::zeros({questions, regions}), torch::zeros({questions, 1}, torch::kBool)};
  const auto box = boxes.accessor<float, 3>();
  const auto picture = index.accessor<int64_t, 1>();
  auto relevant = targets.relevant.accessor<float, 2>();
  auto labelled = targets.labelled.accessor<bool, 2>();
  for (int64_t b = 0; b < questions; ++b) {
    const SpokenObjects& said = spoken[static_cast<std::size_t>(b)];
    if (!said.about) continue;
    labelled[b][0] = true;
    for (int64_t m = 0; m < regions; ++m) {
      relevant[b][m] = std::any_of(said.about->begin(), said.about->end(), [&](int64_t i) {
        return (*said.objects)[static_cast<std::size_t>(i)].centre_in(&box[picture[b]][m][0]);
      });
    }
  }
  return targets;
}

}  // namespace

RelevanceGuideImpl::RelevanceGuideImpl(int64_t layers, int64_t width) {
  register_module("blocks", blocks_);
  for (int64_t i = 0; i < layers; ++i) blocks_->push_back(torch::nn::Linear(width, 1));
}

torch::Tensor RelevanceGuideImpl::forward(const ModelOutput& output,
                                          const torch::Tensor& picture_index,
                                          const std::vector<SpokenObjects>& spoken) {
  assert(output.region_states.size() == blocks_->size());
  assert(static_cast<int64_t>(spoken.size()) == picture_index.size(0));
  const Targets targets = targets_of(output.boxes, picture_index, spoken);
  const torch::Device device = output.region_mask.device();
  const torch::Tensor real = output.region_mask.logical_not() & targets.labelled.to(device);
  torch::Tensor loss = torch::zeros({}, torch::TensorOptions(device));
  if (!real.any().item<bool>()) return loss;
  const torch::Tensor relevant = targets.relevant.to(device).masked_select(real);
  const auto options = torch::nn::functional::BinaryCrossEntropyWithLogitsFuncOptions().pos_weight(
      torch::full({}, kRelevantWeight, torch::TensorOptions(device)));
  for (std::size_t i = 0; i < blocks_->size(); ++i) {
    const torch::Tensor logits =
        blocks_[i]->as<torch::nn::Linear>()->forward(output.region_states[i]).squeeze(2);
    loss = loss + torch::nn::functional::binary_cross_entropy_with_logits(
                      logits.to(torch::kFloat32).masked_select(real), relevant, options);
  }
  return loss / static_cast<double>(blocks_->size());
}

}  // namespace vqalign
