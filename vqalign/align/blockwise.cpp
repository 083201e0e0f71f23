#include "vqalign/align/blockwise.h"

#include <torch/csrc/autograd/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "vqalign/align/known_gradients.h"
#include "vqalign/align/point_blocks.h"

namespace vqalign::blockwise {

namespace {

/// One of the two sets on its way through conditional transport.
struct Side {
  torch::Tensor critic, navigator, mask;
  torch::Tensor critic_gradient, navigator_gradient;

  int64_t points() const { return critic.size(2); }

  /// A part of it that asks for gradients if the whole is to have some.
  Side part(int64_t begin, int64_t end, bool differentiate) const {
    const auto leaf = [&](const torch::Tensor& all) {
      return all.detach().slice(2, begin, end).requires_grad_(differentiate);
    };
    return {
        leaf(critic), leaf(navigator), mask.defined() ? mask.slice(1, begin, end) : mask, {}, {}};
  }

  /// [B, 1]: how many points it has.
  torch::Tensor count() const {
    if (mask.defined()) return mask.logical_not().sum(1, true).to(critic.scalar_type());
    return torch::full({critic.size(0), 1}, points(), critic.options().requires_grad(false));
  }
};

/// Adds `share` times the mean over the points of `from` of what they pay, and its gradients.
void add_direction(Side& from, Side& to, double share, int64_t block, torch::Tensor& values,
                   bool differentiate,
                   const std::function<torch::Tensor(const Side&, const Side&)>& direction) {
  if (share == 0) return;
  const torch::Tensor scale = share / from.count().clamp_min(1);
  for (int64_t begin = 0; begin < from.points(); begin += block) {
    const int64_t end = std::min(from.points(), begin + block);
    const torch::AutoGradMode mode(differentiate);
    const Side some = from.part(begin, end, differentiate);
    const Side all = to.part(0, to.points(), differentiate);
    const torch::Tensor paid = direction(some, all) * some.count() * scale;
    values += paid.detach();
    if (!differentiate) continue;
    const auto gradients = torch::autograd::grad(
        {paid.sum()}, {some.critic, some.navigator, all.critic, all.navigator});
    const torch::NoGradGuard constant;
    from.critic_gradient.slice(2, begin, end).add_(gradients[0]);
    from.navigator_gradient.slice(2, begin, end).add_(gradients[1]);
    to.critic_gradient.add_(gradients[2]);
    to.navigator_gradient.add_(gradients[3]);
  }
}

}  // namespace

int64_t block_of(int64_t asked, int64_t queries, int64_t keys) {
  if (asked > 0) return asked < std::max(queries, keys) ? asked : 0;
  return queries <= kPairsAtOnce / std::max<int64_t>(keys, 1) ? 0 : kBlock;
}

torch::Tensor conditional_transport(const HeadSets& critic, const torch::Tensor& query_navigator,
                                    const torch::Tensor& key_navigator, double rho, int64_t block,
                                    const Transport& whole) {
  const bool differentiate =
      wants_gradients({critic.queries, critic.keys, query_navigator, key_navigator});
  const auto side = [&](const torch::Tensor& features, const torch::Tensor& navigator,
                        const torch::Tensor& mask) {
    const torch::NoGradGuard constant;
    return Side{features, navigator, mask, torch::zeros_like(features),
                torch::zeros_like(navigator)};
  };
  Side queries = side(critic.queries, query_navigator, critic.query_mask);
  Side keys = side(critic.keys, key_navigator, critic.key_mask);
  torch::Tensor values = torch::zeros({critic.queries.size(0), critic.queries.size(1)},
                                      critic.queries.options().requires_grad(false));
  add_direction(queries, keys, rho, block, values, differentiate,
                [&](const Side& some, const Side& all) {
                  return whole({some.critic, all.critic, some.mask, all.mask}, some.navigator,
                               all.navigator, 1.0);
                });
  add_direction(keys, queries, 1 - rho, block, values, differentiate,
                [&](const Side& some, const Side& all) {
                  return whole({all.critic, some.critic, all.mask, some.mask}, all.navigator,
                               some.navigator, 0.0);
                });
  if (!differentiate) return values;
  return with_known_gradients(values, {critic.queries, critic.keys, query_navigator, key_navigator},
                              {queries.critic_gradient, keys.critic_gradient,
                               queries.navigator_gradient, keys.navigator_gradient});
}

}  // namespace vqalign::blockwise
