#pragma once

#include <torch/types.h>

#include "vqalign/fusion/vqa_model.h"
#include "vqalign/inspect/answerer.h"

namespace vqalign {

/// Probabilities [passes, A] of one question about one picture, already encoded, with fresh dropout
/// in every pass and the heads `silenced` off (Gal and Ghahramani, "Dropout as a Bayesian
/// Approximation", ICML 2016). The masks are a function of options.seed alone. Cancelled when
/// options.cancel is set.
torch::Tensor stochastic_passes(VqaModel& model, const ModelInput& input,
                                const std::vector<HeadSite>& silenced, const AskOptions& options);

}  // namespace vqalign
