#include "vqalign/vision/masked_batch_norm.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>

namespace vqalign {
namespace {

constexpr double kEps = 1e-5;
constexpr double kMomentum = 0.1;
constexpr int64_t kChunks = 32;  // Fixed, so that sums do not depend on the thread count.

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Rows of a channels-last picture batch: position r has its C channels at data + r * C.
struct Rows {
  int64_t count;
  int64_t channels;
  const bool* valid;

  bool is_valid(int64_t row) const { return !valid || valid[row]; }
};

/// Runs body(chunk, first, last) over the rows in kChunks fixed pieces.
template <typename Body>
void for_chunks(int64_t rows, const Body& body) {
  at::parallel_for(0, kChunks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t chunk = begin; chunk < end; ++chunk) {
      body(chunk, rows * chunk / kChunks, rows * (chunk + 1) / kChunks);
    }
  });
}

torch::Tensor sum_chunks(const torch::Tensor& partial) {
  return partial.sum(0);
}

/// Mean and biased variance of the valid rows, each float32 [C].
std::pair<torch::Tensor, torch::Tensor> moments(const Rows& rows, const float* x, int64_t valid) {
  const auto options = torch::TensorOptions().dtype(torch::kFloat32);
  auto partial = torch::zeros({kChunks, rows.channels}, options);
  float* sums = partial.data_ptr<float>();
  for_chunks(rows.count, [&](int64_t chunk, int64_t first, int64_t last) {
    float* sum = sums + chunk * rows.channels;
    for (int64_t r = first; r < last; ++r) {
      if (!rows.is_valid(r)) continue;
      const float* row = x + r * rows.channels;
      for (int64_t c = 0; c < rows.channels; ++c) sum[c] += row[c];
    }
  });
  const torch::Tensor mean = sum_chunks(partial) / double(valid);
  partial.zero_();
  const float* m = mean.data_ptr<float>();
  for_chunks(rows.count, [&](int64_t chunk, int64_t first, int64_t last) {
    float* sum = sums + chunk * rows.channels;
    for (int64_t r = first; r < last; ++r) {
      if (!rows.is_valid(r)) continue;
      const float* row = x + r * rows.channels;
      for (int64_t c = 0; c < rows.channels; ++c) sum[c] += (row[c] - m[c]) * (row[c] - m[c]);
    }
  });
  return {mean, sum_chunks(partial) / double(valid)};
}

/// out = max(0, scale * x + shift + residual) at valid rows, 0 elsewhere.
void apply_rows(const Rows& rows, const float* x, const float* residual, const float* scale,
                const float* shift, float* out) {
  const int64_t width = rows.channels;
  for_chunks(rows.count, [&](int64_t, int64_t first, int64_t last) {
    for (int64_t r = first; r < last; ++r) {
      float* to = out + r * width;
      if (!rows.is_valid(r)) {
        std::fill(to, to + width, 0.0f);
        continue;
      }
      const float* from = x + r * width;
      const float* add = residual ? residual + r * width : nullptr;
      for (int64_t c = 0; c < width; ++c) {
        const float value = from[c] * scale[c] + shift[c] + (add ? add[c] : 0.0f);
        to[c] = value > 0 ? value : 0;
      }
    }
  });
}

/// At least 1, so that it may divide.
int64_t valid_positions_of(const torch::Tensor& x, const torch::Tensor& valid) {
  const int64_t all = x.size(0) * x.size(2) * x.size(3);
  return std::max<int64_t>(1, valid.defined() ? valid.sum().item<int64_t>() : all);
}

Rows rows_of(const torch::Tensor& x, const torch::Tensor& valid) {
  return {x.size(0) * x.size(2) * x.size(3), x.size(1),
          valid.defined() ? valid.data_ptr<bool>() : nullptr};
}

torch::Tensor channels_last(const torch::Tensor& x) {
  return x.to(torch::kFloat32).contiguous(torch::MemoryFormat::ChannelsLast);
}

