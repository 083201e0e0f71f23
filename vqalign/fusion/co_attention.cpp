#include "vqalign/fusion/co_attention.h"

#include <torch/types.h>

namespace vqalign {

torch::Tensor in_each_pass(const torch::Tensor& rows, int64_t passes) {
  if (!rows.defined() || passes == 1) return rows;
  std::vector<int64_t> times(static_cast<std::size_t>(rows.dim()), 1);
  times[0] = passes;
  return rows.repeat(times);
}

FeedForwardImpl::FeedForwardImpl(const ModelOptions& options) {
  mlp_ = register_module("mlp", Mlp(options.hidden, options.feed_forward, options.hidden));
}

torch::Tensor FeedForwardImpl::forward(const torch::Tensor& x, const AttentionContext& context) {
  return mlp_(x, context.dropout_rate, context.streams);
}

namespace {

/// x + drop(update): the end of a sub-layer with pre-norm.
torch::Tensor residual_sum(const torch::Tensor& x, const torch::Tensor& update,
                           const AttentionContext& context) {
  return x + (context.drops() ? dropout(update, context.dropout_rate, *context.streams) : update);
}

/// Self-attention of x, behind `norm` unless null.
torch::Tensor attend_itself(MultiHeadAttention& attention, LayerNorm* norm, Sequences x,
                            AttentionSite site, const AttentionContext& context) {
  if (norm) x.states = (*norm)(x.states);
  return attention(x, x, site, context);
}

}  // namespace

SelfAttentionBlockImpl::SelfAttentionBlockImpl(const ModelOptions& options)
    : pre_norm_(options.pre_norm()) {
  mhatt_ = register_module("mhatt", MultiHeadAttention(options.hidden, options.heads));
  ffn_ = register_module("ffn", FeedForward(options));
  norm1_ = register_module("norm1", LayerNorm(options.hidden));
  norm2_ = register_module("norm2", LayerNorm(options.hidden));
}

torch::Tensor SelfAttentionBlockImpl::forward(Sequences x, int64_t layer,
                                              const AttentionContext& context) {
  const torch::Tensor attended = attend_itself(mhatt_, pre_norm_ ? &norm1_ : nullptr, x,
                                               {AttentionFamily::kQuestionSelf, layer}, context);
  if (context.shared) x.states = in_each_pass(x.states, context.passes());
  if (pre_norm_) {
    x.states = residual_sum(x.states, attended, context);
    return residual_sum(x.states, ffn_(norm2_(x.states), context), context);
  }
  const double rate = context.dropout_rate;
  x.states = residual_norm(x.states, attended, norm1_, rate, context.streams);
  return residual_norm(x.states, ffn_(x.states, context), norm2_, rate, context.streams);
}

PictureOfQuestion PictureOfQuestion::in_each_pass(int64_t passes, int64_t pictures) const {
  if (!index.defined() || passes == 1) return *this;
  const torch::Tensor starts = torch::arange(passes, index.options()).unsqueeze(1) * pictures;
  return {(starts + index.unsqueeze(0)).flatten()};
}

torch::Tensor PictureOfQuestion::spread(const torch::Tensor& per_picture) const {
  return index.defined() && per_picture.defined() ? per_picture.index_select(0, index)
                                                  : per_picture;
}

GuidedAttentionBlockImpl::GuidedAttentionBlockImpl(const ModelOptions& options)
    : pre_norm_(options.pre_norm()) {
  mhatt1_ = register_module("mhatt1", MultiHeadAttention(options.hidden, options.heads));
  mhatt2_ = register_module("mhatt2", MultiHeadAttention(options.hidden, options.heads));
  ffn_ = register_module("ffn", FeedForward(options));
  norm1_ = register_module("norm1", LayerNorm(options.hidden));
  norm2_ = register_module("norm2", LayerNorm(options.hidden));
  norm3_ = register_module("norm3", LayerNorm(options.hidden));
}

namespace {

/// Taps taken while rows stood for pictures are spread over the questions like everything else.
void spread_tap(AttentionTap& tap, const PictureOfQuestion& pictures) {
  tap.queries = pictures.spread(tap.queries);
  tap.keys = pictures.spread(tap.keys);
  tap.weights = pictures.spread(tap.weights);
  tap.query_mask = pictures.spread(tap.query_mask);
  tap.key_mask = pictures.spread(tap.key_mask);
}

}  // namespace

torch::Tensor GuidedAttentionBlockImpl::forward(Sequences x, const Sequences& y, int64_t layer,
                                                const PictureOfQuestion* pictures,
                                                const AttentionContext& context) {
  const double rate = context.dropout_rate;
  const std::size_t taps_before = context.taps ? context.taps->size() : 0;
  AttentionContext each = context;
  each.shared = false;
  const AttentionSite guided_site{AttentionFamily::kGuided, layer};
  const torch::Tensor attended = attend_itself(mhatt1_, pre_norm_ ? &norm1_ : nullptr, x,
                                               {AttentionFamily::kImageSelf, layer}, context);
  if (context.shared) x.states = in_each_pass(x.states, context.passes());
  x.states = pre_norm_ ? residual_sum(x.states, attended, context)
                       : residual_norm(x.states, attended, norm1_, rate, context.streams);
  if (pictures) {
    x.states = pictures->spread(x.states);
    x.mask = pictures->spread(x.mask);
    for (std::size_t i = taps_before; context.taps && i < context.taps->size(); ++i) {
      spread_tap((*context.taps)[i], *pictures);
    }
  }
  if (pre_norm_) {
    const Sequences queries{norm2_(x.states), x.mask};
    x.states = residual_sum(x.states, mhatt2_(queries, y, guided_site, each), context);
    return residual_sum(x.states, ffn_(norm3_(x.states), context), context);
  }
  x.states =
      residual_norm(x.states, mhatt2_(x, y, guided_site, each), norm2_, rate, context.streams);
  return residual_norm(x.states, ffn_(x.states, context), norm3_, rate, context.streams);
}

CoAttentionImpl::CoAttentionImpl(const ModelOptions& options)
    : stacking_(options.structure == "stacking") {
  register_module("enc_list", enc_list_);
  register_module("dec_list", dec_list_);
  for (int64_t layer = 0; layer < options.layers; ++layer) {
    enc_list_->push_back(SelfAttentionBlock(options));
    dec_list_->push_back(GuidedAttentionBlock(options));
  }
  if (!options.pre_norm()) return;
  norm_enc_ = register_module("norm_enc", LayerNorm(options.hidden));
  norm_dec_ = register_module("norm_dec", LayerNorm(options.hidden));
}

namespace {

/// Nothing for a mask that masks nothing, without which attention is quicker.
torch::Tensor where_padded(const torch::Tensor& mask) {
  return mask.defined() && mask.any().item<bool>() ? mask : torch::Tensor();
}

/// States with rows of their own for every pass, or, where the first attention can take them so,
/// rows that stand for all of them.
struct OpeningStates {
  torch::Tensor states, mask;
  bool shared = false;

