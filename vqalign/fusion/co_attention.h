#pragma once

#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/pimpl.h>

#include <vector>

#include "vqalign/attention/feed_forward.h"
#include "vqalign/attention/layer_norm.h"
#include "vqalign/attention/multi_head_attention.h"
#include "vqalign/fusion/model_options.h"

namespace vqalign {

/// Rows [B, ..] once for each of the passes that share a batch: [passes B, ..]; undefined stays so.
torch::Tensor in_each_pass(const torch::Tensor& rows, int64_t passes);

/// The feed-forward sub-layer; a module of its own because the reference names it ffn.mlp.*.
class FeedForwardImpl : public torch::nn::Module {
 public:
  explicit FeedForwardImpl(const ModelOptions& options);
  torch::Tensor forward(const torch::Tensor& x, const AttentionContext& context);

 private:
  Mlp mlp_ = nullptr;
};
TORCH_MODULE(FeedForward);

/// Self-attention block (Yu et al., CVPR 2019, fig. 3a): x = LN1(x + drop(MHA(x, x, x)));
/// x = LN2(x + drop(FFN(x))), or with model.norm = pre h = LN1(x); x = x + drop(MHA(h, h, h));
/// x = x + drop(FFN(LN2(x))). Returns the new states.
class SelfAttentionBlockImpl : public torch::nn::Module {
 public:
  explicit SelfAttentionBlockImpl(const ModelOptions& options);
  torch::Tensor forward(Sequences x, int64_t layer, const AttentionContext& context);

 private:
  bool pre_norm_;
  MultiHeadAttention mhatt_ = nullptr;
  FeedForward ffn_ = nullptr;
  LayerNorm norm1_ = nullptr, norm2_ = nullptr;
};
TORCH_MODULE(SelfAttentionBlock);

/// Several questions may ask about one picture: question b is about picture index[b]. Undefined:
/// question b is about picture b.
struct PictureOfQuestion {
  torch::Tensor index;  ///< int64 [B]

  /// Rows per picture [P, ..] to rows per question [B, ..].
  torch::Tensor spread(const torch::Tensor& per_picture) const;
  /// The same where questions and `pictures` have a row for every pass.
  PictureOfQuestion in_each_pass(int64_t passes, int64_t pictures) const;
};

/// Self- and guided-attention block (fig. 3b): regions attend to regions, then to words, then the
/// feed-forward, each with residual and norm (before or behind, as in the self-attention block).
class GuidedAttentionBlockImpl : public torch::nn::Module {
 public:
  explicit GuidedAttentionBlockImpl(const ModelOptions& options);

  /// x regions [B, M, D], y words; returns the new states of the regions. `pictures` null: x has a
  /// row per question. Otherwise it has a row per picture, and the self-attention, which no word
  /// has touched yet, is computed once a picture before rows are spread over the questions.
  torch::Tensor forward(Sequences x, const Sequences& y, int64_t layer,
                        const PictureOfQuestion* pictures, const AttentionContext& context);

 private:
  bool pre_norm_;
  MultiHeadAttention mhatt1_ = nullptr, mhatt2_ = nullptr;
  FeedForward ffn_ = nullptr;
  LayerNorm norm1_ = nullptr, norm2_ = nullptr, norm3_ = nullptr;
};
TORCH_MODULE(GuidedAttentionBlock);

/// Words and regions, padded and masked (bool, true = padding). Where passes share the batch
/// (AttentionContext::passes()), rows either are there for every pass, pass by pass, or they are
/// alike in all and given once.
struct CoAttentionInput {
  torch::Tensor words;         ///< [B, T, D]
  torch::Tensor word_mask;     ///< [B, T]
  torch::Tensor regions;       ///< [P, M, D]
  torch::Tensor region_mask;   ///< [P, M]
  PictureOfQuestion pictures;  ///< from B to P, of one pass
  bool words_alike = false;    ///< words and word_mask are given once
  bool regions_alike = false;  ///< regions and region_mask are given once
};

struct CoAttentionOutput {
  torch::Tensor words;                 ///< [B, T, D]
  std::vector<torch::Tensor> regions;  ///< [B, M, D] behind every layer
  torch::Tensor region_mask;           ///< [B, M]
};

/// The stack of both ("backbone" in the reference): enc_list of self-attention blocks over words,
/// dec_list of guided blocks over regions; with pre-norm a last norm of each, norm_enc and
/// norm_dec, which the regions behind every layer pass. No work is done on padded words, whose
/// states come out as zero.
class CoAttentionImpl : public torch::nn::Module {
 public:
  explicit CoAttentionImpl(const ModelOptions& options);
  CoAttentionOutput forward(const CoAttentionInput& input, const AttentionContext& context);

 private:
  bool stacking_;
  torch::nn::ModuleList enc_list_;
  torch::nn::ModuleList dec_list_;
  LayerNorm norm_enc_ = nullptr, norm_dec_ = nullptr;  ///< null with post-norm
};
TORCH_MODULE(CoAttention);

}  // namespace vqalign
