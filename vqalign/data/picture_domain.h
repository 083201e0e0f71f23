#pragma once

#include <cstdint>

#include "vqalign/core/cancel.h"
#include "vqalign/core/progress.h"
#include "vqalign/data/dataset.h"
#include "vqalign/vision/domain.h"

namespace vqalign {

/// What the pictures of a dataset look like, from at most `most` of them, chosen evenly by a fixed
/// rule. Covers everything when the dataset has stored features in place of pictures. Error naming
/// the file of a picture that cannot be read.
DomainModel fit_domain(const Dataset& dataset, int64_t most, Progress& progress,
                       const CancelToken& cancel);

}  // namespace vqalign
