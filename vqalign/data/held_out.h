#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vqalign/data/vqa_files.h"

namespace vqalign {

/// The image id that held-out pictures begin with: of the different pictures that are asked about,
/// in the order of their ids, the last `share` (floor(n (1 - share)) stay). Neighbouring ids often
/// show the same place, so that a part drawn at random would leak. Error beginning with `where`
/// when either part would have no picture.
int64_t first_held_out(const std::vector<Question>& questions, double share,
                       const std::string& where);

}  // namespace vqalign
