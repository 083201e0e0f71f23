#pragma once

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

/// Those that nvcc compiled; null in a build without nvcc or whose LibTorch has no CUDA.
const TransportKernels* transport_kernels();

}  // namespace vqalign::cuda
