#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vqalign/core/options.h"

namespace vqalign {

/// The co-attention network: option group "model". The defaults are mcan-small's.
struct ModelOptions {
  /// "encoder-decoder": every decoder layer sees the encoder's last output, as all released
  /// checkpoints do. "stacking": decoder layer l sees encoder layer l.
  std::string structure = "encoder-decoder";
  int64_t layers = 6;
  int64_t hidden = 512;
  int64_t heads = 8;
  int64_t feed_forward = 2048;
  double dropout = 0.1;
  /// The rate at which training zeroes the features of regions before anything else: against too
  /// few pictures to tell features that matter from features that happen to go with an answer.
  double region_dropout = 0.0;
  int64_t pooling_hidden = 512;
  int64_t glimpses = 1;
  int64_t pooled = 1024;
  /// How a region's box enters its description: not at all; x1 y1 x2 y2 as shares of the picture
  /// and the box's area; or these with sines and cosines of its centre besides.
  std::string boxes = "none";
  /// Fresh weights of linear maps: LibTorch's own rule, as the reference has it, or Xavier's
  /// (Glorot and Bengio 2010), which keeps the variance of a signal and so learns faster from
  /// nothing; boxes then start with twelve times that.
  std::string init = "reference";
  /// Where blocks normalise. "post": after every residual sum, as the reference. "pre": what enters
  /// a sub-layer, and once more behind the last block (Xiong et al., ICML 2020), which bears the
  /// larger learning rates that a short training from nothing needs.
  std::string norm = "post";

  bool pre_norm() const { return norm == "pre"; }
  std::vector<OptionField> fields();
  /// UsageError when the heads do not divide the width.
  void check() const;
};

}  // namespace vqalign
