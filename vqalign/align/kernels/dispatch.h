#pragma once

#include <vector>

#include "vqalign/align/kernels/kernels.h"

namespace vqalign::kernels {

/// The kernels that this processor can run, widest vectors first; the last are plain C++.
const std::vector<const Kernels*>& available_kernels();

/// The first of them: what align/ runs.
const Kernels& kernels();

}  // namespace vqalign::kernels
