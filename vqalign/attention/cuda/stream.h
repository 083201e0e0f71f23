#pragma once

#include <torch/types.h>

struct CUstream_st;

/// What every launch on tensors needs.
namespace vqalign::cuda {

/// The current stream of the tensor's device; null for the default stream, and where there are
/// none.
CUstream_st* stream_of(const torch::Tensor& tensor);

/// Throws Error where a launch returned what is wrong.
void check_launch(const char* problem);

}  // namespace vqalign::cuda
