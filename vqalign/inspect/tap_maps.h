#pragma once

#include <torch/types.h>

#include <vector>

#include "vqalign/attention/tap.h"
#include "vqalign/inspect/inspection.h"

namespace vqalign {

/// Fills in maps and statistics from the taps (weights, queries and keys) of one question;
/// inspection.layers and heads are set. Without queries and keys no head has an alignment. Error
/// naming the head whose weights are no numbers.
void take_maps(Inspection& inspection, const std::vector<AttentionTap>& taps);

/// A tap's weights [H, n, m] in double on the CPU, without the rows and columns of padding.
torch::Tensor unpadded_weights(const AttentionTap& tap, const torch::Tensor& weights);

/// Places, int64 [k], where a mask (bool [1, n], or undefined) has no padding, of n.
torch::Tensor unpadded_places(const torch::Tensor& mask, int64_t n);

}  // namespace vqalign
