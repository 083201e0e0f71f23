#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "vqalign/train/experiment/results.h"
#include "vqalign/train/experiment/runner.h"

namespace vqalign {

/// What `vqalign experiment` is asked to do.
struct ExperimentRequest {
  ExperimentSpec spec;
  std::filesystem::path out;
  int64_t jobs = 1;     ///< runs at once
  int64_t threads = 0;  ///< of all together; 0: all
  std::string device = "cpu";
  uint64_t seed = 1;    ///< of the bootstrap
  std::string program;  ///< the version, for the records
};

/// Checks everything, makes the data, does the runs that are left and writes the results after each
/// of them; gives the last ones. Called again with the same spec it goes on where it was. A failed
/// run is recorded and does not keep the others from running. UsageError and Error as
/// check_results_folder() and experiment_data() say, before anything is written; Cancelled once
/// all is saved.
struct ExperimentOutcome {
  ExperimentSummary summary;
  TableHead head;  ///< points into the request
};
ExperimentOutcome run_experiment(const ExperimentRequest& request, Progress& progress,
                                 const CancelToken& cancel);

}  // namespace vqalign
