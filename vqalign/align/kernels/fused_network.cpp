#include "vqalign/align/kernels/fused_network.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cstring>

#include "vqalign/align/kernels/dispatch.h"
#include "vqalign/align/kernels/memory.h"
#include "vqalign/align/kernels/network_parameters.h"

namespace vqalign::kernels {

namespace {

// Enough for the cores of a large machine, few enough for their sums of gradients to stay small.
constexpr int64_t kMostChunks = 32;

/// The points of a batch as a sequence of tiles.
struct Tiles {
  Tiles(const torch::Tensor& points, const torch::Tensor& mask)
      : kept(with_contiguous_rows(points)),
        rows(mask, points.size(0), points.size(2)),
        from(kept),
        heads(points.size(1)),
        total(rows.total() * heads),
        tiles((total + kTile - 1) / kTile),
        chunks(std::min(tiles, kMostChunks)) {}

  int64_t count(int64_t tile) const { return std::min(kTile, total - tile * kTile); }

  /// Calls visit(index within the tile, sample, head, row) for each point of a tile.
  template <typename Visit>
  void for_each(int64_t tile, const Visit& visit) const {
    for (int64_t i = 0; i < count(tile); ++i) {
      const int64_t point = (tile * kTile + i) / heads;
      visit(i, rows.sample_at(point), (tile * kTile + i) % heads, rows.row_at(point));
    }
  }

  /// Fills a tile's rows, padded(view.width) floats apart, from a tensor.
  void load(int64_t tile, const PointsView& view, float* to) const {
    const int64_t row_floats = padded(view.width);
    for_each(tile, [&](int64_t i, int64_t sample, int64_t head, int64_t row) {
      std::memcpy(to + i * row_floats, view.at(sample, head, row), view.width * sizeof(float));
      std::fill(to + i * row_floats + view.width, to + (i + 1) * row_floats, 0.0F);
    });
  }

  void save(int64_t tile, const float* from_tile, const PointsView& view) const {
    for_each(tile, [&](int64_t i, int64_t sample, int64_t head, int64_t row) {
      std::memcpy(view.at(sample, head, row), from_tile + i * padded(view.width),
                  view.width * sizeof(float));
    });
  }

  /// Runs work(chunk, tile, memory) on all tiles, chunks in parallel.
  template <typename Work>
  void run(const Network& network, const Work& work) const {
    at::parallel_for(0, chunks, 1, [&](int64_t begin, int64_t end) {
      const int64_t points = kTile * padded(network.width);
      const int64_t outputs = kTile * padded(network.outputs);
      Buffer buffer(points + outputs + network_scratch(network));
      NetworkTile memory{0, buffer.data(), buffer.data() + points,
                         buffer.data() + points + outputs};
      for (int64_t chunk = begin; chunk < end; ++chunk) {
        for (int64_t tile = chunk * tiles / chunks; tile < (chunk + 1) * tiles / chunks; ++tile) {
          memory.count = count(tile);
          load(tile, from, memory.points);
          work(chunk, tile, memory);
        }
      }
    });
  }

  torch::Tensor kept;
  PointRows rows;
  PointsView from;
  int64_t heads, total, tiles, chunks;
};

torch::Tensor forward_pass(const torch::Tensor& points, const torch::Tensor& mask,
                           const PointNetworkWeights& weights) {
  const NetworkParameters parameters(weights);
  const Tiles tiles(points, mask);
  torch::Tensor outputs = new_points(points, parameters.network.outputs, !tiles.rows.is_complete());
  const PointsView to(outputs);
  tiles.run(parameters.network, [&](int64_t, int64_t tile, const NetworkTile& memory) {
    kernels().network_forward(parameters.network, memory);
    tiles.save(tile, memory.outputs, to);
  });
  return outputs;
}

/// The gradient of the points; adds those of the parameters, in the order of members().
torch::Tensor backward_pass(const torch::Tensor& points, const torch::Tensor& mask,
                            const PointNetworkWeights& weights, const torch::Tensor& upstream,
                            std::vector<torch::Tensor>& parameter_gradients) {
  const NetworkParameters parameters(weights);
  const Tiles tiles(points, mask);
  torch::Tensor gradient = new_points(points, points.size(3), !tiles.rows.is_complete());
  const PointsView to(gradient);
  const torch::Tensor kept = with_contiguous_rows(upstream);
  const PointsView from(kept);
  NetworkGradientSums sums(parameters.network, tiles.chunks);
  tiles.run(parameters.network, [&](int64_t chunk, int64_t tile, const NetworkTile& memory) {
    tiles.load(tile, from, memory.outputs);
    kernels().network_backward(parameters.network, memory, sums.of_chunk(chunk));
    tiles.save(tile, memory.points, to);
  });
  parameter_gradients = sums.total();
  return gradient;
}

struct FusedNetwork : torch::autograd::Function<FusedNetwork> {
  static torch::Tensor forward(torch::autograd::AutogradContext* context,
                               const torch::Tensor& points,
                               const std::optional<torch::Tensor>& given_mask,
                               at::TensorList parameters, double negative_slope) {
    const torch::Tensor mask = given_mask.value_or(torch::Tensor());
    torch::autograd::variable_list saved = {points, mask};
    saved.insert(saved.end(), parameters.begin(), parameters.end());
    context->save_for_backward(saved);
    context->saved_data["negative_slope"] = negative_slope;
    return forward_pass(points, mask, from_members(parameters, negative_slope));
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list upstream) {
    refuse_second_derivatives();
    const torch::autograd::variable_list saved = context->get_saved_variables();
    const auto weights = from_members(at::TensorList(saved).slice(2),
                                      context->saved_data["negative_slope"].toDouble());
    std::vector<torch::Tensor> results;
    const torch::Tensor gradient = backward_pass(saved[0], saved[1], weights, upstream[0], results);
    results.insert(results.begin(), {gradient, torch::Tensor()});
    results.emplace_back();
    return results;
  }
};

}  // namespace

torch::Tensor fused_network(const torch::Tensor& points, const torch::Tensor& mask,
                            const PointNetworkWeights& weights) {
  const std::optional<torch::Tensor> given_mask =
      mask.defined() ? std::optional(mask) : std::nullopt;
  return FusedNetwork::apply(points, given_mask, at::TensorList(members(weights)),
                             weights.negative_slope);
}

}  // namespace vqalign::kernels
