#pragma once

#include <cstdint>
#include <vector>

#include "vqalign/attention/cuda/launch_counts.h"

/// What the launches of this folder move and compute, read off their sources, for a batch without
/// padding whose tiles fit a block's shared memory. Forward and backward.
namespace vqalign::cuda {

struct BatchSizes {
  int64_t samples, heads, queries, keys, width;

  int64_t all_heads() const { return samples * heads; }
  /// Floats of all queries and keys.
  int64_t floats() const { return all_heads() * (queries + keys) * width; }
};

/// Transport with networks of one hidden width, which have as many outputs, on points that are
/// standardised; `blocks` are those of transport_points().
inline std::vector<LaunchCounts> count_transport(const BatchSizes& on, int64_t hidden,
                                                 int64_t blocks) {
  constexpr int64_t kFloat = sizeof(float);
  const int64_t heads = on.all_heads(), points = heads * (on.queries + on.keys);
  const int64_t outputs = 2 * hidden;  // of both networks
  const int64_t layers = 2 * hidden * (on.width + hidden);
  const int64_t products = 2 * on.width * on.width + layers;  // of a point, without biases
  const int64_t parameters = products + 2 * on.width + 4 * hidden;
  const int64_t features = points * outputs, centres = heads * (on.width + 1);
  return {
      {"features", 1, kFloat * (3 * on.floats() + features + centres + heads * parameters),
       2 * points * products},
      {"pairs", 1, kFloat * (2 * features + heads), 12 * heads * on.queries * on.keys * outputs},
      {"points", 1,
       kFloat * (5 * on.floats() + features + centres + (heads + blocks) * parameters + heads),
       6 * points * products},
      {"parameter sums", 1, kFloat * (blocks + 1) * parameters, blocks * parameters},
  };
}

/// The product of known gradients and the loss's, LibTorch's own: one launch a set.
inline LaunchCounts count_scaling(const BatchSizes& on) {
  return {"times the loss's", 2, int64_t{sizeof(float)} * (2 * on.floats() + 2 * on.all_heads()),
          on.floats()};
}

inline std::vector<LaunchCounts> count_mmd(const BatchSizes& on) {
  constexpr int64_t kPasses =
      5;  // over each pair once, for the median: four, and one of even pairs
  const int64_t points = on.queries + on.keys;
  const int64_t squares = kPasses * points * (points - 1) / 2 + points * points;
  const int64_t pulls = points * points;
  return {{"mmd", 1, int64_t{sizeof(float)} * (2 * on.floats() + on.all_heads()),
           on.all_heads() * 3 * on.width * (squares + pulls)},
          count_scaling(on)};
}

inline std::vector<LaunchCounts> count_sinkhorn(const BatchSizes& on, int64_t iterations) {
  constexpr int64_t kUpdate =
      7;  // of a pair: an exponential, and what goes into it and into the largest
  const int64_t pairs = on.queries * on.keys;
  const int64_t solving = (2 * iterations + 1) * kUpdate * pairs;
  const int64_t ends = 3 * 3 * on.width * pairs;  // costs, pulls of either set
  return {{"sinkhorn", 1, int64_t{sizeof(float)} * (2 * on.floats() + on.all_heads()),
           on.all_heads() * (solving + ends)},
          count_scaling(on)};
}

}  // namespace vqalign::cuda
