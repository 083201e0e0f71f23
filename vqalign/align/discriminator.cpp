#include "vqalign/align/discriminator.h"

#include <torch/nn/functional/activation.h>
#include <torch/types.h>

#include "vqalign/align/composite.h"
#include "vqalign/core/error.h"

namespace vqalign {

torch::Tensor adversarial_likelihood(const HeadSets& logits) {
  const HeadSets sets = checked(logits);
  if (sets.queries.size(3) != 1) {
    fail("alignment: a discriminator gives ", sets.queries.size(3), " logits a point, expected 1");
  }
  // Only a handful of numbers a head is left here: no kernel of our own would be felt.
  const torch::Tensor of_queries = torch::nn::functional::softplus(-sets.queries.squeeze(3));
  const torch::Tensor of_keys = torch::nn::functional::softplus(sets.keys.squeeze(3));
  return -(of_queries * composite::query_weights(sets)).sum(2) -
         (of_keys * composite::key_weights(sets)).sum(2);
}

torch::Tensor adversarial_likelihood(const HeadSets& sets, Discriminator& discriminator) {
  const HeadSets points = checked(sets);
  const auto& [queries, keys, query_mask, key_mask] = points;
  return adversarial_likelihood({discriminator->forward(queries, query_mask),
                                 discriminator->forward(keys, key_mask), query_mask, key_mask});
}

}  // namespace vqalign
