#include "vqalign/attention/feed_forward.h"

#include <torch/torch.h>

namespace vqalign {

FullyConnectedImpl::FullyConnectedImpl(int64_t in, int64_t out) {
  linear = register_module("linear", torch::nn::Linear(in, out));
}

MlpImpl::MlpImpl(int64_t in, int64_t hidden, int64_t out) {
  fc = register_module("fc", FullyConnected(in, hidden));
  linear = register_module("linear", torch::nn::Linear(hidden, out));
}

torch::Tensor MlpImpl::forward(const torch::Tensor& x, double dropout_rate,
                               DropoutStreams* streams) {
  torch::Tensor hidden = torch::relu(fc->linear->forward(x));
  if (streams) hidden = dropout(hidden, dropout_rate, *streams);
  return linear->forward(hidden);
}

}  // namespace vqalign
