#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <functional>
#include <string>
#include <vector>

#include "graph.h"
#include "vqalign/attention/dropout.h"

namespace graph_attention {

/// What scores an edge. With z = W h, of target i and source j:
///   additive  leaky_relu(a_left . z_i + a_right . z_j), slope 0.2 (Velickovic et al., ICLR 2018)
///   dot       (W_q h_i) . (W_k h_j) / sqrt(width)
enum class Score { kAdditive, kDot };

/// The two sets that alignment draws together in a layer: [N, H, w] each. Additive: the halves of
/// the logit before their sums, a_left * z_i and a_right * z_i, elementwise; dot: W_q h, W_k h.
struct Tap {
  torch::Tensor queries, keys;
};

struct GatOptions {
  int64_t hidden_heads = 8;
  int64_t hidden_width = 8;
  double dropout = 0.6;  ///< Of each layer's inputs, of the values it sums and of their weights.
  bool value_dropout = true;  ///< Whether the values have any, as in the authors' code.
  Score score = Score::kAdditive;
};

/// A node's inputs times a weight [inputs, w]: how a layer asks for its projections, so that
/// features may be sparse.
using Project = std::function<torch::Tensor(const torch::Tensor& weight)>;

/// One layer of graph attention: the softmax over a node's edges of their scores weighs the
/// sources' z, heads side by side.
class GatLayerImpl : public torch::nn::Module {
 public:
  GatLayerImpl(int64_t inputs, int64_t heads, int64_t width, const GatOptions& options);

  /// [N, heads, width]. `streams` null: no dropout. `tap` null: nobody looks.
  torch::Tensor forward(const Project& project, const Edges& edges,
                        vqalign::DropoutStreams* streams, Tap* tap);

 private:
  int64_t heads_, width_;
  GatOptions options_;
  torch::Tensor weight_, bias_;         // [inputs, H w], [H, w]
  torch::Tensor left_, right_;          // additive: [H, w]
  torch::Tensor to_queries_, to_keys_;  // dot: [inputs, H w]
};
TORCH_MODULE(GatLayer);

/// Two layers: heads side by side with ELU between, then one head that gives the classes' logits.
class GatImpl : public torch::nn::Module {
 public:
  GatImpl(const Graph& graph, const GatOptions& options);

  /// Logits [N, classes]. `taps`, unless null, gets a Tap of each layer.
  torch::Tensor forward(const Graph& graph, vqalign::DropoutStreams* streams,
                        std::vector<Tap>* taps);

  static constexpr int64_t kLayers = 2;
  /// Width of a head's points in a layer, for the networks of alignment.
  static int64_t head_width(int64_t layer, const Graph& graph, const GatOptions& options) {
    return layer == 0 ? options.hidden_width : graph.classes;
  }

 private:
  GatOptions options_;
  GatLayer first_ = nullptr, second_ = nullptr;
};
TORCH_MODULE(Gat);

}  // namespace graph_attention
