#include "vqalign/fusion/stochastic_passes.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cassert>

namespace vqalign {
namespace {

/// Rows of states in a batch of passes: enough to keep a matrix product busy, few enough for the
/// inner layer of the feed-forward to stay near.
constexpr int64_t kRowsTogether = 1024;

int64_t passes_together(const ModelInput& input) {
  const int64_t rows = input.tokens.size(1) + input.regions->features.size(1);
  return std::max<int64_t>(1, kRowsTogether / std::max<int64_t>(1, rows));
}

}  // namespace

torch::Tensor stochastic_passes(VqaModel& model, const ModelInput& input,
                                const PassesRequest& request) {
  assert(input.tokens.size(0) == 1 && input.regions);
  const torch::InferenceMode no_gradients;
  const int64_t together = request.together > 0 ? request.together : passes_together(input);
  ModelInput encoded = input;
  if (!encoded.word_states.defined()) encoded.word_states = model->encode_words(input.tokens);
  std::vector<torch::Tensor> probabilities;
  for (int64_t done = 0; done < request.passes; done += together) {
    if (request.cancel) request.cancel->check();
    DropoutStreams streams =
        DropoutStreams::of_passes(request.seed, done, std::min(together, request.passes - done));
    PassOptions pass;
    pass.streams = &streams;
    pass.silenced = request.silenced;
    const ModelOutput output = model(encoded, pass);
    if (request.watch) request.watch(output);
    probabilities.push_back(output.logits.sigmoid());
  }
  return torch::cat(probabilities);
}

ModelInput question_alone(const ModelInput& batch, int64_t row) {
  assert(batch.regions);
  const int64_t picture =
      batch.picture_index.defined() ? batch.picture_index[row].item<int64_t>() : row;
  ModelInput one;
  const torch::Tensor tokens = batch.tokens.slice(0, row, row + 1);
  const int64_t length = std::max<int64_t>(1, tokens.ne(0).sum().item<int64_t>());
  one.tokens = tokens.slice(1, 0, length);
  if (batch.word_states.defined()) {
    one.word_states = batch.word_states.slice(0, row, row + 1).slice(1, 0, length);
  }
  const auto of_picture = [picture](const torch::Tensor& of_all) {
    return of_all.slice(0, picture, picture + 1);
  };
  one.regions = RegionBatch{of_picture(batch.regions->features), of_picture(batch.regions->boxes),
                            of_picture(batch.regions->mask), of_picture(batch.regions->sizes)};
  const torch::Tensor valid = one.regions->mask[0].logical_not().nonzero().squeeze(1);
  if (valid.size(0) == one.regions->mask.size(1) || valid.size(0) == 0) return one;
  for (torch::Tensor* rows : {&one.regions->features, &one.regions->boxes, &one.regions->mask}) {
    *rows = rows->index_select(1, valid);
  }
  return one;
}

}  // namespace vqalign
