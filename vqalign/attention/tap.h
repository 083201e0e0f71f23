#pragma once

#include <torch/types.h>

#include <string>
#include <vector>

#include "vqalign/attention/head_site.h"

namespace vqalign {

/// What one multi-head attention saw, handed out when asked for and free when nobody asks. All
/// tensors still belong to the autograd graph, so a loss on them trains the projections.
/// Shapes follow the project's convention [batch, head, query, key].
struct AttentionTap {
  AttentionFamily family = AttentionFamily::kQuestionSelf;
  int64_t layer = 0;
  torch::Tensor queries;  ///< [B, H, n, d], projected queries, before the 1/sqrt(d) scale.
  torch::Tensor keys;     ///< [B, H, m, d], projected keys.
  torch::Tensor
      weights;  ///< [B, H, n, m], softmax weights before dropout; undefined unless asked for.
  torch::Tensor query_mask;  ///< bool [B, n], true = padding; undefined when nothing is padded.
  torch::Tensor key_mask;    ///< bool [B, m], true = padding; undefined when nothing is padded.
};

/// What a forward pass should hand out.
struct TapRequest {
  bool queries_keys = false;
  bool weights = false;
  bool any() const { return queries_keys || weights; }
};

}  // namespace vqalign
