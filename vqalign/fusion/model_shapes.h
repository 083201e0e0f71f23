#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "vqalign/fusion/vqa_model.h"

namespace vqalign {

/// The tensors of a VqaModel of that configuration which tell all its sizes: one for each size that
/// an option, the words or the answers fix, in each layer. What is not named is no larger than what
/// is. A file that holds these in these shapes is as large as the model it asks for.
std::vector<std::pair<std::string, std::vector<int64_t>>> telling_shapes(const ModelConfig& config);

}  // namespace vqalign
