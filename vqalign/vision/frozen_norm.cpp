#include "vqalign/vision/frozen_norm.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <vector>

namespace vqalign {
namespace {

/// Zeros before and after a side of that size.
std::pair<int64_t, int64_t> side_padding(int64_t size, const ConvShape& shape) {
  if (shape.padding == ConvPadding::kHalf) return {shape.kernel / 2, shape.kernel / 2};
  const int64_t out = (size + shape.stride - 1) / shape.stride;
  const int64_t total = std::max<int64_t>((out - 1) * shape.stride + shape.kernel - size, 0);
  return {total / 2, total - total / 2};
}

torch::nn::Conv2d bare_conv(const ConvShape& shape) {
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(shape.in, shape.out, shape.kernel)
                               .stride(shape.stride)
                               .groups(shape.groups)
                               .bias(false));
}

}  // namespace

FrozenNormImpl::FrozenNormImpl(int64_t channels, double epsilon) : epsilon_(epsilon) {
  weight = register_parameter("weight", torch::ones({channels}));
  bias = register_parameter("bias", torch::zeros({channels}));
  running_mean = register_buffer("running_mean", torch::zeros({channels}));
  running_var = register_buffer("running_var", torch::ones({channels}));
}

torch::Tensor FrozenNormImpl::scale() const {
  return weight * (running_var + epsilon_).rsqrt();
}

torch::Tensor FrozenNormImpl::shift(const torch::Tensor& scale) const {
  return bias - running_mean * scale;
}

FoldedConv::FoldedConv(torch::nn::Module& owner, const std::string& conv, const std::string& norm,
                       const ConvShape& shape)
    : shape_(shape),
      conv_(owner.register_module(conv, bare_conv(shape))),
      norm_(owner.register_module(norm, FrozenNorm(shape.out, shape.epsilon))) {}

torch::Tensor FoldedConv::operator()(const torch::Tensor& x) {
  const bool fixed = !torch::GradMode::is_enabled() && !norm_->is_training();
  const Product used = fixed ? kept() : product();
  const auto [top, bottom] = side_padding(x.size(2), shape_);
  const auto [left, right] = side_padding(x.size(3), shape_);
  const std::vector<int64_t> strides(2, shape_.stride), dilations(2, 1);
  const bool even = top == bottom && left == right;
  const std::vector<int64_t> padding = even ? std::vector{top, left} : std::vector<int64_t>(2, 0);
  // A convolution pads both ends alike; other paddings cost a copy.
  const torch::Tensor padded = even ? x : torch::constant_pad_nd(x, {left, right, top, bottom});
  return torch::conv2d(padded, used.weight, used.bias, strides, padding, dilations, shape_.groups);
}

FoldedConv::Product FoldedConv::product() const {
  const torch::Tensor scale = norm_->scale();
  const torch::Tensor weight = conv_->weight * scale.view({-1, 1, 1, 1});
  return {weight.contiguous(at::MemoryFormat::ChannelsLast), norm_->shift(scale), {}};
}

std::array<std::pair<const void*, uint32_t>, 5> FoldedConv::state() const {
  const auto of = [](const torch::Tensor& tensor) {
    // Tensors made in inference mode count no writes.
    const auto writes = tensor.is_inference() ? 0 : tensor._version();
    return std::pair<const void*, uint32_t>(tensor.data_ptr(), static_cast<uint32_t>(writes));
  };
  return {of(conv_->weight), of(norm_->weight), of(norm_->bias), of(norm_->running_mean),
          of(norm_->running_var)};
}

const FoldedConv::Product& FoldedConv::kept() {
  const auto now = state();
  if (!kept_.weight.defined() || kept_.made_from != now) {
    kept_ = product();
    kept_.made_from = now;
  }
  return kept_;
}

}  // namespace vqalign
