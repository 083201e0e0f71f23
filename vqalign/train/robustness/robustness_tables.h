#pragma once

#include <string>

#include "vqalign/core/json.h"
#include "vqalign/train/robustness/robustness.h"
#include "vqalign/train/text_table.h"

namespace vqalign {

/// What was measured, for files and headings.
struct RobustnessHead {
  std::string model;
  std::string data;
  uint64_t seed = 1;
};

/// {"model", "data", "seed", "questions", "passes", "complete", "clean": {"overall", "pavpu",
/// "ece"}, "kinds": [{"kind", "part": "pictures", "features" or "questions", "points":
/// [{"severity", "amount", "overall", "pavpu", "ece", "changed"}], "mean": {"overall", ..}, "drop":
/// {"overall", ..}}]}. "pavpu" is there with passes, "changed" with attacks on questions; "mean" is
/// over the severities and "drop" what the figure on the dataset as it is has more; both are left
/// out until all severities are there.
Json robustness_json(const RobustnessHead& head, const RobustnessResult& result);

/// A row a point, the dataset as it is first as kind "clean": kind, part, severity, amount and the
/// JSON's figures. RFC 4180, with line feeds.
std::string robustness_csv(const RobustnessResult& result);

/// A figure's table, a kind a row: its name, the value in every severity from 0 on, the mean over
/// 1 to 5 and what it lost (calibration error: gained) against 0; "-" where that is not measured.
/// The accuracy's has the share of questions that an attack changed in its highest severity too.
TextTable robustness_table(const RobustnessResult& result, const RobustnessFigure& figure);

}  // namespace vqalign
