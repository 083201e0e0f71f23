#pragma once

#include "vqalign/fusion/model_file.h"

namespace vqalign {

/// Fills the pretrained encoder of a fresh model, if it has one, with the weights in
/// `vision.weights`, or with those that scripts/setup --pretrained has fetched, and with the
/// detector in `vision.detector`, where it takes one. Error naming the file that is not there, or
/// what is wrong in it.
void load_pretrained_encoder(ModelBundle& bundle);

/// A pretrained encoder without a task: the smallest model around it, for extract_features().
/// Error and UsageError besides as VisionOptions::complete() says.
ModelBundle pretrained_encoder(const VisionOptions& options);

}  // namespace vqalign
