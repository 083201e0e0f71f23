#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vqalign/core/options.h"
#include "vqalign/data/augmentation.h"

namespace vqalign {

/// How questions become batches: option group "data".
struct DataOptions {
  /// Questions of one picture kept together in a batch, so that it is encoded once for all of them.
  int64_t questions_per_picture = 1;
  /// Batches of similar length and shape are cut from windows of this many; 1: no sorting.
  int64_t bucket = 16;
  /// Bound of the decoded pictures kept in memory, in MiB; 0 keeps none.
  int64_t cache_mb = 1024;
  /// Bound of what is kept in memory of encoders that are left as they are, in MiB: where a grid
  /// CNN's regions of all training pictures fit, each picture is encoded once, and where the states
  /// of a pretrained encoder of questions fit, each question is read once.
  int64_t regions_mb = 1024;
  /// Threads that decode pictures and put batches together ahead of the training; 0: the caller's
  /// own.
  int64_t workers = 1;
  /// Folder where regions are kept that a pretrained encoder, left as it is, makes of pictures
  /// (stored_encodings.h); empty: in the user's cache; "none": nowhere.
  std::string encodings;
  /// Further views of every training picture (augmentation.h): all mirrored, with left and right
  /// exchanged in questions and answers; ...
  bool mirror = false;
  /// ... so many parts of each, ...
  int64_t crops = 0;
  /// ... whose sides are at least this share of the picture's. In each epoch a question is asked of
  /// one view, drawn at random.
  double crop_side = 0.75;

  Augmentation augmentation() const { return {mirror, crops, crop_side}; }
  std::vector<OptionField> fields();
};

}  // namespace vqalign
