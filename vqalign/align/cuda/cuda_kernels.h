#pragma once

#include "vqalign/align/cuda/distances.h"
#include "vqalign/align/cuda/transport.h"

namespace vqalign::cuda {

/// The launches of transport.h, as one build has them.
struct TransportKernels {
  decltype(&transport_parameters) parameters;
  decltype(&transport_fits) fits;
  decltype(&transport_features) features;
  decltype(&transport_pairs) pairs;
  decltype(&transport_points) points;
  decltype(&transport_parameter_sums) parameter_sums;
};

/// Those of distances.h.
struct DistanceKernels {
  decltype(&mmd_fits) fits_mmd;
  decltype(&mmd) run_mmd;
  decltype(&sinkhorn_fits) fits_sinkhorn;
  decltype(&sinkhorn) run_sinkhorn;
};

struct CudaKernels {
  TransportKernels transport;
  DistanceKernels distances;
};

/// The launches as declared: nvcc's where they are linked into the programs, cuda_on_cpu's where a
/// test links these.
inline CudaKernels declared_kernels() {
  return {{&transport_parameters, &transport_fits, &transport_features, &transport_pairs,
           &transport_points, &transport_parameter_sums},
          {&mmd_fits, &mmd, &sinkhorn_fits, &sinkhorn}};
}

/// nvcc's; null in a build without nvcc or whose LibTorch has no CUDA.
const CudaKernels* cuda_kernels();

}  // namespace vqalign::cuda
