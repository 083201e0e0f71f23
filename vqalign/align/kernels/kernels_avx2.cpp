#define VQALIGN_LANES 8
#include "vqalign/align/kernels/conditional_transport_inline.h"
#include "vqalign/align/kernels/mmd_inline.h"
#include "vqalign/align/kernels/network_inline.h"
#include "vqalign/align/kernels/optimal_transport_inline.h"

namespace vqalign::kernels {

extern const Kernels kAvx2Kernels;
const Kernels kAvx2Kernels = {
    "avx2", network_forward, network_backward, conditional_transport, optimal_transport, mmd};

}  // namespace vqalign::kernels
