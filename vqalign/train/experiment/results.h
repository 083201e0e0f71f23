#pragma once

#include <filesystem>

#include "vqalign/train/experiment/tables.h"

namespace vqalign {

/// Writes results.csv, results.json, results.md, results.html and an SVG plot for every measured
/// figure (plot-<key>.svg) into `out`, each atomically.
void write_experiment_results(const std::filesystem::path& out, const TableHead& head,
                              const ExperimentSummary& summary);

}  // namespace vqalign
