#include "vqalign/train/experiment/experiment.h"

#include <algorithm>
#include <thread>

#include "vqalign/core/error.h"
#include "vqalign/train/experiment/child_process.h"

namespace vqalign {
namespace {

/// Threads of one run among several at once.
int64_t threads_each(const ExperimentRequest& request) {
  if (request.jobs == 1) return request.threads;
  const int64_t all =
      request.threads > 0 ? request.threads : int64_t{std::thread::hardware_concurrency()};
  return std::max<int64_t>(1, all / request.jobs);
}

/// Commands run where we run, but records should tell where things lie.
std::filesystem::path whole_path(const std::filesystem::path& path) {
  return std::filesystem::absolute(path).lexically_normal();
}

}  // namespace

ExperimentOutcome run_experiment(const ExperimentRequest& request, Progress& progress,
                                 const CancelToken& cancel) {
  const ExperimentSpec& spec = request.spec;
  const std::filesystem::path out = whole_path(request.out);
  const std::vector<RunPlan> plans = planned_runs(spec, out);
  check_settings(spec);
  check_results_folder(spec, plans, out);
  const ExperimentData data = experiment_data(spec, out);
  std::filesystem::create_directories(out);
  const FolderLock lock(out);
  begin_results_folder(spec, plans, out);
  make_experiment_data(spec, out, progress, cancel, static_cast<int>(request.threads));
  BootstrapOptions bootstrap{spec.replicates, request.seed, static_cast<int>(request.threads),
                             [&cancel] { cancel.check(); }};
  ExperimentOutcome outcome{{}, {&spec, bootstrap}};
  const auto write = [&] {
    outcome.summary = summarise_experiment(spec, plans, bootstrap);
    write_experiment_results(out, outcome.head, outcome.summary);
  };
  const RunMeans means{threads_each(request), request.device, request.jobs};
  ExperimentRunner(spec, data, means, request.program).run(plans, progress, cancel, write);
  if (outcome.summary.runs.empty()) write();  // nothing was left to run
  return outcome;
}

}  // namespace vqalign
