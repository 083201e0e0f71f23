#pragma once

#include <torch/types.h>

#include "vqalign/attention/dropout.h"

namespace vqalign {

/// softmax(scale * scores) over the last dimension of [B, H, n, m], scores of masked keys taken as
/// -1e9 (key_mask bool [B, m], true = padding, or undefined), then dropout: fused on the CPU and
/// CUDA. `streams` null or a rate of 0 gives the softmax itself.
torch::Tensor softmax_dropout(const torch::Tensor& scores, const torch::Tensor& key_mask,
                              double scale, double dropout_rate, DropoutStreams* streams);

}  // namespace vqalign
