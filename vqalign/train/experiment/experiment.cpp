#include "vqalign/train/experiment/experiment.h"

#include <algorithm>
#include <thread>

#include "vqalign/core/error.h"
#include "vqalign/train/experiment/child_process.h"
#include "vqalign/train/poor_sets.h"

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

/// Of what the models or the reported part are too poor for.
void warn_of_poor_sets(const ExperimentSpec& spec, const ExperimentSummary& summary) {
  const auto run = std::find_if(summary.runs.begin(), summary.runs.end(),
                                [](const RunRecord& record) { return record.answers == 1; });
  warn_with({few_questions_line("the reported part", summary.questions),
             run == summary.runs.end()
                 ? std::string()
                 : concat(run->plan.name(), ": ", one_answer_line(run->answers, spec.passes))});
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
  bool warned = false;
  const auto write = [&] {
    outcome.summary = summarise_experiment(spec, plans, bootstrap);
    write_experiment_results(out, outcome.head, outcome.summary);
    // As soon as a run tells: the others take long.
    if (!warned && outcome.summary.finished() > 0) warn_of_poor_sets(spec, outcome.summary);
    warned = warned || outcome.summary.finished() > 0;
  };
  const RunMeans means{threads_each(request), request.device, request.jobs};
  ExperimentRunner(spec, data, means, request.program).run(plans, progress, cancel, write);
  if (outcome.summary.runs.empty()) write();  // nothing was left to run
  return outcome;
}

}  // namespace vqalign
