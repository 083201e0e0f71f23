#pragma once

#include <torch/types.h>

namespace vqalign {

/// The rows of a padded batch [B, n, D] that are no padding, so that work done row by row (linear
/// maps, norms, the feed-forward) is not done on padding. A sequence that is all padding keeps its
/// rows: attention over it is uniform over them, so their values count.
class ValidRows {
 public:
  /// Every row counts; take() and spread() hand back what they are given.
  ValidRows() = default;
  /// `mask` bool [B, n], true = padding; undefined: every row counts.
  explicit ValidRows(const torch::Tensor& mask);

  /// [B, n, D] to [1, R, D], rows in their order.
  torch::Tensor take(const torch::Tensor& padded) const;
  /// [1, R, D] to [B, n, D], zero at padding.
  torch::Tensor spread(const torch::Tensor& rows) const;
  /// [H, R, D] to [B, H, n, D], zero at padding; `batch` is B.
  torch::Tensor spread_heads(const torch::Tensor& rows, int64_t batch) const;

 private:
  torch::Tensor index_;  ///< int64 [R] into B * n; undefined: every row
  /// int64 [B * n], the row of [R] at each place, -1 at padding; defined off the CPU alone.
  torch::Tensor sources_;
  int64_t batch_ = 0, length_ = 0;
};

/// A batch of sequences as attention takes it.
struct Sequences {
  torch::Tensor states;  ///< [B, n, D], or valid->take() of it
  torch::Tensor mask;    ///< bool [B, n], true = padding; undefined when nothing is padded
  const ValidRows* valid = nullptr;  ///< null: states are [B, n, D]

  /// What has a row for each of `states`, as [B, n, ..].
  torch::Tensor padded(const torch::Tensor& rows) const {
    return valid ? valid->spread(rows) : rows;
  }
  /// [H, R, D], a row for each of `states`, as [B, H, n, D].
  torch::Tensor padded_heads(const torch::Tensor& rows, int64_t batch) const {
    return (valid ? *valid : ValidRows()).spread_heads(rows, batch);
  }
  /// [B, n, ..] to what has a row for each of `states`.
  torch::Tensor like_states(const torch::Tensor& padded) const {
    return valid ? valid->take(padded) : padded;
  }
};

}  // namespace vqalign
