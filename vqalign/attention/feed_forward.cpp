#include "vqalign/attention/feed_forward.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include "vqalign/attention/cuda/fused_rows.h"
#include "vqalign/attention/dropout_mask.h"

namespace vqalign {

namespace {

constexpr int64_t kRowsAtOnce = 1024;

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// dropout(relu(x + bias)), overwriting x, which must be nobody else's.
struct BiasReluFunction : torch::autograd::Function<BiasReluFunction> {
  static torch::Tensor forward(AutogradContext* context, torch::Tensor x, const torch::Tensor& bias,
                               double rate, int64_t seed, int64_t stream, int64_t parts) {
    const kernels::Mask mask =
        dropout_mask(rate, static_cast<uint64_t>(seed), static_cast<uint64_t>(stream));
    context->mark_dirty({x});
    context->save_for_backward({x});
    context->saved_data["scale"] = static_cast<double>(mask.scale);
    if (x.is_cuda()) {
      cuda::fused_bias_relu(mask, x, bias, parts, *cuda::attention_kernels());
      return x;
    }
    const int64_t width = x.size(-1);
    const float* const b = bias.const_data_ptr<float>();
    const kernels::Table& table = kernels::best();
    const int64_t rows = x.numel() / width, part_rows = rows / parts;
    at::parallel_for(0, rows, rows_per_task(width), [&](int64_t begin, int64_t end) {
      for_parts(part_rows, begin, end, [&](int64_t part, int64_t first, int64_t last) {
        const kernels::Mask own = mask_of_part(mask, part);
        const int64_t start = part * part_rows * width;
        if (x.scalar_type() == torch::kFloat) {
          table.bias_relu_float(own, b, x.mutable_data_ptr<float>() + start, width, first, last);
        } else {
          table.bias_relu_bfloat16(own, b, mutable_bits(x) + start, width, first, last);
        }
      });
    });
    return x;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    forbid_double_backward();
    const torch::Tensor y = context->get_saved_variables()[0];
    const torch::Tensor d_y = gradients[0].contiguous();
    const auto scale = static_cast<float>(context->saved_data["scale"].toDouble());
    torch::Tensor d_x = torch::empty_like(d_y);
    if (y.is_cuda()) {
      const cuda::AttentionKernels& kernels = *cuda::attention_kernels();
      return {d_x, cuda::fused_bias_relu_gradient(scale, y, d_y, d_x, kernels), {}, {}, {}, {}};
    }
    const int64_t width = y.size(-1), rows = y.numel() / width, step = rows_per_task(width);
    const int64_t tasks = (rows + step - 1) / step;
    // Summed per task of a fixed number of rows, then in order: the same for any thread count.
    const torch::Tensor partial = torch::zeros({tasks, width});
    float* const sums = partial.mutable_data_ptr<float>();
    const kernels::Table& table = kernels::best();
    at::parallel_for(0, tasks, 1, [&](int64_t begin, int64_t end) {
      for (int64_t task = begin; task < end; ++task) {
        const int64_t first = task * step, last = std::min(rows, first + step);
        if (y.scalar_type() == torch::kFloat) {
          table.bias_relu_gradient_float(scale, y.const_data_ptr<float>(),
                                         d_y.const_data_ptr<float>(), d_x.mutable_data_ptr<float>(),
                                         sums + task * width, width, first, last);
        } else {
          table.bias_relu_gradient_bfloat16(scale, bits(y), bits(d_y), mutable_bits(d_x),
                                            sums + task * width, width, first, last);
        }
      }
    });
    torch::Tensor d_bias = torch::zeros({width});
    float* const total = d_bias.mutable_data_ptr<float>();
    for (int64_t task = 0; task < tasks; ++task) {
      for (int64_t i = 0; i < width; ++i) total[i] += sums[task * width + i];
    }
    return {d_x, d_bias, {}, {}, {}, {}};
  }
};

}  // namespace

torch::Tensor bias_relu_dropout(const torch::Tensor& x, const torch::Tensor& bias,
                                double dropout_rate, DropoutStreams* streams) {
  const bool drops = streams != nullptr && dropout_rate > 0.0;
  return BiasReluFunction::apply(x, bias, drops ? dropout_rate : 0.0,
                                 drops ? static_cast<int64_t>(streams->seed()) : int64_t{0},
                                 drops ? static_cast<int64_t>(streams->take()) : int64_t{0},
                                 drops ? streams->passes() : int64_t{1});
}

FullyConnectedImpl::FullyConnectedImpl(int64_t in, int64_t out) {
  linear = register_module("linear", Linear(in, out));
}

MlpImpl::MlpImpl(int64_t in, int64_t hidden, int64_t out) {
  fc = register_module("fc", FullyConnected(in, hidden));
  linear = register_module("linear", Linear(hidden, out));
}

torch::Tensor MlpImpl::forward(const torch::Tensor& x, double dropout_rate,
                               DropoutStreams* streams) {
  // Without gradients nobody needs the hidden layer whole, and a part of it stays in the cache.
  if (streams || torch::GradMode::is_enabled() || x.size(-1) == 0 || !x.device().is_cpu()) {
    return of_rows(x, dropout_rate, streams);
  }
  const int64_t rows = x.numel() / x.size(-1);
  if (rows <= kRowsAtOnce) return of_rows(x, dropout_rate, streams);
  std::vector<torch::Tensor> parts;
  for (const torch::Tensor& part : x.reshape({rows, x.size(-1)}).split(kRowsAtOnce)) {
    parts.push_back(of_rows(part, dropout_rate, streams));
  }
  std::vector<int64_t> shape = x.sizes().vec();
  shape.back() = parts.front().size(-1);
  return torch::cat(parts).view(shape);
}

torch::Tensor MlpImpl::of_rows(const torch::Tensor& x, double dropout_rate,
                               DropoutStreams* streams) {
  const torch::Tensor& bias = fc->linear->bias;
  torch::Tensor hidden;
  if (has_kernels(x) && bias.scalar_type() == torch::kFloat && x.numel() > 0) {
    hidden = bias_relu_dropout(fc->linear->product(x).contiguous(), bias, dropout_rate, streams);
  } else {
    hidden = torch::relu(fc->linear->forward(x));
    if (streams != nullptr) hidden = dropout(hidden, dropout_rate, *streams);
  }
  return linear->forward(hidden);
}

}  // namespace vqalign
