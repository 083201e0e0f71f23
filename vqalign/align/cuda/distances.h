#pragma once

#include "vqalign/align/cuda/sets.h"

/// The distances that look at the points themselves, in one launch each, with their gradients. Raw
/// pointers to memory of the device and a stream, no torch header; fused_distances.h is the side of
/// the tensors. One block works on one head; pairs of points exist in shared memory alone.
namespace vqalign::cuda {

/// Squared MMD of each head (mmd.h). The median is found by its bits, eight at a time, in four
/// passes over all pairs; distances are computed anew in each. For 65,536 points in both sets at
/// most.
struct Mmd : Sets {};

/// Entropic optimal transport of each head (optimal_transport.h). All iterations run in the one
/// launch, on a matrix of costs where shared memory holds it, else on costs computed tile by tile.
struct Sinkhorn : Sets {
  float epsilon;
  int64_t iterations;
};

/// Whether the kernels take these sizes: they fit the shared memory of a block on any device of
/// compute capability 8.0 or more.
bool mmd_fits(const Mmd& task);
bool sinkhorn_fits(const Sinkhorn& task);

/// Fill `values` [B, H] and, where `to` is not null, the gradients of the values with respect to
/// queries and keys; zeros for padding and for heads without queries or without keys, whose value
/// is 0. Return null, or the words of CUDA for what is wrong.
const char* mmd(const Mmd& task, float* values, const Points* to, CUstream_st* stream);
const char* sinkhorn(const Sinkhorn& task, float* values, const Points* to, CUstream_st* stream);

}  // namespace vqalign::cuda
