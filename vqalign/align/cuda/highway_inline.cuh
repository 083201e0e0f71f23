#pragma once

#include "vqalign/align/cuda/network_inline.cuh"

/// The highway layer of a point network on a tile of points. Products with its square matrices are
/// nearly all of the work of transport's networks: they are cut into pieces of 4 x 4 numbers a
/// thread, so that each number read from shared memory goes into several sums. No function has a
/// barrier of its own.
namespace vqalign::cuda {
namespace {

/// The matrices of a highway layer as a block reads them: from its shared memory, or where they
/// are.
struct HighwayWeights {
  Rows gate, candidate;
};

/// The critic's: room for a copy in shared memory if `staged`, else the parameters themselves.
__host__ __device__ inline HighwayWeights highway_weights(SharedMemory& memory,
                                                          const Transport& task, bool staged) {
  const int width = static_cast<int>(task.width);
  if (!staged) return {{task.critic.gate_weight, width}, {task.critic.candidate_weight, width}};
  return {take_rows(memory, width, width), take_rows(memory, width, width)};
}

/// Copies the matrices to shared memory.
__device__ inline void stage(const Network& network, const HighwayWeights& to) {
  const NetworkParameters& from = network.parameters;
#pragma unroll 4
  for (int c = warp(); c < network.width; c += kWarps) {
    for (int k = lane(); k < network.width; k += kWarp) {
      to.gate[c][k] = from.gate_weight[c * network.width + k];
      to.candidate[c][k] = from.candidate_weight[c * network.width + k];
    }
  }
}

// A warp's piece of [points of a tile, columns] has 8 lanes along the points, which are 8 apart in
// a thread, and 4 lanes along the columns, 8 apart with a thread's four side by side: with odd()
// rows, neither reads nor writes of a warp meet in a bank.
constexpr int kPointLanes = kTile / kPiece;
constexpr int kPieceColumns = kWarp / kPointLanes * kPiece;

__device__ inline int piece_point(int i) {
  return lane() % kPointLanes + i * kPointLanes;
}
/// Column j of the thread in the warp's piece of this index.
__device__ inline int piece_column(int piece, int j) {
  constexpr int kInterleaved = kPointLanes / kPiece;
  return piece / kInterleaved * kInterleaved * kPieceColumns + piece % kInterleaved * kPiece +
         lane() / kPointLanes * kPointLanes + j;
}
/// Pieces that hold `columns`.
__device__ inline int pieces(int columns) {
  constexpr int kTogether = kPointLanes / kPiece * kPieceColumns;
  return (columns + kTogether - 1) / kTogether * (kPointLanes / kPiece);
}

/// Stores what a thread's piece of the highway layer computes from its sums.
__device__ inline void store_highway(const Network& network, int point, int c, float logit,
                                     float raw, const Rows& x, const Rows& mixed, const Rows& gates,
                                     const Rows& candidates) {
  logit += network.parameters.gate_bias[c];
  raw += network.parameters.candidate_bias[c];
  const float gate = 1.0F / (1.0F + expf(-logit));
  const float candidate = raw > 0.0F ? raw : 0.0F;
  mixed[point][c] = x[point][c] + gate * (candidate - x[point][c]);
  if (gates.at != nullptr) {
    gates[point][c] = gate;
    candidates[point][c] = raw;
  }
}

/// x' of the highway layer. Keeps gate and candidate (before its ReLU) where given rows for them.
__device__ inline void highway(const Network& network, const HighwayWeights& weights, const Rows& x,
                               const Rows& mixed, const Rows& gates, const Rows& candidates) {
  for (int piece = warp(); piece < pieces(network.width); piece += kWarps) {
    float logits[kPiece][kPiece] = {}, raws[kPiece][kPiece] = {};
    const float *points[kPiece], *gate[kPiece], *candidate[kPiece];
    for (int i = 0; i < kPiece; ++i) {
      const int c = inside(piece_column(piece, i), network.width);
      points[i] = x[piece_point(i)];
      gate[i] = weights.gate[c];
      candidate[i] = weights.candidate[c];
    }
#pragma unroll 4
    for (int k = 0; k < network.width; ++k) {
      for (int i = 0; i < kPiece; ++i) {
        for (int j = 0; j < kPiece; ++j) {
          logits[i][j] += gate[j][k] * points[i][k];
          raws[i][j] += candidate[j][k] * points[i][k];
        }
      }
    }
    for (int j = 0; j < kPiece; ++j) {
      const int c = piece_column(piece, j);
      for (int i = 0; c < network.width && i < kPiece; ++i) {
        store_highway(network, piece_point(i), c, logits[i][j], raws[i][j], x, mixed, gates,
                      candidates);
      }
    }
  }
}

/// add_layer() for gate and candidate of the highway layer at once. A warp has 16 lanes along k and
/// two along c, which are at different k where they meet in a bank.
__device__ inline void add_highway(const Rows& gates, const Rows& candidates, const Rows& x,
                                   int width, const NetworkParameters& sums) {
  constexpr int kAcross = kWarp / 2;
  const int half = lane() / kAcross;
  for (int top = warp() * 2 * kPiece; top < width; top += kWarps * 2 * kPiece) {
    for (int left = 0; left < width; left += kPiece * kAcross) {
      float of_gate[kPiece][kPiece] = {}, of_candidate[kPiece][kPiece] = {};
      int c[kPiece], k[kPiece];
      for (int i = 0; i < kPiece; ++i) {
        c[i] = top + half * kPiece + i;
        k[i] = left + lane() % kAcross + (i ^ half) * kAcross;
      }
#pragma unroll 2
      for (int point = 0; point < kTile; ++point) {
        for (int i = 0; i < kPiece; ++i) {
          const float gate = gates[point][inside(c[i], width)];
          const float candidate = candidates[point][inside(c[i], width)];
          for (int j = 0; j < kPiece; ++j) {
            of_gate[i][j] += gate * x[point][inside(k[j], width)];
            of_candidate[i][j] += candidate * x[point][inside(k[j], width)];
          }
        }
      }
      for (int i = 0; i < kPiece; ++i) {
        for (int j = 0; j < kPiece; ++j) {
          if (c[i] >= width || k[j] >= width) continue;
          sums.gate_weight[c[i] * width + k[j]] += of_gate[i][j];
          sums.candidate_weight[c[i] * width + k[j]] += of_candidate[i][j];
        }
      }
    }
  }
  for (int at = static_cast<int>(threadIdx.x); at < 2 * width; at += kThreads) {
    const int c = at < width ? at : at - width;
    const Rows& gradient = at < width ? gates : candidates;
    float sum = 0.0F;
    for (int i = 0; i < kTile; ++i) sum += gradient[i][c];
    (at < width ? sums.gate_bias : sums.candidate_bias)[c] += sum;
  }
}

/// sums[i][j] += sum_c g[point i][c] W[c][column j] of the thread's piece.
__device__ inline void add_through(const Rows& gradient, const Rows& weight, int terms, int piece,
                                   int width, float sums[kPiece][kPiece]) {
  const float* points[kPiece];
  int columns[kPiece];
  for (int i = 0; i < kPiece; ++i) {
    points[i] = gradient[piece_point(i)];
    columns[i] = inside(piece_column(piece, i), width);
  }
#pragma unroll 4
  for (int c = 0; c < terms; ++c) {
    const float* row = weight[c];
    for (int i = 0; i < kPiece; ++i) {
      for (int j = 0; j < kPiece; ++j) sums[i][j] += points[i][c] * row[columns[j]];
    }
  }
}

/// From the gradient of x' = first layer's input, W_1' g, to those of gate, candidate and, as far
/// as it does not go through these, of x: left in `gates`, `candidates` and `mixed`.
__device__ inline void highway_gradient(const Network& network, const Rows& x,
                                        const Rows& hidden_gradients, const Rows& mixed,
                                        const Rows& gates, const Rows& candidates) {
  const Rows weight{network.parameters.first_weight, network.width};
  for (int piece = warp(); piece < pieces(network.width); piece += kWarps) {
    float slopes[kPiece][kPiece] = {};
    add_through(hidden_gradients, weight, network.hidden, piece, network.width, slopes);
    for (int j = 0; j < kPiece; ++j) {
      const int k = piece_column(piece, j);
      for (int i = 0; k < network.width && i < kPiece; ++i) {
        const int point = piece_point(i);
        const float slope = slopes[i][j], gate = gates[point][k], raw = candidates[point][k];
        const float candidate = raw > 0.0F ? raw : 0.0F;
        gates[point][k] = slope * (candidate - x[point][k]) * gate * (1.0F - gate);
        candidates[point][k] = raw > 0.0F ? slope * gate : 0.0F;
        mixed[point][k] = slope * (1.0F - gate);
      }
    }
  }
}

/// Adds to `mixed` what goes through gate, candidate and the navigator's hidden layer.
__device__ inline void add_to_points(const Network& critic, const HighwayWeights& weights,
                                     const Rows& gates, const Rows& candidates,
                                     const Network& navigator, const Rows& hidden_gradients,
                                     const Rows& mixed) {
  const int width = critic.width;
  const Rows first_weight{navigator.parameters.first_weight, width};
  for (int piece = warp(); piece < pieces(width); piece += kWarps) {
    float sums[kPiece][kPiece] = {};
    add_through(gates, weights.gate, width, piece, width, sums);
    add_through(candidates, weights.candidate, width, piece, width, sums);
    add_through(hidden_gradients, first_weight, navigator.hidden, piece, width, sums);
    for (int j = 0; j < kPiece; ++j) {
      const int k = piece_column(piece, j);
      for (int i = 0; k < width && i < kPiece; ++i) mixed[piece_point(i)][k] += sums[i][j];
    }
  }
}

}  // namespace
}  // namespace vqalign::cuda
