#include "vqalign/attention/multi_head_attention.h"

#include <torch/types.h>

#include <cassert>

#include "vqalign/attention/absorbed_attention.h"
#include "vqalign/attention/attention_weights.h"

namespace vqalign {

namespace {

// Added to a score, it swallows it whole, which -1e9 does only for scores below 32: a row whose
// keys are all masked is then exactly uniform, as filling with -1e9 makes it.
constexpr double kMaskedOffset = -1e30;

torch::Tensor split_heads(const torch::Tensor& x, int64_t heads) {
  return x.view({x.size(0), x.size(1), heads, x.size(2) / heads}).transpose(1, 2);
}

torch::Tensor fused_attention(const torch::Tensor& q, const torch::Tensor& k,
                              const torch::Tensor& v, const torch::Tensor& key_mask) {
  std::optional<torch::Tensor> offset;
  if (key_mask.defined()) {
    offset = torch::zeros(key_mask.sizes(), q.options())
                 .masked_fill_(key_mask, kMaskedOffset)
                 .view({key_mask.size(0), 1, 1, key_mask.size(1)})
                 .expand({-1, q.size(1), q.size(2), -1});
  }
  return at::scaled_dot_product_attention(q, k, v, offset);
}

/// [1, H, 1, 1], 0 for silenced heads of this site and 1 for the others; undefined when it has
/// none.
torch::Tensor audible_heads(const std::vector<HeadSite>* silenced, AttentionSite site,
                            const torch::Tensor& attended) {
  torch::Tensor audible;
  if (!silenced) return audible;
  for (const HeadSite& head : *silenced) {
    if (head.family != site.family || head.layer != site.layer) continue;
    assert(head.head >= 0 && head.head < attended.size(1));
    if (!audible.defined()) audible = torch::ones({1, attended.size(1), 1, 1}, attended.options());
    audible.select(1, head.head).zero_();
  }
  return audible;
}

}  // namespace

MultiHeadAttentionImpl::MultiHeadAttentionImpl(int64_t width, int64_t heads) : heads_(heads) {
  assert(heads > 0 && width % heads == 0);
  linear_v = register_module("linear_v", Linear(width, width));
  linear_k = register_module("linear_k", Linear(width, width));
  linear_q = register_module("linear_q", Linear(width, width));
  linear_merge = register_module("linear_merge", Linear(width, width));
}

MultiHeadAttentionImpl::Projected MultiHeadAttentionImpl::project(const Sequences& queries,
                                                                  const Sequences& memory) {
  const auto heads_of = [&](const Sequences& sequences, const torch::Tensor& rows) {
    return split_heads(sequences.padded(rows), heads_);
  };
  std::vector<LinearImpl*> maps = {linear_v.get(), linear_k.get()};
  const bool of_itself = queries.states.is_same(memory.states);
  if (of_itself) maps.push_back(linear_q.get());
  const std::vector<torch::Tensor> made = map_together(maps, memory.states, laid_out_);
  return {heads_of(queries, of_itself ? made[2] : linear_q->forward(queries.states)),
          heads_of(memory, made[1]), heads_of(memory, made[0])};
}

bool MultiHeadAttentionImpl::absorbs(const Sequences& queries, const Sequences& memory,
                                     const AttentionContext& context) const {
  const bool silences = context.silenced && !context.silenced->empty();
  if (context.tapped() || context.drops() || silences || torch::GradMode::is_enabled() ||
      queries.valid)
    return false;
  const int64_t keys = memory.mask.defined() ? memory.mask.size(1) : memory.states.size(1);
  return absorbing_pays(queries.states.size(1), keys, queries.states.size(2), heads_);
}

torch::Tensor MultiHeadAttentionImpl::attend(const Projected& projected,
                                             const torch::Tensor& memory_mask,
                                             const AttentionContext& context,
                                             torch::Tensor& weights) const {
  const auto& [q, k, v] = projected;
  const bool wants_weights = context.tapped() && context.request.weights;
  const bool drops = context.drops();
  // The fused kernel's backward pass is wrong at rows whose keys are all masked: it keeps only
  // log-sum-exp, and beside -1e9 the logarithm of the number of keys is lost.
  // Half precision cannot hold the offset.
  const bool explicitly =
      memory_mask.defined() && (torch::GradMode::is_enabled() || q.scalar_type() == torch::kHalf);
  if (!wants_weights && !drops && !explicitly) return fused_attention(q, k, v, memory_mask);

  const double scale = 1.0 / std::sqrt(static_cast<double>(q.size(-1)));
  const torch::Tensor scores = torch::matmul(q, k.transpose(-2, -1));
  if (context.shared) {
    assert(drops && !wants_weights && !memory_mask.defined());
    const torch::Tensor alike = softmax_dropout(scores, memory_mask, scale, 0.0, nullptr);
    return torch::matmul(dropout_in_each_pass(alike, context.dropout_rate, *context.streams), v)
        .flatten(0, 1);
  }
  if (!wants_weights) {
    return torch::matmul(
        softmax_dropout(scores, memory_mask, scale, context.dropout_rate, context.streams), v);
  }
  weights = softmax_dropout(scores, memory_mask, scale, 0.0, nullptr);
  return torch::matmul(drops ? dropout(weights, context.dropout_rate, *context.streams) : weights,
                       v);
}

torch::Tensor MultiHeadAttentionImpl::forward(const Sequences& queries, const Sequences& memory,
                                              AttentionSite site, const AttentionContext& context) {
  if (absorbs(queries, memory, context)) {
    const std::vector<torch::Tensor> made =
        map_together({linear_v.get(), linear_k.get()}, memory.states, laid_out_);
    return absorbed_attention(queries.states, memory, made[1], made[0], *linear_q, *linear_merge,
                              heads_);
  }
  const Projected projected = project(queries, memory);
  torch::Tensor weights;
  torch::Tensor attended = attend(projected, memory.mask, context, weights);
  const torch::Tensor audible = audible_heads(context.silenced, site, attended);
  if (audible.defined()) attended = attended * audible;
  if (context.tapped()) {
    AttentionTap tap{site.family, site.layer, {}, {}, {}, queries.mask, memory.mask};
    if (context.request.queries_keys) {
      tap.queries = projected.queries;
      tap.keys = projected.keys;
    }
    if (context.request.weights) tap.weights = weights;
    context.taps->push_back(std::move(tap));
  }
  const torch::Tensor joined = attended.transpose(1, 2).flatten(2);
  return linear_merge->forward(queries.like_states(joined));
}

}  // namespace vqalign
