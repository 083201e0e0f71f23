#pragma once

#include <string>

#include "vqalign/core/formats/named_tensors.h"
#include "vqalign/fusion/vqa_model.h"

namespace vqalign {

/// A model's parameters and buffers by name: everything that a file of it must hold. They share the
/// model's memory.
NamedTensors named_state(const VqaModel& model);

/// Finds out before a model is built whether these are the tensors of one of that configuration, so
/// that a small file cannot ask for a huge model. Error naming `path`, the tensor and both shapes;
/// `asked_by` stands before the shape that `config` gives ("its metadata asks for").
void check_plausible(const ModelConfig& config, const NamedTensors& tensors,
                     const std::string& path, const char* asked_by);

/// Whether `stored` has the shape of `live`. A buffer of bytes, a file that a model carries, takes
/// the size of what is stored, which must be bytes too: it is made so large here.
bool made_to_fit(torch::Tensor live, const torch::Tensor& stored);

/// Copies tensors of any floating type into the model. Error naming `path` and the tensor: missing,
/// left over, of another shape (both named), NaN or infinite.
void fill_weights(const VqaModel& model, const NamedTensors& tensors, const std::string& path);

}  // namespace vqalign
