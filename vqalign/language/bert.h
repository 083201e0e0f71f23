#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/modules/embedding.h>
#include <torch/nn/modules/normalization.h>
#include <torch/nn/pimpl.h>

#include <filesystem>

#include "vqalign/attention/linear.h"
#include "vqalign/attention/multi_head_attention.h"
#include "vqalign/core/formats/named_tensors.h"

namespace vqalign {

/// What fixes a BERT.
struct BertShape {
  int64_t words = 0;      ///< entries of its vocabulary
  int64_t positions = 0;  ///< tokens of its longest sentence
  int64_t layers = 0;
  int64_t width = 0;
  int64_t heads = 0;  ///< of a layer; they divide `width`
  int64_t feed_forward = 0;
};

/// Which entries of the vocabulary stand before and behind a sentence.
struct SentenceMarks {
  int64_t begin = 0;  ///< [CLS]
  int64_t end = 0;    ///< [SEP]
};

/// A layer of it: self-attention, then a feed-forward with exact GELU, each LN(x + drop(f(x))).
class BertLayerImpl : public torch::nn::Module {
 public:
  explicit BertLayerImpl(const BertShape& shape);
  torch::Tensor forward(Sequences x, int64_t layer, const AttentionContext& context);

 private:
  MultiHeadAttention attention_ = nullptr;  ///< its maps are registered as attention.self.query, ..
  torch::nn::LayerNorm attended_norm_ = nullptr;
  Linear intermediate_ = nullptr;
  Linear output_ = nullptr;
  torch::nn::LayerNorm output_norm_ = nullptr;
};
TORCH_MODULE(BertLayer);

/// BERT's encoder (Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for
/// Language Understanding", NAACL 2019) with the parameter names of its published checkpoints:
/// embeddings.word_embeddings.weight, encoder.layer.0.attention.self.query.weight, ... .
/// all-MiniLM-L6-v2 is one (Wang et al., "MiniLM", NeurIPS 2020; Reimers and Gurevych,
/// "Sentence-BERT", EMNLP 2019). Its attention is the project's own: heads are tapped and silenced
/// as family question_pretrained. Layer norms have eps 1e-12.
class BertImpl : public torch::nn::Module {
 public:
  explicit BertImpl(const BertShape& shape);

  /// tokens int64 [B, T], T at most shape.positions; mask bool [B, T], true = padding, behind the
  /// tokens of a row, or undefined when nothing is padded. Returns the last layer's states float32
  /// [B, T, width], zero at padding, on which no work is done. Dropout is that of `context`.
  torch::Tensor forward(const torch::Tensor& tokens, const torch::Tensor& mask,
                        const AttentionContext& context);

  /// Questions without their marks, int64 [B, T], 0 = padding behind the tokens of a row: each is
  /// read as a sentence, [CLS] and [SEP] around it, and the states of its own tokens are returned,
  /// [B, T, width]. What stands at padding means nothing, but depends on no other row. Taps speak
  /// of T + 2 tokens.
  torch::Tensor read(const torch::Tensor& tokens, SentenceMarks marks,
                     const AttentionContext& context);

 private:
  torch::nn::Embedding words_ = nullptr, positions_ = nullptr, types_ = nullptr;
  torch::nn::LayerNorm norm_ = nullptr;
  torch::nn::ModuleList layers_;
};
TORCH_MODULE(Bert);

/// Of the tensors of a published file those that it has, without the "bert." that their names may
/// begin with; a pooler, the heads of other tasks ("cls.") and stored position ids are left out.
NamedTensors bert_tensors(NamedTensors stored);
/// Those of a safetensors file. Error as read_safetensors() says.
NamedTensors read_bert(const std::filesystem::path& path);

/// Fills it from such a file. Error naming the file and the
/// tensor: missing, of another shape (both named), without a place, NaN or infinite; the network is
/// then half filled.
void load_bert(Bert& network, const std::filesystem::path& path);

}  // namespace vqalign
