#pragma once

#include <string>
#include <vector>

#include "vqalign/train/experiment/summary.h"
#include "vqalign/train/text_table.h"

namespace vqalign {

/// What the tables tell besides the figures.
struct TableHead {
  const ExperimentSpec* spec = nullptr;
  BootstrapOptions bootstrap;
};

/// The paper's table: a setting a row, its name, the means with their intervals, how many seeds.
TextTable figures_table(const ExperimentSummary& summary);
/// A setting a row, its name and the differences from base; no rows where nothing is compared.
TextTable comparison_table(const TableHead& head, const ExperimentSummary& summary);
/// A run a row: its folder seen from the results, state, accuracy, the model's hash or the failure.
TextTable runs_table(const ExperimentSummary& summary);

/// One row a run, finished or not: setting, seed, state, every figure, steps, training seconds,
/// best epoch, the model's SHA-256, folder, failure. RFC 4180, with line feeds.
std::string results_csv(const ExperimentSummary& summary);

/// {"name", "base", "seeds", "questions", "bootstrap", "settings": [{"setting", "runs", "finished",
/// "failed", "figures": {key: {"mean", "half_width" or null, "seeds"}}, "against_base": {key:
/// {"difference", "low", "high", "p_value", "holm_p", "seeds"}}}], "runs": [{"setting", "seed",
/// "state", "figures", "folder", "model_sha256", "failure"}]}
Json results_json(const TableHead& head, const ExperimentSummary& summary);

/// The paper's table, the comparison with base, what the numbers mean, and the runs.
std::string results_markdown(const TableHead& head, const ExperimentSummary& summary);

/// "96.51 ± 0.23", "2,368,788"; "-" where there is none.
std::string figure_text(const Figure& figure, const MeanInterval* interval);
/// "+0.31 (-0.10 to +0.72), p 0.12"; "-" where there is none.
std::string comparison_text(const Figure& figure, const ComparedFigure* compared);
/// A number as a column writes it.
std::string value_text(const Figure& figure, double value);

/// Sentences for people: over what the means are, how the comparison is made, or why there is none.
std::vector<std::string> table_notes(const TableHead& head, const ExperimentSummary& summary);

/// "finished", "failed" or "waiting".
const char* state_text(const RunRecord& run);

}  // namespace vqalign
