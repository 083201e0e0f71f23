#pragma once

#include <torch/nn/module.h>
#include <torch/types.h>

#include <filesystem>
#include <memory>
#include <string>

#include "vqalign/core/formats/named_tensors.h"

namespace vqalign {

/// Features that a Backbone gives at each position of its two maps.
struct BackboneWidths {
  int64_t finer = 0, last = 0;
};

/// What a Backbone makes of pictures, in channels-last memory where they came so.
struct BackboneMaps {
  torch::Tensor finer;  ///< float [P, widths.finer, H/16, W/16], rounded up
  torch::Tensor last;   ///< float [P, widths.last, H/32, W/32], rounded up
};

/// A convolutional network that was trained to classify ImageNet's pictures, here to describe
/// pictures of any height and width. Its batch statistics are constants at all times; in evaluation
/// without gradients they are folded into the convolutions. Calls may overlap once a first one has
/// returned, in evaluation.
class Backbone : public torch::nn::Module {
 public:
  /// Pixels of the picture to a cell of the last map.
  static constexpr int64_t kStride = 32;

  /// R G B from 0 to 255, float [P, 3, H, W], to what the network was trained on; in place.
  virtual torch::Tensor normalised(torch::Tensor pixels) const = 0;

  /// x: float [P, 3, H, W], normalised. `extents`: int64 [P, 2], the height and width that each
  /// picture fills of H and W from the top left, x zero elsewhere; undefined: all of it. Where H
  /// and W are multiples of kStride, a picture's features at its own positions do not depend on the
  /// padding, nor, for extents of such multiples, on whether there is any.
  virtual BackboneMaps forward(torch::Tensor x, torch::Tensor extents = {}) = 0;

  /// ImageNet's logits [P, classes] of `last` without padding; asserts that there is a classifier.
  virtual torch::Tensor classify(const torch::Tensor& last) = 0;
};

/// The network of that name (encoder_names.h) with random weights and without its classifier;
/// UsageError for another name.
std::shared_ptr<Backbone> make_backbone(const std::string& name);

/// Its widths, without making it.
BackboneWidths backbone_widths(const std::string& name);

/// The tensors of a state dict of torch.save (.pth), by itself or under "state_dict", or of a
/// safetensors file, but for counts of batches and, unless `classifier`, the classifier. Error
/// naming the file.
NamedTensors read_backbone(const std::filesystem::path& path, bool classifier = false);

/// Which of the known networks (pretrained_network_names()) has tensors of these names and shapes,
/// besides counts of batches and a classifier; empty: none.
std::string network_of(const NamedTensors& stored);

/// Fills the network from such a file with the same names; a classifier is passed over where the
/// network has none. Error naming the file and the tensor: missing, of another shape (both named),
/// without a place, NaN or infinite; the network is then half filled.
void load_backbone(Backbone& network, const std::filesystem::path& path);

}  // namespace vqalign
