#pragma once

#include <torch/nn/pimpl.h>

#include "vqalign/attention/feed_forward.h"
#include "vqalign/attention/linear.h"
#include "vqalign/attention/multi_head_attention.h"
#include "vqalign/fusion/model_options.h"

namespace vqalign {

/// What attentional pooling gives.
struct Pooled {
  torch::Tensor vector;   ///< [B, F]
  torch::Tensor weights;  ///< [B, n, G]: each glimpse sums to 1 over the unpadded positions
};

/// AttFlat of the reference: an MLP gives every position G logits, softmax over positions (padding
/// at -1e9), weighted sums concatenated, one linear map D*G -> F.
class AttentionalPoolingImpl : public torch::nn::Module {
 public:
  explicit AttentionalPoolingImpl(const ModelOptions& options);

  /// x [B, n, D], mask bool [B, n], true = padding, or undefined.
  Pooled forward(const torch::Tensor& x, const torch::Tensor& mask,
                 const AttentionContext& context);

 private:
  Mlp mlp_ = nullptr;
  Linear linear_merge_ = nullptr;
};
TORCH_MODULE(AttentionalPooling);

}  // namespace vqalign
