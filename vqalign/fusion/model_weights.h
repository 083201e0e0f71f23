#pragma once

#include <string>

#include "vqalign/core/formats/named_tensors.h"
#include "vqalign/fusion/left_out.h"
#include "vqalign/fusion/vqa_model.h"

namespace vqalign {

/// Finds out before a model is built whether these are the tensors of one of that configuration, so
/// that a small file cannot ask for a huge model. Error naming `path`, the tensor and both shapes;
/// `asked_by` stands before the shape that `config` gives ("its metadata asks for"). Nothing is
/// said of what is `left_out`.
void check_plausible(const ModelConfig& config, const NamedTensors& tensors,
                     const std::string& path, const char* asked_by,
                     const std::vector<LeftOut>& left_out = {});

}  // namespace vqalign
