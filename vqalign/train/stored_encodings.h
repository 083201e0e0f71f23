#pragma once

#include <memory>

#include "vqalign/core/progress.h"
#include "vqalign/train/picture_encoding.h"
#include "vqalign/vision/feature_source.h"

namespace vqalign {

/// The folder in which regions of pictures are kept from one training to the next:
/// `data.encodings`, or, where that is empty, vqalign in the user's cache folder
/// ($XDG_CACHE_HOME or ~/.cache). Empty where they are not to be kept ("none"), or where there is
/// no such folder.
std::filesystem::path encodings_folder(const DataOptions& options);

/// Regions of a dataset's pictures (and their views), as the model's encoder makes them while it is
/// left as it is: those in `folder` are read, the others made now and added to it. They are found
/// by what a picture file holds and by the encoder's digest, whatever files and datasets are
/// called, and are kept as float16. Error naming a picture that cannot be read.
std::shared_ptr<const FeatureSource> stored_encodings(ModelBundle& bundle, const Dataset& dataset,
                                                      const std::filesystem::path& folder,
                                                      const DataOptions& options,
                                                      torch::Device device, Progress& progress,
                                                      const CancelToken& cancel);

}  // namespace vqalign
