#pragma once

#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/pimpl.h>

#include <array>
#include <string>

#include "vqalign/vision/backbone.h"
#include "vqalign/vision/frozen_norm.h"

namespace vqalign {

/// What fixes a ResNet of bottlenecks.
struct ResNetShape {
  int64_t stem = 64;                ///< channels of the first convolution and inside of stage 1
  std::array<int64_t, 4> blocks{};  ///< of each stage
  int64_t classes = 0;              ///< of ImageNet: 1000; 0 leaves the classifier out

  BackboneWidths widths() const { return {.finer = 16 * stem, .last = 32 * stem}; }
};

/// The shape of "resnet50" or "resnet101" without its classifier; UsageError for another name.
ResNetShape resnet_shape(const std::string& name);

/// A bottleneck of version 1.5: 1x1 convolution to `inner` channels, 3x3 convolution with the
/// stride, 1x1 convolution to four times `inner`, each with its norm, added to the input or, where
/// the shapes differ, to a 1x1 convolution of it ("downsample.0", its norm "downsample.1").
class ResNetBlockImpl : public torch::nn::Module {
 public:
  ResNetBlockImpl(int64_t in, int64_t inner, int64_t stride);
  /// x [P, in, H, W]; `valid` float [P, 1, H, W], 0 = padding, undefined where there is none.
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& valid);
  void train(bool on = true) override;
  int64_t stride() const { return stride_; }

 private:
  int64_t stride_ = 1;
  FoldedConv conv1_, conv2_, conv3_, shortcut_;
};
TORCH_MODULE(ResNetBlock);

/// ResNet-50 and -101 (He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", CVPR
/// 2016; version 1.5: the stride lies in the 3x3 convolution) with torchvision's parameter names
/// and its normalisation of pixels. Both maps are what ReLU left: stage 3's (1024 features) and
/// stage 4's (2048). As a Backbone, but pictures of any extent are independent of their padding.
class ResNetImpl : public Backbone {
 public:
  explicit ResNetImpl(const ResNetShape& shape);

  torch::Tensor normalised(torch::Tensor pixels) const override;
  BackboneMaps forward(torch::Tensor x, torch::Tensor extents = {}) override;
  torch::Tensor classify(const torch::Tensor& last) override;
  void train(bool on = true) override;

 private:
  FoldedConv stem_;
  std::array<torch::nn::ModuleList, 4> stages_;
  torch::nn::Linear fc_ = nullptr;
};
TORCH_MODULE(ResNet);

}  // namespace vqalign
