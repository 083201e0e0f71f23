#include "gat.h"

#include <torch/nn/functional/activation.h>
#include <torch/nn/init.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>

#include "edge_functions.h"

namespace graph_attention {

namespace {

constexpr double kSlope = 0.2;

torch::Tensor drawn(int64_t rows, int64_t columns) {
  return torch::nn::init::xavier_uniform_(torch::empty({rows, columns}));
}

/// A vector a head that makes one number of `width`, drawn as a map of its own.
torch::Tensor drawn_per_head(int64_t heads, int64_t width) {
  std::vector<torch::Tensor> rows;
  for (int64_t head = 0; head < heads; ++head) rows.push_back(drawn(1, width));
  return torch::cat(rows);
}

torch::Tensor dropped(const torch::Tensor& input, double rate, vqalign::DropoutStreams* streams) {
  return streams ? vqalign::dropout(input, rate, *streams) : input;
}

}  // namespace

GatLayerImpl::GatLayerImpl(int64_t inputs, int64_t heads, int64_t width, const GatOptions& options)
    : heads_(heads), width_(width), options_(options) {
  weight_ = register_parameter("weight", drawn(inputs, heads * width));
  bias_ = register_parameter("bias", torch::zeros({heads, width}));
  if (options.score == Score::kAdditive) {
    left_ = register_parameter("left", drawn_per_head(heads, width));
    right_ = register_parameter("right", drawn_per_head(heads, width));
  } else {
    to_queries_ = register_parameter("to_queries", drawn(inputs, heads * width));
    to_keys_ = register_parameter("to_keys", drawn(inputs, heads * width));
  }
}

torch::Tensor GatLayerImpl::forward(const Project& project, const Edges& edges,
                                    vqalign::DropoutStreams* streams, Tap* tap) {
  const auto heads_of = [&](const torch::Tensor& weight) {
    return project(weight).view({edges.nodes, heads_, width_});
  };
  const torch::Tensor values = heads_of(weight_);
  torch::Tensor queries, keys, logits;
  if (options_.score == Score::kAdditive) {
    queries = values * left_;
    keys = values * right_;
    logits = torch::leaky_relu(
        queries.sum(2).index_select(0, edges.targets) + keys.sum(2).index_select(0, edges.sources),
        kSlope);
  } else {
    queries = heads_of(to_queries_);
    keys = heads_of(to_keys_);
    logits = (queries.index_select(0, edges.targets) * keys.index_select(0, edges.sources)).sum(2) /
             std::sqrt(static_cast<double>(width_));
  }
  if (tap) *tap = {queries, keys};
  const torch::Tensor weights = dropped(edge_softmax(edges, logits), options_.dropout, streams);
  const torch::Tensor seen =
      options_.value_dropout ? dropped(values, options_.dropout, streams) : values;
  return edge_sum(edges, weights, seen) + bias_;
}

GatImpl::GatImpl(const Graph& graph, const GatOptions& options) : options_(options) {
  const int64_t hidden = options.hidden_heads * options.hidden_width;
  first_ = register_module("first", GatLayer(graph.features.columns, options.hidden_heads,
                                             options.hidden_width, options));
  second_ = register_module("second", GatLayer(hidden, 1, graph.classes, options));
}

torch::Tensor GatImpl::forward(const Graph& graph, vqalign::DropoutStreams* streams,
                               std::vector<Tap>* taps) {
  if (taps) taps->assign(kLayers, {});
  const auto tap = [&](int64_t layer) { return taps ? &(*taps)[layer] : nullptr; };
  const torch::Tensor values = dropped(graph.features.values, options_.dropout, streams);
  const torch::Tensor hidden = torch::nn::functional::elu(first_->forward(
      [&](const torch::Tensor& weight) { return sparse_product(graph.features, values, weight); },
      graph.edges, streams, tap(0)));
  const torch::Tensor inputs = dropped(hidden.flatten(1), options_.dropout, streams);
  return second_
      ->forward([&](const torch::Tensor& weight) { return torch::mm(inputs, weight); }, graph.edges,
                streams, tap(1))
      .squeeze(1);
}

}  // namespace graph_attention
