#pragma once

#include <torch/nn/pimpl.h>

#include "vqalign/align/head_sets.h"
#include "vqalign/align/point_network.h"

namespace vqalign {

/// u: says where two points differ. Highway layer, then d -> hidden -> hidden with ReLU between.
/// Maximises the transport cost: an adversary.
class CriticImpl : public PointNetwork {
 public:
  CriticImpl(int64_t width, int64_t hidden)
      : PointNetwork({width, hidden, hidden, true, 0.0}, Role::kAdversary) {}
};
TORCH_MODULE(Critic);

/// t: says which points belong together. d -> hidden -> hidden with ReLU between. Minimises the
/// transport cost like the projections do: an ally.
class NavigatorImpl : public PointNetwork {
 public:
  NavigatorImpl(int64_t width, int64_t hidden)
      : PointNetwork({width, hidden, hidden, false, 0.0}, Role::kAlly) {}
};
TORCH_MODULE(Navigator);

/// Bidirectional conditional transport between the queries and the keys of each head (Zheng and
/// Zhou, "Exploiting Chain Rule and Bayes' Theorem to Compare Probability Distributions", NeurIPS
/// 2021), from the features that critic u and navigator t gave to the points:
///
///     c(q, k) = 1 - cos(u(q), u(k))
///     p(k|q)  = softmax over keys    of t(q).t(k)
///     p(q|k)  = softmax over queries of t(q).t(k)
///     value   = rho mean_q sum_k p(k|q) c(q, k) + (1 - rho) mean_k sum_q p(q|k) c(q, k)
///
/// The inner products are those of the features as they are, not of unit vectors: between unit
/// vectors they lie in [-1, 1] and both plans would stay close to uniform. The cosine's norms are
/// smoothed, |u| = sqrt(u.u + 1e-8), so that a zero vector has cost 1 and a finite gradient.
///
/// `critic`: u of both sets [B, H, n|m, r] with their masks. `query_navigator` [B, H, n, s] and
/// `key_navigator` [B, H, m, s]: t of both sets. `rho` in [0, 1]: share of the direction from
/// queries to keys. `block`: points compared at a time, see blockwise.h; 0: by the sets' size.
/// Returns [B, H], float32 (float64 for float64 features). Throws Error when the shapes do not fit.
torch::Tensor conditional_transport(const HeadSets& critic, const torch::Tensor& query_navigator,
                                    const torch::Tensor& key_navigator, double rho = 0.5,
                                    int64_t block = 0);

/// conditional_transport() of the sets as these networks see them, each applied to both sets, which
/// are standardised() before where `standardise` is set. On CUDA, where this build has kernels and
/// the sizes fit them (cuda/transport.h), all of it takes two launches and its gradients two more.
torch::Tensor conditional_transport(const HeadSets& sets, Critic& critic, Navigator& navigator,
                                    double rho = 0.5, int64_t block = 0, bool standardise = false);

/// Added to the squared norm of a critic's vector.
constexpr double kCosineSmoothing = 1e-8;

}  // namespace vqalign
