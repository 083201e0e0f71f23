#pragma once

#include <string>

#include "vqalign/train/robustness/kinds.h"
#include "vqalign/train/robustness/robustness_tables.h"

namespace vqalign {

/// One HTML page for any browser, offline and without scripts: for pictures, features and
/// questions, as far as they were measured, every figure as curves over severity; then the tables.
std::string robustness_page(const RobustnessHead& head, const RobustnessResult& result);

/// The SVG of one figure's curves for the kinds of one part; severity 0 is the dataset as it is.
/// Empty where none was measured.
std::string robustness_chart(const RobustnessResult& result, const RobustnessFigure& figure,
                             HarmedPart part);

}  // namespace vqalign
