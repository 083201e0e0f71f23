#pragma once

#include <cstdint>

#include "vqalign/train/train_options.h"

namespace vqalign {

/// The learning rate of step `step` (1-based) of `total_steps`, with `steps_per_epoch` a real
/// number (questions / batch size, as in the reference, whose warm-up boundaries drift by a step or
/// two).
double learning_rate(const TrainOptions& options, int64_t step, int64_t total_steps,
                     double steps_per_epoch);

/// The weight of the relevance guide in step `step` (1-based) of `total_steps` with questions:
/// falls linearly from train.relevance_weight to zero over train.relevance_share of them.
double relevance_weight(const TrainOptions& options, int64_t step, int64_t total_steps);

}  // namespace vqalign
