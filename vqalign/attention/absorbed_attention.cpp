#include "vqalign/attention/absorbed_attention.h"

#include <torch/types.h>

#include <cmath>

#include "vqalign/attention/attention_weights.h"

namespace vqalign {

namespace {

/// Rows [.., D] with each head's columns mapped by `maps` [H, d, D]: [H, rows, D].
torch::Tensor map_heads(const torch::Tensor& rows, const torch::Tensor& maps) {
  const torch::Tensor by_head = rows.reshape({-1, maps.size(0), maps.size(1)}).transpose(0, 1);
  return torch::bmm(by_head, maps);
}

}  // namespace

bool absorbing_pays(int64_t queries, int64_t keys, int64_t width, int64_t heads) {
  return keys > 0 && 4 * heads * keys <= 3 * width && 2 * keys <= queries;
}

torch::Tensor absorbed_attention(const torch::Tensor& states, const Sequences& memory,
                                 const torch::Tensor& keys, const torch::Tensor& values,
                                 const LinearImpl& query_map, const LinearImpl& merge_map,
                                 int64_t heads) {
  const int64_t batch = states.size(0), width = states.size(2), d = width / heads;
  const auto spread = [&](const torch::Tensor& rows) { return memory.padded_heads(rows, batch); };
  const torch::Tensor absorbed_keys =
      spread(map_heads(keys, query_map.weight.view({heads, d, width})));  // [B, H, m, D]
  const torch::Tensor offsets =
      spread(map_heads(keys, query_map.bias.view({heads, d, 1}))).view({batch, 1, -1});
  const torch::Tensor scores =
      torch::bmm(states, absorbed_keys.flatten(1, 2).transpose(1, 2)).add_(offsets);

  const torch::Tensor weights =
      softmax_dropout(scores.view({batch, states.size(1), heads, -1}), memory.mask,
                      1.0 / std::sqrt(static_cast<double>(d)), 0.0, nullptr);

  const torch::Tensor absorbed_values =
      spread(map_heads(values, merge_map.weight.view({width, heads, d}).permute({1, 2, 0})));
  // A head's weights sum to one, so the bias may ride on the values of one head.
  absorbed_values.select(1, 0).add_(merge_map.bias);
  return torch::bmm(weights.flatten(2), absorbed_values.flatten(1, 2));
}

}  // namespace vqalign
