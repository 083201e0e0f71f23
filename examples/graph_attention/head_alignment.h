#pragma once

#include <torch/nn/module.h>

#include <string>
#include <vector>

#include "gat.h"
#include "vqalign/align/conditional_transport.h"
#include "vqalign/align/discriminator.h"
#include "vqalign/core/philox.h"

namespace graph_attention {

/// How queries and keys of a head are drawn together in training.
struct AlignmentOptions {
  std::string kind = "none";  ///< none, gan, ct, ot, mmd
  double weight = 0.01;       ///< lambda
  /// Which points make a set: "nodes": all nodes of the graph are one sample; "neighbourhood": each
  /// node's neighbourhood, itself included, is a sample.
  std::string sets = "nodes";
  /// Nodes (or neighbourhoods) drawn anew at each step; 0: all.
  int64_t points = 0;
  int64_t neighbours = 8;  ///< At most so many points a neighbourhood, drawn anew.
  std::vector<int64_t> layers = {0, 1};
  int64_t hidden = 10;  ///< Width inside critic, navigator, discriminator.
  int64_t block = 0;    ///< Of ct, ot, mmd; 0: chosen by their size.
};

/// The regulariser: distances of the library's align/ between the taps of a graph attention
/// network, with the networks that they train, which each layer has for itself and its heads share.
class HeadAlignment : public torch::nn::Module {
 public:
  HeadAlignment(const AlignmentOptions& options, const std::vector<int64_t>& head_widths);

  /// Mean over samples of the distance, summed over heads and chosen layers; a scalar, not yet
  /// multiplied by the weight. `random` draws what the options leave to chance.
  torch::Tensor forward(const std::vector<Tap>& taps, const Edges& edges, vqalign::Random& random);

  bool active() const { return options_.kind != "none"; }

 private:
  struct Networks {
    vqalign::Critic critic = nullptr;
    vqalign::Navigator navigator = nullptr;
    vqalign::Discriminator discriminator = nullptr;
  };
  /// The points of each sample as nodes [B, n], and where there are fewer a mask, true = padding.
  struct Samples {
    torch::Tensor nodes, mask;
  };

  Samples draw(const Edges& edges, vqalign::Random& random) const;
  torch::Tensor distance(const vqalign::HeadSets& sets, Networks& networks) const;

  AlignmentOptions options_;
  std::vector<Networks> networks_;
};

}  // namespace graph_attention
