#include "vqalign/train/experiment/summary.h"

#include <algorithm>

#include "vqalign/core/calibration.h"
#include "vqalign/core/error.h"
#include "vqalign/core/statistics.h"

namespace vqalign {
namespace {

/// Verdicts of runs, each read once.
class VerdictCache {
 public:
  const QuestionVerdicts& of(const RunRecord& run, bool noisy) {
    const std::filesystem::path file = questions_file(run.plan, noisy);
    const auto found = read_.find(file);
    if (found != read_.end()) return found->second;
    const QuestionVerdicts& verdicts = read_.emplace(file, run_verdicts(run, noisy)).first->second;
    if (first_.empty()) first_ = file;
    if (verdicts.question_ids != read_.at(first_).question_ids) {
      fail(file.string(), ": is of other questions than ", first_.string());
    }
    return verdicts;
  }

 private:
  std::map<std::filesystem::path, QuestionVerdicts> read_;
  std::filesystem::path first_;
};

/// The finished runs of a setting by their seed.
std::map<int64_t, const RunRecord*> finished_runs(const std::vector<RunRecord>& runs,
                                                  const std::string& setting) {
  std::map<int64_t, const RunRecord*> found;
  for (const RunRecord& run : runs) {
    if (run.finished && run.plan.setting == setting) found[run.plan.seed] = &run;
  }
  return found;
}

SettingSummary counted(const std::vector<RunRecord>& runs, const std::string& name) {
  SettingSummary setting;
  setting.name = name;
  std::map<std::string, std::vector<double>> values;
  for (const RunRecord& run : runs) {
    if (run.plan.setting != name) continue;
    ++setting.runs;
    if (run.finished) ++setting.finished;
    if (!run.failure.empty()) ++setting.failed;
    for (const auto& [key, value] : run.figures) values[key].push_back(value);
  }
  for (const auto& [key, list] : values) setting.figures[key] = mean_interval(list);
  return setting;
}

/// Figures per question, as in tables: percent where they are percent.
double shown_factor(const Figure& figure) {
  return std::string_view(figure.questions) == "ece" ? 1 : 100;
}

void scale(PairedDifference& paired, double factor) {
  paired.difference *= factor;
  paired.low *= factor;
  paired.high *= factor;
}

/// A run of the other setting and one of base, of the same seed.
using RunPair = std::pair<const RunRecord*, const RunRecord*>;

/// Whether the runs tell a figure. Error where only some do.
bool tell(const std::vector<RunPair>& pairs, const Figure& figure) {
  const RunRecord *with = nullptr, *without = nullptr;
  for (const auto& [ours, theirs] : pairs) {
    for (const RunRecord* run : {ours, theirs}) {
      (run->figures.count(figure.key) > 0 ? with : without) = run;
    }
  }
  if (with && without) {
    fail((without->plan.folder / run_files::kResult).string(), ": has no figure \"", figure.key,
         "\", which ", with->plan.name(), " has");
  }
  return with != nullptr;
}

void compare(SettingSummary& setting, const std::vector<RunRecord>& runs, const std::string& base,
             VerdictCache& cache, const BootstrapOptions& bootstrap) {
  const auto theirs = finished_runs(runs, base);
  std::vector<RunPair> common;
  for (const auto& [seed, run] : finished_runs(runs, setting.name)) {
    const auto other = theirs.find(seed);
    if (other != theirs.end()) common.emplace_back(run, other->second);
  }
  if (common.size() < 2) return;
  std::vector<PairedRuns> figures;
  std::vector<const Figure*> columns;
  for (const Figure& figure : experiment_figures()) {
    if (*figure.questions == '\0' || !tell(common, figure)) continue;
    const auto scores = [&](const RunRecord& run) {
      return question_scores(cache.of(run, figure.noisy), figure.questions);
    };
    PairedRuns pairs;
    for (const auto& [ours, other] : common) {
      pairs.base.push_back(scores(*other));
      pairs.other.push_back(scores(*ours));
    }
    figures.push_back(std::move(pairs));
    columns.push_back(&figure);
  }
  std::vector<PairedDifference> found = paired_bootstrap(figures, bootstrap);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    scale(found[i], shown_factor(*columns[i]));
    std::vector<double> differences;
    for (std::size_t seed = 0; seed < common.size(); ++seed) {
      differences.push_back(figures[i].other[seed].figure() - figures[i].base[seed].figure());
    }
    setting.against_base[columns[i]->key] = {common.size(), found[i], found[i].p_value,
                                             paired_t_p(differences)};
  }
}

/// Corrects each figure for the settings that are compared in it.
void correct(std::vector<SettingSummary>& settings) {
  for (const Figure& figure : experiment_figures()) {
    std::vector<ComparedFigure*> compared;
    std::vector<double> p_values, seeds_p_values;
    for (SettingSummary& setting : settings) {
      const auto found = setting.against_base.find(figure.key);
      if (found == setting.against_base.end()) continue;
      compared.push_back(&found->second);
      p_values.push_back(found->second.paired.p_value);
      seeds_p_values.push_back(found->second.seeds_p);
    }
    const std::vector<double> adjusted = holm_adjusted(p_values);
    const std::vector<double> seeds_adjusted = holm_adjusted(seeds_p_values);
    for (std::size_t i = 0; i < compared.size(); ++i) {
      compared[i]->holm_p = adjusted[i];
      compared[i]->seeds_p = seeds_adjusted[i];
    }
  }
}

}  // namespace

