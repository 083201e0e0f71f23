#include "vqalign/attention/layer_norm.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include "vqalign/attention/cuda/fused_rows.h"
#include "vqalign/attention/dropout_mask.h"

namespace vqalign {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// The same numbers from LibTorch's own operations: for double, and for devices without a kernel.
torch::Tensor composed_norm(const torch::Tensor& x, const torch::Tensor& a, const torch::Tensor& b,
                            double eps) {
  const torch::Tensor wide = x.to(at::promote_types(x.scalar_type(), a.scalar_type()));
  if (wide.numel() == 0) return a * wide + b;  // std() would warn
  const torch::Tensor mean = wide.mean(-1, /*keepdim=*/true);
  const torch::Tensor deviation = wide.std(-1, /*unbiased=*/true, /*keepdim=*/true);
  return a * (wide - mean) / (deviation + eps) + b;
}

using Tensors = cuda::NormTensors;

template <typename Update>
kernels::ResidualNorm<Update> describe(const Tensors& t, double eps, double rate, int64_t seed,
                                       int64_t stream) {
  kernels::ResidualNorm<Update> call;
  call.x = t.x.const_data_ptr<float>();
  if (t.update.defined()) call.update = static_cast<const Update*>(t.update.const_data_ptr());
  call.a = t.a.const_data_ptr<float>();
  call.b = t.b.const_data_ptr<float>();
  call.statistics = t.statistics.mutable_data_ptr<float>();
  call.width = t.x.size(-1);
  call.eps = static_cast<float>(eps);
  call.drops = rate > 0.0;
  call.mask = dropout_mask(rate, static_cast<uint64_t>(seed), static_cast<uint64_t>(stream));
  return call;
}

template <typename Update, typename Kernel>
void run_forward(const kernels::ResidualNorm<Update>& call, Kernel kernel, torch::Tensor& y,
                 int64_t parts) {
  float* const out = y.mutable_data_ptr<float>();
  const int64_t rows = y.numel() / call.width, part_rows = rows / parts;
  at::parallel_for(0, rows, rows_per_task(call.width), [&](int64_t begin, int64_t end) {
    for_parts(part_rows, begin, end, [&](int64_t part, int64_t first, int64_t last) {
      const int64_t row = part * part_rows, start = row * call.width;
      kernels::ResidualNorm<Update> own = call;
      own.x += start;
      if (own.update) own.update += start;
      own.statistics += 2 * row;
      own.mask = mask_of_part(call.mask, part);
      kernel(own, out + start, first, last);
    });
  });
}

/// d_a and d_b are summed per task of a fixed number of rows and then in order, so that they do not
/// depend on the number of threads.
template <typename Update, typename Kernel>
void run_backward(const kernels::ResidualNorm<Update>& call, Kernel kernel,
                  const torch::Tensor& d_y, torch::Tensor& d_x, torch::Tensor& d_update,
                  torch::Tensor& d_a, torch::Tensor& d_b) {
  const int64_t width = call.width, rows = d_y.numel() / width, step = rows_per_task(width);
  const int64_t tasks = (rows + step - 1) / step;
  const torch::Tensor partial = torch::zeros({tasks, 2, width});
  float* const sums = partial.mutable_data_ptr<float>();
  at::parallel_for(0, tasks, 1, [&](int64_t begin, int64_t end) {
    std::vector<float> scratch(kernels::scratch_floats(width));
    kernels::ResidualNormGradient<Update> gradient;
    gradient.d_y = d_y.const_data_ptr<float>();
    gradient.d_x = d_x.mutable_data_ptr<float>();
    if (d_update.defined()) {
      gradient.d_update = static_cast<Update*>(d_update.mutable_data_ptr());
    }
    gradient.scratch = scratch.data();
    for (int64_t task = begin; task < end; ++task) {
      gradient.d_a = sums + 2 * width * task;
      gradient.d_b = gradient.d_a + width;
      kernel(call, gradient, task * step, std::min(rows, (task + 1) * step));
    }
  });
  float* const total_a = d_a.mutable_data_ptr<float>();
  float* const total_b = d_b.mutable_data_ptr<float>();
  for (int64_t task = 0; task < tasks; ++task) {
    for (int64_t i = 0; i < width; ++i) {
      total_a[i] += sums[2 * width * task + i];
      total_b[i] += sums[2 * width * task + width + i];
    }
  }
}

struct ResidualNormFunction : torch::autograd::Function<ResidualNormFunction> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x,
                               const std::optional<torch::Tensor>& update, const torch::Tensor& a,
                               const torch::Tensor& b, double eps, double rate, int64_t seed,
                               int64_t stream, int64_t parts) {
    const int64_t width = x.size(-1);
    const Tensors t{x.contiguous(), update ? update->contiguous() : torch::Tensor(), a.contiguous(),
                    b.contiguous(),
                    torch::empty({x.numel() / width, 2}, x.options().requires_grad(false))};
    torch::Tensor y = torch::empty_like(t.x);
    if (x.is_cuda()) {
      const kernels::Mask mask =
          dropout_mask(rate, static_cast<uint64_t>(seed), static_cast<uint64_t>(stream));
      cuda::fused_residual_norm(t, static_cast<float>(eps), mask, y, parts,
                                *cuda::attention_kernels());
    } else if (update && update->scalar_type() == torch::kBFloat16) {
      run_forward(describe<uint16_t>(t, eps, rate, seed, stream),
                  kernels::best().residual_norm_bfloat16, y, parts);
    } else {
      run_forward(describe<float>(t, eps, rate, seed, stream), kernels::best().residual_norm_float,
                  y, parts);
    }
    context->save_for_backward({t.x, t.update, t.a, t.b, t.statistics});
    context->saved_data["eps"] = eps;
    context->saved_data["rate"] = rate;
    context->saved_data["seed"] = seed;
    context->saved_data["stream"] = stream;
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    forbid_double_backward();
    const variable_list saved = context->get_saved_variables();
    const Tensors t{saved[0], saved[1], saved[2], saved[3], saved[4]};
    const double eps = context->saved_data["eps"].toDouble();
    const double rate = context->saved_data["rate"].toDouble();
    const int64_t seed = context->saved_data["seed"].toInt();
    const int64_t stream = context->saved_data["stream"].toInt();
    const torch::Tensor d_y = gradients[0].contiguous();
    torch::Tensor d_x = torch::empty_like(t.x);
    torch::Tensor d_a, d_b;
    const bool half = t.update.defined() && t.update.scalar_type() != torch::kFloat;
    torch::Tensor d_update;
    if (t.update.defined() && (rate > 0.0 || half)) d_update = torch::empty_like(t.update);
    if (t.x.is_cuda()) {
      const kernels::Mask mask =
          dropout_mask(rate, static_cast<uint64_t>(seed), static_cast<uint64_t>(stream));
      cuda::fused_residual_norm_gradient(t, static_cast<float>(eps), mask, d_y, d_x, d_update, d_a,
                                         d_b, *cuda::attention_kernels());
    } else {
      d_a = torch::zeros_like(t.a);
      d_b = torch::zeros_like(t.b);
      if (half) {
        run_backward(describe<uint16_t>(t, eps, rate, seed, stream),
                     kernels::best().residual_norm_gradient_bfloat16, d_y, d_x, d_update, d_a, d_b);
      } else {
        run_backward(describe<float>(t, eps, rate, seed, stream),
                     kernels::best().residual_norm_gradient_float, d_y, d_x, d_update, d_a, d_b);
      }
    }
    if (t.update.defined() && !d_update.defined()) d_update = d_x;
    return {d_x, d_update, d_a, d_b, {}, {}, {}, {}, {}};
  }
};

