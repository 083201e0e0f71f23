#pragma once

#include "vqalign/align/head_sets.h"

namespace vqalign {

/// Squared maximum mean discrepancy between the queries and the keys of each head (Gretton et al.,
/// "A Kernel Two-Sample Test", JMLR 2012), biased estimate, Gaussian kernel:
///
///     value = 1/n^2 sum_ij k(q_i, q_j) + 1/m^2 sum_ij k(k_i, k_j) - 2/(nm) sum_ij k(q_i, k_j)
///     k(x, y) = exp(-|x - y|^2 / (2 sigma^2))
///
/// sigma is the median distance within the head's joint set: over all pairs of distinct points
/// (i < j) of queries and keys together; the mean of the two middle ones when their number is even.
/// It carries no gradient. When more than half of the pairs coincide sigma is 0 (below
/// kSmallestSigma): the kernel is then its limit, 1 for coinciding points and 0 otherwise, and the
/// gradient is 0.
///
/// `block`: points compared at a time, see blockwise.h; 0: by the sets' size. Returns [B, H],
/// float32 (float64 for float64 sets), at least 0 but for rounding. Throws Error when the shapes do
/// not fit.
torch::Tensor mmd(const HeadSets& sets, int64_t block = 0);

/// Medians up to this count as 0: their squares would leave float32's range.
constexpr double kSmallestSigma = 1e-15;

}  // namespace vqalign
