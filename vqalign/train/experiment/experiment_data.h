#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "vqalign/core/cancel.h"
#include "vqalign/core/progress.h"
#include "vqalign/train/experiment/spec.h"

namespace vqalign {

/// An experiment's data as the command line names it.
struct ExperimentData {
  std::vector<std::string> training;   ///< --data D --split S --val-split V, ..
  std::vector<std::string> reporting;  ///< --data D --split S, ..
};

/// Where the data lies, or will: nothing is written. Error where a split is missing, has no
/// annotations, or, where training or scoring needs them, no questions; UsageError when the spec
/// names no folder, or as reported a split that is trained on or that val chooses on too.
ExperimentData experiment_data(const ExperimentSpec& spec, const std::filesystem::path& out);

/// Draws the scenes of a spec into OUT/data and OUT/data-report, or writes the questions that are
/// held out into OUT/data, unless it was done before; else does nothing. `threads` 0: all.
void make_experiment_data(const ExperimentSpec& spec, const std::filesystem::path& out,
                          Progress& progress, const CancelToken& cancel, int threads);

}  // namespace vqalign
