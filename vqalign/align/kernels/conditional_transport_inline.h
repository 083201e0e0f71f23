// Conditional transport over all pairs of one head. See ../conditional_transport.h for the
// equations; with similarity s = cos = 1 - c the value is
//   1 - rho mean_q sum_k p(k|q) s - (1 - rho) mean_k sum_q p(q|k) s.

#pragma once

#include "vqalign/align/kernels/points_inline.h"

namespace vqalign::kernels {
namespace {

// An affinity that no softmax gives weight to, and whose differences are finite.
constexpr float kNever = -1e30F;

struct ConditionalTransportMemory {
  int64_t row;        ///< Floats between rows of the pair matrices: P(m).
  float* similarity;  ///< [n, P(m)]
  float* to_keys;     ///< [n, P(m)]: affinity, then exp within rows, then d value / d similarity.
  float* to_queries;  ///< [n, P(m)]: exp within columns, then d value / d affinity.
  float* columns_of_critic;                 ///< [r, P(m)]: the keys' features transposed.
  float* columns_of_navigator;              ///< [s, P(m)]
  float *key_largest, *key_sum, *key_gain;  ///< [P(m)]
  float *query_sum, *query_gain;            ///< [P(n)]
  float* inverse_norms;                     ///< [P(n + m)]
  float* gradient;                          ///< [n + m, P(r)], then [n + m, P(s)]
};

inline ConditionalTransportMemory memory_of(const ConditionalTransport& head) {
  ConditionalTransportMemory memory;
  float* at = head.scratch;
  const auto take = [&at](int64_t count) {
    float* taken = at;
    at += count;
    return taken;
  };
  memory.row = padded(head.keys);
  memory.similarity = take(head.queries * memory.row);
  memory.to_keys = take(head.queries * memory.row);
  memory.to_queries = take(head.queries * memory.row);
  memory.columns_of_critic = take(head.critic_width * memory.row);
  memory.columns_of_navigator = take(head.navigator_width * memory.row);
  memory.key_largest = take(memory.row);
  memory.key_sum = take(memory.row);
  memory.key_gain = take(memory.row);
  memory.query_sum = take(padded(head.queries));
  memory.query_gain = take(padded(head.queries));
  memory.inverse_norms = take(padded(head.queries + head.keys));
  memory.gradient = at;
  return memory;
}

inline float dot(const float* x, const float* y, int64_t width) {
  Vector sum{};
  for (int64_t j = 0; j < width; j += kLanes) sum += load(x + j) * load(y + j);
  return sum_of(sum);
}

/// Scales vectors to unit length, smoothed by kCosineSmoothing, and keeps their factors.
inline void normalise(float* vectors, int64_t count, int64_t width, float* inverse_norms) {
  constexpr float kSmoothing = 1e-8F;
  for (int64_t i = 0; i < count; ++i) {
    float* vector = vectors + i * width;
    const float inverse = 1.0F / __builtin_sqrtf(dot(vector, vector, width) + kSmoothing);
    for (int64_t j = 0; j < width; j += kLanes) store(vector + j, load(vector + j) * inverse);
    inverse_norms[i] = inverse;
  }
}

/// Replaces unit vectors u by the gradients of the raw ones, given those of the unit ones:
/// (g - u (u.g)) / |raw|.
inline void denormalise(float* vectors, const float* gradients, int64_t count, int64_t width,
                        const float* inverse_norms) {
  for (int64_t i = 0; i < count; ++i) {
    float* unit = vectors + i * width;
    const float* gradient = gradients + i * width;
    const float along = dot(unit, gradient, width);
    for (int64_t j = 0; j < width; j += kLanes) {
      store(unit + j, (load(gradient + j) - load(unit + j) * along) * inverse_norms[i]);
    }
  }
}

inline void fill_pairs(const ConditionalTransport& head, const ConditionalTransportMemory& memory) {
  const int64_t critic = padded(head.critic_width);
  const int64_t navigator = padded(head.navigator_width);
  transpose(head.critic_keys, critic, memory.columns_of_critic, memory.row, head.keys,
            head.critic_width);
  transpose(head.navigator_keys, navigator, memory.columns_of_navigator, memory.row, head.keys,
            head.navigator_width);
  multiply({head.critic_queries, critic, 1}, memory.columns_of_critic, memory.row,
           memory.similarity, memory.row, head.queries, memory.row, head.critic_width);
  multiply({head.navigator_queries, navigator, 1}, memory.columns_of_navigator, memory.row,
           memory.to_keys, memory.row, head.queries, memory.row, head.navigator_width);
  for (int64_t i = 0; i < head.queries; ++i) {
    for (int64_t j = head.keys; j < memory.row; ++j) memory.to_keys[i * memory.row + j] = kNever;
  }
}

/// Both softmaxes up to their normalisation, and each point's expected similarity.
inline double expect(const ConditionalTransport& head, const ConditionalTransportMemory& memory) {
  for (int64_t j = 0; j < memory.row; j += kLanes) {
    Vector largest = load(memory.to_keys + j);
    for (int64_t i = 1; i < head.queries; ++i) {
      largest = larger(largest, load(memory.to_keys + i * memory.row + j));
    }
    store(memory.key_largest + j, largest);
    store(memory.key_sum + j, Vector{});
    store(memory.key_gain + j, Vector{});
  }
  double of_queries = 0.0, of_keys = 0.0;
  for (int64_t i = 0; i < head.queries; ++i) {
    float* to_keys = memory.to_keys + i * memory.row;
    float* to_queries = memory.to_queries + i * memory.row;
    Vector largest = load(to_keys);
    for (int64_t j = kLanes; j < memory.row; j += kLanes)
      largest = larger(largest, load(to_keys + j));
    const float row_largest = largest_of(largest);
    Vector sum{}, gain{};
    for (int64_t j = 0; j < memory.row; j += kLanes) {
      const Vector affinity = load(to_keys + j);
      const Vector similarity = load(memory.similarity + i * memory.row + j);
      const Vector in_row = exponential(affinity - row_largest);
      const Vector in_column = exponential(affinity - load(memory.key_largest + j));
      sum += in_row;
      gain += in_row * similarity;
      store(memory.key_sum + j, load(memory.key_sum + j) + in_column);
      store(memory.key_gain + j, load(memory.key_gain + j) + in_column * similarity);
      store(to_keys + j, in_row);
      store(to_queries + j, in_column);
    }
    memory.query_sum[i] = sum_of(sum);
    memory.query_gain[i] = sum_of(gain) / memory.query_sum[i];
    of_queries += memory.query_gain[i];
  }
  for (int64_t j = 0; j < memory.row; j += kLanes) {
    store(memory.key_gain + j, load(memory.key_gain + j) / load(memory.key_sum + j));
  }
  for (int64_t j = 0; j < head.keys; ++j) of_keys += memory.key_gain[j];
  return 1.0 - head.rho * of_queries / static_cast<double>(head.queries) -
         (1.0 - head.rho) * of_keys / static_cast<double>(head.keys);
}

inline void differentiate_pairs(const ConditionalTransport& head,
                                const ConditionalTransportMemory& memory) {
  const float query_share = head.rho / static_cast<float>(head.queries);
  const float key_share = (1.0F - head.rho) / static_cast<float>(head.keys);
  for (int64_t j = 0; j < memory.row; j += kLanes) {
    store(memory.key_sum + j, key_share / load(memory.key_sum + j));
  }
  for (int64_t i = 0; i < head.queries; ++i) {
    float* to_keys = memory.to_keys + i * memory.row;
    float* to_queries = memory.to_queries + i * memory.row;
    const float in_row = query_share / memory.query_sum[i];
    for (int64_t j = 0; j < memory.row; j += kLanes) {
      const Vector similarity = load(memory.similarity + i * memory.row + j);
      const Vector forth = load(to_keys + j) * in_row;
      const Vector back = load(to_queries + j) * load(memory.key_sum + j);
      store(to_keys + j, -forth - back);
      store(to_queries + j, forth * (memory.query_gain[i] - similarity) +
                                back * (load(memory.key_gain + j) - similarity));
    }
  }
}

double conditional_transport(const ConditionalTransport& head) {
  const ConditionalTransportMemory memory = memory_of(head);
  const int64_t critic = padded(head.critic_width);
  const int64_t navigator = padded(head.navigator_width);
  float* key_norms = memory.inverse_norms + head.queries;
  normalise(head.critic_queries, head.queries, critic, memory.inverse_norms);
  normalise(head.critic_keys, head.keys, critic, key_norms);
  fill_pairs(head, memory);
  const double value = expect(head, memory);
  if (!head.gradients) return value;

  differentiate_pairs(head, memory);
  differentiate_products(memory.to_keys, memory.row, head.critic_queries, head.critic_keys,
                         head.queries, head.keys, critic, memory.gradient);
  denormalise(head.critic_queries, memory.gradient, head.queries, critic, memory.inverse_norms);
  denormalise(head.critic_keys, memory.gradient + head.queries * critic, head.keys, critic,
              key_norms);
  differentiate_products(memory.to_queries, memory.row, head.navigator_queries, head.navigator_keys,
                         head.queries, head.keys, navigator, memory.gradient);
  std::memcpy(head.navigator_queries, memory.gradient, head.queries * navigator * sizeof(float));
  std::memcpy(head.navigator_keys, memory.gradient + head.queries * navigator,
              head.keys * navigator * sizeof(float));
  return value;
}

}  // namespace
}  // namespace vqalign::kernels
