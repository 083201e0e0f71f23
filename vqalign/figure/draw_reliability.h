#pragma once

#include <QPainter>
#include <QRectF>
#include <QString>
#include <optional>
#include <vector>

#include "vqalign/core/calibration.h"
#include "vqalign/figure/palette.h"

namespace vqalign {

/// How well the confidences of an evaluation go with its accuracies, as a diagram tells it.
struct Reliability {
  std::vector<ReliabilityBin> bins = {};  ///< reliability_bins(), kCalibrationBins
  int64_t answers = 0;
  double ece = 0;  ///< expected_calibration_error()
};

/// Of two lists as core/calibration.h has them.
Reliability reliability_of(const std::vector<double>& confidences,
                           const std::vector<double>& accuracies);

/// Where the parts of a diagram go.
struct ReliabilityLayout {
  QRectF heading;
  QRectF plot;               ///< accuracy against confidence, both 0 to 1
  QRectF counts;             ///< below it: how many answers a bin has
  std::vector<QRectF> bins;  ///< columns over plot and counts
  QRectF axis, legend;
};
ReliabilityLayout lay_out_reliability(const QRectF& where);

/// The diagram (DeGroot and Fienberg, The Statistician 1983; as Guo et al., ICML 2017, draw it):
/// a bar each bin as high as its accuracy, the gap between that and its confidence in the accent
/// colour, the diagonal where both are alike, below it bars of counts. The column that holds the
/// confidence `current` has a mark.
void draw_reliability(QPainter& painter, const ReliabilityLayout& layout,
                      const Reliability& reliability, std::optional<double> current,
                      const Palette& palette);

/// "80.0 to 86.7 %: 31 answers, confidence 83.1 %, accuracy 77.4 %, which is 5.7 less".
QString bin_text(const Reliability& reliability, std::size_t bin);

}  // namespace vqalign
