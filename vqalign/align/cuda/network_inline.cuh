#pragma once

#include "vqalign/align/cuda/transport_inline.cuh"

/// A point network on a tile of points, one a lane; the columns of a layer are dealt out to the
/// block's warps, so that all lanes of a warp read the same weight. See point_network.h for the
/// equations; the highway layer is highway_inline.cuh's. No function has a barrier of its own.
namespace vqalign::cuda {
namespace {

constexpr int kPiece = 4;  ///< Columns that a thread computes at once.

struct Network {
  NetworkParameters parameters;
  int width, hidden, outputs;
};

struct Networks {
  __host__ __device__ explicit Networks(const Transport& task)
      : critic{task.critic, static_cast<int>(task.width), static_cast<int>(task.critic_hidden),
               static_cast<int>(task.critic_outputs)},
        navigator{task.navigator, static_cast<int>(task.width),
                  static_cast<int>(task.navigator_hidden),
                  static_cast<int>(task.navigator_outputs)} {}
  Network critic, navigator;
};

__host__ __device__ inline int64_t floats_of(const Network& network) {
  const int64_t width = network.width, hidden = network.hidden, outputs = network.outputs;
  const int64_t highway = network.parameters.gate_weight != nullptr ? 2 * width * (width + 1) : 0;
  return highway + hidden * (width + 1) + outputs * (hidden + 1);
}

/// Where the arrays of `network` lie from `at` on, one behind the other; moves `at` behind them.
__host__ __device__ inline NetworkParameters laid_out(const Network& network, float*& at) {
  const int64_t width = network.width, hidden = network.hidden, outputs = network.outputs;
  const auto take = [&at](int64_t floats) {
    float* taken = at;
    at += floats;
    return taken;
  };
  NetworkParameters arrays{};
  if (network.parameters.gate_weight != nullptr) {
    arrays.gate_weight = take(width * width);
    arrays.gate_bias = take(width);
    arrays.candidate_weight = take(width * width);
    arrays.candidate_bias = take(width);
  }
  arrays.first_weight = take(hidden * width);
  arrays.first_bias = take(hidden);
  arrays.second_weight = take(outputs * hidden);
  arrays.second_bias = take(outputs);
  return arrays;
}

/// Where to read instead of behind the last column; what comes of it is dropped.
__device__ inline int inside(int column, int columns) {
  return column < columns ? column : columns - 1;
}

/// relu(W_1 x + b_1), several columns of a point on one thread, which are hidden_gradient()'s too.
__device__ inline void hidden_layer(const Network& network, const Rows& x, const Rows& hidden) {
  const NetworkParameters& of = network.parameters;
  const float* point = x[lane()];
  for (int first = warp(); first < network.hidden; first += kWarps * kPiece) {
    float sums[kPiece];
    const float* weights[kPiece];
    for (int j = 0; j < kPiece; ++j) {
      const int h = inside(first + j * kWarps, network.hidden);
      sums[j] = of.first_bias[h];
      weights[j] = of.first_weight + h * network.width;
    }
#pragma unroll 4
    for (int k = 0; k < network.width; ++k) {
      for (int j = 0; j < kPiece; ++j) sums[j] += weights[j][k] * point[k];
    }
    for (int j = 0; j < kPiece; ++j) {
      const int h = first + j * kWarps;
      if (h < network.hidden) hidden[lane()][h] = sums[j] > 0.0F ? sums[j] : 0.0F;
    }
  }
}

/// W_2 h + b_2, into columns `first` and following.
__device__ inline void output_layer(const Network& network, const Rows& hidden, const Rows& outputs,
                                    int first) {
  const NetworkParameters& of = network.parameters;
  for (int o = warp(); o < network.outputs; o += kWarps) {
    outputs[lane()][first + o] = of.second_bias[o] + dot(of.second_weight + o * network.hidden,
                                                         hidden[lane()], network.hidden);
  }
}

/// The gradient of what hidden_layer() computes before its ReLU, from that of the outputs.
__device__ inline void hidden_gradient(const Network& network, const Rows& outputs, int first,
                                       const Rows& hidden, const Rows& gradient) {
  const float* given = outputs[lane()] + first;
  for (int h = warp(); h < network.hidden; h += kWarps) {
    float sum = 0.0F;
    for (int o = 0; o < network.outputs; ++o) {
      sum += given[o] * network.parameters.second_weight[o * network.hidden + h];
    }
    gradient[lane()][h] = hidden[lane()][h] > 0.0F ? sum : 0.0F;
  }
}

/// Adds sum_i g[i][c] x[i][k] over the tile to weight [columns, width], sum_i g[i][c] to bias.
__device__ inline void add_layer(const Rows& gradient, int first, int columns, const Rows& x,
                                 int width, float* weight, float* bias) {
  for (int at = static_cast<int>(threadIdx.x); at < columns * width; at += kThreads) {
    const int c = at / width, k = at % width;
    float sum = 0.0F;
    for (int i = 0; i < kTile; ++i) sum += gradient[i][first + c] * x[i][k];
    weight[at] += sum;
  }
  for (int c = static_cast<int>(threadIdx.x); c < columns; c += kThreads) {
    float sum = 0.0F;
    for (int i = 0; i < kTile; ++i) sum += gradient[i][first + c];
    bias[c] += sum;
  }
}

}  // namespace
}  // namespace vqalign::cuda
