#pragma once

#include <cstdint>
#include <vector>

#include "vqalign/fusion/stochastic_passes.h"
#include "vqalign/inspect/weighing.h"

namespace vqalign {

/// Means and standard deviations of weights over passes that are told one after another, by
/// Welford's recurrence ("Note on a method for calculating corrected sums of squares and products",
/// Technometrics 1962): no pass is kept, and no square of a mean is taken from another.
class PassTally {
 public:
  /// The weights of one pass: as many words and regions as those before had.
  void add(const std::vector<QuestionWord>& words, const std::vector<PictureRegion>& regions);
  /// What was told so far. The spread of a single pass is 0.
  PassWeights result() const;

 private:
  int64_t passes_ = 0;
  std::size_t words_ = 0;
  std::vector<double> means_ = {};  // of words, then of regions
  std::vector<double> squares_ = {};
};

/// Tells `tally` the pooling weights of every pass of a batch of them, rows of `output` as
/// stochastic_passes() has them. `inspection` is of the question, with what was read and seen.
void tally_pooling(PassTally& tally, const Inspection& inspection, const ModelOutput& output);

/// AnswerSource::weights_over_passes(): weighed() of each pass by itself, which is the pass that
/// stochastic_passes() has under that number. `inspection` has the weights of the pass without
/// dropout; `answer` is the place of choice.answer in the model's list, for relevance alone, whose
/// input may not be made in InferenceMode.
PassWeights weights_over_passes(VqaModel& model, const ModelInput& input,
                                const Inspection& inspection, const WeightChoice& choice,
                                int64_t answer, const PassesRequest& request);

}  // namespace vqalign
