#pragma once

#include <string>
#include <vector>

#include "vqalign/align/alignment.h"
#include "vqalign/data/data_options.h"
#include "vqalign/fusion/vqa_model.h"
#include "vqalign/train/train_options.h"

namespace vqalign {

/// Everything `train` can be told by recipe, --config and --set: groups vision, language, model,
/// align, data and train.
struct RunOptions {
  ModelConfig config;
  AlignOptions align;
  DataOptions data;
  TrainOptions train;

  OptionTree options();

  /// UsageError naming what of them does not go together, or names no file where it must: all that
  /// can be told before any data is read.
  void check() const;

  /// Heads of the pretrained encoder of questions; of no layer where there is none.
  Alignment::Heads pretrained_heads() const;

  /// Whether training leaves a pretrained encoder of pictures as it is.
  bool pretrained_still() const { return config.vision.pretrained() && vision_still(); }
  /// Whether training leaves the encoder of pictures as it is.
  bool vision_still() const {
    return train.vision_rate == 0 || (config.vision.pretrained() && !config.vision.tune);
  }
};

/// The recipes compiled into the program, by name ("scenes", "photos", "mcan-small", ..).
std::vector<std::string> recipe_names();

/// The options of a recipe. UsageError naming the nearest one when there is none of that name.
RunOptions load_recipe(const std::string& name);

}  // namespace vqalign
