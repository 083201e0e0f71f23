#include "vqalign/fusion/co_attention.h"

#include <torch/types.h>

namespace vqalign {

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
  const bool drops = context.streams && context.dropout_rate > 0.0;
  return x + (drops ? dropout(update, context.dropout_rate, *context.streams) : update);
}

}  // namespace

SelfAttentionBlockImpl::SelfAttentionBlockImpl(const ModelOptions& options)
    : pre_norm_(options.pre_norm()) {
  mhatt_ = register_module("mhatt", MultiHeadAttention(options.hidden, options.heads));
  ffn_ = register_module("ffn", FeedForward(options));
  norm1_ = register_module("norm1", LayerNorm(options.hidden));
  norm2_ = register_module("norm2", LayerNorm(options.hidden));
}

torch::Tensor SelfAttentionBlockImpl::forward(torch::Tensor x, const torch::Tensor& mask,
                                              int64_t layer, const AttentionContext& context) {
  const AttentionSite site{AttentionFamily::kQuestionSelf, layer};
  const double rate = context.dropout_rate;
  if (pre_norm_) {
    const torch::Tensor h = norm1_(x);
    x = residual_sum(x, mhatt_(h, mask, h, mask, site, context), context);
    return residual_sum(x, ffn_(norm2_(x), context), context);
  }
  x = residual_norm(x, mhatt_(x, mask, x, mask, site, context), norm1_, rate, context.streams);
  return residual_norm(x, ffn_(x, context), norm2_, rate, context.streams);
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

torch::Tensor GuidedAttentionBlockImpl::forward(torch::Tensor x, const torch::Tensor& y,
                                                const torch::Tensor& x_mask,
                                                const torch::Tensor& y_mask, int64_t layer,
                                                const PictureOfQuestion* pictures,
                                                const AttentionContext& context) {
  const double rate = context.dropout_rate;
  const std::size_t taps_before = context.taps ? context.taps->size() : 0;
  const AttentionSite self_site{AttentionFamily::kImageSelf, layer};
  const AttentionSite guided_site{AttentionFamily::kGuided, layer};
  if (pre_norm_) {
    const torch::Tensor h = norm1_(x);
    x = residual_sum(x, mhatt1_(h, x_mask, h, x_mask, self_site, context), context);
  } else {
    x = residual_norm(x, mhatt1_(x, x_mask, x, x_mask, self_site, context), norm1_, rate,
                      context.streams);
  }
  torch::Tensor mask = x_mask;
  if (pictures) {
    x = pictures->spread(x);
    mask = pictures->spread(x_mask);
    for (std::size_t i = taps_before; context.taps && i < context.taps->size(); ++i) {
      spread_tap((*context.taps)[i], *pictures);
    }
  }
  if (pre_norm_) {
    x = residual_sum(x, mhatt2_(norm2_(x), mask, y, y_mask, guided_site, context), context);
    return residual_sum(x, ffn_(norm3_(x), context), context);
  }
  x = residual_norm(x, mhatt2_(x, mask, y, y_mask, guided_site, context), norm2_, rate,
                    context.streams);
  return residual_norm(x, ffn_(x, context), norm3_, rate, context.streams);
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

CoAttentionOutput CoAttentionImpl::forward(const CoAttentionInput& input,
                                           const AttentionContext& context) {
  const auto layers = static_cast<int64_t>(enc_list_->size());
  std::vector<torch::Tensor> words;
  torch::Tensor y = input.words;
  for (int64_t layer = 0; layer < layers; ++layer) {
    y = enc_list_[layer]->as<SelfAttentionBlock>()->forward(y, input.word_mask, layer, context);
    words.push_back(norm_enc_ ? norm_enc_(y) : y);
  }
  CoAttentionOutput output;
  output.words = words.back();
  output.region_mask = input.pictures.spread(input.region_mask);
  torch::Tensor x = input.regions;
  for (int64_t layer = 0; layer < layers; ++layer) {
    const torch::Tensor& guide = stacking_ ? words[layer] : output.words;
    const bool first = layer == 0;
    x = dec_list_[layer]->as<GuidedAttentionBlock>()->forward(
        x, guide, first ? input.region_mask : output.region_mask, input.word_mask, layer,
        first ? &input.pictures : nullptr, context);
    output.regions.push_back(norm_dec_ ? norm_dec_(x) : x);
  }
  return output;
}

}  // namespace vqalign
