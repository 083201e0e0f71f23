#pragma once

#include <cstdint>

namespace vqalign::cuda {

/// Sizes of a batch without padding, as in transport.h; both networks of one hidden width.
struct TransportSizes {
  int64_t samples, heads, queries, keys, width, hidden, outputs;
  bool standardise = true;
};

/// One launch of transport.h, read off its source.
struct LaunchCounts {
  const char* name;
  int64_t bytes;       ///< Of global memory, each pass over an array; parameters once a head.
  int64_t operations;  ///< Multiplications and additions of products; exponentials are left out.
};

constexpr int64_t kTransportLaunches = 4;

/// Forward and backward, where a block's shared memory holds a head's features and the gradients of
/// the parameters. `blocks`: of transport_points().
inline void count_transport(const TransportSizes& on, int64_t blocks,
                            LaunchCounts counts[kTransportLaunches]) {
  constexpr int64_t kFloat = sizeof(float);
  const int64_t heads = on.samples * on.heads, points = heads * (on.queries + on.keys);
  const int64_t both = 2 * on.outputs;
  const int64_t layers = 2 * (on.width * on.hidden + on.hidden * on.outputs);
  const int64_t products = 2 * on.width * on.width + layers;  // of a point, without biases
  const int64_t parameters = products + 2 * on.width + 2 * (on.hidden + on.outputs);
  const int64_t all_points = points * on.width, all_features = points * both;
  const int64_t centres = heads * (on.width + 1);
  const int64_t passes_forth = on.standardise ? 3 : 1, passes_back = on.standardise ? 5 : 2;
  counts[0] = {"features",
               kFloat * (passes_forth * all_points + all_features + centres + heads * parameters),
               2 * points * products};
  counts[1] = {"pairs", kFloat * (2 * all_features + heads),
               12 * heads * on.queries * on.keys * both};
  counts[2] = {"points",
               kFloat * (passes_back * all_points + all_features + centres +
                         (heads + blocks) * parameters + heads),
               6 * points * products};
  counts[3] = {"parameter sums", kFloat * (blocks + 1) * parameters, blocks * parameters};
}

}  // namespace vqalign::cuda
