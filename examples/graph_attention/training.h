#pragma once

#include <cstdint>

#include "gat.h"
#include "graph.h"
#include "head_alignment.h"
#include "vqalign/core/cancel.h"

namespace graph_attention {

/// How a network is trained; the defaults are those of Velickovic et al. (ICLR 2018) for Cora and
/// Citeseer.
struct TrainingOptions {
  GatOptions network;
  AlignmentOptions alignment;
  double learning_rate = 0.005;
  double adversary_rate = 10;  ///< Of the networks of alignment, in units of the learning rate.
  double weight_decay = 5e-4;
  int64_t patience = 100;
  int64_t epochs = 2000;  ///< At most so many.
};

/// What one seed gave: accuracies in per cent at the epoch that validation chose.
struct Run {
  int64_t seed = 0;
  double test = 0;
  double validation = 0;
  double validation_loss = 0;
  int64_t best_epoch = 0;
  int64_t epochs = 0;
  double seconds = 0;
};

/// Trains one network: full-batch Adam on the training part's cross-entropy plus weight times the
/// alignment. Early stopping as in the authors' code: an epoch is a step forward when validation
/// accuracy or loss is no worse than the best so far; without one for `patience` epochs training
/// ends, and what counts is the latest epoch at which both were. Deterministic by seed; may run
/// beside others in threads of one process. Cancelled between epochs.
Run train(const Graph& graph, const TrainingOptions& options, int64_t seed,
          const vqalign::CancelToken& cancel);

}  // namespace graph_attention