  OpeningStates(const torch::Tensor& given, const torch::Tensor& given_mask, bool alike,
                const AttentionContext& context)
      : states(given), mask(where_padded(given_mask)) {
    shared = alike && context.passes() > 1 && context.drops() && !mask.defined();
    if (!alike || shared) return;
    states = in_each_pass(states, context.passes());
    mask = in_each_pass(mask, context.passes());
  }
};

}  // namespace

CoAttentionOutput CoAttentionImpl::forward(const CoAttentionInput& input,
                                           const AttentionContext& context) {
  const auto layers = static_cast<int64_t>(enc_list_->size());
  // Both ask the device what is padded, which waits for it: at once, before it has much to do.
  const OpeningStates regions(input.regions, input.region_mask, input.regions_alike, context);
  const OpeningStates opening(input.words, input.word_mask, input.words_alike, context);
  const ValidRows valid(opening.mask);
  AttentionContext first = context;
  first.shared = opening.shared;
  std::vector<Sequences> words;
  Sequences y{valid.take(opening.states), opening.mask, &valid};
  for (int64_t layer = 0; layer < layers; ++layer) {
    y.states =
        enc_list_[layer]->as<SelfAttentionBlock>()->forward(y, layer, layer == 0 ? first : context);
    words.push_back(y);
    if (norm_enc_) words.back().states = norm_enc_(y.states);
  }
  CoAttentionOutput output;
  output.words = valid.spread(words.back().states);
  const int64_t passes = context.passes(), repeats = input.regions_alike ? passes : 1;
  first.shared = regions.shared;
  const PictureOfQuestion pictures =
      input.pictures.in_each_pass(passes, input.regions.size(0) * repeats / passes);
  output.region_mask = pictures.spread(in_each_pass(input.region_mask, repeats));
  const torch::Tensor region_masks = regions.mask.defined() ? output.region_mask : regions.mask;
  torch::Tensor x = regions.states;
  for (int64_t layer = 0; layer < layers; ++layer) {
    const bool opens = layer == 0;
    x = dec_list_[layer]->as<GuidedAttentionBlock>()->forward(
        {x, opens ? regions.mask : region_masks}, stacking_ ? words[layer] : words.back(), layer,
        opens ? &pictures : nullptr, opens ? first : context);
    output.regions.push_back(norm_dec_ ? norm_dec_(x) : x);
  }
  return output;
}

}  // namespace vqalign
