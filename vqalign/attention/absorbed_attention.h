#pragma once

#include <torch/types.h>

#include "vqalign/attention/linear.h"
#include "vqalign/attention/valid_rows.h"

namespace vqalign {

/// Multi-head attention of many queries over few keys, as regions attend to the words of a
/// question, with the query map absorbed into the keys and the merge map into the values
/// ("weight absorption", DeepSeek-V2, 2024, section 2.1.2). With q = x W_q^T + b_q and rows
/// W_h = W_q[h d .. h d + d - 1],
///
///   q_h . k_h = x . (k_h W_h) + b_h . k_h   and   sum_h a_h (v_h M_h^T) = merge(concat_h a_h v_h),
///
/// M_h being the columns of head h in the merge map. So two products of n x D x D become products
/// of n x D x (H m) and m x D x D: fewer as long as H m is well below D. Values differ from those
/// of MultiHeadAttention by rounding alone.
///
/// `states` [B, n, D] attend to `memory`, B sequences of m; `keys`, `values`: what linear_k and
/// linear_v make of memory.states. An example whose keys are all masked has uniform weights.
/// Returns [B, n, D]. For evaluation: there is no dropout.
torch::Tensor absorbed_attention(const torch::Tensor& states, const Sequences& memory,
                                 const torch::Tensor& keys, const torch::Tensor& values,
                                 const LinearImpl& query_map, const LinearImpl& merge_map,
                                 int64_t heads);

/// Whether that takes clearly fewer multiplications for n queries of width D over m keys.
bool absorbing_pays(int64_t queries, int64_t keys, int64_t width, int64_t heads);

}  // namespace vqalign