std::size_t ExperimentSummary::finished() const {
  return static_cast<std::size_t>(
      std::count_if(runs.begin(), runs.end(), [](const RunRecord& run) { return run.finished; }));
}

std::size_t ExperimentSummary::failed() const {
  return static_cast<std::size_t>(std::count_if(
      runs.begin(), runs.end(), [](const RunRecord& run) { return !run.failure.empty(); }));
}

int64_t ExperimentSummary::most_jobs() const {
  int64_t most = 0;
  for (const RunRecord& run : runs) most = std::max(most, run.jobs);
  return most;
}

bool ExperimentSummary::has(const Figure& figure) const {
  return std::any_of(runs.begin(), runs.end(),
                     [&](const RunRecord& run) { return run.figures.count(figure.key) > 0; });
}

QuestionScores question_scores(const QuestionVerdicts& verdicts, const std::string& kind) {
  QuestionScores scores;
  if (kind == "accuracy") {
    scores.values = verdicts.accuracies;
    return scores;
  }
  for (std::size_t i = 0; i < verdicts.confidences.size(); ++i) {
    const double& accuracy = verdicts.pass_accuracies[i];
    const double& confidence = verdicts.confidences[i];
    if (kind == "pavpu") {
      scores.values.push_back(
          accuracy_versus_uncertainty({&accuracy, 1}, {&verdicts.p_values[i], 1}));
      continue;
    }
    scores.values.push_back(accuracy - confidence);
    scores.bins.push_back(static_cast<uint8_t>(confidence_bin(confidence)));
  }
  return scores;
}

ExperimentSummary summarise_experiment(const ExperimentSpec& spec,
                                       const std::vector<RunPlan>& plans,
                                       const BootstrapOptions& bootstrap) {
  ExperimentSummary summary;
  for (const RunPlan& plan : plans) summary.runs.push_back(read_record(plan));
  for (const RunRecord& run : summary.runs) {
    summary.questions = std::max(summary.questions, run.questions);
  }
  VerdictCache cache;
  for (const ExperimentSetting& setting : spec.settings) {
    summary.settings.push_back(counted(summary.runs, setting.name));
    if (setting.name == spec.base) continue;
    compare(summary.settings.back(), summary.runs, spec.base, cache, bootstrap);
  }
  correct(summary.settings);
  return summary;
}

}  // namespace vqalign
