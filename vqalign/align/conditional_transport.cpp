#include "vqalign/align/conditional_transport.h"

#include "vqalign/align/composite.h"

namespace vqalign {

torch::Tensor conditional_transport(const HeadSets& critic, const torch::Tensor& query_navigator,
                                    const torch::Tensor& key_navigator, double rho) {
  const HeadSets features = checked(critic);
  const HeadSets navigator =
      checked({query_navigator, key_navigator, critic.query_mask, critic.key_mask});
  return composite::conditional_transport(features, navigator.queries, navigator.keys, rho);
}

torch::Tensor conditional_transport(const HeadSets& sets, Critic& critic, Navigator& navigator,
                                    double rho) {
  const HeadSets points = checked(sets);
  const auto& [queries, keys, query_mask, key_mask] = points;
  return conditional_transport(
      {critic->forward(queries, query_mask), critic->forward(keys, key_mask), query_mask, key_mask},
      navigator->forward(queries, query_mask), navigator->forward(keys, key_mask), rho);
}

}  // namespace vqalign
