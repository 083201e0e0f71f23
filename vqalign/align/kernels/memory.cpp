#include "vqalign/align/kernels/memory.h"

#include <ATen/core/grad_mode.h>
#include <torch/types.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>

#include "vqalign/align/kernels/kernels.h"
#include "vqalign/core/error.h"

namespace vqalign::kernels {

Buffer::Buffer(int64_t count) {
  const std::size_t bytes = static_cast<std::size_t>(padded(count) + kLine) * sizeof(float);
  memory_.reset(static_cast<float*>(std::aligned_alloc(kLine * sizeof(float), bytes)));
  if (!memory_) throw std::bad_alloc();
}

PointRows::PointRows(const torch::Tensor& mask, int64_t samples, int64_t rows) {
  const torch::Tensor flags = mask.defined() ? mask.contiguous() : mask;
  const bool* padding = mask.defined() ? flags.const_data_ptr<bool>() : nullptr;
  rows_.reserve(samples * rows);
  samples_.reserve(samples * rows);
  starts_.push_back(0);
  for (int64_t sample = 0; sample < samples; ++sample) {
    for (int64_t row = 0; row < rows; ++row) {
      if (padding && padding[sample * rows + row]) {
        complete_ = false;
        continue;
      }
      rows_.push_back(static_cast<int32_t>(row));
      samples_.push_back(static_cast<int32_t>(sample));
    }
    starts_.push_back(static_cast<int64_t>(rows_.size()));
    largest_ = std::max(largest_, count(sample));
  }
}

PointsView::PointsView(const torch::Tensor& points)
    : data(const_cast<float*>(points.const_data_ptr<float>())),
      strides{points.stride(0), points.stride(1), points.stride(2)},
      width(points.size(3)) {
  assert(points.size(3) <= 1 || points.stride(3) == 1);
}

void gather(const PointsView& points, const PointRows& rows, int64_t sample, int64_t head,
            float* to) {
  const int64_t row_floats = padded(points.width);
  const int32_t* row = rows.of(sample);
  for (int64_t i = 0; i < rows.count(sample); ++i, to += row_floats) {
    std::memcpy(to, points.at(sample, head, row[i]), points.width * sizeof(float));
    std::fill(to + points.width, to + row_floats, 0.0F);
  }
}

void scatter(const float* from, const PointRows& rows, int64_t sample, int64_t head,
             const PointsView& points) {
  const int32_t* row = rows.of(sample);
  for (int64_t i = 0; i < rows.count(sample); ++i, from += padded(points.width)) {
    std::memcpy(points.at(sample, head, row[i]), from, points.width * sizeof(float));
  }
}

torch::Tensor with_contiguous_rows(const torch::Tensor& points) {
  return points.size(3) <= 1 || points.stride(3) == 1 ? points : points.contiguous();
}

torch::Tensor new_points(const torch::Tensor& like, int64_t width, bool cleared) {
  const std::vector<int64_t> sizes = {like.size(0), like.size(2), like.size(1), width};
  const auto options = like.options().requires_grad(false);
  return (cleared ? torch::zeros(sizes, options) : torch::empty(sizes, options)).transpose(1, 2);
}

void refuse_second_derivatives() {
  if (at::GradMode::is_enabled()) {
    fail(
        "alignment: second derivatives of a distance are not available here, only in float64 or "
        "on other devices and in one piece");
  }
}

}  // namespace vqalign::kernels
