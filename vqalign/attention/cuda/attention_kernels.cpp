#include "vqalign/attention/cuda/attention_kernels.h"

namespace vqalign::cuda {

const AttentionKernels* attention_kernels() {
#ifdef VQALIGN_CUDA_KERNELS
  static const AttentionKernels linked = declared_attention_kernels();
  return &linked;
#else
  return nullptr;
#endif
}

}  // namespace vqalign::cuda