class NormReluFunction : public torch::autograd::Function<NormReluFunction> {
 public:
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x_in,
                               const std::optional<torch::Tensor>& mask,
                               const std::optional<torch::Tensor>& shortcut,
                               const torch::Tensor& gamma, const torch::Tensor& beta,
                               const torch::Tensor& mean, const torch::Tensor& inv_std,
                               int64_t valid_count) {
    const torch::Tensor x = channels_last(x_in);
    const torch::Tensor valid = mask.value_or(torch::Tensor());
    const torch::Tensor add = shortcut ? channels_last(*shortcut) : torch::Tensor();
    const torch::Tensor scale = gamma * inv_std;
    const torch::Tensor shift = beta - mean * scale;
    torch::Tensor out = torch::empty_like(x);
    apply_rows(rows_of(x, valid), x.data_ptr<float>(),
               add.defined() ? add.data_ptr<float>() : nullptr, scale.data_ptr<float>(),
               shift.data_ptr<float>(), out.data_ptr<float>());
    context->save_for_backward({x, valid, out, gamma, mean, inv_std});
    context->saved_data["valid_count"] = valid_count;
    context->saved_data["residual"] = add.defined();
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const torch::Tensor &x = saved[0], &valid = saved[1], &out = saved[2], &gamma = saved[3],
                        &mean = saved[4], &inv_std = saved[5];
    const auto count = double(context->saved_data["valid_count"].toInt());
    const torch::Tensor gradient = channels_last(gradients[0]);
    const Rows rows = rows_of(x, valid);
    const int64_t width = rows.channels;

    auto partial = torch::zeros({kChunks, 2, width}, gamma.options());
    torch::Tensor through = torch::empty_like(gradient);  // the gradient past the ReLU
    const float *xs = x.data_ptr<float>(), *ys = out.data_ptr<float>(),
                *gs = gradient.data_ptr<float>(), *ms = mean.data_ptr<float>(),
                *is = inv_std.data_ptr<float>();
    float *ts = through.data_ptr<float>(), *sums = partial.data_ptr<float>();
    for_chunks(rows.count, [&](int64_t chunk, int64_t first, int64_t last) {
      float* beta_sum = sums + chunk * 2 * width;
      float* gamma_sum = beta_sum + width;
      for (int64_t r = first; r < last; ++r) {
        const int64_t at = r * width;
        for (int64_t c = 0; c < width; ++c) {
          const float g = ys[at + c] > 0 ? gs[at + c] : 0;
          ts[at + c] = g;
          beta_sum[c] += g;
          gamma_sum[c] += g * (xs[at + c] - ms[c]) * is[c];
        }
      }
    });
    const torch::Tensor sum = sum_chunks(partial);
    const torch::Tensor d_beta = sum[0].contiguous(), d_gamma = sum[1].contiguous();
    const torch::Tensor a = gamma * inv_std, b = d_beta / count, k = d_gamma / count;
    const float *as = a.data_ptr<float>(), *bs = b.data_ptr<float>(), *ks = k.data_ptr<float>();
    torch::Tensor d_x = torch::empty_like(x);
    float* ds = d_x.data_ptr<float>();
    for_chunks(rows.count, [&](int64_t, int64_t first, int64_t last) {
      for (int64_t r = first; r < last; ++r) {
        const int64_t at = r * width;
        if (!rows.is_valid(r)) {
          std::fill(ds + at, ds + at + width, 0.0f);
          continue;
        }
        for (int64_t c = 0; c < width; ++c) {
          const float normal = (xs[at + c] - ms[c]) * is[c];
          ds[at + c] = as[c] * (ts[at + c] - bs[c] - normal * ks[c]);
        }
      }
    });
    const bool has_residual = context->saved_data["residual"].toBool();
    return {d_x, {}, has_residual ? through : torch::Tensor(), d_gamma, d_beta, {}, {}, {}};
  }
};

}  // namespace

MaskedBatchNormImpl::MaskedBatchNormImpl(int64_t channels) {
  weight = register_parameter("weight", torch::ones({channels}));
  bias = register_parameter("bias", torch::zeros({channels}));
  running_mean = register_buffer("running_mean", torch::zeros({channels}));
  running_var = register_buffer("running_var", torch::ones({channels}));
}

void MaskedBatchNormImpl::follow(const torch::Tensor& mean, const torch::Tensor& variance,
                                 int64_t count) {
  const torch::NoGradGuard no_grad;
  const double unbias = count > 1 ? double(count) / double(count - 1) : 1.0;
  running_mean.lerp_(mean, kMomentum);
  running_var.lerp_(variance * unbias, kMomentum);
}

torch::Tensor composed_norm_relu(const torch::Tensor& x, const torch::Tensor& valid,
                                 const torch::Tensor& residual, const torch::Tensor& gamma,
                                 const torch::Tensor& beta, torch::Tensor& mean,
                                 torch::Tensor& variance) {
  const auto per_channel = [](const torch::Tensor& values) { return values.view({1, -1, 1, 1}); };
  const torch::Tensor real = valid.defined() ? valid.unsqueeze(1).to(x.scalar_type())
                                             : torch::ones({1, 1, 1, 1}, x.options());
  const auto count = double(valid_positions_of(x, valid));
  const torch::Tensor centre = (x * real).sum({0, 2, 3}) / count;
  const torch::Tensor centred = x - per_channel(centre);
  const torch::Tensor spread = (centred.square() * real).sum({0, 2, 3}) / count;
  torch::Tensor out =
      centred * per_channel(gamma * torch::rsqrt(spread + kEps)) + per_channel(beta);
  if (residual.defined()) out = out + residual;
  mean = centre.detach();
  variance = spread.detach();
  return out.relu() * real;
}

torch::Tensor MaskedBatchNormImpl::forward(const torch::Tensor& x, const torch::Tensor& valid,
                                           const torch::Tensor& residual) {
  if (!is_training()) {
    const torch::Tensor scale = weight * torch::rsqrt(running_var + kEps);
    const torch::Tensor shift = bias - running_mean * scale;
    torch::Tensor out = channels_last(x) * scale.view({1, -1, 1, 1}) + shift.view({1, -1, 1, 1});
    if (residual.defined()) out = out + residual;
    out = out.relu_();
    return valid.defined() ? out.mul_(valid.unsqueeze(1)) : out;
  }
  const int64_t count = valid_positions_of(x, valid);
  if (!x.device().is_cpu()) {
    torch::Tensor mean, variance;
    const torch::Tensor out =
        composed_norm_relu(x.to(torch::kFloat32), valid, residual, weight, bias, mean, variance);
    follow(mean, variance, count);
    return out;
  }
  const torch::Tensor rows = channels_last(x.detach());
  const auto [mean, variance] = moments(rows_of(rows, valid), rows.data_ptr<float>(), count);
  follow(mean, variance, count);
  const auto optional = [](const torch::Tensor& tensor) {
    return tensor.defined() ? std::optional(tensor) : std::nullopt;
  };
  return NormReluFunction::apply(x, optional(valid), optional(residual), weight, bias, mean,
                                 torch::rsqrt(variance + kEps), count);
}

}  // namespace vqalign
