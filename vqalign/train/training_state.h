#pragma once

#include <filesystem>

#include "vqalign/core/json.h"
#include "vqalign/train/adam.h"
#include "vqalign/train/loss_scale.h"

namespace vqalign {

/// Where a training stands, besides its tensors.
struct TrainingProgress {
  int64_t epoch = 0;          ///< epochs finished
  int64_t step_in_epoch = 0;  ///< steps done of the epoch under way
  int64_t step = 0;           ///< steps done in all
  int64_t total_steps = 0;    ///< planned; 0 while --minutes is still measuring
  /// Those that teach objects alone; -1 while --minutes has not ended them.
  int64_t object_steps = -1;
  bool unscored = false;  ///< an epoch ended whose score is still due
  uint64_t dropout_stream = 0;
  int64_t best_epoch = 0;  ///< 0: none yet
  double best_overall = 0;
  double seconds = 0;           ///< spent by all sessions so far
  int64_t threads = 0;          ///< that the latest session computed with
  std::string device = "cpu";   ///< and on: "cpu" or "cuda"
  LossScale::State loss_scale;  ///< of a float16 training

  bool operator==(const TrainingProgress&) const = default;
};

/// What MODEL.state holds: tensors by name (the model's under "model.", the regulariser's under
/// "align.", Adam's under "adam."), the progress, and everything that must be the same to go on
/// (options, words, answers, recipe, seed, data) as one JSON value.
struct TrainingState {
  NamedTensors tensors;
  TrainingProgress progress;
  Json setting;
};

/// MODEL's name plus ".state".
std::filesystem::path state_path(const std::filesystem::path& model);

/// Atomic; a safetensors file with the rest in its metadata.
void save_state(const std::filesystem::path& path, const TrainingState& state);

/// Error naming the file when it is missing, damaged or of another version.
TrainingState load_state(const std::filesystem::path& path);

/// Copies stored tensors into the live ones; Error naming the file and the tensor where one is
/// missing or of another shape.
void restore_tensors(const NamedTensors& stored, const NamedTensors& live, const std::string& path);

}  // namespace vqalign
