#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/pimpl.h>

#include <array>
#include <string>
#include <utility>

namespace vqalign {

/// Batch normalisation whose statistics never move: gamma (x - mean) / sqrt(var + epsilon) + beta,
/// an affine map a channel. gamma and beta are parameters, the statistics buffers, named as
/// torch's.
class FrozenNormImpl : public torch::nn::Module {
 public:
  FrozenNormImpl(int64_t channels, double epsilon);

  torch::Tensor scale() const;                            ///< [C]: gamma / sqrt(var + epsilon)
  torch::Tensor shift(const torch::Tensor& scale) const;  ///< [C]: beta - mean scale

  torch::Tensor weight;        ///< gamma [C]
  torch::Tensor bias;          ///< beta [C]
  torch::Tensor running_mean;  ///< [C]
  torch::Tensor running_var;   ///< [C]

 private:
  double epsilon_ = 0;
};
TORCH_MODULE(FrozenNorm);

/// Zeros around what a convolution sees. Both make ceil(size / stride) values of a side.
enum class ConvPadding {
  kSame,  ///< TensorFlow's "same": as few as serve, of an odd number the last one behind
  kHalf   ///< torch's custom: half of the (odd) kernel before and behind
};

/// How a FoldedConv is made; the defaults are TensorFlow's.
struct ConvShape {
  int64_t in = 0, out = 0, kernel = 1, stride = 1, groups = 1;
  ConvPadding padding = ConvPadding::kSame;
  double epsilon = 1e-3;  ///< of the norm
};

/// A convolution and its FrozenNorm, computed as one convolution with a bias:
///
///     norm(conv(x, W)) = conv(x, scale W) + shift
///
/// which gradients go through as well. Without gradients and outside of training the product is
/// kept from call to call; until the first call has returned, no other may begin.
class FoldedConv {
 public:
  FoldedConv() = default;
  /// Registers both with `owner` under these names.
  FoldedConv(torch::nn::Module& owner, const std::string& conv, const std::string& norm,
             const ConvShape& shape);

  /// x [P, in, H, W] to [P, out, ceil(H / stride), ceil(W / stride)].
  torch::Tensor operator()(const torch::Tensor& x);

  /// Lets go of the kept product. Weights that are written through torch are noticed; those written
  /// past it, as the optimiser does, are not: modules call this in train().
  void forget() { kept_ = {}; }

  explicit operator bool() const { return !norm_.is_empty(); }

 private:
  struct Product {
    torch::Tensor weight, bias;
    std::array<std::pair<const void*, uint32_t>, 5> made_from;
  };
  Product product() const;
  std::array<std::pair<const void*, uint32_t>, 5> state() const;
  const Product& kept();

  ConvShape shape_;
  torch::nn::Conv2d conv_ = nullptr;
  FrozenNorm norm_ = nullptr;
  Product kept_;
};

}  // namespace vqalign
