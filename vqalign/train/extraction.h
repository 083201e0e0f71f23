#pragma once

#include <filesystem>

#include "vqalign/train/evaluation.h"
#include "vqalign/vision/feature_store.h"

namespace vqalign {

/// Where extracted features go.
struct ExtractionTarget {
  std::filesystem::path file;
  bool half = false;  ///< as float16
};

/// Writes the regions that a model's own encoder makes of every picture of a dataset into a packed
/// store: features and boxes as they enter the network behind it. The model must be on
/// `options.device`. Error when there are no pictures, or the model gives what is no number;
/// UsageError when the model has no encoder, for it takes stored features.
PackedSummary extract_features(ModelBundle& bundle, const Dataset& dataset,
                               const EvaluationOptions& options, const ExtractionTarget& target,
                               Progress& progress, const CancelToken& cancel);

}  // namespace vqalign