bool fusable(const torch::Tensor& x, const torch::Tensor& a) {
  if (has_kernels(x) && x.is_cuda() && !cuda::attention_kernels()->norm_fits(x.size(-1)))
    return false;
  return has_kernels(x) && a.scalar_type() == torch::kFloat && x.numel() > 0 && x.size(-1) > 1;
}

}  // namespace

torch::Tensor reference_layer_norm(const torch::Tensor& x, const torch::Tensor& a,
                                   const torch::Tensor& b, double eps) {
  if (!fusable(x, a)) return composed_norm(x, a, b, eps);
  return ResidualNormFunction::apply(x.to(torch::kFloat), std::optional<torch::Tensor>(), a, b, eps,
                                     0.0, int64_t{0}, int64_t{0}, int64_t{1});
}

LayerNormImpl::LayerNormImpl(int64_t width) {
  a_2 = register_parameter("a_2", torch::ones({width}));
  b_2 = register_parameter("b_2", torch::zeros({width}));
}

torch::Tensor LayerNormImpl::forward(const torch::Tensor& x) {
  return reference_layer_norm(x, a_2, b_2);
}

torch::Tensor residual_norm(const torch::Tensor& x, const torch::Tensor& update, LayerNorm& norm,
                            double dropout_rate, DropoutStreams* streams) {
  const bool drops = streams != nullptr && dropout_rate > 0.0;
  if (!fusable(x, norm->a_2) || !has_kernels(update) || x.sizes() != update.sizes()) {
    return norm->forward(x + (drops ? dropout(update, dropout_rate, *streams) : update));
  }
  return ResidualNormFunction::apply(x.to(torch::kFloat), std::optional<torch::Tensor>(update),
                                     norm->a_2, norm->b_2, 1e-6, drops ? dropout_rate : 0.0,
                                     drops ? static_cast<int64_t>(streams->seed()) : int64_t{0},
                                     drops ? static_cast<int64_t>(streams->take()) : int64_t{0},
                                     drops ? streams->passes() : int64_t{1});
}

}  // namespace vqalign
