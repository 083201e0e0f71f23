#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>

#include "vqalign/align/blockwise.h"
#include "vqalign/align/composite.h"
#include "vqalign/align/mmd.h"
#include "vqalign/align/point_blocks.h"

namespace vqalign::blockwise {

namespace {

/// The squared distances of all pairs of points, seen block by block.
class BlockDistances {
 public:
  BlockDistances(const torch::Tensor& points, int64_t block) : points_(points), block_(block) {}

  /// Median distance over pairs i < j. The matrix holds each of these twice, and the zeros of the
  /// diagonal, which come first.
  double median() const {
    const int64_t count = points_.size(0), pairs = count * (count - 1) / 2;
    const double lower = of_rank(count + 2 * ((pairs - 1) / 2));
    const int64_t upper_rank = count + 2 * (pairs / 2);
    std::vector<int64_t> up_to(count, 0);
    std::vector<double> above(count, INFINITY);
    for_each_block(points_, block_, [&](int64_t number, int64_t begin, int64_t end) {
      const torch::Tensor squares = rows(begin, end);
      const torch::Tensor within = squares <= lower;
      up_to[number] = within.sum().item<int64_t>();
      above[number] = squares.masked_fill(within, INFINITY).min().item<double>();
    });
    const bool alike = std::accumulate(up_to.begin(), up_to.end(), int64_t{0}) > upper_rank;
    const double upper = alike ? lower : *std::min_element(above.begin(), above.end());
    return (std::sqrt(lower) + std::sqrt(upper)) / 2;
  }

  torch::Tensor rows(int64_t begin, int64_t end) const {
    return composite::squared_distances(points_.slice(0, begin, end), points_);
  }

 private:
  static constexpr int64_t kDigit = 16;  // Bits that one pass decides.
  static constexpr int64_t kDigits = int64_t{1} << kDigit;

  /// The number with `rank` others before it in ascending order. Numbers that are not negative are
  /// ordered as their bits are.
  double of_rank(int64_t rank) const {
    const bool wide = points_.scalar_type() == torch::kFloat64;
    int64_t leading = 0;
    for (int64_t shift = (wide ? 64 : 32) - kDigit; shift >= 0; shift -= kDigit) {
      const std::vector<int64_t> counts = count_digits(leading, shift, wide);
      int64_t digit = 0;
      while (digit + 1 < kDigits && rank >= counts[digit]) rank -= counts[digit++];
      leading = leading << kDigit | digit;
    }
    const torch::Tensor bits = torch::tensor({leading}, torch::kInt64);
    return wide ? bits.view(torch::kFloat64).item<double>()
                : bits.to(torch::kInt32).view(torch::kFloat32).item<double>();
  }

  /// How many squares that begin with the bits `leading` go on with each digit.
  std::vector<int64_t> count_digits(int64_t leading, int64_t shift, bool wide) const {
    std::vector<torch::Tensor> counts(points_.size(0));
    const int64_t blocks =
        for_each_block(points_, block_, [&](int64_t number, int64_t begin, int64_t end) {
          const torch::Tensor bits =
              rows(begin, end).flatten().view(wide ? torch::kInt64 : torch::kInt32);
          const torch::Tensor digits = torch::bitwise_right_shift(bits, shift);
          const torch::Tensor chosen =
              digits.masked_select(torch::bitwise_right_shift(digits, kDigit) == leading);
          counts[number] = torch::bincount(chosen.bitwise_and(kDigits - 1), {}, kDigits).cpu();
        });
    torch::Tensor sum = torch::zeros({kDigits}, torch::kInt64);
    for (int64_t number = 0; number < blocks; ++number) sum += counts[number];
    const int64_t* first = sum.const_data_ptr<int64_t>();
    return {first, first + kDigits};
  }

  torch::Tensor points_;
  int64_t block_;
};

HeadResult mmd_of(const Head& head, int64_t block, bool differentiate) {
  const Head moved = moved_to_origin(head);
  const int64_t queries = head.queries.size(0), keys = head.keys.size(0);
  const torch::Tensor points = torch::cat({moved.queries, moved.keys});
  torch::Tensor weights =
      torch::full({queries + keys}, 1.0 / static_cast<double>(queries), points.options());
  weights.slice(0, queries).fill_(-1.0 / static_cast<double>(keys));
  const BlockDistances distances(points, block);
  const double sigma = distances.median();
  const bool degenerate = !(sigma > kSmallestSigma);
  torch::Tensor gradient = torch::zeros_like(points);
  HeadResult result;
  result.value = sum_over_blocks(points, block, [&](int64_t begin, int64_t end) {
    const torch::Tensor squares = distances.rows(begin, end);
    const torch::Tensor kernel = degenerate ? (squares == 0).to(points.scalar_type())
                                            : (squares * (-0.5 / (sigma * sigma))).exp();
    const torch::Tensor own = weights.slice(0, begin, end);
    const torch::Tensor weighted = kernel * weights;
    const torch::Tensor sums = weighted.sum(1);
    if (differentiate && !degenerate) {
      const torch::Tensor apart =
          points.slice(0, begin, end) * sums.unsqueeze(1) - torch::mm(weighted, points);
      gradient.slice(0, begin, end).copy_(apart * own.unsqueeze(1) * (-2.0 / (sigma * sigma)));
    }
    return total(sums * own);
  });
  result.query_gradient = gradient.slice(0, 0, queries);
  result.key_gradient = gradient.slice(0, queries);
  return result;
}

}  // namespace

torch::Tensor mmd(const HeadSets& sets, int64_t block) {
  return for_each_head(sets, [&](const Head& head, bool differentiate) {
    return mmd_of(head, block, differentiate);
  });
}

}  // namespace vqalign::blockwise
