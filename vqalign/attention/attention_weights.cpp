#include "vqalign/attention/attention_weights.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include "vqalign/attention/cuda/fused_rows.h"
#include "vqalign/attention/dropout_mask.h"

namespace vqalign {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// [B, m] bool -> [B, m rounded up] int32 of all ones where true: what the kernels select by.
torch::Tensor lane_mask(const torch::Tensor& key_mask) {
  const int64_t batch = key_mask.size(0), keys = key_mask.size(1);
  const torch::Tensor source = key_mask.contiguous();
  torch::Tensor lanes = torch::zeros({batch, kernels::round_up(keys, 16)}, torch::kInt);
  const bool* const from = source.const_data_ptr<bool>();
  int32_t* const to = lanes.mutable_data_ptr<int32_t>();
  for (int64_t b = 0; b < batch; ++b) {
    for (int64_t k = 0; k < keys; ++k) to[b * lanes.size(1) + k] = from[b * keys + k] ? -1 : 0;
  }
  return lanes;
}

/// The mask as the kernels of the scores' device take it.
torch::Tensor mask_of(const torch::Tensor& scores, const std::optional<torch::Tensor>& key_mask) {
  if (!key_mask) return {};
  return scores.is_cuda() ? key_mask->contiguous() : lane_mask(*key_mask);
}

/// Whether the fused loops serve these scores.
bool is_served(const torch::Tensor& scores) {
  if (!has_kernels(scores) || scores.numel() == 0) return false;
  return !scores.is_cuda() || cuda::attention_kernels()->weights_fit(scores.size(-1));
}

template <typename Scalar>
kernels::SoftmaxDropout<Scalar> describe(const torch::Tensor& weights, const torch::Tensor& lanes,
                                         double scale, const kernels::Mask& mask) {
  kernels::SoftmaxDropout<Scalar> call;
  call.weights = static_cast<Scalar*>(weights.mutable_data_ptr());
  call.masked = lanes.defined() ? lanes.const_data_ptr<int32_t>() : nullptr;
  call.keys = weights.size(-1);
  call.rows_per_mask = weights.size(1) * weights.size(2);
  call.scale = static_cast<float>(scale);
  call.mask = mask;
  return call;
}

/// Runs a forward or a backward kernel over all rows, which are `parts` equal parts with masks of
/// their own.
template <typename Scalar, typename Kernel>
void run(const kernels::SoftmaxDropout<Scalar>& call, Kernel kernel, const torch::Tensor& in,
         const torch::Tensor& out, int64_t parts = 1) {
  const auto* const from = static_cast<const Scalar*>(in.const_data_ptr());
  auto* const to = out.defined() ? static_cast<Scalar*>(out.mutable_data_ptr()) : nullptr;
  const int64_t rows = in.numel() / call.keys, part_rows = rows / parts;
  const auto cut = [&](int64_t part) {
    kernels::SoftmaxDropout<Scalar> own = call;
    own.weights += part * part_rows * call.keys;
    if (own.masked) {
      own.masked += part * part_rows / call.rows_per_mask * kernels::round_up(call.keys, 16);
    }
    own.mask = mask_of_part(call.mask, part);
    return own;
  };
  at::parallel_for(0, rows, rows_per_task(call.keys), [&](int64_t begin, int64_t end) {
    std::vector<float> scratch(kernels::round_up(call.keys, 16));
    for_parts(part_rows, begin, end, [&](int64_t part, int64_t first, int64_t last) {
      const int64_t start = part * part_rows * call.keys;
      kernel(cut(part), from + start, to ? to + start : nullptr, scratch.data(), first, last);
    });
  });
}

struct SoftmaxDropoutFunction : torch::autograd::Function<SoftmaxDropoutFunction> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& scores,
                               const std::optional<torch::Tensor>& key_mask, double scale,
                               double rate, int64_t seed, int64_t stream, int64_t parts) {
    const kernels::Mask mask =
        dropout_mask(rate, static_cast<uint64_t>(seed), static_cast<uint64_t>(stream));
    const torch::Tensor in = scores.contiguous(), lanes = mask_of(in, key_mask);
    torch::Tensor weights = torch::empty_like(in), dropped;
    if (rate > 0.0) dropped = torch::empty_like(in);
    if (in.is_cuda()) {
      cuda::fused_attention_weights({weights, lanes, scale}, mask, in, dropped, parts,
                                    *cuda::attention_kernels());
    } else if (in.scalar_type() == torch::kFloat) {
      run(describe<float>(weights, lanes, scale, mask), kernels::best().softmax_float, in, dropped,
          parts);
    } else {
      run(describe<uint16_t>(weights, lanes, scale, mask), kernels::best().softmax_bfloat16, in,
          dropped, parts);
    }
    context->save_for_backward({weights, lanes});
    context->saved_data["scale"] = scale;
    context->saved_data["rate"] = rate;
    context->saved_data["seed"] = seed;
    context->saved_data["stream"] = stream;
    return rate > 0.0 ? dropped : weights;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    forbid_double_backward();
    const variable_list saved = context->get_saved_variables();
    const torch::Tensor& weights = saved[0];
    const double scale = context->saved_data["scale"].toDouble();
    const kernels::Mask mask =
        dropout_mask(context->saved_data["rate"].toDouble(),
                     static_cast<uint64_t>(context->saved_data["seed"].toInt()),
                     static_cast<uint64_t>(context->saved_data["stream"].toInt()));
    const torch::Tensor d_dropped = gradients[0].contiguous();
    torch::Tensor d_scores = torch::empty_like(weights);
    if (weights.is_cuda()) {
      cuda::fused_attention_weights_gradient({weights, saved[1], scale}, mask, d_dropped, d_scores,
                                             *cuda::attention_kernels());
    } else if (weights.scalar_type() == torch::kFloat) {
      run(describe<float>(weights, saved[1], scale, mask), kernels::best().softmax_gradient_float,
          d_dropped, d_scores);
    } else {
      run(describe<uint16_t>(weights, saved[1], scale, mask),
          kernels::best().softmax_gradient_bfloat16, d_dropped, d_scores);
    }
    return {d_scores, {}, {}, {}, {}, {}, {}};
  }
};

}  // namespace

torch::Tensor softmax_dropout(const torch::Tensor& scores, const torch::Tensor& key_mask,
                              double scale, double dropout_rate, DropoutStreams* streams) {
  const bool drops = streams != nullptr && dropout_rate > 0.0;
  if (!is_served(scores)) {
    torch::Tensor filled = scores * scale;
    if (key_mask.defined()) {
      const double score =
          scores.scalar_type() == torch::kHalf ? -6e4 : -1e9;  // half ends at 65504
      filled = filled.masked_fill(key_mask.view({key_mask.size(0), 1, 1, key_mask.size(1)}), score);
    }
    const torch::Tensor weights = torch::softmax(filled, -1);
    return drops ? dropout(weights, dropout_rate, *streams) : weights;
  }
  const std::optional<torch::Tensor> padding =
      key_mask.defined() ? std::optional(key_mask) : std::nullopt;
  return SoftmaxDropoutFunction::apply(scores, padding, scale, drops ? dropout_rate : 0.0,
                                       drops ? static_cast<int64_t>(streams->seed()) : int64_t{0},
                                       drops ? static_cast<int64_t>(streams->take()) : int64_t{0},
                                       drops ? streams->passes() : int64_t{1});
}

}  // namespace vqalign
