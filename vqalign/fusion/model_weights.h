#pragma once

#include <string>

#include "vqalign/core/formats/named_tensors.h"
#include "vqalign/fusion/vqa_model.h"

namespace vqalign {

/// Finds out before a model is built whether these are the tensors of one of that configuration, so
/// that a small file cannot ask for a huge model. Error naming `path`, the tensor and both shapes;
/// `asked_by` stands before the shape that `config` gives ("its metadata asks for").
void check_plausible(const ModelConfig& config, const NamedTensors& tensors,
                     const std::string& path, const char* asked_by);

}  // namespace vqalign
