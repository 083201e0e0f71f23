#pragma once

#include <functional>

#include "vqalign/align/head_sets.h"
#include "vqalign/align/optimal_transport.h"

/// The distances of large sets in bounded memory. In one piece a head takes a matrix of all pairs
/// or several: with n = m = 10,000 points conditional transport takes 1.2 GB, in float32, a thread.
/// In blocks, one part of a set is compared with all of the other at a time and its pairs are made
/// anew whenever they are needed: O(block (n + m)) memory a head, for the same value and the same
/// gradient but for rounding. Value and gradient are found together, so that the backward pass
/// keeps O(n + m) numbers; there is no second derivative. Results do not depend on the number of
/// threads.
///
/// The functions of namespace vqalign of the same name, whose headers have the equations, take care
/// of that by themselves: block_of() says how. For float32 on the CPU optimal transport and MMD do
/// it within their fused kernels; the functions here are the rest, composed of LibTorch's operators
/// as those of composite.h are. Arguments are taken as checked, `block` is at least 1.
namespace vqalign::blockwise {

/// Up to so many pairs of points a head are compared in one piece where no block is asked for.
constexpr int64_t kPairsAtOnce = int64_t{1} << 22;
/// Points in a block of larger sets.
constexpr int64_t kBlock = 256;

/// How many points are compared at a time where `asked` are asked for (0: nothing is): all at once
/// (0), or so many.
int64_t block_of(int64_t asked, int64_t queries, int64_t keys);

/// Conditional transport in one piece: critic, query navigator, key navigator, rho -> [B, H].
using Transport = std::function<torch::Tensor(const HeadSets&, const torch::Tensor&,
                                              const torch::Tensor&, double)>;

/// Each direction is a mean over the points of one set: blocks of queries with all keys give one,
/// blocks of keys with all queries the other, both through `whole`.
torch::Tensor conditional_transport(const HeadSets& critic, const torch::Tensor& query_navigator,
                                    const torch::Tensor& key_navigator, double rho, int64_t block,
                                    const Transport& whole);

/// Only the potentials are kept from one iteration to the next.
torch::Tensor optimal_transport(const HeadSets& sets, const SinkhornOptions& options,
                                int64_t block);

/// The median is the exact one: counting pairs by the leading bits of their distance, then by the
/// next, goes through the pairs two times (float32) or four and keeps none.
torch::Tensor mmd(const HeadSets& sets, int64_t block);

}  // namespace vqalign::blockwise
