#include "vqalign/language/bert.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <cassert>
#include <memory>

#include "vqalign/core/formats/safetensors.h"

namespace vqalign {
namespace {

constexpr double kNormEpsilon = 1e-12;
/// Sentences of a pair; a question is a first one.
constexpr int64_t kSentenceTypes = 2;

using Names = std::shared_ptr<torch::nn::Module>;

/// A part of a parameter's name that does nothing of its own.
Names add_name(torch::nn::Module& parent, const char* name) {
  return parent.register_module(name, std::make_shared<torch::nn::Module>());
}

torch::nn::LayerNorm bert_norm(int64_t width) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({width}).eps(kNormEpsilon));
}

torch::Tensor dropped(const torch::Tensor& x, const AttentionContext& context) {
  return context.drops() ? dropout(x, context.dropout_rate, *context.streams) : x;
}

}  // namespace

BertLayerImpl::BertLayerImpl(const BertShape& shape) {
  attention_ = MultiHeadAttention(shape.width, shape.heads);
  const Names attention = add_name(*this, "attention"), self = add_name(*attention, "self");
  self->register_module("query", attention_->linear_q);
  self->register_module("key", attention_->linear_k);
  self->register_module("value", attention_->linear_v);
  const Names attended = add_name(*attention, "output");
  attended->register_module("dense", attention_->linear_merge);
  attended_norm_ = attended->register_module("LayerNorm", bert_norm(shape.width));
  intermediate_ = add_name(*this, "intermediate")
                      ->register_module("dense", Linear(shape.width, shape.feed_forward));
  const Names output = add_name(*this, "output");
  output_ = output->register_module("dense", Linear(shape.feed_forward, shape.width));
  output_norm_ = output->register_module("LayerNorm", bert_norm(shape.width));
}

torch::Tensor BertLayerImpl::forward(Sequences x, int64_t layer, const AttentionContext& context) {
  const AttentionSite site{AttentionFamily::kQuestionPretrained, layer};
  const torch::Tensor attended = attention_(x, x, site, context);
  x.states = attended_norm_(x.states + dropped(attended, context));
  const torch::Tensor inner = torch::gelu(intermediate_(x.states));
  return output_norm_(x.states + dropped(output_(inner), context));
}

BertImpl::BertImpl(const BertShape& shape) {
  const Names embeddings = add_name(*this, "embeddings");
  const auto add_embedding = [&](const char* name, int64_t count) {
    return embeddings->register_module(name, torch::nn::Embedding(count, shape.width));
  };
  words_ = add_embedding("word_embeddings", shape.words);
  positions_ = add_embedding("position_embeddings", shape.positions);
  types_ = add_embedding("token_type_embeddings", kSentenceTypes);
  norm_ = embeddings->register_module("LayerNorm", bert_norm(shape.width));
  add_name(*this, "encoder")->register_module("layer", layers_);
  for (int64_t layer = 0; layer < shape.layers; ++layer) layers_->push_back(BertLayer(shape));
}

torch::Tensor BertImpl::forward(const torch::Tensor& tokens, const torch::Tensor& mask,
                                const AttentionContext& context) {
  assert(tokens.dim() == 2 && tokens.size(1) <= positions_->weight.size(0));
  const ValidRows valid(mask);
  const torch::Tensor places =
      positions_->weight.slice(0, 0, tokens.size(1)) + types_->weight.select(0, 0);
  const torch::Tensor sums = words_(tokens) + places;
  Sequences x{dropped(norm_(valid.take(sums)), context), mask, &valid};
  for (std::size_t layer = 0; layer < layers_->size(); ++layer) {
    x.states = layers_[layer]->as<BertLayer>()->forward(x, static_cast<int64_t>(layer), context);
  }
  return valid.spread(x.states);
}

torch::Tensor BertImpl::read(const torch::Tensor& tokens, SentenceMarks marks,
                             const AttentionContext& context) {
  const torch::Tensor lengths = tokens.ne(0).sum(1, /*keepdim=*/true);
  const torch::Tensor begin = torch::full({tokens.size(0), 1}, marks.begin, tokens.options());
  const torch::Tensor sentences =
      torch::cat({begin, tokens, torch::zeros_like(begin)}, 1).scatter(1, lengths + 1, marks.end);
  const torch::Tensor places = torch::arange(sentences.size(1), tokens.options()).unsqueeze(0);
  const torch::Tensor padding = places > lengths + 1;
  const torch::Tensor mask = padding.any().item<bool>() ? padding : torch::Tensor();
  return forward(sentences, mask, context).slice(1, 1, tokens.size(1) + 1);
}

NamedTensors bert_tensors(NamedTensors stored) {
  constexpr std::string_view kPrefix = "bert.";
  for (auto& [name, tensor] : stored) {
    if (name.starts_with(kPrefix)) name.erase(0, kPrefix.size());
  }
  std::erase_if(stored, [](const auto& item) {
    const std::string& name = item.first;
    return name.starts_with("pooler.") || name.starts_with("cls.") ||
           name == "embeddings.position_ids";
  });
  return stored;
}

NamedTensors read_bert(const std::filesystem::path& path) {
  return bert_tensors(read_safetensors(path).tensors);
}

void load_bert(Bert& network, const std::filesystem::path& path) {
  fill_network(*network, read_bert(path), path.string());
}

}  // namespace vqalign
