#include "vqalign/inspect/relevance.h"

#include <torch/csrc/autograd/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cassert>
#include <map>
#include <utility>

#include "vqalign/inspect/tap_maps.h"

namespace vqalign {
namespace {

/// mean over the first dimension of the positive part of gradient * weights.
torch::Tensor weighted(const torch::Tensor& weights, const torch::Tensor& gradient) {
  return (weights * gradient).clamp_min(0).mean(0);
}

/// Rule 8 and 9: what a token speaks of besides itself as shares, and itself.
torch::Tensor normalised(const torch::Tensor& relevance) {
  const torch::Tensor self = torch::eye(relevance.size(0), relevance.options());
  const torch::Tensor others = relevance - self;
  const torch::Tensor sums = others.sum(1, /*keepdim=*/true);
  return torch::where(sums > 0, others / sums.clamp_min(1e-300), torch::zeros_like(others)) + self;
}

/// What the states speak of, block by block.
struct Relevances {
  std::vector<torch::Tensor> words;  ///< [T, T] behind every question block, and before the first
  torch::Tensor regions;             ///< [M, M]
  torch::Tensor region_words;        ///< [M, T]
};

/// A' of every attention by family and layer.
using WeightedMaps = std::map<std::pair<AttentionFamily, int64_t>, torch::Tensor>;

Relevances follow(const WeightedMaps& maps, const Inspection& inspection) {
  const auto f64 = torch::kFloat64;
  const auto tokens = static_cast<int64_t>(inspection.read_words.size());
  const auto regions = static_cast<int64_t>(inspection.seen_regions.size());
  Relevances of{
      {torch::eye(tokens, f64)}, torch::eye(regions, f64), torch::zeros({regions, tokens}, f64)};
  for (int64_t layer = 0; layer < inspection.layers; ++layer) {
    const torch::Tensor& self = maps.at({AttentionFamily::kQuestionSelf, layer});
    of.words.push_back(of.words.back() + self.mm(of.words.back()));
  }
  for (int64_t layer = 0; layer < inspection.layers; ++layer) {
    const torch::Tensor& self = maps.at({AttentionFamily::kImageSelf, layer});
    of.region_words = of.region_words + self.mm(of.region_words);
    of.regions = of.regions + self.mm(of.regions);
    const torch::Tensor& guide =
        inspection.stacking ? of.words[static_cast<std::size_t>(layer) + 1] : of.words.back();
    const torch::Tensor& guided = maps.at({AttentionFamily::kGuided, layer});
    of.region_words = of.region_words + normalised(of.regions).t().mm(guided).mm(normalised(guide));
  }
  return of;
}

/// [n] of pooling weights [1, N, G] and their gradient, without padding.
torch::Tensor weighted_pooling(const torch::Tensor& weights, const torch::Tensor& gradient,
                               const torch::Tensor& places) {
  const auto glimpses = [&](const torch::Tensor& x) {
    return x[0].detach().to(torch::kCPU, torch::kFloat64).index_select(0, places).t();
  };
  return weighted(glimpses(weights), glimpses(gradient)).unsqueeze(0);
}

void spread(std::vector<double>& scores, const torch::Tensor& shares,
            const std::vector<std::size_t>& places) {
  for (std::size_t i = 0; i < places.size(); ++i) {
    scores[places[i]] = shares[0][static_cast<int64_t>(i)].item<double>();
  }
}

}  // namespace

TokenScores relevance(const ModelOutput& output, int64_t answer, const Inspection& inspection) {
  std::vector<torch::Tensor> attentions = {output.word_weights, output.region_weights};
  std::vector<AttentionTap> taps = output.taps;
  // What a question's tokens are to the co-attention is where relevance ends, whatever made them.
  std::erase_if(taps, [](const AttentionTap& tap) {
    return tap.family == AttentionFamily::kQuestionPretrained;
  });
  for (const AttentionTap& tap : taps) attentions.push_back(tap.weights);
  const std::vector<torch::Tensor> gradients = torch::autograd::grad(
      {output.logits[0][answer]}, attentions, /*grad_outputs=*/{}, /*retain_graph=*/false,
      /*create_graph=*/false, /*allow_unused=*/false);
  WeightedMaps maps;
  for (std::size_t i = 0; i < taps.size(); ++i) {
    const AttentionTap& tap = taps[i];
    maps[{tap.family, tap.layer}] = weighted(unpadded_weights(tap, tap.weights.detach()),
                                             unpadded_weights(tap, gradients[i + 2]));
  }
  const Relevances of = follow(maps, inspection);
  const torch::Tensor words = weighted_pooling(
      output.word_weights, gradients[0], torch::arange(output.word_weights.size(1), torch::kInt64));
  const torch::Tensor regions =
      weighted_pooling(output.region_weights, gradients[1],
                       unpadded_places(output.region_mask, output.region_weights.size(1)));
  torch::Tensor of_words = words.mm(of.words.back()) + regions.mm(of.region_words);
  torch::Tensor of_regions = regions.mm(of.regions);
  const double total = of_words.sum().item<double>() + of_regions.sum().item<double>();
  if (total > 0) {
    of_words = of_words / total;
    of_regions = of_regions / total;
  }
  TokenScores scores{std::vector<double>(inspection.evidence.words.size(), 0.0),
                     std::vector<double>(inspection.evidence.regions.size(), 0.0)};
  spread(scores.words, of_words, inspection.read_words);
  spread(scores.regions, of_regions, inspection.seen_regions);
  return scores;
}

}  // namespace vqalign
