#include "vqalign/inspect/stochastic_passes.h"

#include <torch/types.h>

#include <algorithm>

namespace vqalign {
namespace {

/// Passes that share a batch. Part of the result: which mask a pass gets depends on it.
constexpr int64_t kTogether = 16;

/// The one row of `x` as `count` rows.
torch::Tensor repeated(const torch::Tensor& x, int64_t count) {
  std::vector<int64_t> times(static_cast<std::size_t>(x.dim()), 1);
  times[0] = count;
  return x.repeat(times);
}

/// The question and its picture `count` times over. The picture too: regions that questions shared
/// would share their dropout.
ModelInput repeated(const ModelInput& input, int64_t count) {
  ModelInput many;
  many.tokens = repeated(input.tokens, count);
  many.regions =
      RegionBatch{repeated(input.regions->features, count), repeated(input.regions->boxes, count),
                  repeated(input.regions->mask, count), repeated(input.regions->sizes, count)};
  return many;
}

}  // namespace

torch::Tensor stochastic_passes(VqaModel& model, const ModelInput& input,
                                const std::vector<HeadSite>& silenced, const AskOptions& options) {
  DropoutStreams streams(options.seed);
  PassOptions pass;
  pass.streams = &streams;
  pass.silenced = silenced;
  std::vector<torch::Tensor> probabilities;
  for (int64_t done = 0; done < options.passes; done += kTogether) {
    if (options.cancel) options.cancel->check();
    const int64_t count = std::min(kTogether, options.passes - done);
    probabilities.push_back(model(repeated(input, count), pass).logits.sigmoid());
  }
  return torch::cat(probabilities);
}

}  // namespace vqalign
