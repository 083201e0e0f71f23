#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "vqalign/core/cancel.h"
#include "vqalign/core/progress.h"
#include "vqalign/data/dataset.h"
#include "vqalign/fusion/model_file.h"
#include "vqalign/train/evaluation.h"

namespace vqalign {

/// What a model reaches on a split after one kind of harm in one severity.
struct RobustnessPoint {
  int64_t severity = 0;
  double amount = 0;            ///< harm_amount()
  double overall = 0;           ///< accuracy of the single pass in percent, Score::shown_overall()
  std::optional<double> pavpu;  ///< percent, over passes
  double ece = 0;               ///< of the mean over passes; of the single pass without any
  double changed = 0;           ///< share of questions whose text differs
};

/// A figure of a point, as tables and charts tell it.
struct RobustnessFigure {
  const char* key;
  const char* title;
  int decimals;
  bool falls;  ///< whether it falls when things get worse
  double (*value)(const RobustnessPoint& point);
};

/// Accuracy, PAvPU where there are passes, calibration error.
std::vector<RobustnessFigure> robustness_figures(int64_t passes);

/// One kind's points in rising severity: kMostSeverity of them, fewer of a run that was stopped.
struct RobustnessCurve {
  std::string kind;
  std::vector<RobustnessPoint> points;

  bool complete() const;
  /// The mean of a figure over the severities; asserts that there are some.
  double mean(const RobustnessFigure& figure) const;
};

struct RobustnessResult {
  int64_t questions = 0;
  int64_t passes = 0;
  std::optional<RobustnessPoint> clean;  ///< severity 0
  std::vector<RobustnessCurve> curves;
  bool complete = false;
};

struct RobustnessRequest {
  std::vector<std::string> kinds;  ///< of harm_kinds(), no kind of pictures with stored features
  int64_t passes = 10;             ///< 0: accuracy and calibration error of the single pass alone
  /// Called after each point with all that are finished, unless empty.
  std::function<void(const RobustnessResult&)> point_done;
};

/// A model's accuracy, PAvPU and calibration error on a dataset with annotations as it is, then
/// after each kind of harm in severities 1 to 5, each as predict() and measure_uncertainty() tell
/// it: a point is what `eval` with that harm says, but for rounding, as pictures are encoded one by
/// one (regions of nearly equal saliency may change places, and with them the masks of dropout),
/// and for noise on features, which is drawn batch by batch. Options and passes draw from
/// `options.seed`, and so does the harm. Pictures are encoded once for the dataset as it is and
/// once for each of their corruptions, whatever is asked about them, where they fit in memory
/// (kept_regions()); the importance of words is asked once. `progress` gets one stage over all of
/// it.
RobustnessResult measure_robustness(ModelBundle& bundle, const Dataset& dataset,
                                    const EvaluationOptions& options,
                                    const RobustnessRequest& request, Progress& progress,
                                    const CancelToken& cancel);

/// So many of the dataset's questions, drawn by the seed, in their order; all where it has no more.
/// 0 keeps all.
void keep_sample(Dataset& dataset, int64_t questions, uint64_t seed);

}  // namespace vqalign
