#pragma once

#include <torch/types.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

/// What stands between tensors and the kernels: scratch memory, the rows that are points, and
/// moving points in and out.
namespace vqalign::kernels {

/// Uninitialised floats aligned for any kernel.
class Buffer {
 public:
  explicit Buffer(int64_t count);
  float* data() { return memory_.get(); }

 private:
  struct Free {
    void operator()(float* memory) const { std::free(memory); }
  };
  std::unique_ptr<float, Free> memory_;
};

/// Which rows of each sample are points.
class PointRows {
 public:
  /// `mask` bool [samples, rows], true = padding, or undefined.
  PointRows(const torch::Tensor& mask, int64_t samples, int64_t rows);

  int64_t count(int64_t sample) const { return starts_[sample + 1] - starts_[sample]; }
  int64_t total() const { return starts_.back(); }
  int64_t largest() const { return largest_; }
  bool is_complete() const { return complete_; }
  /// The points of a sample, as row numbers.
  const int32_t* of(int64_t sample) const { return rows_.data() + starts_[sample]; }
  /// Sample and row of the point with this number, counting through all samples.
  int64_t sample_at(int64_t point) const { return samples_[point]; }
  int64_t row_at(int64_t point) const { return rows_[point]; }

 private:
  std::vector<int32_t> rows_;
  std::vector<int32_t> samples_;
  std::vector<int64_t> starts_;
  int64_t largest_ = 0;
  bool complete_ = true;
};

/// Float32 points [B, H, n, d] of any strides but a contiguous last axis, seen as rows.
struct PointsView {
  explicit PointsView(const torch::Tensor& points);
  float* at(int64_t sample, int64_t head, int64_t row) const {
    return data + sample * strides[0] + head * strides[1] + row * strides[2];
  }
  float* data;
  int64_t strides[3];
  int64_t width;
};

/// The points of one head as kernels read them: [count, padded(width)].
void gather(const PointsView& points, const PointRows& rows, int64_t sample, int64_t head,
            float* to);
/// And back.
void scatter(const float* from, const PointRows& rows, int64_t sample, int64_t head,
             const PointsView& points);

/// The same tensor, copied only if its last axis is not contiguous.
torch::Tensor with_contiguous_rows(const torch::Tensor& points);

/// A new [B, H, n, width] float32 tensor that lies in memory as [B, n, H, width], the layout that
/// projections are cut into heads from. Zero where `cleared`, else uninitialised.
torch::Tensor new_points(const torch::Tensor& like, int64_t width, bool cleared);

/// Kernels give no second derivatives: throws Error inside a backward pass that builds a graph.
void refuse_second_derivatives();

}  // namespace vqalign::kernels
