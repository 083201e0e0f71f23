#pragma once

#include <torch/types.h>

#include "graph.h"

namespace graph_attention {

/// The sparse matrix with these `values` (float32, as many as it has) times `weight` [columns, w]:
/// [rows, w]. The gradient goes to `weight` alone.
torch::Tensor sparse_product(const SparseRows& rows, const torch::Tensor& values,
                             const torch::Tensor& weight);

/// Softmax of `logits` [E, H] over the edges of each target node, by scatter: [E, H].
torch::Tensor edge_softmax(const Edges& edges, const torch::Tensor& logits);

/// What each node gets of the nodes it looks at: sum over its edges of weights [E, H] times
/// values [N, H, w] of the source: [N, H, w].
torch::Tensor edge_sum(const Edges& edges, const torch::Tensor& weights,
                       const torch::Tensor& values);

}  // namespace graph_attention
