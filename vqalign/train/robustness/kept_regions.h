#pragma once

#include <memory>

#include "vqalign/core/cancel.h"
#include "vqalign/core/progress.h"
#include "vqalign/data/dataset.h"
#include "vqalign/fusion/model_file.h"
#include "vqalign/train/evaluation.h"

namespace vqalign {

/// The regions of every picture of a dataset, after its corruption, made by the model's own encoder
/// and kept in memory, for Dataset::encodings: pictures are then encoded once for whatever is asked
/// about them. Null where they would not fit in `data.regions_mb`. `progress` gets a stage
/// "pictures".
std::shared_ptr<const FeatureSource> kept_regions(ModelBundle& bundle, const Dataset& dataset,
                                                  const EvaluationOptions& options,
                                                  Progress& progress, const CancelToken& cancel);

}  // namespace vqalign
