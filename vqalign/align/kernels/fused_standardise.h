#pragma once

#include "vqalign/align/head_sets.h"

namespace vqalign::kernels {

/// standardised() for float32 sets on the CPU, already checked: each head stays in the cache, and
/// the backward pass needs the results alone. Points of a sample of which a set is empty become 0.
HeadSets fused_standardise(const HeadSets& sets);

}  // namespace vqalign::kernels
