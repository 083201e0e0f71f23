#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "vqalign/core/options.h"

namespace vqalign {

/// How pictures become regions: option group "vision".
struct VisionOptions {
  /// "grid": a small CNN trained end to end, whose cells are the regions. "efficientnet-lite0"
  /// to "efficientnet-lite2", "resnet50", "resnet101": those of a network trained on ImageNet.
  /// "detector": the whole picture and what a detector finds in it, described by such a network.
  /// "features": regions come ready from stored features.
  std::string encoder = "grid";
  /// File of a pretrained encoder's weights, .pth or .safetensors; empty: those that scripts/setup
  /// --pretrained fetches, which are an EfficientNet-Lite's alone.
  std::string weights;
  /// Of a pretrained encoder: cells are described by its last stage, or by its last two.
  int64_t stages = 1;
  /// Whether training changes a pretrained encoder too (at train.vision_rate), or leaves it as it
  /// is.
  bool tune = false;
  /// A detector's file: FILE.onnx, or FILE.cfg with FILE.weights beside it (detector.h).
  std::string detector;
  /// File of the names of its classes, one a line; empty: COCO's 80. Read once, into `classes`.
  std::string detector_names;
  /// Names of its classes; empty: COCO's 80.
  std::vector<std::string> classes = {};
  /// The network that describes what a detector finds.
  std::string backbone = "efficientnet-lite2";
  /// What a detector finds counts from this score on ...
  double detector_score = 0.3;
  /// ... where nothing better of its class lies on top of it, by more than this intersection over
  /// union ...
  double detector_overlap = 0.6;
  /// ... the best so many.
  int64_t max_detections = 20;
  /// Whether the backbone's cells, joined by `pool`, are regions behind a detector's, too.
  bool detector_grid = false;
  /// Channels of the grid CNN at strides 2, 4, 8 and 16.
  std::vector<std::string> channels = {"32", "64", "128", "192"};
  /// Residual blocks after the convolution that reaches each of these strides.
  std::vector<std::string> blocks = {"0", "1", "1", "1"};
  /// Regions are squares of this many cells a side, joined by the maximum of each feature (by the
  /// mean in a pretrained encoder): fewer regions to attend to, and an object is less often lost
  /// among cells of background.
  int64_t pool = 1;
  /// Only this many cells of a picture, those that stand out most, become regions; 0: all. A
  /// detector's regions are all kept.
  int64_t keep = 0;
  /// A picture is scaled (aspect kept) to about this many pixels ...
  int64_t pixels = 25600;
  /// ... and to at most this many along its longer side.
  int64_t longest = 384;
  /// Whether pictures smaller than `pixels` are scaled up.
  bool enlarge = false;
  /// Width of stored features.
  int64_t feature_width = 2048;
  /// Stored regions beyond this many are dropped.
  int64_t max_regions = 100;

  std::vector<OptionField> fields();
  /// Whether regions are made of pictures.
  bool takes_pictures() const { return encoder != "features"; }
  /// Whether the encoder was trained on other pictures before.
  bool pretrained() const { return takes_pictures() && encoder != "grid"; }
  /// UsageError where options contradict each other.
  void check() const;
  bool detects() const { return encoder == "detector"; }
  /// The pretrained network among what makes regions; of pretrained() encoders.
  const std::string& network() const { return detects() ? backbone : encoder; }
  /// Names of a detector's classes.
  const std::vector<std::string>& class_names() const;
  /// To be called once before a model is made by options that a user gave: where a detector is
  /// used, reads `detector_names` into `classes`. UsageError when `detector` names no file, or
  /// `weights` none for a network whose weights are the user's own; Error as read_class_names()
  /// says.
  void complete();
  /// The files that a training or extraction reads by these options.
  std::vector<std::filesystem::path> files() const;
  /// `channels` as numbers; UsageError when they are not four from 1 to 4096.
  std::vector<int64_t> channel_counts() const;
  /// `blocks` as numbers; UsageError when they are not four from 0 to 16.
  std::vector<int64_t> block_counts() const;
};

}  // namespace vqalign
