#define VQALIGN_LANES 4
#include "vqalign/align/kernels/conditional_transport_inline.h"
#include "vqalign/align/kernels/mmd_inline.h"
#include "vqalign/align/kernels/network_inline.h"
#include "vqalign/align/kernels/optimal_transport_inline.h"

namespace vqalign::kernels {

extern const Kernels kGenericKernels;
const Kernels kGenericKernels = {
    "generic", network_forward, network_backward, conditional_transport, optimal_transport, mmd};

}  // namespace vqalign::kernels
