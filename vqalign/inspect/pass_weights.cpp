#include "vqalign/inspect/pass_weights.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cassert>
#include <cmath>

#include "vqalign/inspect/region_reading.h"
#include "vqalign/inspect/relevance.h"
#include "vqalign/inspect/tap_maps.h"

namespace vqalign {

void PassTally::add(const std::vector<QuestionWord>& words,
                    const std::vector<PictureRegion>& regions) {
  const std::size_t count = words.size() + regions.size();
  if (passes_ == 0) {
    words_ = words.size();
    means_.assign(count, 0.0);
    squares_.assign(count, 0.0);
  }
  assert(words.size() == words_ && means_.size() == count);
  ++passes_;
  for (std::size_t i = 0; i < count; ++i) {
    const double weight = i < words_ ? words[i].weight : regions[i - words_].weight;
    const double from_before = weight - means_[i];
    means_[i] += from_before / double(passes_);
    squares_[i] += from_before * (weight - means_[i]);
  }
}

PassWeights PassTally::result() const {
  PassWeights weights;
  for (std::size_t i = 0; i < means_.size(); ++i) {
    const bool word = i < words_;
    const double spread = passes_ > 1 ? std::sqrt(squares_[i] / double(passes_ - 1)) : 0;
    (word ? weights.mean.words : weights.mean.regions).push_back(means_[i]);
    (word ? weights.spread.words : weights.spread.regions).push_back(spread);
  }
  return weights;
}

void tally_pooling(PassTally& tally, const Inspection& inspection, const ModelOutput& output) {
  Inspection one = inspection;
  for (int64_t pass = 0; pass < output.word_weights.size(0); ++pass) {
    const auto row = [pass](const torch::Tensor& of_all) {
      const int64_t own = std::min(pass, of_all.size(0) - 1);  // what is alike in all has one row
      return of_all.slice(0, own, own + 1);
    };
    ModelOutput alone;
    alone.word_weights = row(output.word_weights);
    alone.region_weights = row(output.region_weights);
    if (output.region_mask.defined()) alone.region_mask = row(output.region_mask);
    share_pooling(one, alone);
    tally.add(one.evidence.words, one.evidence.regions);
  }
}

PassWeights weights_over_passes(VqaModel& model, const ModelInput& input,
                                const Inspection& inspection, const WeightChoice& choice,
                                int64_t answer, const PassesRequest& request) {
  const bool relevant = choice.source == WeightSource::kRelevance;
  const torch::AutoGradMode gradients(relevant);
  WeightChoice same = choice;  // the word that pooling prefers is another in every pass
  if (!same.subject) same.subject = default_subject(inspection);
  ModelInput encoded = input;
  encoded.word_states = model->encode_words(input.tokens);
  PassTally tally;
  for (int64_t number = 0; number < request.passes; ++number) {
    if (request.cancel) request.cancel->check();
    DropoutStreams streams = DropoutStreams::of_passes(request.seed, number, 1);
    PassOptions pass;
    pass.streams = &streams;
    pass.taps.weights = true;
    pass.silenced = request.silenced;
    const ModelOutput output = model(encoded, pass);
    Inspection one = inspection;
    share_pooling(one, output);
    take_maps(one, output.taps);
    TokenScores scores;
    if (relevant) scores = relevance(output, answer, one);
    const AnswerEvidence weights = weighed(one, same, relevant ? &scores : nullptr);
    tally.add(weights.words, weights.regions);
  }
  return tally.result();
}

}  // namespace vqalign
