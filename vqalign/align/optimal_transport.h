#pragma once

#include "vqalign/align/head_sets.h"

namespace vqalign {

/// How far Sinkhorn's iterations go.
struct SinkhornOptions {
  double epsilon = 0.01;    ///< Entropic blur, in units of the head's mean cost. Positive.
  int64_t iterations = 20;  ///< Updates of both potentials. At least 1.
  int64_t block = 0;        ///< Points compared at a time, see blockwise.h; 0: by the sets' size.
};

/// Entropic optimal transport between the queries and the keys of each head, with uniform
/// marginals a_i = 1/n and b_j = 1/m (Cuturi, "Sinkhorn Distances", NeurIPS 2013):
///
///     c(q, k) = |q - k|^2 / d                        mean squared difference of a coordinate
///     P*      = argmin over P 1 = a, P' 1 = b of  <P, c> + blur KL(P | a b')
///     value   = <P*, c>
///     blur    = epsilon * mean over all pairs of c,  so that epsilon means the same for every
///                                                    scale of the projections
///
/// P* comes from Sinkhorn's iterations on the potentials, in the log domain: no exponential can
/// underflow whatever epsilon is. The blur starts at the mean cost and is halved at each iteration
/// until it reaches its value (epsilon scaling), since from a cold start the number of
/// iterations needed grows as 1/epsilon.
///
/// Gradient: plan and blur are held constant, d value = <P*, dc>. By the envelope theorem this is
/// the exact gradient of the entropic objective <P, c> + blur KL(P | a b') at its minimum, which is
/// what Sinkhorn minimises; unrolling the iterations would cost their number in memory to
/// differentiate an approximation of the same thing.
///
/// Returns [B, H], float32 (float64 for float64 sets). Throws Error when the shapes do not fit.
torch::Tensor optimal_transport(const HeadSets& sets, const SinkhornOptions& options = {});

}  // namespace vqalign
