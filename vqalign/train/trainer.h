#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "vqalign/core/cancel.h"
#include "vqalign/core/progress.h"
#include "vqalign/data/dataset.h"
#include "vqalign/train/run_options.h"

namespace vqalign {

/// What `train` is asked to do.
struct TrainRequest {
  RunOptions options;
  std::string recipe = "scenes";
  DataSource train;
  std::optional<DataSource> validation;  ///< none: the last state is the model
  std::filesystem::path out;
  std::filesystem::path init;     ///< another model to start from; empty: none
  std::filesystem::path answers;  ///< a fixed answer list; empty: from the training annotations
  std::filesystem::path log;      ///< folder for TensorBoard event files; empty: none
  std::optional<int64_t> epochs;  ///< given on the command line
  std::optional<double> minutes;  ///< bounds the whole command
  bool resume = false;
  bool slim = false;  ///< the model leaves out weights of pretrained encoders (left_out.h)
  uint64_t seed = 1;
  torch::Device device = torch::kCPU;
};

struct TrainSummary {
  int64_t epochs = 0;
  int64_t steps = 0;
  double seconds = 0;
  double samples_per_second = 0;  ///< training steps alone, the first left out
  std::optional<int64_t> best_epoch;
  double best_overall = 0;
  /// {"epochs", "steps", "seconds", "samples_per_second", "best": {"epoch", "overall"} or null}
  Json to_json() const;
};

/// Trains a model: BCE on soft targets plus the regulariser, scored after every epoch, the best
/// kept in `request.out`, everything that resuming needs in `request.out`.state (with every weight,
/// also of a slim model). Resuming continues bit for bit on the same machine with the same thread
/// count, or on the same GPU. Error when the loss stops being a number, naming the step; Cancelled
/// after the state was saved.
TrainSummary train_model(const TrainRequest& request, Progress& progress,
                         const CancelToken& cancel);

}  // namespace vqalign
