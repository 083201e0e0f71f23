#pragma once

#include <cstdint>

/// The inner loops of align/: what is done to one tile of points, or to all pairs of one head, on
/// one thread, in memory that stays in the cache. They see plain aligned arrays and no torch
/// header, so that one source compiles for several instruction sets; the widest one that the
/// processor has is chosen when the program runs.
///
/// The functions here are static for the same reason: each translation unit keeps its own.
///
/// All arrays are float32, aligned to 64 bytes; rows are padded() floats apart and whatever lies
/// between a row's width and its padded width is zero.
namespace vqalign::kernels {

/// Floats of a 64-byte cache line, and of the widest vector.
constexpr int64_t kLine = 16;

/// Points that a network sees at once: their inner values fit the second-level cache.
constexpr int64_t kTile = 96;

/// The next multiple of kLine.
static constexpr int64_t padded(int64_t count) {
  return (count + kLine - 1) / kLine * kLine;
}

/// The parameters of a point network (point_network.h) laid out for the kernels: with P(x) for
/// padded(x), matrices in both orders since forward and backward run along different axes.
struct Network {
  int64_t width, hidden, outputs;
  bool highway;
  float negative_slope;
  const float* mix;          ///< [width, 2 P(width)]: gate and candidate transposed, side by side.
  const float* mix_back;     ///< [2 P(width), P(width)]: gate above candidate.
  const float* mix_bias;     ///< [2 P(width)]
  const float* first;        ///< [width, P(hidden)], transposed.
  const float* first_back;   ///< [hidden, P(width)]
  const float* first_bias;   ///< [P(hidden)]
  const float* second;       ///< [hidden, P(outputs)], transposed.
  const float* second_back;  ///< [outputs, P(hidden)]
  const float* second_bias;  ///< [P(outputs)]
};

/// Where a chunk's share of the parameters' gradients is summed, in the layout of the *_back
/// arrays.
struct NetworkGradients {
  float *mix, *mix_bias, *first, *first_bias, *second, *second_bias;
};

/// Some points on their way through a network.
struct NetworkTile {
  int64_t count;   ///< At most kTile.
  float* points;   ///< [count, P(width)]; the backward pass leaves their gradient here.
  float* outputs;  ///< [count, P(outputs)]: result of the forward pass, gradient given to backward.
  float* scratch;  ///< network_scratch() floats.
};

static constexpr int64_t network_scratch(const Network& network) {
  return kTile * (4 * padded(network.width) + 3 * padded(network.hidden));
}

/// All pairs of one head: conditional transport. The features are replaced by the gradients of the
/// value where `gradients` is set, and used up otherwise.
struct ConditionalTransport {
  int64_t queries, keys;     ///< n, m; at least 1.
  int64_t critic_width;      ///< r
  int64_t navigator_width;   ///< s
  float* critic_queries;     ///< [n, P(r)]
  float* critic_keys;        ///< [m, P(r)]
  float* navigator_queries;  ///< [n, P(s)]
  float* navigator_keys;     ///< [m, P(s)]
  float rho;
  bool gradients;
  float* scratch;  ///< conditional_transport_scratch() floats.
};

static constexpr int64_t conditional_transport_scratch(int64_t queries, int64_t keys,
                                                       int64_t critic_width,
                                                       int64_t navigator_width) {
  return padded(keys) * (3 * queries + critic_width + navigator_width + 4) +
         (queries + keys) * (padded(critic_width) + padded(navigator_width)) +
         padded(queries + keys) + 2 * padded(queries);
}

/// All pairs of one head: entropic optimal transport. The points are replaced by their gradients.
struct OptimalTransport {
  int64_t queries, keys, width;  ///< n, m, d; at least 1.
  int64_t block;                 ///< Queries whose pairs are kept at a time; from n on all are.
  float* query_points;           ///< [n, P(d)]
  float* key_points;             ///< [m, P(d)]
  float epsilon;
  int64_t iterations;
  bool gradients;
  float* scratch;  ///< optimal_transport_scratch() floats.
};

static constexpr int64_t optimal_transport_scratch(int64_t queries, int64_t keys, int64_t width,
                                                   int64_t block) {
  return padded(keys) * (2 * (block < queries ? block : queries) + width + 4) +
         (queries + keys) * padded(width) + 2 * padded(queries);
}

/// All pairs of one head: squared MMD. The joint set, queries first, is replaced by its gradients.
struct Mmd {
  int64_t queries, keys, width;  ///< n, m, d; at least 1.
  int64_t block;                 ///< Points whose pairs are kept at a time; from n + m on all are.
  float* points;                 ///< [n + m, P(d)]
  bool gradients;
  float* scratch;  ///< mmd_scratch() floats.
};

static constexpr int64_t mmd_scratch(int64_t points, int64_t width, int64_t block) {
  return padded(points) * ((block < points ? block : points) + width + 2) + points * padded(width);
}

/// One instruction set's build of all kernels.
struct Kernels {
  const char* instruction_set;
  void (*network_forward)(const Network&, const NetworkTile&);
  void (*network_backward)(const Network&, const NetworkTile&, const NetworkGradients&);
  double (*conditional_transport)(const ConditionalTransport&);
  double (*optimal_transport)(const OptimalTransport&);
  double (*mmd)(const Mmd&);
};

}  // namespace vqalign::kernels
