#include "block_model.h"

#include <torch/utils.h>

#include "vqalign/core/error.h"
#include "vqalign/core/philox.h"

namespace graph_attention {

namespace {

constexpr uint64_t kEdgeStream = 1, kWordStream = 2;

}  // namespace

RawGraph block_model(const BlockModelOptions& options, uint64_t seed) {
  if (options.nodes < options.classes * (options.train_a_class + 2)) {
    throw vqalign::UsageError(vqalign::concat(
        "a block model of ", options.nodes, " nodes has too few for ", options.classes,
        " classes, ", options.classes * (options.train_a_class + 2), " are needed"));
  }
  RawGraph raw;
  raw.name = "block model";
  vqalign::Random edges(seed, kEdgeStream), words(seed, kWordStream);
  const double own = static_cast<double>(options.nodes) / options.classes;
  const double inside = options.edges_inside / own;
  const double outside = options.edges_outside / (static_cast<double>(options.nodes) - own);
  SparseRows& features = raw.features;
  features.rows = options.nodes;
  features.columns = options.words_a_class * options.classes;
  features.starts = {0};
  for (int64_t node = 0; node < options.nodes; ++node) {
    const int64_t label = node % options.classes;
    raw.labels.push_back(label);
    for (int64_t other = 0; other < node; ++other) {
      const bool alike = other % options.classes == label;
      if (edges.chance(alike ? inside : outside)) raw.edges.emplace_back(node, other);
    }
    for (int64_t word = 0; word < features.columns; ++word) {
      const bool typical = word / options.words_a_class == label;
      if (words.chance(typical ? options.own_words : options.other_words)) {
        features.indices.push_back(word);
      }
    }
    features.starts.push_back(static_cast<int64_t>(features.indices.size()));
    if (node < options.classes * options.train_a_class) {
      raw.train.push_back(node);
    } else {
      (node / options.classes % 2 == 0 ? raw.validation : raw.test).push_back(node);
    }
  }
  features.values = torch::ones({features.starts.back()});
  return raw;
}

}  // namespace graph_attention
