#pragma once

#include <map>
#include <string>
#include <vector>

#include "vqalign/core/comparison.h"
#include "vqalign/train/experiment/run_record.h"
#include "vqalign/train/question_verdicts.h"

namespace vqalign {

/// A figure of a setting beside base's.
struct ComparedFigure {
  std::size_t seeds = 0;  ///< that both have finished
  PairedDifference paired;
  double holm_p = 1;   ///< corrected for the number of settings that are compared
  double seeds_p = 1;  ///< paired_t_p() of the seeds alone, corrected likewise
};

/// A row of the table.
struct SettingSummary {
  std::string name;
  std::size_t runs = 0, finished = 0, failed = 0;
  std::map<std::string, MeanInterval> figures;         ///< by Figure::key, over finished seeds
  std::map<std::string, ComparedFigure> against_base;  ///< empty for base, or below two seeds
};

/// Everything that tables and plots show.
struct ExperimentSummary {
  std::vector<RunRecord> runs;
  std::vector<SettingSummary> settings;  ///< in the spec's order
  int64_t questions = 0;                 ///< of the reported part; 0 while no run has finished

  std::size_t finished() const;
  std::size_t failed() const;
  /// The largest RunRecord::jobs; 0 where none is known.
  int64_t most_jobs() const;
  /// Whether any run has that figure.
  bool has(const Figure& figure) const;
};

/// Means and intervals of what is finished, and the paired bootstrap of every setting against base
/// over the seeds that both have, where there are two at least. Error where a run's files are
/// damaged or where two runs were scored on different questions.
ExperimentSummary summarise_experiment(const ExperimentSpec& spec,
                                       const std::vector<RunPlan>& plans,
                                       const BootstrapOptions& bootstrap);

/// A figure of a run by its questions: accuracy; whether accurate and certain agree (PAvPU); or
/// accuracy - confidence in 15 bins (ECE). `kind` is Figure::questions.
QuestionScores question_scores(const QuestionVerdicts& verdicts, const std::string& kind);

}  // namespace vqalign
