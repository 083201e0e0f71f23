#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "vqalign/core/cancel.h"
#include "vqalign/core/progress.h"
#include "vqalign/train/experiment/run_commands.h"

namespace vqalign {

/// Does what is left of the runs, each command a child process of this program, as many runs at
/// once as the means say. A run that fails, whatever way, is recorded with its log's last line, or
/// with what is wrong with its files, and the others go on. `finished` is called after each run
/// that ended, well or not. Cancelled once all children have saved what they did.
class ExperimentRunner {
 public:
  ExperimentRunner(const ExperimentSpec& spec, const ExperimentData& data, const RunMeans& means,
                   std::string program)
      : spec_(spec), data_(data), means_(means), program_(std::move(program)) {}

  void run(const std::vector<RunPlan>& plans, Progress& progress, const CancelToken& cancel,
           const std::function<void()>& finished) const;

 private:
  class Active;
  class Shown;

  const ExperimentSpec& spec_;
  const ExperimentData& data_;
  const RunMeans& means_;
  std::string program_;
};

/// The last line of a log, from its last kilobytes; empty when there is none.
std::string last_line(const std::filesystem::path& log);

/// How far a command is by the last line that its log has of training or of answering, in percent;
/// below 0: not known.
int logged_percent(const std::filesystem::path& log);

}  // namespace vqalign
