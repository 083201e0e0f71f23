#include "vqalign/align/alignment_meter.h"

#include <torch/types.h>
#include <torch/utils.h>

#include "vqalign/align/composite.h"
#include "vqalign/align/mmd.h"

namespace vqalign {

void AlignmentMeter::add(const std::vector<AttentionTap>& taps) {
  const torch::NoGradGuard measuring;
  for (const AttentionTap& tap : taps) {
    const HeadSets sets = checked({tap.queries, tap.keys, tap.query_mask, tap.key_mask});
    const torch::Tensor by_head = mmd(sets).to(torch::kFloat64).sum(0).cpu();
    const int64_t samples = (composite::query_weights(sets).sum({1, 2}) > 0).sum().item<int64_t>();
    for (int64_t head = 0; head < by_head.size(0); ++head) {
      Sum& sum = sums_[{tap.family, tap.layer, head}];
      sum.value += by_head[head].item<double>();
      sum.samples += samples;
    }
  }
}

AlignmentReport AlignmentMeter::report() const {
  AlignmentReport report;
  for (const auto& [site, sum] : sums_) {
    const auto& [family, layer, head] = site;
    const double mean = sum.samples > 0 ? sum.value / static_cast<double>(sum.samples) : 0.0;
    report.heads.push_back({family_name(family), layer, head, mean});
    const bool of_co_attention =
        family == AttentionFamily::kQuestionSelf || family == AttentionFamily::kImageSelf;
    if (of_co_attention) report.mmd_total += mean;
  }
  return report;
}

}  // namespace vqalign
