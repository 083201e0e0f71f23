#include "vqalign/inspect/tap_maps.h"

#include <torch/types.h>
#include <torch/utils.h>

#include "vqalign/align/mmd.h"
#include "vqalign/core/error.h"

namespace vqalign {
namespace {

AttentionMap map_of(const HeadSite& site, const torch::Tensor& weights) {
  const torch::Tensor flat = weights.to(torch::kFloat32).contiguous();
  const float* first = flat.const_data_ptr<float>();
  return {site, weights.size(0), weights.size(1), {first, first + flat.numel()}, true};
}

/// The question's own tokens, without those before and behind them.
AttentionMap without_marks(const HeadSite& site, const torch::Tensor& weights) {
  AttentionMap map = map_of(site, weights.slice(0, 1, -1).slice(1, 1, -1));
  map.rows_are_shares = false;
  return map;
}

}  // namespace

torch::Tensor unpadded_places(const torch::Tensor& mask, int64_t n) {
  if (!mask.defined()) return torch::arange(n, torch::kInt64);
  return mask[0].cpu().logical_not().nonzero().flatten();
}

torch::Tensor unpadded_weights(const AttentionTap& tap, const torch::Tensor& weights) {
  const torch::Tensor one = weights[0].to(torch::kCPU, torch::kFloat64);
  return one.index_select(1, unpadded_places(tap.query_mask, one.size(1)))
      .index_select(2, unpadded_places(tap.key_mask, one.size(2)));
}

void take_maps(Inspection& inspection, const std::vector<AttentionTap>& taps) {
  const std::size_t count =
      all_sites(inspection.layers, inspection.heads, inspection.pretrained).size();
  inspection.maps.resize(count);
  inspection.statistics.resize(count);
  for (const AttentionTap& tap : taps) {
    const torch::Tensor weights = unpadded_weights(tap, tap.weights);
    torch::Tensor distances;
    if (tap.queries.defined()) {
      distances = mmd({tap.queries, tap.keys, tap.query_mask, tap.key_mask})[0].to(torch::kCPU,
                                                                                   torch::kFloat64);
    }
    for (int64_t head = 0; head < inspection.shape(tap.family).heads; ++head) {
      const HeadSite site{tap.family, tap.layer, head};
      if (!torch::isfinite(weights[head]).all().item<bool>()) {
        fail("attention ", family_name(site.family), " layer ", site.layer, " head ", head,
             ": its weights are no numbers for this question");
      }
      const std::size_t place = inspection.index(site);
      const AttentionMap map = map_of(site, weights[head]);
      inspection.statistics[place] = map_statistics(map);
      const bool marked = tap.family == AttentionFamily::kQuestionPretrained;
      inspection.maps[place] = marked ? without_marks(site, weights[head]) : map;
      if (distances.defined()) {
        inspection.statistics[place].alignment = distances[head].item<double>();
      }
    }
  }
}

}  // namespace vqalign
