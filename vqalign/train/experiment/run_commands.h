#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "vqalign/train/experiment/experiment_data.h"
#include "vqalign/train/experiment/run_record.h"

namespace vqalign {

/// How runs compute.
struct RunMeans {
  int64_t threads = 0;  ///< of each; 0: all
  std::string device = "cpu";
  int64_t jobs = 1;  ///< runs at once
};

/// One command of a run, "vqalign" left out.
struct RunCommand {
  std::vector<std::string> arguments;
  std::filesystem::path result;  ///< where its stdout is kept once it ended well
};

/// The commands of a run, train, eval and, with noise, eval once more, of which those are left out
/// whose results lie there with what they made: called again it goes on where it was. A training is
/// resumed from its state where there is one, after a failure too: one that the machine made, as a
/// full disk, loses nothing, and one of the training's own would come again from the beginning.
std::vector<RunCommand> remaining_commands(const ExperimentSpec& spec, const RunPlan& plan,
                                           const ExperimentData& data, const RunMeans& means);

/// The command as a shell takes it.
std::string shell_line(const std::vector<std::string>& arguments);

}  // namespace vqalign
