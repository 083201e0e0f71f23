#pragma once

#include <torch/nn/pimpl.h>

#include "vqalign/align/head_sets.h"
#include "vqalign/align/point_network.h"

namespace vqalign {

/// The logit of D(x), the probability that x is a query: highway layer, then d -> hidden -> 1 with
/// leaky ReLU (slope 0.1) between. Maximises the likelihood below: an adversary.
class DiscriminatorImpl : public PointNetwork {
 public:
  DiscriminatorImpl(int64_t width, int64_t hidden)
      : PointNetwork({width, hidden, 1, true, 0.1}, Role::kAdversary) {}
};
TORCH_MODULE(Discriminator);

/// The adversarial distance of Goodfellow et al. ("Generative Adversarial Nets", NeurIPS 2014)
/// between the queries and the keys of each head, from the logits l = log(D / (1 - D)) of their
/// points, as the logarithm of the likelihood with which D tells them apart:
///
///     value = mean_q log D(q) + mean_k log(1 - D(k)) = -mean_q softplus(-l(q)) - mean_k
///     softplus(l(k))
///
/// It is to be *added* to the loss: the projections minimise it, both those of queries and those of
/// keys; the discriminator maximises it, since its parameters' gradients are reversed. Never
/// positive; -2 log 2 where D cannot tell queries from keys, that is where the sets agree.
///
/// `logits`: queries [B, H, n, 1], keys [B, H, m, 1] and the masks. Returns [B, H], float32
/// (float64 for float64 logits). Throws Error when the shapes do not fit.
torch::Tensor adversarial_likelihood(const HeadSets& logits);

/// adversarial_likelihood() of the sets as this discriminator sees them.
torch::Tensor adversarial_likelihood(const HeadSets& sets, Discriminator& discriminator);

}  // namespace vqalign
