#include "vqalign/align/cuda/fused_distances.h"

#include <c10/core/DeviceGuard.h>
#include <torch/types.h>

#include <functional>

#include "vqalign/align/cuda/operands.h"
#include "vqalign/align/kernels/memory.h"
#include "vqalign/align/known_gradients.h"

namespace vqalign::cuda {

namespace {

Mmd mmd_of(const SetOperands& operands) {
  return {operands.described()};
}

Sinkhorn sinkhorn_of(const SetOperands& operands, const SinkhornOptions& options) {
  return {operands.described(), static_cast<float>(options.epsilon), options.iterations};
}

bool is_float(const HeadSets& sets) {
  return sets.queries.scalar_type() == torch::kFloat32;
}

using Launch = std::function<const char*(float* values, const Points* to, CUstream_st* stream)>;

/// Value and gradients of every head by one launch.
torch::Tensor run(const HeadSets& sets, const SetOperands& operands, const Launch& launch) {
  const c10::DeviceGuard guard(sets.queries.device());
  torch::Tensor values = operands.new_floats({sets.queries.size(0), sets.queries.size(1)});
  const bool differentiate =
      torch::GradMode::is_enabled() && (sets.queries.requires_grad() || sets.keys.requires_grad());
  std::vector<torch::Tensor> gradients;
  Points to[2] = {};
  for (int set = 0; set < 2 && differentiate; ++set) {
    const torch::Tensor& points = operands.points[set];
    gradients.push_back(kernels::new_points(points, points.size(3), false));
    to[set] = points_of(gradients.back());
  }
  check_launch(launch(values.mutable_data_ptr<float>(), differentiate ? to : nullptr,
                      stream_of(sets.queries)));
  if (!differentiate) return values;
  return with_known_gradients(values, {sets.queries, sets.keys}, gradients);
}

}  // namespace

bool fused_mmd_fits(const HeadSets& sets, const DistanceKernels& kernels) {
  return is_float(sets) && kernels.fits_mmd(mmd_of(SetOperands(sets)));
}

bool fused_sinkhorn_fits(const HeadSets& sets, const DistanceKernels& kernels) {
  return is_float(sets) && kernels.fits_sinkhorn(sinkhorn_of(SetOperands(sets), {}));
}

torch::Tensor fused_mmd(const HeadSets& sets, const DistanceKernels& kernels) {
  const SetOperands operands(sets);
  return run(sets, operands, [&](float* values, const Points* to, CUstream_st* stream) {
    return kernels.run_mmd(mmd_of(operands), values, to, stream);
  });
}

torch::Tensor fused_sinkhorn(const HeadSets& sets, const SinkhornOptions& options,
                             const DistanceKernels& kernels) {
  const SetOperands operands(sets);
  return run(sets, operands, [&](float* values, const Points* to, CUstream_st* stream) {
    return kernels.run_sinkhorn(sinkhorn_of(operands, options), values, to, stream);
  });
}

}  // namespace vqalign::cuda
