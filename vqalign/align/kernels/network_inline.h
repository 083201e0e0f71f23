// A point network, forward and backward, on one tile. See point_network.h for the equations.

#pragma once

#include "vqalign/align/kernels/matrix_inline.h"

namespace vqalign::kernels {
namespace {

/// The values between points and outputs, in a tile's scratch.
struct NetworkValues {
  float* mixed;     ///< Before: gate and candidate, [count, 2 P(width)]; their gradients after.
  float* highway;   ///< x', [count, P(width)]; the points themselves without highway layer.
  float* gradient;  ///< With respect to x', [count, P(width)].
  float* raw;       ///< First layer before the leaky ReLU, [count, P(hidden)].
  float* hidden;    ///< After it.
  float* hidden_gradient;
};

inline NetworkValues values_of(const Network& network, const NetworkTile& tile) {
  const int64_t width = kTile * padded(network.width);
  const int64_t hidden = kTile * padded(network.hidden);
  float* at = tile.scratch;
  NetworkValues values;
  values.mixed = at;
  values.highway = network.highway ? at + 2 * width : tile.points;
  values.gradient = at + 3 * width;
  values.raw = at + 4 * width;
  values.hidden = values.raw + hidden;
  values.hidden_gradient = values.hidden + hidden;
  return values;
}

inline void fill_rows(float* rows, const float* row, int64_t count, int64_t width) {
  for (int64_t i = 0; i < count; ++i) std::memcpy(rows + i * width, row, width * sizeof(float));
}

/// sums[j] += sum over rows of matrix[i][j]
inline void add_rows(const float* matrix, int64_t count, int64_t width, float* sums) {
  for (int64_t j = 0; j < width; j += kLanes) {
    Vector sum = load(sums + j);
    for (int64_t i = 0; i < count; ++i) sum += load(matrix + i * width + j);
    store(sums + j, sum);
  }
}

/// Leaves the gate itself, not its logit, in the left half of `mixed`.
inline void highway_forward(const Network& network, const NetworkTile& tile,
                            const NetworkValues& values) {
  const int64_t width = padded(network.width);
  fill_rows(values.mixed, network.mix_bias, tile.count, 2 * width);
  multiply_add({tile.points, width, 1}, network.mix, 2 * width, values.mixed, 2 * width, tile.count,
               2 * width, network.width);
  for (int64_t i = 0; i < tile.count; ++i) {
    float* gates = values.mixed + i * 2 * width;
    const float* candidates = gates + width;
    for (int64_t j = 0; j < width; j += kLanes) {
      const Vector x = load(tile.points + i * width + j);
      const Vector gate = 1.0F / (1.0F + exponential(-load(gates + j)));
      const Vector candidate = larger(load(candidates + j), Vector{});
      store(gates + j, gate);
      store(values.highway + i * width + j, x + gate * (candidate - x));
    }
  }
}

inline void inner_forward(const Network& network, const NetworkTile& tile,
                          const NetworkValues& values) {
  if (network.highway) highway_forward(network, tile, values);
  const int64_t width = padded(network.width);
  const int64_t hidden = padded(network.hidden);
  fill_rows(values.raw, network.first_bias, tile.count, hidden);
  multiply_add({values.highway, width, 1}, network.first, hidden, values.raw, hidden, tile.count,
               hidden, network.width);
  for (int64_t at = 0; at < tile.count * hidden; at += kLanes) {
    const Vector raw = load(values.raw + at);
    store(values.hidden + at, raw > 0.0F ? raw : raw * network.negative_slope);
  }
}

void network_forward(const Network& network, const NetworkTile& tile) {
  const NetworkValues values = values_of(network, tile);
  inner_forward(network, tile, values);
  const int64_t outputs = padded(network.outputs);
  fill_rows(tile.outputs, network.second_bias, tile.count, outputs);
  multiply_add({values.hidden, padded(network.hidden), 1}, network.second, outputs, tile.outputs,
               outputs, tile.count, outputs, network.hidden);
}

/// From the gradient of x' to those of the points and of the highway's parameters.
inline void highway_backward(const Network& network, const NetworkTile& tile,
                             const NetworkValues& values, const NetworkGradients& gradients) {
  const int64_t width = padded(network.width);
  for (int64_t i = 0; i < tile.count; ++i) {
    float* gates = values.mixed + i * 2 * width;
    float* candidates = gates + width;
    for (int64_t j = 0; j < width; j += kLanes) {
      const Vector x = load(tile.points + i * width + j);
      const Vector gate = load(gates + j);
      const Vector raw = load(candidates + j);
      const Vector slope = load(values.gradient + i * width + j);
      const Vector candidate = larger(raw, Vector{});
      store(gates + j, slope * (candidate - x) * gate * (1.0F - gate));
      store(candidates + j, raw > 0.0F ? slope * gate : Vector{});
      store(values.gradient + i * width + j, slope * (1.0F - gate));
    }
  }
  multiply_add({values.mixed, 1, 2 * width}, tile.points, width, gradients.mix, width, 2 * width,
               width, tile.count);
  add_rows(values.mixed, tile.count, 2 * width, gradients.mix_bias);
  multiply_add({values.mixed, 2 * width, 1}, network.mix_back, width, values.gradient, width,
               tile.count, width, 2 * width);
}

void network_backward(const Network& network, const NetworkTile& tile,
                      const NetworkGradients& gradients) {
  const NetworkValues values = values_of(network, tile);
  inner_forward(network, tile, values);
  const int64_t width = padded(network.width);
  const int64_t hidden = padded(network.hidden);
  const int64_t outputs = padded(network.outputs);
  multiply_add({tile.outputs, 1, outputs}, values.hidden, hidden, gradients.second, hidden,
               network.outputs, hidden, tile.count);
  add_rows(tile.outputs, tile.count, outputs, gradients.second_bias);
  multiply({tile.outputs, outputs, 1}, network.second_back, hidden, values.hidden_gradient, hidden,
           tile.count, hidden, network.outputs);
  for (int64_t at = 0; at < tile.count * hidden; at += kLanes) {
    const Vector slope = load(values.hidden_gradient + at);
    store(values.hidden_gradient + at,
          load(values.raw + at) > 0.0F ? slope : slope * network.negative_slope);
  }
  multiply_add({values.hidden_gradient, 1, hidden}, values.highway, width, gradients.first, width,
               network.hidden, width, tile.count);
  add_rows(values.hidden_gradient, tile.count, hidden, gradients.first_bias);
  multiply({values.hidden_gradient, hidden, 1}, network.first_back, width, values.gradient, width,
           tile.count, width, network.hidden);
  if (network.highway) highway_backward(network, tile, values, gradients);
  std::memcpy(tile.points, values.gradient, tile.count * width * sizeof(float));
}

}  // namespace
}  // namespace vqalign::kernels
