#pragma once

#include <filesystem>

#include "vqalign/data/data_options.h"
#include "vqalign/data/dataset.h"
#include "vqalign/fusion/model_file.h"
#include "vqalign/vision/feature_store.h"

namespace vqalign {

/// Where extracted features go.
struct ExtractionTarget {
  std::filesystem::path file;
  bool half = false;  ///< as float16
};

/// Writes the regions that a model's own encoder makes of every picture of a dataset, and of every
/// view that `options` ask for (augmentation.h), into a packed store: features and boxes as they
/// enter the network behind it. The model must be on `device`.
///
/// What is done gathers in the folder FILE.parts; a second call with the same encoder goes on from
/// there. Pictures are told apart by their ids: where pictures were exchanged meanwhile, the folder
/// must go. In the end it becomes the file, which for a moment takes as much room again.
///
/// Error when there are no pictures, or the model gives what is no number; UsageError when the
/// model has no encoder, for it takes stored features.
PackedSummary extract_features(ModelBundle& bundle, Dataset dataset, const DataOptions& options,
                               torch::Device device, const ExtractionTarget& target,
                               Progress& progress, const CancelToken& cancel);

}  // namespace vqalign
