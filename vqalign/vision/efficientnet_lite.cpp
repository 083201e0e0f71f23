#include "vqalign/vision/efficientnet_lite.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cassert>
#include <cmath>

#include "vqalign/core/error.h"
#include "vqalign/vision/cell_grid.h"
#include "vqalign/vision/encoder_names.h"

namespace vqalign {
namespace {

/// To a multiple of 8 that is no more than a tenth smaller.
int64_t rounded_channels(double channels) {
  const int64_t rounded = std::max<int64_t>(8, int64_t(channels + 4) / 8 * 8);
  return double(rounded) < 0.9 * channels ? rounded + 8 : rounded;
}

/// ReLU6 in place.
torch::Tensor clipped(torch::Tensor x) {
  return torch::relu6_(x);
}

}  // namespace

EfficientNetShape efficientnet_lite_shape(const std::string& name) {
  const auto* const scaling =
      std::find_if(kLiteScalings.begin(), kLiteScalings.end(),
                   [&name](const LiteScaling& network) { return network.name == name; });
  if (scaling == kLiteScalings.end()) {
    throw UsageError(concat("there is no encoder '", name, "'; efficientnet-lite0, -lite1 and ",
                            "-lite2 are known"));
  }
  // EfficientNet-B0 (Tan and Le 2019, table 1).
  EfficientNetShape shape;
  shape.stages = {{3, 1, 1, 16, 1},  {3, 2, 6, 24, 2},  {5, 2, 6, 40, 2}, {3, 2, 6, 80, 3},
                  {5, 1, 6, 112, 3}, {5, 2, 6, 192, 4}, {3, 1, 6, 320, 1}};
  for (std::size_t i = 0; i < shape.stages.size(); ++i) {
    EfficientNetStage& stage = shape.stages[i];
    stage.channels = rounded_channels(double(stage.channels) * scaling->width);
    const bool fixed = i == 0 || i + 1 == shape.stages.size();
    if (!fixed) stage.repeats = int64_t(std::ceil(double(stage.repeats) * scaling->depth));
  }
  return shape;
}

BackboneWidths EfficientNetShape::widths() const {
  int64_t in = stem, finer = stem;
  for (const EfficientNetStage& stage : stages) {
    if (stage.stride == 2) finer = in;
    in = stage.channels;
  }
  return {.finer = finer, .last = head};
}

EfficientNetBlockImpl::EfficientNetBlockImpl(int64_t in, const EfficientNetStage& stage,
                                             int64_t stride)
    : stride_(stride), shortcut_(stride == 1 && in == stage.channels) {
  const int64_t wide = in * stage.expansion;
  if (stage.expansion != 1) {
    expand_ = FoldedConv(*this, "_expand_conv", "_bn0", {.in = in, .out = wide});
  }
  depthwise_ = FoldedConv(
      *this, "_depthwise_conv", "_bn1",
      {.in = wide, .out = wide, .kernel = stage.kernel, .stride = stride, .groups = wide});
  project_ = FoldedConv(*this, "_project_conv", "_bn2", {.in = wide, .out = stage.channels});
}

torch::Tensor EfficientNetBlockImpl::forward(torch::Tensor x, const torch::Tensor& valid) {
  torch::Tensor y = expand_ ? clipped(expand_(x)) : x;
  // Only the depthwise convolution sees neighbours: padding need be zero nowhere else.
  if (valid.defined()) y = y * valid;
  y = project_(clipped(depthwise_(y)));
  return shortcut_ ? y.add_(x) : y;
}

void EfficientNetBlockImpl::train(bool on) {
  torch::nn::Module::train(on);
  for (FoldedConv* conv : {&expand_, &depthwise_, &project_}) conv->forget();
}

EfficientNetLiteImpl::EfficientNetLiteImpl(const EfficientNetShape& shape) {
  stem_ = FoldedConv(*this, "_conv_stem", "_bn0",
                     {.in = 3, .out = shape.stem, .kernel = 3, .stride = 2});
  register_module("_blocks", blocks_);
  int64_t in = shape.stem, total_stride = 2;
  for (const EfficientNetStage& stage : shape.stages) {
    for (int64_t i = 0; i < stage.repeats; ++i) {
      const int64_t stride = i == 0 ? stage.stride : 1;
      total_stride *= stride;
      blocks_->push_back(EfficientNetBlock(in, stage, stride));
      in = stage.channels;
    }
  }
  assert(total_stride == kStride);
  head_ = FoldedConv(*this, "_conv_head", "_bn1", {.in = in, .out = shape.head});
  if (shape.classes > 0) {
    fc_ = register_module("_fc", torch::nn::Linear(shape.head, shape.classes));
  }
}

torch::Tensor EfficientNetLiteImpl::normalised(torch::Tensor pixels) const {
  return pixels.sub_(127.5).mul_(1 / 127.5);
}

BackboneMaps EfficientNetLiteImpl::forward(torch::Tensor x, torch::Tensor extents) {
  BackboneMaps maps;
  x = clipped(stem_(x));
  if (extents.defined()) extents = halved(extents);
  torch::Tensor valid = valid_factor(extents, x);
  for (const auto& module : *blocks_) {
    auto& block = *module->as<EfficientNetBlock>();
    // What the last block of stride 2 is given is the last of stride 16.
    if (block.stride() == 2) maps.finer = x;
    x = block.forward(x, valid);
    if (block.stride() == 1) continue;
    if (extents.defined()) extents = halved(extents);
    valid = valid_factor(extents, x);
  }
  maps.last = clipped(head_(x));
  return maps;
}

torch::Tensor EfficientNetLiteImpl::classify(const torch::Tensor& last) {
  assert(fc_);
  return fc_(last.mean({2, 3}));
}

void EfficientNetLiteImpl::train(bool on) {
  torch::nn::Module::train(on);
  stem_.forget();
  head_.forget();
}

}  // namespace vqalign
