#pragma once

#include "vqalign/fusion/vqa_model.h"
#include "vqalign/inspect/encoded_picture.h"
#include "vqalign/inspect/inspection.h"

namespace vqalign {

/// Fills in evidence.regions and seen_regions from the encoded picture and inspection.edits;
/// returns what the model is to see of it. `names` are those that its labels speak of. UsageError
/// when edits drop a region that is not there, or all.
RegionBatch seen_regions(Inspection& inspection, const EncodedPicture& picture,
                         const std::vector<std::string>& names);

/// Fills in the weights of words and regions: what the poolings looked at.
void share_pooling(Inspection& inspection, const ModelOutput& output);

}  // namespace vqalign
