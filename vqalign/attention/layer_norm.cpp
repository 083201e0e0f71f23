#include "vqalign/attention/layer_norm.h"

#include <torch/torch.h>

namespace vqalign {

torch::Tensor reference_layer_norm(const torch::Tensor& x, const torch::Tensor& a,
                                   const torch::Tensor& b, double eps) {
  const torch::Tensor wide = x.to(at::promote_types(x.scalar_type(), a.scalar_type()));
  const torch::Tensor mean = wide.mean(-1, /*keepdim=*/true);
  const torch::Tensor deviation = wide.std(-1, /*unbiased=*/true, /*keepdim=*/true);
  return a * (wide - mean) / (deviation + eps) + b;
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
  return norm->forward(x + (streams ? dropout(update, dropout_rate, *streams) : update));
}

}  // namespace vqalign
