#pragma once

#include <string>

#include "vqalign/core/json.h"
#include "vqalign/fusion/model_file.h"
#include "vqalign/train/uncertainty.h"

namespace vqalign {

/// {"pavpu", "ece", "brier", "passes", "ece_adaptive", "nll", "auroc", "aurc"}
Json uncertainty_json(const Uncertainty& uncertainty);
std::string uncertainty_text(const Uncertainty& uncertainty);

/// Warns of a model that knows a single answer, or whose `passes` are all alike.
void warn_about_model(const ModelBundle& bundle, int64_t passes);

/// {"ece", "ece_adaptive", "brier", "nll", "auroc", "aurc"}; "auroc" is null where it is not
/// defined
Json calibration_json(const CalibrationFigures& figures);
/// "ECE 0.0134 (adaptive bins 0.0141), Brier 0.0171, NLL .., AUROC .., AURC ..";
/// "AUROC - (all or none right)" where it is not defined
std::string calibration_text(const CalibrationFigures& figures);

}  // namespace vqalign
