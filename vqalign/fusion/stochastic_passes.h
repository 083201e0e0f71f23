#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "vqalign/core/cancel.h"
#include "vqalign/fusion/vqa_model.h"

namespace vqalign {

/// How a question is asked several times with dropout.
struct PassesRequest {
  int64_t passes = 0;
  uint64_t seed = 1;                    ///< of the dropout masks
  std::vector<HeadSite> silenced = {};  ///< heads whose output is zero
  const CancelToken* cancel = nullptr;  ///< looked at between batches of passes; null: never
  int64_t together = 0;  ///< passes that share a batch; 0: as many as suit the caches
  /// Gets each batch of passes with all that the model gave, in order; empty: nobody does.
  std::function<void(const ModelOutput&)> watch = {};
};

/// Probabilities [passes, A] of one question about one picture, already encoded, with fresh dropout
/// in every pass (Gal and Ghahramani, "Dropout as a Bayesian Approximation", ICML 2016). What
/// dropout does not reach is done once for all of a batch: words before the first attention, the
/// regions' projection, the first layers' queries, keys and attention weights.
///
/// Pass p drops what element i of a place in the network has at (seed, p, the place, i), whatever
/// the question: see DropoutStreams::of_passes(). So a question gets the same passes from every
/// caller, alone or as one of a dataset, and any number of them in a batch gives the same masks
/// (and figures that differ by the rounding of sums). Memory is bounded by the batch.
torch::Tensor stochastic_passes(VqaModel& model, const ModelInput& input,
                                const PassesRequest& request);

/// Question `row` of a batch with encoded pictures by itself, without its padding.
ModelInput question_alone(const ModelInput& batch, int64_t row);

}  // namespace vqalign
