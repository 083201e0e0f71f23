#include "vqalign/align/cuda/transport_kernels.h"

namespace vqalign::cuda {

const TransportKernels* transport_kernels() {
#ifdef VQALIGN_CUDA_KERNELS
  static const TransportKernels linked = {&transport_parameters, &transport_fits,
                                          &transport_features,   &transport_pairs,
                                          &transport_points,     &transport_parameter_sums};
  return &linked;
#else
  return nullptr;
#endif
}

}  // namespace vqalign::cuda
