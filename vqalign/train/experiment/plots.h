#pragma once

#include <string>
#include <vector>

#include "vqalign/train/experiment/tables.h"

namespace vqalign {

/// An SVG file of its own: a row a setting with a dot for each seed, the mean as an upright mark
/// and the 95 % interval as a bar through it; numbers at the right. Light and dark follow the
/// viewer.
std::string figure_plot(const Figure& figure, const ExperimentSummary& summary);

/// One HTML page for any browser, offline and without scripts: the tables and plots, and which
/// folder each run lies in.
std::string results_page(const TableHead& head, const ExperimentSummary& summary);

}  // namespace vqalign
