#include "vqalign/vision/resnet.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cassert>
#include <string>

#include "vqalign/core/error.h"
#include "vqalign/vision/cell_grid.h"
#include "vqalign/vision/encoder_names.h"

namespace vqalign {
namespace {

constexpr int64_t kExpansion = 4;

/// torch's padding and epsilon.
ConvShape torch_conv(int64_t in, int64_t out, int64_t kernel, int64_t stride) {
  return {.in = in,
          .out = out,
          .kernel = kernel,
          .stride = stride,
          .padding = ConvPadding::kHalf,
          .epsilon = 1e-5};
}

/// ReLU in place.
torch::Tensor rectified(torch::Tensor x) {
  return torch::relu_(x);
}

}  // namespace

ResNetShape resnet_shape(const std::string& name) {
  const auto* const depth =
      std::find_if(kResNetDepths.begin(), kResNetDepths.end(),
                   [&name](const ResNetDepth& network) { return network.name == name; });
  if (depth == kResNetDepths.end()) {
    throw UsageError(concat("there is no encoder '", name, "'; resnet50 and resnet101 are known"));
  }
  return {.blocks = depth->blocks};
}

ResNetBlockImpl::ResNetBlockImpl(int64_t in, int64_t inner, int64_t stride) : stride_(stride) {
  const int64_t out = kExpansion * inner;
  conv1_ = FoldedConv(*this, "conv1", "bn1", torch_conv(in, inner, 1, 1));
  conv2_ = FoldedConv(*this, "conv2", "bn2", torch_conv(inner, inner, 3, stride));
  conv3_ = FoldedConv(*this, "conv3", "bn3", torch_conv(inner, out, 1, 1));
  if (stride == 1 && in == out) return;
  const auto downsample = register_module("downsample", std::make_shared<torch::nn::Module>());
  shortcut_ = FoldedConv(*downsample, "0", "1", torch_conv(in, out, 1, stride));
}

torch::Tensor ResNetBlockImpl::forward(const torch::Tensor& x, const torch::Tensor& valid) {
  torch::Tensor y = rectified(conv1_(x));
  // Only the 3x3 convolution sees neighbours: padding need be zero nowhere else.
  if (valid.defined()) y = y * valid;
  y = conv3_(rectified(conv2_(y)));
  return rectified(y.add_(shortcut_ ? shortcut_(x) : x));
}

void ResNetBlockImpl::train(bool on) {
  torch::nn::Module::train(on);
  for (FoldedConv* conv : {&conv1_, &conv2_, &conv3_, &shortcut_}) conv->forget();
}

ResNetImpl::ResNetImpl(const ResNetShape& shape) {
  stem_ = FoldedConv(*this, "conv1", "bn1", torch_conv(3, shape.stem, 7, 2));
  int64_t in = shape.stem, inner = shape.stem;
  for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
    register_module(concat("layer", stage + 1), stages_[stage]);
    for (int64_t i = 0; i < shape.blocks[stage]; ++i) {
      stages_[stage]->push_back(ResNetBlock(in, inner, stage > 0 && i == 0 ? 2 : 1));
      in = kExpansion * inner;
    }
    inner *= 2;
  }
  if (shape.classes > 0) fc_ = register_module("fc", torch::nn::Linear(in, shape.classes));
}

torch::Tensor ResNetImpl::normalised(torch::Tensor pixels) const {
  // torchvision's, there of values from 0 to 1.
  const auto of_channels = [&pixels](double red, double green, double blue) {
    return torch::tensor({red, green, blue}, pixels.options()).mul_(255).view({1, 3, 1, 1});
  };
  return pixels.sub_(of_channels(0.485, 0.456, 0.406)).div_(of_channels(0.229, 0.224, 0.225));
}

BackboneMaps ResNetImpl::forward(torch::Tensor x, torch::Tensor extents) {
  const auto next_factor = [&extents](const torch::Tensor& map) {
    if (extents.defined()) extents = halved(extents);
    return valid_factor(extents, map);
  };
  BackboneMaps maps;
  x = rectified(stem_(x));
  torch::Tensor valid = next_factor(x);
  // Behind a ReLU zeros around a picture are no maximum that it does not have.
  if (valid.defined()) x = x * valid;
  x = torch::max_pool2d(x, /*kernel_size=*/3, /*stride=*/2, /*padding=*/1);
  valid = next_factor(x);
  for (const torch::nn::ModuleList& stage : stages_) {
    maps.finer = x;  // in the end what the last stage is given
    for (const auto& module : *stage) {
      auto& block = *module->as<ResNetBlock>();
      x = block.forward(x, valid);
      if (block.stride() == 2) valid = next_factor(x);
    }
  }
  maps.last = x;
  return maps;
}

torch::Tensor ResNetImpl::classify(const torch::Tensor& last) {
  assert(fc_);
  return fc_(last.mean({2, 3}));
}

void ResNetImpl::train(bool on) {
  torch::nn::Module::train(on);
  stem_.forget();
}

}  // namespace vqalign
