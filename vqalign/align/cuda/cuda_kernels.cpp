#include "vqalign/align/cuda/cuda_kernels.h"

namespace vqalign::cuda {

const CudaKernels* cuda_kernels() {
#ifdef VQALIGN_CUDA_KERNELS
  static const CudaKernels linked = declared_kernels();
  return &linked;
#else
  return nullptr;
#endif
}

}  // namespace vqalign::cuda
