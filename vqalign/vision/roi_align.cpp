#include "vqalign/vision/roi_align.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <cassert>

namespace vqalign {
namespace {

/// What each of `length` cells along an axis counts for in each bin: [P, R, bins, length] from
/// edges [P, R] in pixels, cells a pixel [P] and the picture's own cells [P].
torch::Tensor axis_weights(const torch::Tensor& from, const torch::Tensor& to,
                           const torch::Tensor& scale, const torch::Tensor& extent, int64_t length,
                           const RoiSampling& sampling) {
  const int64_t points = sampling.bins * sampling.samples;
  const torch::Tensor start = from * scale.unsqueeze(1) - 0.5;
  const torch::Tensor step = (to - from).clamp_min(0) * scale.unsqueeze(1) / double(points);
  const torch::Tensor places =
      start.unsqueeze(2) + step.unsqueeze(2) * (torch::arange(points, from.options()) + 0.5);
  const torch::Tensor cells = extent.to(from.scalar_type()).view({-1, 1, 1});
  const torch::Tensor inside = places.ge(-1).logical_and(places.le(cells));
  const torch::Tensor held = torch::minimum(places.clamp_min(0), cells - 1);
  const torch::Tensor near =
      (1 - (held.unsqueeze(3) - torch::arange(length, from.options())).abs()).clamp_min(0);
  const torch::Tensor counted = near * inside.unsqueeze(3);
  return counted.view({from.size(0), from.size(1), sampling.bins, sampling.samples, length})
      .mean(3);
}

}  // namespace

torch::Tensor roi_align(const RoiMaps& maps, const torch::Tensor& boxes,
                        const RoiSampling& sampling) {
  assert(sampling.bins > 0 && sampling.samples > 0);
  const torch::Tensor& values = maps.values;
  const int64_t pictures = values.size(0), channels = values.size(1);
  const int64_t height = values.size(2), width = values.size(3);
  const int64_t regions = boxes.size(1), bins = sampling.bins;
  assert(boxes.size(0) == pictures && boxes.size(2) == 4);
  torch::Tensor weights;
  {
    const torch::NoGradGuard constant;
    const torch::Tensor scales = maps.scales.to(boxes.device());
    const torch::Tensor extents = maps.extents.to(boxes.device());
    const auto edge = [&boxes](int64_t i) { return boxes.select(2, i); };
    const torch::Tensor across =
        axis_weights(edge(0), edge(2), scales.select(1, 0), extents.select(1, 1), width, sampling);
    const torch::Tensor down =
        axis_weights(edge(1), edge(3), scales.select(1, 1), extents.select(1, 0), height, sampling);
    weights = (down.unsqueeze(3).unsqueeze(5) * across.unsqueeze(2).unsqueeze(4))
                  .view({pictures, regions * bins * bins, height * width})
                  .to(values.options());
  }
  const torch::Tensor cells =
      values.permute({0, 2, 3, 1}).reshape({pictures, height * width, channels});
  return torch::bmm(weights, cells)
      .view({pictures, regions, bins, bins, channels})
      .permute({0, 1, 4, 2, 3});
}

}  // namespace vqalign
