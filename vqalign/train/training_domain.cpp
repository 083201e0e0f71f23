#include "vqalign/train/training_domain.h"

#include "vqalign/data/picture_domain.h"

namespace vqalign {
namespace {

constexpr int64_t kSample = 1500;  // Pictures looked at: enough for the tails, a few seconds' work.

}  // namespace

Json describe_domain(const ModelConfig& config, const Dataset& dataset, Progress& progress,
                     const CancelToken& cancel) {
  if (!config.vision.takes_pictures()) return {};
  return fit_domain(dataset, kSample, progress, cancel).to_json();
}

}  // namespace vqalign
