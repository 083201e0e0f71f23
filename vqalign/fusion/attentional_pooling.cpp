#include "vqalign/fusion/attentional_pooling.h"

#include <torch/types.h>

#include "vqalign/attention/at_least_float.h"

namespace vqalign {

AttentionalPoolingImpl::AttentionalPoolingImpl(const ModelOptions& options) {
  mlp_ = register_module("mlp", Mlp(options.hidden, options.pooling_hidden, options.glimpses));
  linear_merge_ =
      register_module("linear_merge", Linear(options.hidden * options.glimpses, options.pooled));
}

Pooled AttentionalPoolingImpl::forward(const torch::Tensor& x, const torch::Tensor& mask,
                                       const AttentionContext& context) {
  torch::Tensor logits = at_least_float(mlp_(x, context.dropout_rate, context.streams));
  if (mask.defined()) logits = logits.masked_fill(mask.unsqueeze(2), -1e9);
  const torch::Tensor weights = torch::softmax(logits, 1);
  const torch::Tensor glimpses = torch::bmm(weights.transpose(1, 2).to(x.dtype()), x);
  return {linear_merge_(glimpses.flatten(1)), weights};
}

}  // namespace vqalign
