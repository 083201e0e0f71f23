#pragma once

#include "vqalign/align/head_sets.h"
#include "vqalign/align/optimal_transport.h"
#include "vqalign/align/point_network.h"

/// The distances composed of LibTorch's own differentiable operators: what runs where no fused
/// kernel does (CUDA, float64). Same equations, arguments and results as the functions of the same
/// name in namespace vqalign, whose headers document them; arguments are taken as checked.
namespace vqalign::composite {

torch::Tensor point_network(const torch::Tensor& points, const torch::Tensor& mask,
                            const PointNetworkWeights& weights);
torch::Tensor conditional_transport(const HeadSets& critic, const torch::Tensor& query_navigator,
                                    const torch::Tensor& key_navigator, double rho);
torch::Tensor optimal_transport(const HeadSets& sets, const SinkhornOptions& options);
torch::Tensor mmd(const HeadSets& sets);

/// |x_i - y_j|^2 of [.., n, d] and [.., m, d]: [.., n, m]. By differences, not inner products, so
/// that coinciding points are at distance 0 exactly. On CUDA in pieces of 2^31 - 1 differences at
/// most, a limit of LibTorch's.
torch::Tensor squared_distances(const torch::Tensor& x, const torch::Tensor& y);

/// The same, `most` differences of two coordinates at a time: cut along the first dimension longer
/// than one, then within a slice, down to single pairs. Error where a point alone has more numbers.
torch::Tensor squared_distances_in_pieces(const torch::Tensor& x, const torch::Tensor& y,
                                          int64_t most);

/// The blur of an iteration, in units of the mean cost: halved from 1 at each until it is epsilon.
double blur_of(const SinkhornOptions& options, int64_t iteration);

/// [B, 1, n] or [B, 1, m]: 1 / (number of points) on each point, 0 on padding and everywhere in a
/// sample of which either set is empty.
torch::Tensor query_weights(const HeadSets& sets);
torch::Tensor key_weights(const HeadSets& sets);

/// points [B, H, n, d] with zeros where mask [B, n] is true; as they are where there is no mask.
torch::Tensor without_padding(const torch::Tensor& points, const torch::Tensor& mask);

}  // namespace vqalign::composite
