#include "vqalign/attention/cuda/fused_rows.h"

#include <c10/core/DeviceGuard.h>
#include <torch/types.h>

#include "vqalign/attention/cuda/stream.h"
#include "vqalign/attention/dropout.h"
#include "vqalign/core/error.h"

namespace vqalign::cuda {

namespace {

Element element_of(const torch::Tensor& tensor) {
  switch (tensor.scalar_type()) {
    case torch::kBFloat16:
      return Element::kBfloat16;
    case torch::kHalf:
      return Element::kHalf;
    default:
      return Element::kFloat;
  }
}

/// Work on the tensor's device.
struct On {
  explicit On(const torch::Tensor& tensor) : guard(tensor.device()), stream(stream_of(tensor)) {}
  c10::DeviceGuard guard;
  CUstream_st* stream;
};

void check_same_device(const torch::Tensor& tensor, const torch::Tensor& other, const char* what) {
  if (!other.defined() || other.device() == tensor.device()) return;
  fail("attention: ", what, " on ", other.device(), ", what it is for on ", tensor.device());
}

MaskedRows rows_of(const torch::Tensor& tensor, const kernels::Mask& mask, int64_t parts) {
  const int64_t width = tensor.size(-1);
  return {parts, tensor.numel() / width / parts, width, mask, DropoutStreams::kPassStride};
}

/// Room for the partial sums of `columns` over rows.
torch::Tensor partial_of(const torch::Tensor& like, int64_t rows, int64_t columns) {
  return torch::empty({gradient_blocks(rows), columns},
                      like.options().dtype(torch::kFloat).requires_grad(false));
}

torch::Tensor sum_of(const torch::Tensor& partial, const AttentionKernels& kernels,
                     CUstream_st* stream) {
  torch::Tensor sums = torch::empty({partial.size(1)}, partial.options());
  check_launch(kernels.sums(partial.const_data_ptr<float>(), partial.size(0), partial.size(1),
                            sums.mutable_data_ptr<float>(), stream));
  return sums;
}

ResidualNorm task_of(const NormTensors& on, float eps, const kernels::Mask& mask, int64_t parts) {
  check_same_device(on.x, on.update, "an update");
  check_same_device(on.x, on.a, "a norm's parameters");
  return {rows_of(on.x, mask, parts),
          on.x.const_data_ptr<float>(),
          on.update.defined() ? on.update.const_data_ptr() : nullptr,
          on.a.const_data_ptr<float>(),
          on.b.const_data_ptr<float>(),
          eps,
          on.statistics.mutable_data_ptr<float>()};
}

Element update_element(const NormTensors& on) {
  return on.update.defined() ? element_of(on.update) : Element::kFloat;
}

AttentionWeights task_of(const WeightTensors& on, const kernels::Mask& mask, int64_t parts) {
  check_same_device(on.weights, on.key_mask, "a mask");
  return {rows_of(on.weights, mask, parts),
          on.key_mask.defined() ? on.key_mask.const_data_ptr<bool>() : nullptr,
          on.weights.size(1) * on.weights.size(2), static_cast<float>(on.scale),
          on.weights.mutable_data_ptr()};
}

}  // namespace

bool has_element(const torch::Tensor& tensor) {
  const torch::ScalarType type = tensor.scalar_type();
  return type == torch::kFloat || type == torch::kBFloat16 || type == torch::kHalf;
}

void fused_dropout(const kernels::Mask& mask, const torch::Tensor& in, const torch::Tensor& out,
                   int64_t parts, bool alike, const AttentionKernels& kernels) {
  const On on(in);
  const MaskedRows task{parts, 1, out.numel() / parts, mask, DropoutStreams::kPassStride};
  check_launch(kernels.dropout(task, element_of(in), in.const_data_ptr(), alike,
                               out.mutable_data_ptr(), on.stream));
}

void fused_bias_relu(const kernels::Mask& mask, const torch::Tensor& x, const torch::Tensor& bias,
                     int64_t parts, const AttentionKernels& kernels) {
  check_same_device(x, bias, "a bias");
  const On on(x);
  check_launch(kernels.relu(rows_of(x, mask, parts), element_of(x), bias.const_data_ptr<float>(),
                            x.mutable_data_ptr(), on.stream));
}

torch::Tensor fused_bias_relu_gradient(float scale, const torch::Tensor& y,
                                       const torch::Tensor& d_y, const torch::Tensor& d_x,
                                       const AttentionKernels& kernels) {
  const On on(y);
  const int64_t width = y.size(-1), rows = y.numel() / width;
  const torch::Tensor partial = partial_of(y, rows, width);
  const BiasReluGradient task{rows,
                              width,
                              scale,
                              y.const_data_ptr(),
                              d_y.const_data_ptr(),
                              d_x.mutable_data_ptr(),
                              partial.mutable_data_ptr<float>()};
  check_launch(kernels.relu_gradient(task, element_of(y), on.stream));
  return sum_of(partial, kernels, on.stream);
}

void fused_residual_norm(const NormTensors& on, float eps, const kernels::Mask& mask,
                         const torch::Tensor& y, int64_t parts, const AttentionKernels& kernels) {
  const On device(on.x);
  check_launch(kernels.norm(task_of(on, eps, mask, parts), update_element(on),
                            y.mutable_data_ptr<float>(), device.stream));
}

void fused_residual_norm_gradient(const NormTensors& on, float eps, const kernels::Mask& mask,
                                  const torch::Tensor& d_y, const torch::Tensor& d_x,
                                  const torch::Tensor& d_update, torch::Tensor& d_a,
                                  torch::Tensor& d_b, const AttentionKernels& kernels) {
  const On device(on.x);
  const int64_t width = on.x.size(-1);
  const torch::Tensor partial = partial_of(on.x, on.x.numel() / width, 2 * width);
  const ResidualNormGradient gradient{d_y.const_data_ptr<float>(), d_x.mutable_data_ptr<float>(),
                                      d_update.defined() ? d_update.mutable_data_ptr() : nullptr,
                                      partial.mutable_data_ptr<float>()};
  check_launch(kernels.norm_gradient(task_of(on, eps, mask, 1), gradient, update_element(on),
                                     device.stream));
  const torch::Tensor sums = sum_of(partial, kernels, device.stream);
  d_a = sums.slice(0, 0, width);
  d_b = sums.slice(0, width);
}

void fused_attention_weights(const WeightTensors& on, const kernels::Mask& mask,
                             const torch::Tensor& scores, const torch::Tensor& dropped,
                             int64_t parts, const AttentionKernels& kernels) {
  const On device(scores);
  check_launch(
      kernels.weights(task_of(on, mask, parts), element_of(scores), scores.const_data_ptr(),
                      dropped.defined() ? dropped.mutable_data_ptr() : nullptr, device.stream));
}

void fused_attention_weights_gradient(const WeightTensors& on, const kernels::Mask& mask,
                                      const torch::Tensor& d_dropped, const torch::Tensor& d_scores,
                                      const AttentionKernels& kernels) {
  const On device(d_dropped);
  check_launch(kernels.weights_gradient(task_of(on, mask, 1), element_of(d_dropped),
                                        d_dropped.const_data_ptr(), d_scores.mutable_data_ptr(),
                                        device.stream));
}

}  // namespace vqalign::cuda
