#pragma once

#include "vqalign/core/cancel.h"
#include "vqalign/core/json.h"
#include "vqalign/core/progress.h"
#include "vqalign/data/dataset.h"
#include "vqalign/fusion/vqa_model.h"

namespace vqalign {

/// What the training pictures look like (vision/domain.h), from a sample of them, for the model
/// file; null where the model sees stored features.
Json describe_domain(const ModelConfig& config, const Dataset& dataset, Progress& progress,
                     const CancelToken& cancel);

}  // namespace vqalign
