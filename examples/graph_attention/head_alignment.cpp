#include "head_alignment.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <numeric>

#include "vqalign/align/mmd.h"
#include "vqalign/align/optimal_transport.h"
#include "vqalign/align/standardise.h"

namespace graph_attention {

namespace {

/// `count` of the numbers from `begin` to `end`, or all of them, in an order of chance.
std::vector<int64_t> draw_some(int64_t begin, int64_t end, int64_t count, vqalign::Random& random) {
  std::vector<int64_t> numbers(end - begin);
  std::iota(numbers.begin(), numbers.end(), begin);
  const int64_t size = end - begin;
  const int64_t wanted = std::min(count, size);
  for (int64_t i = 0; i < wanted; ++i) {
    std::swap(numbers[i], numbers[i + random.below(static_cast<uint32_t>(size - i))]);
  }
  numbers.resize(wanted);
  return numbers;
}

/// The points of a layer's taps that the samples name: [B, H, n, w].
torch::Tensor points_of(const torch::Tensor& tap, const torch::Tensor& nodes) {
  return tap.index_select(0, nodes.flatten())
      .view({nodes.size(0), nodes.size(1), tap.size(1), tap.size(2)})
      .transpose(1, 2);
}

}  // namespace

HeadAlignment::HeadAlignment(const AlignmentOptions& options,
                             const std::vector<int64_t>& head_widths)
    : options_(options), networks_(head_widths.size()) {
  for (const int64_t layer : options.layers) {
    Networks& networks = networks_.at(layer);
    const std::string number = std::to_string(layer);
    const int64_t width = head_widths[layer];
    if (options.kind == "ct") {
      networks.critic = register_module("critic" + number, vqalign::Critic(width, options.hidden));
      networks.navigator =
          register_module("navigator" + number, vqalign::Navigator(width, options.hidden));
    } else if (options.kind == "gan") {
      networks.discriminator =
          register_module("discriminator" + number, vqalign::Discriminator(width, options.hidden));
    }
  }
}

HeadAlignment::Samples HeadAlignment::draw(const Edges& edges, vqalign::Random& random) const {
  const int64_t count = options_.points > 0 ? options_.points : edges.nodes;
  if (count >= edges.nodes && options_.sets == "nodes") {
    return {torch::arange(edges.nodes).unsqueeze(0), {}};
  }
  const std::vector<int64_t> chosen = draw_some(0, edges.nodes, count, random);
  if (options_.sets == "nodes") return {torch::tensor(chosen, torch::kInt64).unsqueeze(0), {}};

  const int64_t samples = static_cast<int64_t>(chosen.size());
  Samples drawn{torch::zeros({samples, options_.neighbours}, torch::kInt64),
                torch::ones({samples, options_.neighbours}, torch::kBool)};
  const int64_t* sources = edges.sources.const_data_ptr<int64_t>();
  int64_t* node = drawn.nodes.mutable_data_ptr<int64_t>();
  bool* padding = drawn.mask.mutable_data_ptr<bool>();
  for (const int64_t target : chosen) {
    const auto some =
        draw_some(edges.starts[target], edges.starts[target + 1], options_.neighbours, random);
    for (std::size_t i = 0; i < some.size(); ++i) {
      node[i] = sources[some[i]];
      padding[i] = false;
    }
    node += options_.neighbours;
    padding += options_.neighbours;
  }
  return drawn;
}

torch::Tensor HeadAlignment::distance(const vqalign::HeadSets& sets, Networks& networks) const {
  if (options_.kind == "gan") {
    return vqalign::adversarial_likelihood(vqalign::standardised(sets), networks.discriminator);
  }
  if (options_.kind == "ct") {
    constexpr double kBothDirections = 0.5;
    return vqalign::conditional_transport(vqalign::standardised(sets), networks.critic,
                                          networks.navigator, kBothDirections, options_.block);
  }
  if (options_.kind == "mmd") return vqalign::mmd(sets, options_.block);
  vqalign::SinkhornOptions sinkhorn;
  sinkhorn.block = options_.block;
  return vqalign::optimal_transport(sets, sinkhorn);
}

torch::Tensor HeadAlignment::forward(const std::vector<Tap>& taps, const Edges& edges,
                                     vqalign::Random& random) {
  torch::Tensor total = torch::zeros({});
  for (const int64_t layer : options_.layers) {
    const Samples samples = draw(edges, random);
    const vqalign::HeadSets sets{points_of(taps[layer].queries, samples.nodes),
                                 points_of(taps[layer].keys, samples.nodes), samples.mask,
                                 samples.mask};
    total = total + distance(sets, networks_[layer]).mean(0).sum();
  }
  return total;
}

}  // namespace graph_attention
