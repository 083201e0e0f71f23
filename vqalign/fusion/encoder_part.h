#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "vqalign/core/formats/named_tensors.h"
#include "vqalign/fusion/vqa_model.h"

namespace vqalign {

/// A part of a model that was trained elsewhere and lies in a file of its own: what a slim model
/// file may leave out.
struct EncoderPart {
  std::string name;     ///< "vision", "language" or "detector"
  std::string encoder;  ///< "efficientnet-lite2", "minilm"; of a detector "the detector"
  /// What the file is called where scripts/setup --pretrained puts it ("efficientnet-lite2.pth");
  /// empty for a detector, which is everybody's own.
  std::string usual_file;
  std::string prefix;  ///< what the names of its tensors begin with in a model file
  bool tuned = false;  ///< whether training changes it

  bool is_detector() const { return usual_file.empty(); }
  bool has(std::string_view tensor) const { return tensor.starts_with(prefix); }
};

/// Those of a configuration, none twice. Of Darknet's two files the .weights alone are a detector:
/// the .cfg is small, and stays in the model file.
std::vector<EncoderPart> encoder_parts(const ModelConfig& config);

/// The part's tensors as `weights` holds them, by their names in a model file. Error as
/// read_backbone(), read_bert() and read_file() say.
NamedTensors read_part(const EncoderPart& part, const std::filesystem::path& weights);

/// What `tensors` has of the part.
NamedTensors tensors_of(const EncoderPart& part, const NamedTensors& tensors);

}  // namespace vqalign
