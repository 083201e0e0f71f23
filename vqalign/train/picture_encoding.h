#pragma once

#include <functional>

#include "vqalign/data/batch_loader.h"
#include "vqalign/fusion/model_file.h"

namespace vqalign {

/// What is told of each picture that was encoded: its image id and its regions, without padding, in
/// float32 on the CPU.
using TakeRegions = std::function<void(int64_t image_id, RegionFeatures regions)>;

/// A dataset's pictures as one question each, of those that `wanted` asks for (empty: all), in the
/// order in which they first come; views of pictures (augmentation.h) count as pictures. No
/// annotations.
Dataset one_question_a_picture(const Dataset& dataset,
                               const std::function<bool(int64_t image_id)>& wanted = {});

/// Makes regions of the pictures of every question, with the model's own encoder, each picture
/// alone: what comes of it depends on no other picture and on no thread count. Pictures of a batch
/// are spread over the threads, an encoder's own operations are not, which keeps all of them busy.
/// `take` is called in the calling thread, in an order that depends on the pictures alone.
void encode_pictures(ModelBundle& bundle, const Dataset& pictures, const DataOptions& options,
                     torch::Device device, const CancelToken& cancel, const TakeRegions& take);

}  // namespace vqalign
