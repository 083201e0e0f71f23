#include "vqalign/bench/layer_forms.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <memory>
#include <vector>

#include "vqalign/align/composite.h"
#include "vqalign/align/conditional_transport.h"
#include "vqalign/align/mmd.h"
#include "vqalign/align/optimal_transport.h"
#include "vqalign/align/standardise.h"
#include "vqalign/attention/attention_weights.h"
#include "vqalign/attention/feed_forward.h"
#include "vqalign/attention/layer_norm.h"

namespace vqalign {
namespace {

constexpr double kLayerDropout = 0.1;
constexpr double kScoreScale = 0.125;  // Of attention's scores.
constexpr double kRho = 0.5;

using Form = std::function<torch::Tensor()>;

/// value() and its backward pass, whose gradients nobody keeps.
std::function<void()> both_ways(const Form& value, const torch::Tensor& upstream,
                                const std::vector<torch::Tensor>& leaves) {
  return [=] {
    value().backward(upstream);
    for (const torch::Tensor& leaf : leaves) leaf.mutable_grad().reset();
  };
}

LayerForms both_ways(const Form& kernels, const Form& composed, const torch::Tensor& upstream,
                     const std::vector<torch::Tensor>& leaves) {
  return {both_ways(kernels, upstream, leaves), both_ways(composed, upstream, leaves)};
}

LayerForms distance_forms(const LayerHeads& on, const std::string& kind, int64_t batch,
                          const at::TensorOptions& options) {
  const auto points = [&] {
    return torch::randn({batch, on.heads, on.points, on.width}, options).requires_grad_();
  };
  const HeadSets sets{points(), points()};
  const torch::Tensor upstream = torch::ones({batch, on.heads}, options);
  std::vector<torch::Tensor> leaves = {sets.queries, sets.keys};
  if (kind == "mmd") {
    return both_ways([=] { return mmd(sets); }, [=] { return composite::mmd(sets); }, upstream,
                     leaves);
  }
  if (kind == "ot") {
    return both_ways([=] { return optimal_transport(sets); },
                     [=] { return composite::optimal_transport(sets, {}); }, upstream, leaves);
  }
  Critic critic(on.width, on.hidden);
  Navigator navigator(on.width, on.hidden);
  for (torch::nn::Module* network : {static_cast<torch::nn::Module*>(critic.get()),
                                     static_cast<torch::nn::Module*>(navigator.get())}) {
    network->to(options.device(), options.dtype().toScalarType());
    for (const torch::Tensor& parameter : network->parameters()) leaves.push_back(parameter);
  }
  const Form kernels = [=]() mutable {
    return conditional_transport(sets, critic, navigator, kRho, /*block=*/0, /*standardise=*/true);
  };
  const Form composed = [=] {
    const HeadSets standard = standardised(sets);
    const auto network = [](const torch::Tensor& of, const PointNetworkWeights& weights) {
      return composite::point_network(of, {}, weights);
    };
    const PointNetworkWeights cost = critic->weights(), plan = navigator->weights();
    return composite::conditional_transport(
        {network(standard.queries, cost), network(standard.keys, cost)},
        network(standard.queries, plan), network(standard.keys, plan), kRho);
  };
  return both_ways(kernels, composed, upstream, leaves);
}

/// torch::dropout() as it is on a device.
torch::Tensor drop(const torch::Tensor& x) {
  return std::get<0>(at::native_dropout(x, kLayerDropout, true));
}

LayerForms norm_forms(const RowSizes& sizes, const at::TensorOptions& wide,
                      const at::TensorOptions& options) {
  const torch::Tensor x = torch::randn({sizes.rows, sizes.width}, wide).requires_grad_();
  const torch::Tensor update = torch::randn(x.sizes(), options).requires_grad_();
  LayerNorm norm(sizes.width);
  norm->to(wide.device(), wide.dtype().toScalarType());
  const auto streams = std::make_shared<DropoutStreams>();
  return both_ways(
      [=]() mutable { return residual_norm(x, update, norm, kLayerDropout, streams.get()); },
      [=] { return composed_norm(x + drop(update), norm->a_2, norm->b_2); }, torch::ones_like(x),
      {x, update, norm->a_2, norm->b_2});
}

LayerForms row_forms(const LayerHeads& on, const std::string& kind, int64_t batch,
                     const at::TensorOptions& wide, const at::TensorOptions& options) {
  const RowSizes sizes = layer_rows(on, kind, batch);
  if (kind == "norm") return norm_forms(sizes, wide, options);
  const auto streams = std::make_shared<DropoutStreams>();
  const torch::Tensor x = torch::randn({sizes.rows, sizes.width}, options).requires_grad_();
  const torch::Tensor upstream = torch::ones_like(x);
  if (kind == "dropout") {
    return both_ways([=] { return dropout(x, kLayerDropout, *streams); }, [=] { return drop(x); },
                     upstream, {x});
  }
  if (kind == "bias-relu") {
    // The kernel overwrites what it is given, here what the call before it left: a bias below zero
    // keeps that from growing.
    const torch::Tensor bias = torch::full({sizes.width}, -0.1, wide).requires_grad_();
    const torch::Tensor narrow = bias.detach().to(options).requires_grad_();
    const torch::Tensor given = x.detach().clone();
    return both_ways(
        [=] { return bias_relu_dropout(given.detach(), bias, kLayerDropout, streams.get()); },
        [=] { return drop(torch::relu(x + narrow)); }, upstream, {x, bias, narrow});
  }
  const torch::Tensor scores = x.detach().view({batch, on.heads, on.points, on.points});
  scores.requires_grad_();
  return both_ways(
      [=] { return softmax_dropout(scores, {}, kScoreScale, kLayerDropout, streams.get()); },
      [=] { return drop(torch::softmax(scores * kScoreScale, -1)); }, upstream.view(scores.sizes()),
      {scores});
}

}  // namespace

LayerForms layer_forms(const LayerHeads& on, const std::string& kind, int64_t batch,
                       torch::Device device, torch::ScalarType type) {
  const at::TensorOptions options = at::TensorOptions(device).dtype(type);
  const at::TensorOptions wide = options.dtype(at::promote_types(type, torch::kFloat));
  return is_distance(kind) ? distance_forms(on, kind, batch, wide)
                           : row_forms(on, kind, batch, wide, options);
}

torch::Tensor composed_norm(const torch::Tensor& z, const torch::Tensor& a,
                            const torch::Tensor& b) {
  constexpr double kEpsilon = 1e-6;
  const torch::Tensor mean = z.mean(-1, /*keepdim=*/true);
  const torch::Tensor deviation = z.std(-1, /*unbiased=*/true, /*keepdim=*/true);
  return a * (z - mean) / (deviation + kEpsilon) + b;
}

}  // namespace vqalign
