#include "vqalign/attention/cuda/stream.h"

#include <ATen/DeviceAccelerator.h>
#include <torch/types.h>

#include "vqalign/core/error.h"

namespace vqalign::cuda {

CUstream_st* stream_of(const torch::Tensor& tensor) {
  if (!tensor.is_cuda()) return nullptr;
  return static_cast<CUstream_st*>(
      at::accelerator::getCurrentStream(tensor.device().index()).native_handle());
}

void check_launch(const char* problem) {
  if (problem != nullptr) fail("a CUDA kernel did not start: ", problem);
}

}  // namespace vqalign::cuda
