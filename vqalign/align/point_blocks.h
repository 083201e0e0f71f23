#pragma once

#include <ATen/Parallel.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <vector>

#include "vqalign/align/head_sets.h"

/// What the block-wise distances of raw points share: heads one by one, blocks of their points.
namespace vqalign::blockwise {

/// The points of one head, padding left out: [n, d], [m, d].
struct Head {
  torch::Tensor queries, keys;
};

struct HeadResult {
  double value = 0;
  torch::Tensor query_gradient, key_gradient;  // Undefined where nobody asks.
};

using HeadDistance = std::function<HeadResult(const Head&, bool differentiate)>;

/// Whether autograd wants the gradient of any of these.
bool wants_gradients(const std::vector<torch::Tensor>& inputs);

/// The distance of every head, one after the other: [B, H], with gradients for both sets. A head
/// without queries or without keys is left out: value 0, gradient 0.
torch::Tensor for_each_head(const HeadSets& sets, const HeadDistance& distance);

/// Both sets seen from one of their points: products of points, of which gradients are made, keep
/// more digits near the origin.
Head moved_to_origin(const Head& head);

/// The sum of all numbers, in double.
double total(const torch::Tensor& numbers);

/// Calls work(number, begin, end) for blocks of `points` and returns how many there are. On the CPU
/// blocks run in parallel and what is done to each does not, so that it is the same for any number
/// of threads; for that there are at least two.
template <typename Work>
int64_t for_each_block(const torch::Tensor& points, int64_t block, const Work& work) {
  const int64_t count = points.size(0);
  block = std::min(block, std::max<int64_t>(1, (count + 1) / 2));
  const int64_t blocks = (count + block - 1) / block;
  const auto run = [&](int64_t first, int64_t last) {
    const torch::NoGradGuard constant;
    for (int64_t number = first; number < last; ++number) {
      work(number, number * block, std::min(count, (number + 1) * block));
    }
  };
  if (points.is_cpu()) {
    at::parallel_for(0, blocks, 1, run);
  } else {
    run(0, blocks);
  }
  return blocks;
}

/// Sum over blocks of `points` of what work(begin, end) gives, in their order.
template <typename Work>
double sum_over_blocks(const torch::Tensor& points, int64_t block, const Work& work) {
  std::vector<double> sums(points.size(0), 0.0);
  const int64_t blocks = for_each_block(
      points, block,
      [&](int64_t number, int64_t begin, int64_t end) { sums[number] = work(begin, end); });
  return std::accumulate(sums.begin(), sums.begin() + blocks, 0.0);
}

}  // namespace vqalign::blockwise
