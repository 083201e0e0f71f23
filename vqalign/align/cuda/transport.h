#pragma once

#include "vqalign/align/cuda/sets.h"

/// Conditional transport with all that it needs, from the points of a head to the gradients of its
/// networks' parameters, in four launches: what standardise.h, point_network.h and
/// conditional_transport.h do one after the other. Raw pointers to memory of the device and a
/// stream, no torch header; fused_transport.h is the side of the tensors.
///
/// One block works on one head. Pairs of points exist in shared memory alone, tile by tile: nothing
/// of size n x m is ever written. All sums run in an order of their own, so that results are the
/// same on every run and every device.
namespace vqalign::cuda {

/// A point network (point_network.h): LibTorch's row-major parameters, or their gradients.
struct NetworkParameters {
  float* gate_weight;       ///< [d, d]; null without highway layer, as the three below.
  float* gate_bias;         ///< [d]
  float* candidate_weight;  ///< [d, d]
  float* candidate_bias;    ///< [d]
  float* first_weight;      ///< [hidden, d]
  float* first_bias;        ///< [hidden]
  float* second_weight;     ///< [outputs, hidden]
  float* second_bias;       ///< [outputs]
};

/// Everything that the launches are about.
struct Transport : Sets {
  NetworkParameters critic, navigator;
  int64_t critic_hidden, critic_outputs;        ///< Outputs: r
  int64_t navigator_hidden, navigator_outputs;  ///< Outputs: s
  bool standardise;  ///< Whether the networks see each head's points standardised.
  float rho;
  float* centres;   ///< [B, H, d + 1]: centre and scale of each head, written by the first launch.
  float* features;  ///< [B, H, n + m, r + s]: critic and navigator of queries, then of keys.
  float* feature_gradients;  ///< As features; null where no gradients are wanted.
};

/// Floats of all parameters of both networks: the critic's, in the order of NetworkParameters, then
/// the navigator's.
int64_t transport_parameters(const Transport& task);

/// Whether these sizes fit the shared memory of a block on any device of compute capability 8.0 or
/// more.
bool transport_fits(const Transport& task);
/// Whether those of transport_pairs() do; part of transport_fits().
bool transport_pairs_fit(const Transport& task);

/// Each returns null, or the words of CUDA for what is wrong.
///
/// Standardises the points and shows them to both networks: fills `centres` and `features`.
const char* transport_features(const Transport& task, CUstream_st* stream);

/// The value of each head, [B, H], and its gradients with respect to the features. A head without
/// queries or without keys has value 0.
const char* transport_pairs(const Transport& task, float* values, CUstream_st* stream);

/// Gradients of the points, `to`, from `feature_gradients` times `upstream` [B, H]; padding gets
/// zeros. `blocks` share the heads and leave one row each of `partial` sums of the gradients of the
/// parameters, [blocks, transport_parameters()].
const char* transport_points(const Transport& task, const float* upstream, const Points to[2],
                             float* partial, int64_t blocks, CUstream_st* stream);

/// sums[i] = sum over the rows of partial[row][i]
const char* transport_parameter_sums(const float* partial, int64_t rows, int64_t parameters,
                                     float* sums, CUstream_st* stream);

}  // namespace vqalign::cuda
