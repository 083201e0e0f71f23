#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "vqalign/core/json.h"
#include "vqalign/train/experiment/spec.h"

namespace vqalign {

/// One training of an experiment and what is measured of its model.
struct RunPlan {
  std::string setting;
  int64_t seed = 1;
  std::filesystem::path folder;  ///< OUT/runs/<setting>-<seed>
  Json options;                  ///< merged_options()
  Json spec;                     ///< all that its figures depend on; kept as spec.json

  std::string name() const { return folder.filename().string(); }
};

/// All runs, seed after seed, so that every setting has rows early.
std::vector<RunPlan> planned_runs(const ExperimentSpec& spec, const std::filesystem::path& out);

/// UsageError where a setting's options do not go together (RunOptions::check()) or `init` is no
/// model, Error where the pretrained weights that they take are not there.
void check_settings(const ExperimentSpec& spec);

/// Finds out whether `out` may be gone on with: UsageError when it is a folder of something else,
/// when what all runs share was another (ExperimentSpec::shared()), or when a run of the plan was
/// begun with other options; the message names the first field that differs and both values.
/// Settings and seeds may be added.
void check_results_folder(const ExperimentSpec& spec, const std::vector<RunPlan>& runs,
                          const std::filesystem::path& out);

/// Makes the folders and leaves the specs there, the experiment's as it was written too.
void begin_results_folder(const ExperimentSpec& spec, const std::vector<RunPlan>& runs,
                          const std::filesystem::path& out);

}  // namespace vqalign
